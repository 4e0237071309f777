//! Planned account in, ServiceAccount, roles and bindings out.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use k8s_openapi::api::rbac::v1::PolicyRule;
use k8s_openapi::api::rbac::v1::Role;
use k8s_openapi::api::rbac::v1::RoleBinding;
use k8s_openapi::api::rbac::v1::RoleRef;
use k8s_openapi::api::rbac::v1::Subject;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::objects::Object;
use crate::objects::container::list_of;
use crate::plan::account::Account;
use crate::plan::account::Rule;

/// The objects of an account; `metadata` makes those of the object that it is given the name of.
pub fn account(plan: &Account, namespace: &str, metadata: impl Fn(&str) -> ObjectMeta) -> Vec<Object> {
    let mut objects = vec![Object::of(ServiceAccount {
        metadata: metadata(&plan.name),
        // A pod says itself whether it wants a token.
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    })];
    let subjects = Some(vec![Subject {
        kind: "ServiceAccount".to_owned(),
        name: plan.name.clone(),
        namespace: Some(namespace.to_owned()),
        api_group: None,
    }]);
    let role_ref = |kind: &str, name: &str| RoleRef {
        api_group: Some("rbac.authorization.k8s.io".to_owned()),
        kind: kind.to_owned(),
        name: name.to_owned(),
    };
    if let Some(rules) = list_of(&plan.rules, rule) {
        objects.push(Object::of(Role { metadata: metadata(&plan.name), rules: Some(rules) }));
        objects.push(Object::of(RoleBinding {
            metadata: metadata(&plan.name),
            role_ref: role_ref("Role", &plan.name),
            subjects: subjects.clone(),
        }));
    }
    if let Some(rules) = list_of(&plan.cluster_rules, rule) {
        let name = &plan.cluster_role;
        objects.push(Object::of(ClusterRole { metadata: metadata(name), rules: Some(rules), aggregation_rule: None }));
        objects.push(Object::of(ClusterRoleBinding {
            metadata: metadata(name),
            role_ref: role_ref("ClusterRole", name),
            subjects,
        }));
    }
    objects
}

fn rule(plan: &Rule) -> PolicyRule {
    let list = |texts: &[String]| list_of(texts, Clone::clone);
    PolicyRule {
        api_groups: list(&plan.api_groups),
        resources: list(&plan.resources),
        resource_names: list(&plan.resource_names),
        non_resource_urls: list(&plan.non_resource_urls),
        verbs: plan.verbs.clone(),
    }
}
