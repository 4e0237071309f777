//! Rules for the Kubernetes API in, the account that has them out.

use serde::Serialize;

use crate::model::Cluster;
use crate::model::Service;
use crate::values::name::ServiceName;
pub use crate::values::service::PolicyRule as Rule;

/// A ServiceAccount with its rights.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub name: String,
    /// Whether its pods get a token: only who has rights needs one.
    pub token: bool,
    /// In the release namespace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// In the whole cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cluster_rules: Vec<Rule>,
    /// The ClusterRole and its binding, which are no namespace's.
    pub cluster_role: String,
}

/// The account of a service; `None` when none is declared.
pub fn account(cluster: &Cluster, name: &ServiceName, service: &Service) -> Option<Account> {
    let account = service.service_account.as_ref()?;
    Some(Account {
        name: name.to_string(),
        token: !account.rules.is_empty() || !account.cluster_rules.is_empty(),
        rules: account.rules.clone(),
        cluster_rules: account.cluster_rules.clone(),
        cluster_role: format!("{}-{name}", cluster.namespace),
    })
}
