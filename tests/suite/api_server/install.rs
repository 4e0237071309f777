//! Both Helms install every example on an empty API server, upgrade it, and take it away, with the line that we print.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use helm_ha::generate::guide::install_line;
use helm_ha::objects::Form;
use serde_json::Value;

use super::control_plane;
use super::control_plane::ControlPlane;
use crate::made;
use crate::made::Made;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::oracle;

#[test]
fn helm_3_installs_upgrades_and_removes_every_example() {
    oracle("helm3").iter().for_each(check);
}

#[test]
fn helm_4_installs_upgrades_and_removes_every_example() {
    oracle("helm4").iter().for_each(check);
}

fn check(helm: &Oracle) {
    for made in made::examples() {
        // One for each: their add-ons own the same namespaces.
        let Some(plane) = control_plane::start() else { return };
        let planned = made.planned();
        plane.create_crds(&planned.into_iter().filter(|object| !is_brought(&made, object)).collect::<Vec<_>>());
        plane.use_namespace(&made.built.plan.facts.namespace);
        let release = Release { helm, plane, made };
        release.make_what_must_be_there();
        release.another_namespace_is_refused();
        release.is_installed_as_planned();
        release.the_same_line_changes_nothing();
        release.a_changed_image_makes_a_new_job();
        release.what_is_kept_is_adopted_again();
    }
}

/// Whether the archive brings the kind of this object: on most of these servers nothing has been made before.
fn is_brought(made: &Made, object: &Value) -> bool {
    let group = object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map(|(group, _)| group);
    let of_addon = |addon: &&'static str| match *addon {
        "rook" => ["ceph.rook.io", "csi.ceph.io"].as_slice(),
        "metallb" => &["metallb.io"],
        _ => &["cert-manager.io"],
    };
    let mut groups = made.built.plan.crds.iter().flat_map(of_addon);
    groups.any(|brought| group == Some(brought))
}

/// Nobody answers for the webhooks, and they fail: what we made passes, what a person makes of it does not.
#[test]
fn helm_3_installs_everything_on_an_empty_server_again_and_again() {
    oracle("helm3").iter().for_each(again_and_again);
}

#[test]
fn helm_4_installs_everything_on_an_empty_server_again_and_again() {
    oracle("helm4").iter().for_each(again_and_again);
}

fn again_and_again(helm: &Oracle) {
    let times = if std::env::var_os("HELM_HA_LONG").is_some() { 50 } else { 5 };
    for round in 0..times {
        let made = made::examples().into_iter().find(|made| made.name == "homelab").unwrap();
        let Some(plane) = control_plane::start() else { return };
        plane.use_namespace(&made.built.plan.facts.namespace);
        let release = Release { helm, plane, made };
        assert!(release.plane.get_all("crds").is_empty());
        release.installs(&[]);
        assert_eq!(release.live().len(), release.made.planned().len(), "round {round}");
        release.changes_of_a_person_are_asked_about();
    }
}

struct Release<'a> {
    helm: &'a Oracle,
    plane: ControlPlane,
    made: Made,
}

/// The objects on the server, by kind, namespace and name.
type Live = BTreeMap<[String; 3], Value>;

