//! The real controller of MetalLB answers as the webhook: of our own install, and of its own chart's beside which ours is.

use std::fs;
use std::time::Duration;
use std::time::Instant;

use helm_ha::source::Sources;
use serde_json::Value;
use serde_json::json;

use super::control_plane;
use super::control_plane::ControlPlane;
use super::control_plane::Programs;
use crate::made;
use crate::made::Made;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::file;
use crate::oracle::oracle;
use crate::oracle::system;
use crate::own_network;

/// Where the webhook listens, on every address: MetalLB has no flag for it.
const PORT: u16 = 9443;

const NONSENSE: &str = r#"{"spec":{"addresses":["999.1.1.1-nonsense"]}}"#;

/// A controller that answers.
struct Controller {
    _programs: Programs,
    folder: tempfile::TempDir,
}

fn cluster(addons: &str) -> Made {
    let mut sources = Sources::default();
    let values = format!(
        "apiVersion: helm-ha.dev/v1\nname: home\nversion: 1.0.0\nnodes: {{ a: {{ address: 192.168.1.2/24, role: server }} }}
loadBalancer: {{ pools: {{ lan: {{ addresses: 192.168.1.20-192.168.1.30 }} }} }}\ngateways: {{ web: 192.168.1.10 }}\n{addons}\n"
    );
    sources.add("values.yaml", values);
    made::made("metallb", &sources)
}

fn install(helm: &Oracle, plane: &ControlPlane, made: &Made) {
    let arguments = ["upgrade", "--install", "home", &made.archive(), "-n", "home", "--create-namespace"];
    let answer = helm.run(&[&arguments[..], &[&plane.kubeconfig()]].concat(), "");
    assert!(answer.succeeded, "{}: {}", helm.name, answer.stderr);
    plane.use_namespace("home");
}

