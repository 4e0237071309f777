//! Variables of a container in, the list in the order that `$(NAME)` needs out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::Service;
use crate::model::Workload;
use crate::plan::facts::Facts;
use crate::plan::names;
use crate::plan::variables;
use crate::values::env::EnvSource;
use crate::values::env::EnvValue;
use crate::values::name::ServiceName;

/// A variable.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    pub name: String,
    pub value: VariableValue,
    /// The key in the chart's values; empty for what is no value at install time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
}

/// Where the value comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum VariableValue {
    Text(String),
    Secret {
        name: String,
        key: String,
    },
    Config {
        name: String,
        key: String,
    },
    /// A field of the pod.
    Field(String),
    /// The name of this instance of a `perNode` service.
    InstanceName,
    /// The address of this instance of a `perNode` service.
    InstanceAddress,
}

/// A Secret or ConfigMap whose keys become variables.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum VariablesFrom {
    Secret(String),
    Config(String),
}

/// Every `envFrom`, in written order: the last one wins in Kubernetes.
pub fn variables_from<'a>(env_from: impl IntoIterator<Item = (&'a str, &'a EnvSource)>) -> Vec<VariablesFrom> {
    let from = |(name, source): (&str, &EnvSource)| match source {
        EnvSource::Secret => VariablesFrom::Secret(name.to_owned()),
        EnvSource::Config => VariablesFrom::Config(name.to_owned()),
    };
    env_from.into_iter().map(from).collect()
}

/// The variables that we add: `HA_*` in this order, then `TZ`. `instance`: whether the container runs in one.
pub fn own(facts: &Facts, name: &ServiceName, service: &Service, instance: bool) -> Vec<Variable> {
    let own = |name: &str, value| Variable { name: name.to_owned(), value, key: Vec::new() };
    let mut variables = Vec::new();
    if let Workload::PerNode(nodes) = &service.workload {
        if instance {
            variables.push(own("HA_INSTANCE_NAME", VariableValue::InstanceName));
            variables.push(own("HA_INSTANCE_ADDRESS", VariableValue::InstanceAddress));
        }
        let peers: Vec<String> = nodes.iter().map(|node| names::instance(name, node)).collect();
        let addresses: Vec<String> = peers.iter().map(|peer| facts.host_of(peer)).collect();
        variables.push(own("HA_PEER_NAMES", VariableValue::Text(peers.join(","))));
        variables.push(own("HA_PEER_ADDRESSES", VariableValue::Text(addresses.join(","))));
    }
    variables.extend(facts.timezone.iter().map(|zone| own("TZ", VariableValue::Text(zone.clone()))));
    variables
}

/// A variable of the values; `key` is its key in the chart's values, for text.
pub fn variable(name: &str, value: &EnvValue, key: Vec<String>) -> Variable {
    let (value, key) = match value {
        // Helm takes the words `<no value>` out of what it has rendered from values.
        EnvValue::Text(text) if text.contains("<no value>") => (VariableValue::Text(text.clone()), Vec::new()),
        EnvValue::Text(text) => (VariableValue::Text(text.clone()), key),
        EnvValue::Secret(from) => {
            (VariableValue::Secret { name: from.secret.to_string(), key: from.key.to_string() }, Vec::new())
        }
        EnvValue::Config(from) => {
            (VariableValue::Config { name: from.config.to_string(), key: from.key.to_string() }, Vec::new())
        }
        EnvValue::Field(from) => (VariableValue::Field(from.field.clone()), Vec::new()),
    };
    Variable { name: name.to_owned(), value, key }
}

/// Our variables, unless the file says them, and those of the file: `HA_*` first, then whoever is named by `$(NAME)`
/// before whoever names it (Kubernetes knows only what stands above), then by name.
pub fn ordered(own: Vec<Variable>, said: Vec<Variable>) -> Vec<Variable> {
    let names: BTreeSet<String> = said.iter().map(|variable| variable.name.clone()).collect();
    let own = own.into_iter().filter(|variable| !names.contains(&variable.name));
    let (mut ordered, rest): (Vec<_>, Vec<_>) = own.partition(|variable| variable.name.starts_with("HA_"));
    let mut waiting: BTreeMap<String, Variable> =
        said.into_iter().chain(rest).map(|variable| (variable.name.clone(), variable)).collect();
    while let Some(first) = waiting.keys().next() {
        let ready = waiting.iter().find(|(name, variable)| {
            references(variable).iter().all(|other| *other == name.as_str() || !waiting.contains_key(*other))
        });
        // Only a circle has nobody who is ready; its first name goes first.
        let next = ready.map_or(first, |(name, _)| name).clone();
        ordered.extend(waiting.remove(&next));
    }
    ordered
}

/// The names in `$(NAME)` of its text.
fn references(variable: &Variable) -> Vec<&str> {
    match &variable.value {
        VariableValue::Text(text) => variables::named(text),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_stands_below_those_that_it_names() {
        let check = |said: &[(&str, &str)], expect: &str| {
            let text = |(name, text): &(&str, &str)| Variable {
                name: (*name).to_owned(),
                value: VariableValue::Text((*text).to_owned()),
                key: Vec::new(),
            };
            let own = vec![text(&("HA_PEER_NAMES", "a")), text(&("TZ", "UTC"))];
            let ordered = ordered(own, said.iter().map(text).collect());
            let names: Vec<String> = ordered.into_iter().map(|variable| variable.name).collect();
            assert_eq!(names.join(" "), expect);
        };
        check(&[], "HA_PEER_NAMES TZ");
        check(&[("B", ""), ("A", "")], "HA_PEER_NAMES A B TZ");
        check(&[("A", "x$(B)"), ("B", "$(TZ)$(NOTHING)")], "HA_PEER_NAMES TZ B A");
        check(&[("A", "$$(B)"), ("B", "$(A")], "HA_PEER_NAMES A B TZ");
        check(&[("A", "$(B)"), ("B", "$(A)"), ("C", "$(C)")], "HA_PEER_NAMES C TZ A B");
        check(&[("TZ", ""), ("HA_PEER_NAMES", "")], "HA_PEER_NAMES TZ");
    }
}