impl Release<'_> {
    /// The printed line, in this namespace.
    fn install(&self, namespace: &str, more: &[&str]) -> Answer {
        let name = &self.made.built.plan.facts.name;
        let (archive, kubeconfig) = (self.made.archive(), self.plane.kubeconfig());
        let line = ["upgrade", "--install", name, &archive, "-n", namespace, "--create-namespace", &kubeconfig];
        self.helm.run(&[&line, more].concat(), "")
    }

    fn installs(&self, more: &[&str]) {
        let answer = self.install(&self.made.built.plan.facts.namespace, more);
        assert!(answer.succeeded, "{}: {}", self.context(), answer.stderr);
        let silent = !answer.stderr.to_lowercase().contains("warning");
        assert!(silent, "{}: {}", self.context(), answer.stderr);
    }

    fn context(&self) -> String {
        format!("{} with {}", self.made.name, self.helm.name)
    }

    fn live(&self) -> Live {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = |object: &Value| {
            let metadata = &object["metadata"];
            [text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"])]
        };
        let found = self.plane.get(&self.made.planned());
        found.into_iter().map(|object| (name(&object), object)).collect()
    }

    /// The namespaces of add-ons that are not ours.
    fn make_what_must_be_there(&self) {
        let planned = self.made.planned();
        let ours = |name: &str| planned.iter().any(|it| it["kind"] == "Namespace" && it["metadata"]["name"] == name);
        let named: BTreeSet<&str> = planned.iter().filter_map(|it| it["metadata"]["namespace"].as_str()).collect();
        self.plane.create_namespaces(named.into_iter().filter(|name| !ours(name)));
    }

    fn another_namespace_is_refused(&self) {
        let namespaces = self.plane.get_all("namespaces").len();
        let answer = self.install("another", &[]);
        assert!(!answer.succeeded && answer.stderr.contains(&install_line(&self.made.built.plan)), "{}", answer.stderr);
        assert_eq!(self.plane.get_all("namespaces").len(), namespaces, "{}", self.context());
        assert!(self.live().is_empty(), "{}", self.context());
    }

    /// The server has every object, with everything in it that was planned.
    fn is_installed_as_planned(&self) {
        self.installs(&[]);
        self.the_record_was_predicted();
        let (planned, live) = (self.made.planned(), self.plane.get(&self.made.planned()));
        assert_eq!(live.len(), planned.len(), "{}", self.context());
        for (planned, live) in planned.iter().zip(&live) {
            assert!(holds(live, planned), "{}:\n{planned:#}\nis not in\n{live:#}", self.context());
        }
    }

    /// Within 2 %, of the bytes in the Secret in which Helm keeps the release.
    fn the_record_was_predicted(&self) {
        let facts = &self.made.built.plan.facts;
        let secret = format!("sh.helm.release.v1.{}.v1", facts.name);
        let data = ["get", "secret", &secret, "-n", &facts.namespace, "-o", "jsonpath={.data.release}"];
        let base64 = self.plane.kubectl(&data, "").stdout;
        let found = base64.trim_end_matches('=').len() * 3 / 4;
        let predicted = self.made.built.record;
        println!("{}: a record of {found} bytes, predicted {predicted}", self.context());
        assert!(found.abs_diff(predicted) * 50 <= found, "{}: {found} bytes, predicted {predicted}", self.context());
    }

    /// `generation` counts the changes of an object that mean something, and pods are replaced only by such.
    fn the_same_line_changes_nothing(&self) {
        let state = || {
            let live = self.live().into_iter();
            live.map(|(name, object)| (name, [uid(&object), object["metadata"]["generation"].to_string()])).collect()
        };
        let before: BTreeMap<_, _> = state();
        self.installs(&[]);
        assert_eq!(state(), before, "{}", self.context());
    }

    /// Each webhook is called, which fails here, for whatever is not exactly what was generated.
    fn changes_of_a_person_are_asked_about(&self) {
        let pool = ["--namespace=metallb-system", "patch", "ipaddresspool", "lan", "--type=merge", "--patch"];
        let nonsense = r#"{"spec":{"addresses":["999.1.1.1-nonsense"]}}"#;
        let answer = self.plane.kubectl(&[&pool[..], &[nonsense]].concat(), "");
        assert!(answer.stderr.contains("failed calling webhook"), "{}: {}", self.context(), answer.stderr);
        let unchanged = r#"{"metadata":{"annotations":{"note":"a"}}}"#;
        let answer = self.plane.kubectl(&[&pool[..], &[unchanged]].concat(), "");
        assert!(answer.succeeded, "{}: {}", self.context(), answer.stderr);
        let unlabelled = r#"{"metadata":{"labels":{"helm-ha.dev/checked":null}}}"#;
        let answer = self.plane.kubectl(&[&pool[..], &[unlabelled]].concat(), "");
        assert!(answer.stderr.contains("failed calling webhook"), "{}: {}", self.context(), answer.stderr);
    }

    fn a_changed_image_makes_a_new_job(&self) {
        let Some(key) = self.image_of_a_job() else { return };
        let jobs = || self.plane.get_all("jobs").iter().map(|job| job["metadata"]["name"].to_string()).collect();
        let before: Vec<String> = jobs();
        for set in [format!("{key}.tag=other"), "global.imageRegistry=registry.house.test".to_owned()] {
            self.installs(&["--reset-values", "--set-string", &set]);
            let after: Vec<String> = jobs();
            let replaced = after.len() == before.len() && after.iter().all(|job| !before.contains(job));
            assert!(replaced, "{}, {set}: {before:?} became {after:?}", self.context());
        }
        self.installs(&["--reset-values"]);
        assert_eq!(jobs() as Vec<String>, before, "{}", self.context());
    }

    /// The path in the values of the image that a Job runs.
    fn image_of_a_job(&self) -> Option<String> {
        let charts = self.made.built.charts.iter();
        let mut forms = charts.flat_map(|chart| {
            let exposed = chart.objects.iter().flat_map(|item| &item.exposed);
            exposed.map(move |exposed| (&chart.name, &exposed.form))
        });
        forms.find_map(|(chart, form)| match form {
            Form::JobName { image, .. } => Some(format!("{chart}.{}", image.join("."))),
            _ => None,
        })
    }

    fn what_is_kept_is_adopted_again(&self) {
        let keep = |object: &Value| object["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep";
        let uids = |live: Live| live.into_iter().map(|(name, object)| (name, uid(&object))).collect();
        let mut expected = self.live();
        expected.retain(|_, object| keep(object));
        let expected: BTreeMap<_, _> = uids(expected);
        let facts = &self.made.built.plan.facts;
        let kubeconfig = self.plane.kubeconfig();
        let answer = self.helm.run(&["uninstall", &facts.name, "-n", &facts.namespace, &kubeconfig], "");
        assert!(answer.succeeded, "{}: {}", self.context(), answer.stderr);
        assert_eq!(uids(self.live()), expected, "{}", self.context());
        self.is_installed_as_planned();
        let again: BTreeMap<_, _> = uids(self.live());
        assert!(expected.iter().all(|(name, uid)| again.get(name) == Some(uid)), "{}: {again:#?}", self.context());
    }
}

fn uid(object: &Value) -> String {
    object["metadata"]["uid"].to_string()
}

/// Whether `live` is `planned` with more keys. The server leaves out a text that is empty.
fn holds(live: &Value, planned: &Value) -> bool {
    match (live, planned) {
        (Value::Object(live), Value::Object(planned)) => {
            // Kubernetes leaves out what is empty.
            let is_empty = |planned: &Value| planned == "" || planned.as_array().is_some_and(Vec::is_empty);
            planned.iter().all(|(key, planned)| live.get(key).map_or(is_empty(planned), |live| holds(live, planned)))
        }
        (Value::Array(live), Value::Array(planned)) => {
            live.len() == planned.len() && live.iter().zip(planned).all(|(live, planned)| holds(live, planned))
        }
        _ => live == planned,
    }
}
