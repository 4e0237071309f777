//! A manifest with the kind and name of an object that is generated, or of another manifest.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::kubernetes::Scope;
use crate::kubernetes::Types;
use crate::plan::extra_objects::CHART;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::manifests;

pub const RULE: Rule = Rule {
    code: "object-name-taken",
    severity: Severity::Error,
    area: Area::Objects,
    what: "A manifest with the kind and name of an object that is generated, or of another manifest.",
    why: "Two templates of one object overwrite each other, or stop the install.",
    example: "services: { web: { image: web:1 } }\nextraObjects: { mine: { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { selector: {}, template: {} } } }",
    check: Check::Charts(check),
};

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    let release = charts.cluster.namespace.as_str();
    let in_namespace = |namespace: &str| if namespace.is_empty() { release.to_owned() } else { namespace.to_owned() };
    let mut taken: BTreeMap<[String; 4], Option<FieldPath>> = BTreeMap::new();
    for item in charts.charts.iter().filter(|chart| chart.name != CHART).flat_map(|chart| &chart.objects) {
        let object = &item.object;
        taken.insert(key(object.api_version(), object.kind(), in_namespace(object.namespace()), object.name()), None);
    }
    // Helm makes it with `--create-namespace`, and no chart of ours does.
    taken.insert(key("v1", "Namespace", release.to_owned(), release), None);
    for at in manifests::extra_objects(charts.cluster) {
        let (kind, name) = (at.text("kind"), at.metadata("name"));
        let path = at.path().key("metadata").key("name");
        match taken.entry(key(at.text("apiVersion"), kind, in_namespace(at.metadata("namespace")), name)) {
            Entry::Vacant(free) => _ = free.insert(Some(path)),
            Entry::Occupied(other) => {
                let finding = RULE.field(path, format!("there is a {kind} `{name}` already"));
                findings.push(match other.get() {
                    Some(other) => {
                        finding.label(Place::Field(other.clone()), "this one").hint("give one of them another name")
                    }
                    None if kind == "Namespace" => finding.hint("leave it out: it is made by the chart or by Helm"),
                    None => finding.hint("give it another name; a service's own objects are changed by its `patch`"),
                });
            }
        }
    }
}

/// Kinds without a namespace have none in common with other kinds, so theirs may be any.
fn key(api_version: &str, kind: &str, namespace: String, name: &str) -> [String; 4] {
    let scope = Types::get().kind(api_version, kind).map(|kind| kind.scope);
    let namespace = if scope == Some(Scope::Cluster) { String::new() } else { namespace };
    [manifests::group(api_version).to_owned(), kind.to_owned(), namespace, name.to_owned()]
}
