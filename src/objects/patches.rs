//! An object of a service and the patches of the values in, the changed object and what it still exposes out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kubernetes;
use crate::kubernetes::Type;
use crate::kubernetes::Types;
use crate::objects::ChartObject;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::Object;
use crate::objects::Step;
use crate::objects::exposed::find;
use crate::objects::images;
use crate::oci::ImageReference;
use crate::plan::services::Patch;
use crate::values::quantity::Quantity;

/// Whether a patch is meant for an object of this kind and name. A Job of `once` is meant without the digests that its
/// name ends in.
pub fn is_for((wanted, wanted_name): (&str, Option<&str>), kind: &str, name: &str) -> bool {
    let is_named = |wanted: &str| wanted == name || (kind == "Job" && wanted == without_digests(name));
    wanted == kind && wanted_name.is_none_or(is_named)
}

/// The name of a Job of `once` as a patch says it: `SERVICE-ENTRY`.
pub fn without_digests(name: &str) -> &str {
    name.rsplit_once("-once-").map_or(name, |(stem, _)| stem)
}

/// Merges what is meant for the object called `name` into it. What it may expose comes from the changed object, and
/// images that the patches brought are exposed as well. Gives whether anything was meant for it.
pub fn apply(patches: &[Patch], name: &str, object: &mut Object, exposed: &mut Vec<Exposed>) -> bool {
    let kind = object.kind().to_owned();
    let holds = Types::get().kind(object.api_version(), &kind).map_or(Type::Any, |kind| kind.holds());
    let mut meant = patches.iter().filter(|patch| is_for((&patch.kind, patch.name.as_deref()), &kind, name)).peekable();
    if meant.peek().is_none() {
        return false;
    }
    meant.for_each(|patch| kubernetes::merge(object.json_mut(), &patch.patch, holds));
    images::complete(object);
    exposed.retain_mut(|exposed| is_still_there(object.json(), exposed));
    let keys: Vec<_> = exposed.iter().map(|exposed| exposed.key.clone()).collect();
    exposed.retain(|exposed| !matches!(&exposed.form, Form::JobName { image, .. } if !keys.contains(image)));
    images::expose(object, &[], exposed);
    true
}

/// Whether the object holds something at the field that its form can take.
fn is_still_there(object: &Value, exposed: &mut Exposed) -> bool {
    let found = exposed.at.iter().try_fold(object, find);
    match (&mut exposed.form, found) {
        (Form::JobName { .. }, _) => true,
        (Form::PullSecrets, Some(_)) => false,
        (Form::PullSecrets, None) => exposed
            .at
            .split_last()
            .is_some_and(|(_, parent)| parent.iter().try_fold(object, find).is_some_and(Value::is_object)),
        (_, None) => false,
        (Form::String { .. }, Some(found)) => found.as_str().is_some_and(|text| !text.contains("<no value>")),
        (Form::Boolean, Some(found)) => found.is_boolean(),
        (Form::Integer { minimum, maximum }, Some(found)) => found.as_i64().is_some_and(|number| {
            *maximum = number.max(*maximum);
            number >= *minimum
        }),
        (Form::Subtree { .. }, Some(found)) => are_resources(found),
        (Form::Image { prefix }, Some(found)) => found
            .as_str()
            .and_then(|text| text.strip_prefix(prefix.as_str()))
            .is_some_and(|text| text.parse::<ImageReference>().is_ok()),
    }
}

/// The only subtree that a service exposes: amounts in `requests` and `limits`, and no other key.
fn are_resources(found: &Value) -> bool {
    let is_amount = |amount: &Value| match amount {
        Value::String(text) => text.parse::<Quantity>().is_ok(),
        amount => amount.as_u64().is_some_and(|number| number < 1 << 53),
    };
    found.as_object().is_some_and(|lists| {
        lists.iter().all(|(list, amounts)| {
            ["requests", "limits"].contains(&list.as_str())
                && amounts.as_object().is_some_and(|amounts| amounts.values().all(is_amount))
        })
    })
}

/// One key has one default in a chart: where a patch gave a field another one than its siblings have, it gets a key of
/// its own, `patched.FILE.KEY`, or `patched.FILE.of.CONTAINER.KEY` where siblings in one object differ.
pub fn keep_apart(objects: &mut [ChartObject]) {
    let mut defaults: BTreeMap<Vec<String>, (Form, Value)> = BTreeMap::new();
    for ChartObject { file, object, exposed } in objects {
        let mut moved: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        for exposed in exposed.iter_mut().filter(|exposed| !exposed.key.is_empty()) {
            let default = default(object.json(), exposed);
            let mut own = vec!["patched".to_owned(), file.trim_end_matches(".yaml").to_owned()];
            let first = [own.as_slice(), &exposed.key].concat();
            let name = exposed.at.iter().rev().find_map(|step| match step {
                Step::Named(name) => Some(name.clone()),
                _ => None,
            });
            own.extend(["of".to_owned(), name.unwrap_or_default()]);
            let second = [own.as_slice(), &exposed.key].concat();
            let keys = [exposed.key.clone(), first, second];
            let free = keys.into_iter().find(|key| defaults.get(key).is_none_or(|known| *known == default));
            if let Some(key) = free {
                defaults.insert(key.clone(), default);
                moved.push((std::mem::replace(&mut exposed.key, key.clone()), key));
            }
        }
        for exposed in exposed {
            // The main container's image comes first.
            if let Form::JobName { image, .. } = &mut exposed.form
                && let Some((_, key)) = moved.iter().find(|(old, _)| old == image)
            {
                image.clone_from(key);
            }
        }
    }
}