#[test]
fn a_nonsense_edit_is_refused_once_the_webhook_answers() {
    let (Some(controller), Some(helm)) = (oracle("metallb-controller"), oracle("helm4")) else { return };
    let (Some(setpriv), Some(env)) = (system("setpriv"), system("env")) else { return };
    if !own_network::is_entered() {
        return;
    }
    let Some(plane) = control_plane::start() else { return };
    install(&helm, &plane, &cluster(""));
    let _controller = Controller::start([&setpriv, &env], &controller, &plane, "metallb-system");
    let patch = |words: &str| patch_pool(&plane, "metallb-system", words);
    refused(&patch(NONSENSE), "invalid CIDR");
    // Taking the label off, or putting it on, is no way around the webhook.
    refused(
        &patch(r#"{"metadata":{"labels":{"helm-ha.dev/checked":null}},"spec":{"addresses":["nonsense"]}}"#),
        "invalid",
    );
    refused(&patch(r#"{"spec":{"addresses":["192.168.1.10/32"]}}"#), "overlaps");
    assert!(patch(r#"{"spec":{"addresses":["192.168.1.40-192.168.1.50"]}}"#).succeeded);
    let labelled = json!({
        "apiVersion": "metallb.io/v1beta2", "kind": "BGPPeer",
        "metadata": { "name": "a", "namespace": "metallb-system", "labels": { "helm-ha.dev/checked": "true" } },
        "spec": { "myASN": 1, "peerASN": 2, "peerAddress": "nonsense" },
    });
    refused(&plane.kubectl(&["create", "--filename=-"], &labelled.to_string()), "nonsense");
}

#[test]
fn beside_a_metallb_of_its_own_chart_ours_installs_and_changes_no_crd() {
    let (Some(setpriv), Some(env)) = (system("setpriv"), system("env")) else { return };
    let Some(controller) = oracle("metallb-controller") else { return };
    let (Some(helm3), Some(helm4), Some(chart)) = (oracle("helm3"), oracle("helm4"), file("charts/metallb.tgz")) else {
        return;
    };
    if !own_network::is_entered() {
        return;
    }
    for helm in [helm3, helm4] {
        let Some(plane) = control_plane::start() else { return };
        let (chart, kubeconfig) = (chart.display().to_string(), plane.kubeconfig());
        let arguments =
            ["install", "metallb", &chart, "-n", "theirs", "--create-namespace", "--set=frrk8s.enabled=false"];
        let answer = helm.run(&[&arguments[..], &[&kubeconfig]].concat(), "");
        assert!(answer.succeeded, "{}: {}", helm.name, answer.stderr);
        let _controller = Controller::start([&setpriv, &env], &controller, &plane, "theirs");
        let theirs = || {
            let mut crds = plane.get_all("crds");
            crds.retain(|crd| crd["spec"]["group"] == "metallb.io");
            crds
        };
        let before = theirs();
        assert_eq!(before.len(), 9);
        let made = cluster("addons: { metallb: { source: existing, namespace: theirs } }");
        install(&helm, &plane, &made);
        assert_eq!(plane.get(&made.planned()).len(), made.planned().len(), "{}", helm.name);
        refused(&patch_pool(&plane, "theirs", NONSENSE), "invalid CIDR");
        install(&helm, &plane, &made);
        assert_eq!(theirs(), before, "{}", helm.name);
    }
}

fn patch_pool(plane: &ControlPlane, namespace: &str, words: &str) -> Answer {
    let namespace = format!("--namespace={namespace}");
    plane.kubectl(&[&namespace, "patch", "ipaddresspool", "lan", "--type=merge", "--patch", words], "")
}

fn refused(answer: &Answer, reason: &str) {
    let denied = answer.stderr.contains("denied the request") && answer.stderr.contains(reason);
    assert!(!answer.succeeded && denied, "{}{}", answer.stdout, answer.stderr);
}

impl Controller {
    /// Does what a node does for its pod: gives it the Secret as files, and the Service an address.
    fn start([setpriv, env]: [&Oracle; 2], program: &Oracle, plane: &ControlPlane, namespace: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let kubeconfig = plane.kubectl(&["config", "view", "--raw", "--flatten", "--output=json"], "");
        fs::create_dir_all(path.join(".kube")).unwrap();
        fs::write(path.join(".kube/config"), &kubeconfig.stdout).unwrap();
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "controller", "namespace": namespace },
            "spec": { "serviceAccountName": "metallb-controller", "containers": [{ "name": "a", "image": "a" }] },
        });
        plane.create(&[pod]);
        let arguments = ["--pod-name=controller", "--webhook-mode=onlywebhook", "--port=19120"];
        let ours = [format!("--namespace={namespace}"), "--health-probe-port=19121".to_owned()];
        // It wants its certificate in a folder of the system for temporary files, whatever is said with `--cert-dir`.
        let certificates = path.join("k8s-webhook-server/serving-certs");
        let certificates_there = format!("--cert-dir={}", certificates.display());
        let program = [format!("TMPDIR={}", path.display()), program.path().display().to_string()];
        let arguments = arguments.map(str::to_owned).into_iter().chain(ours).chain([certificates_there]);
        let child = control_plane::spawn(setpriv, env, path, &program.into_iter().chain(arguments).collect::<Vec<_>>());
        let controller = Self { _programs: Programs(vec![child]), folder };
        let place = format!("--namespace={namespace}");
        let run = |arguments: &[&str]| plane.kubectl(&[&[place.as_str()], arguments].concat(), "");
        controller.waits(|| {
            let secret = run(&["get", "secret", "metallb-webhook-cert", "--output=json"]);
            serde_json::from_str::<Value>(&secret.stdout).is_ok_and(|secret| secret["data"]["tls.key"].is_string())
        });
        // All of them at once, as a node does.
        let new = certificates.with_file_name("new");
        fs::create_dir_all(&new).unwrap();
        for key in ["ca.crt", "tls.crt", "tls.key"] {
            let template = format!("--output=go-template={{{{index .data {key:?} | base64decode}}}}");
            let text = run(&["get", "secret", "metallb-webhook-cert", &template]).stdout;
            fs::write(new.join(key), text).unwrap();
        }
        fs::rename(new, certificates).unwrap();
        let spec = r#"[{"op":"replace","path":"/spec","value":{"type":"ExternalName","externalName":"localhost"}}]"#;
        let answer = run(&["patch", "service", "metallb-webhook-service", "--type=json", "--patch", spec]);
        assert!(answer.succeeded, "{}", answer.stderr);
        let port =
            |at| json!({ "op": "add", "path": format!("/webhooks/{at}/clientConfig/service/port"), "value": PORT });
        let ports = Value::from((0..6).map(port).collect::<Vec<_>>()).to_string();
        let name = "metallb-webhook-configuration";
        let answer = run(&["patch", "validatingwebhookconfiguration", name, "--type=json", "--patch", &ports]);
        assert!(answer.succeeded, "{}", answer.stderr);
        controller.waits(|| {
            let pool = json!({
                "apiVersion": "metallb.io/v1beta1", "kind": "IPAddressPool",
                "metadata": { "name": "probe", "namespace": namespace }, "spec": { "addresses": ["10.9.9.0/24"] },
            });
            plane.kubectl(&["create", "--dry-run=server", "--filename=-"], &pool.to_string()).succeeded
        });
        controller
    }

    fn waits(&self, done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            let log = || fs::read_to_string(self.folder.path().join("env.log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(120), "{}", log());
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}
