//! A container of the values in, every decision about it out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model;
use crate::plan::environment;
use crate::plan::environment::Variable;
use crate::plan::environment::VariableValue;
use crate::plan::environment::VariablesFrom;
use crate::plan::facts::Facts;
use crate::plan::mounts;
use crate::plan::mounts::Context;
use crate::plan::mounts::VolumeMount;
use crate::plan::pod_volumes::PodVolumes;
use crate::plan::ports;
use crate::plan::ports::Port;
use crate::plan::probes;
use crate::plan::probes::Probes;
use crate::plan::security;
use crate::plan::security::Security;
use crate::values::quantity::Quantity;

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub name: String,
    pub image: Value<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    pub security: Security,
    pub resources: Value<Resources>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env_from: Vec<VariablesFrom>,
    pub mounts: Vec<VolumeMount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    #[serde(skip_serializing_if = "Probes::is_empty")]
    pub probes: Probes,
}

/// A default that the chart's values hold under a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Value<T> {
    pub default: T,
    /// Empty for what is no value at install time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
}

/// What is kept free for a container, and what it may have at most.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Resources {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
}

/// What a container is in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Main,
    Init,
    Sidecar,
    /// The only container of a Job of `once`.
    Once,
}

impl Role {
    /// The key of such containers in the values.
    fn word(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Init => "init",
            Self::Sidecar => "sidecars",
            Self::Once => "once",
        }
    }
}

/// The container that the values call `said` (nothing for the main one) and the pod `name`.
pub fn container(
    facts: &Facts,
    context: Context,
    role: Role,
    said: &str,
    name: &str,
    container: &model::Container,
    volumes: &mut PodVolumes,
) -> Container {
    let service = context.service;
    let own_key = |rest: &[&str]| -> Vec<String> {
        let prefix = if role == Role::Main { Vec::new() } else { vec![role.word(), said] };
        prefix.iter().chain(rest).map(|part| (*part).to_owned()).collect()
    };
    let same_image = container.image == service.main.image;
    let mounts = mounts::mounts(context, context.name.as_str(), name, container, volumes);
    let mut own = environment::own(facts, context.name, service, role != Role::Once);
    if mounts.iter().any(|mount| mount.per_pod) {
        let value = VariableValue::Field("metadata.name".to_owned());
        own.push(Variable { name: "HA_POD_NAME".to_owned(), value, key: Vec::new() });
    }
    let variables = container.env.iter().map(|(name, value)| {
        // What a container has of the service is changed together with it.
        let shared = same_image && service.main.env.get(name) == Some(value);
        let key = match (role, shared) {
            // A Job cannot be changed: only its image can be another one, for that is in its name.
            (Role::Once, _) => Vec::new(),
            (_, true) => vec!["env".to_owned(), name.to_string()],
            (_, false) => own_key(&["env", name.as_str()]),
        };
        environment::variable(name.as_str(), value, key)
    });
    let image_key = if same_image { vec!["image".to_owned()] } else { own_key(&["image"]) };
    Container {
        name: name.to_owned(),
        image: Value { default: mounts::image(&container.image.0), key: image_key },
        command: container.command.clone(),
        args: container.args.clone(),
        workdir: container.workdir.as_ref().map(ToString::to_string),
        security: security::security(service, container, mounts::has_device(service, container)),
        resources: Value {
            default: Resources {
                requests: container.resources.requests.clone(),
                limits: container.resources.limits.clone(),
            },
            key: if role == Role::Once { Vec::new() } else { own_key(&["resources"]) },
        },
        env: environment::ordered(own, variables.collect()),
        env_from: environment::variables_from(container.env_from.iter().map(|(name, from)| (name.as_str(), from))),
        mounts,
        ports: if role == Role::Main { ports::ports(service) } else { Vec::new() },
        probes: match role {
            Role::Main | Role::Sidecar => probes::probes(service, &container.probes, role == Role::Main),
            Role::Init | Role::Once => Probes::default(),
        },
    }
}