/// Form and value that fields of one key have in common.
fn default(object: &Value, exposed: &Exposed) -> (Form, Value) {
    let found = exposed.at.iter().try_fold(object, find).cloned().unwrap_or_default();
    match &exposed.form {
        // The prefix is no part of the value.
        Form::Image { prefix } => {
            let text = found.as_str().and_then(|text| text.strip_prefix(prefix.as_str())).unwrap_or_default();
            (Form::Image { prefix: String::new() }, text.into())
        }
        form => (form.clone(), found),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::objects::tests::at;
    use crate::objects::tests::web;

    /// The keys that a file exposes, and what stands at a place of its object.
    fn check(service: &str, file: &str, place: &str, expect: (&str, serde_json::Value)) {
        let objects = web(&format!("nodes: {{}}\nservices: {{ web: {{ image: \"nginx:1\", {service} }} }}"));
        let keys: Vec<_> = objects[&format!("{file}.yaml")].exposed.iter().map(|it| it.key.join(".")).collect();
        assert_eq!((keys.join(" ").as_str(), at(&objects, file, place)), expect, "{service}");
    }

    #[test]
    fn what_a_patch_changes_is_exposed_as_it_is_then() {
        let pod = |pod: &str| format!("patch: {{ Deployment: {{ spec: {{ template: {{ spec: {pod} }} }} }} }}");
        let all = "image imagePullSecrets resources replicas";
        let spec = "/spec/template/spec";
        let place = |rest: &str| format!("{spec}/{rest}");
        check(
            &pod("{ shareProcessNamespace: true }"),
            "deployment",
            &place("shareProcessNamespace"),
            (all, json!(true)),
        );
        let more = pod("{ containers: [{ name: log, image: \"busybox:1\" }] }");
        let keys = format!("{all} containers.log.image");
        check(&more, "deployment", &place("containers/0/image"), (&keys, json!("docker.io/library/busybox:1")));
        let other = pod("{ containers: [{ name: web, image: \"nginx:2\" }], imagePullSecrets: [{ name: mine }] }");
        check(
            &other,
            "deployment",
            &place("containers/0/image"),
            ("image resources replicas", json!("docker.io/library/nginx:2")),
        );
        let claims = pod("{ containers: [{ name: web, resources: { claims: [{ name: gpu }] } }] }");
        check(
            &claims,
            "deployment",
            &place("containers/0/resources/claims/0/name"),
            ("image imagePullSecrets replicas", json!("gpu")),
        );
        let env =
            format!("env: {{ A: b }}, {}", pod("{ containers: [{ name: web, env: [{ name: A, $patch: delete }] }] }"));
        check(&env, "deployment", &place("containers/0/env"), (all, json!([])));
        let replicas = "patch: { Deployment: { spec: { replicas: null } } }";
        check(replicas, "deployment", "/spec/replicas", ("image imagePullSecrets resources", json!(null)));
    }

    #[test]
    fn siblings_that_differ_have_keys_of_their_own() {
        let init = "init: { first: {} }, patch: { Deployment: { spec: { template: { spec: { containers: [{ name: web, image: \"nginx:2\" }] } } } } }";
        let keys = "image patched.deployment.image imagePullSecrets resources init.first.resources replicas";
        check(init, "deployment", "/spec/template/spec/containers/0/image", (keys, json!("docker.io/library/nginx:2")));
    }

    #[test]
    fn a_patched_job_has_another_name_and_its_own_values() {
        let jobs = |patch: &str| {
            let objects = web(&format!(
                "nodes: {{}}\nservices: {{ web: {{ image: \"nginx:1\", once: {{ init: {{}} }}, {patch} }} }}"
            ));
            let job = &objects["job-init.yaml"];
            let keys: Vec<_> = job.exposed.iter().map(|it| it.key.join(".")).collect();
            (keys.join(" "), job.object.name().to_owned())
        };
        let (keys, name) = jobs("user: 1");
        assert_eq!(keys, " image imagePullSecrets");
        let (keys, other) = jobs(
            "user: 1, patch: { Job/web-init: { spec: { template: { spec: { containers: [{ name: init, image: \"nginx:2\" }] } } } } }",
        );
        assert_eq!(keys, " patched.job-init.image imagePullSecrets");
        assert!(name != other && name.len() == other.len(), "{name} {other}");
    }
}
