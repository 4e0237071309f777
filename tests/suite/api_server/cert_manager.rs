//! The real cert-manager does what our Issuers and Certificates say, on a real API server: by a CA of our own, and by ACME
//! (Pebble) with dynamic updates of a real name server (BIND). It renews, and its webhook refuses nonsense.

use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use helm_ha::source::Sources;
use serde_json::Value;
use serde_json::json;

use super::control_plane;
use super::control_plane::ControlPlane;
use super::control_plane::Programs;
use super::pod::Account;
use crate::made;
use crate::made::Made;
use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::oracle::system;
use crate::own_network;

const VALUES: &str = "apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
domain: house.test
nodes: { a: { address: 192.168.1.2/24, role: server } }
loadBalancer: { pools: { lan: { addresses: 192.168.1.20-192.168.1.30 } } }
gateways: { web: 192.168.1.10 }
certificates:
  issuers:
    own: { default: true, ca: {} }
    dynamic:
      acme:
        email: somebody@zone.test
        server: https://localhost:14000/dir
        dns01: { rfc2136: { nameserver: \"127.0.0.1:53\", tsigKeyName: acme, tsigSecret: { secret: tsig, key: key } } }
  domains: { zone.test: { issuer: dynamic } }
addons: { cert-manager: { dns01Nameservers: [\"127.0.0.1:53\"] } }
services:
  notes:
    image: docker.io/example/notes:1.0.0
    ports: { http: 80 }
    routes: { notes.house.test: http, notes.zone.test: http, deep.notes.zone.test: http }
";
/// 32 bytes that nobody else uses.
const TSIG: &str = "aGVsbS1oYSBoZWxtLWhhIGhlbG0taGEgaGVsbS1oYSE=";
/// Nameserver, authority and cert-manager, in the order in which they are ended.
struct Running {
    _programs: Programs,
    folder: tempfile::TempDir,
}

#[test]
fn certificates_are_issued_and_renewed_and_nonsense_is_refused() {
    let (Some(manager), Some(pebble), Some(named)) = (oracle("cert-manager"), oracle("pebble"), system("named")) else {
        return;
    };
    let (Some(helm), Some(openssl)) = (oracle("helm4"), system("openssl")) else { return };
    let (Some(setpriv), Some(env), Some(_)) = (system("setpriv"), system("env"), system("unshare")) else { return };
    if !own_network::is_entered() {
        return;
    }
    let Some(plane) = control_plane::start() else { return };
    let mut sources = Sources::default();
    sources.add("values.yaml", VALUES.to_owned());
    let made = made::made("cert-manager", &sources);
    plane.use_namespace("home");
    plane.create(&[control_plane::namespace("home")]);
    let secret =
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "tsig" }, "stringData": { "key": TSIG } });
    plane.create(&[secret]);
    let arguments = ["upgrade", "--install", "home", &made.archive(), "-n", "home", &plane.kubeconfig()];
    let answer = helm.run(&arguments, "");
    assert!(answer.succeeded, "{}", answer.stderr);

    let running = Running::start([&setpriv, &env], [&manager, &pebble, &named], &openssl, &plane, &made);
    running.answers_as_the_webhook(&plane);
    running.all_ready(&plane);
    let check = |name: &str, names: &[&str], issuer: &str| running.holds(&openssl, &plane, name, names, issuer);
    let of = |host: &str| certificate_of(&plane, host);
    let all = [
        (of("*.house.test"), vec!["*.house.test", "house.test"], "home"),
        (of("notes.zone.test"), vec!["notes.zone.test"], "Pebble"),
        (of("deep.notes.zone.test"), vec!["deep.notes.zone.test"], "Pebble"),
    ];
    for (name, names, issuer) in &all {
        // Until then it is one that nobody believes, so that the gateway has something to show.
        running.waits(|| check(name, names, issuer).is_some());
        let first = check(name, names, issuer);
        let start = Instant::now();
        renew(&plane, name);
        running.waits(|| check(name, names, issuer).is_some_and(|serial| Some(serial) != first));
        println!("{name}: issued and renewed, the latter within {:.0?}", start.elapsed());
    }

    let nonsense = r#"{"spec":{"issuerRef":{"name":""}}}"#;
    let answer = plane.kubectl(&["patch", "certificate", &all[0].0, "--type=merge", "--patch", nonsense], "");
    let refused = answer.stderr.contains("denied the request") && answer.stderr.contains("issuerRef.name");
    assert!(!answer.succeeded && refused, "{}{}", answer.stdout, answer.stderr);
}

/// The Certificate that is for this name first.
fn certificate_of(plane: &ControlPlane, host: &str) -> String {
    let all = plane.get_all("certificates");
    let found = all.iter().filter(|certificate| {
        let mut names = certificate["spec"]["dnsNames"].as_array().into_iter().flatten();
        names.any(|name| name == host)
    });
    let names: Vec<&str> = found.map(|certificate| certificate["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 1, "{host}: {names:?}");
    names[0].to_owned()
}

/// As `cmctl renew` does it.
fn renew(plane: &ControlPlane, name: &str) {
    let get = plane.kubectl(&["get", "certificate", name, "--output=json"], "");
    let mut certificate: Value = serde_json::from_str(&get.stdout).unwrap();
    let issuing = json!({ "type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "renewed by a test",
        "lastTransitionTime": certificate["metadata"]["creationTimestamp"] });
    certificate["status"]["conditions"].as_array_mut().unwrap().push(issuing);
    let answer = plane.kubectl(&["replace", "--subresource=status", "--filename=-"], &certificate.to_string());
    assert!(answer.succeeded, "{}", answer.stderr);
}

impl Running {
    fn start(
        [setpriv, env]: [&Oracle; 2],
        [manager, pebble, named]: [&Oracle; 3],
        openssl: &Oracle,
        plane: &ControlPlane,
        made: &Made,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        name_server_files(path);
        authority_files(path, openssl);
        let run = |name: &str, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            // Each in a folder of its own, for its log is named after `env`.
            control_plane::spawn(setpriv, env, &path.join(name), &words)
        };
        let pod = |name: &str, account: &str, program: &str| {
            let mut words = vec![manager.path().display().to_string()];
            words.extend(arguments(made, account, program));
            if program == "webhook" {
                // Pods have addresses of their own; these two share one.
                words.push("--metrics-listen-address=0".to_owned());
            }
            let account = Account { namespace: "cert-manager", name: account };
            account.run(plane, [setpriv, env], &path.join(name), &["SSL_CERT_FILE=../pebble.crt"], &words)
        };
        for name in ["named", "pebble"] {
            fs::create_dir_all(path.join(name)).unwrap();
        }
        let [named, pebble] = [named, pebble].map(|program| program.path().display().to_string());
        // After each change of the zone cert-manager waits for a minute (`pkg/issuer/acme/dns`): what was shown once counts.
        let quick = ["--chdir=..", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=100"];
        let answering = [&pebble, "-config", "pebble.json", "-dnsserver", "127.0.0.1:53"];
        let programs = vec![
            run("named", &["--chdir=..", &named, "-g", "-c", "named.conf"]),
            run("pebble", &[&quick[..], &answering].concat()),
            pod("controller", "cert-manager", "controller"),
            pod("webhook", "cert-manager-webhook", "webhook"),
        ];
        Self { _programs: Programs(programs), folder }
    }

    /// Gives the Service of the webhook an address, as a cluster does, and the API server the webhook's authority, as
    /// cainjector does.
    fn answers_as_the_webhook(&self, plane: &ControlPlane) {
        let run = |arguments: &[&str]| plane.kubectl(&[&["--namespace=cert-manager"], arguments].concat(), "");
        let authority =
            || run(&["get", "secret", "cert-manager-webhook-ca", "--output=jsonpath={.data.tls\\.crt}"]).stdout;
        self.waits(|| !authority().is_empty());
        let spec = r#"[{"op":"replace","path":"/spec","value":{"type":"ExternalName","externalName":"localhost"}}]"#;
        let answer = run(&["patch", "service", "cert-manager-webhook", "--type=json", "--patch", spec]);
        assert!(answer.succeeded, "{}", answer.stderr);
        let client = "/webhooks/0/clientConfig";
        let patch = json!([
            { "op": "add", "path": format!("{client}/service/port"), "value": 10250 },
            { "op": "add", "path": format!("{client}/caBundle"), "value": authority() },
        ]);
        for kind in ["validatingwebhookconfiguration", "mutatingwebhookconfiguration"] {
            let answer = run(&["patch", kind, "cert-manager-webhook", "--type=json", "--patch", &patch.to_string()]);
            assert!(answer.succeeded || answer.stderr.contains("NotFound"), "{}", answer.stderr);
        }
    }

    fn all_ready(&self, plane: &ControlPlane) {
        let is_ready = |object: &Value| {
            let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
            conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
        };
        for kind in ["issuers", "certificates"] {
            self.waits(|| {
                let all = plane.get_all(kind);
                !all.is_empty() && all.iter().all(is_ready)
            });
        }
    }

    /// Checks the names and the key of what lies in a Certificate's Secret; its serial number when it is of this authority.
    fn holds(
        &self,
        openssl: &Oracle,
        plane: &ControlPlane,
        name: &str,
        names: &[&str],
        issuer: &str,
    ) -> Option<String> {
        let secret = plane.kubectl(&["get", "certificate", name, "--output=jsonpath={.spec.secretName}"], "").stdout;
        // Both at once: they are replaced together.
        let template = "--output=go-template={{index .data \"tls.crt\" | base64decode}}|{{index .data \"tls.key\" | base64decode}}";
        let files = plane.kubectl(&["get", "secret", &secret, template], "").stdout;
        let (pem, key) = files.split_once('|').unwrap_or((&files, ""));
        let show = |what: &[&str]| openssl.run(&[&["x509", "-noout"], what].concat(), pem).stdout;
        let found = show(&["-ext", "subjectAltName"]);
        let mut found: Vec<&str> =
            found.split("DNS:").skip(1).map(|name| name.trim_end_matches([',', ' ', '\n'])).collect();
        found.sort_unstable();
        assert_eq!(found, names, "{name}");
        let key = openssl.run(&["pkey", "-pubout"], key).stdout;
        assert_eq!(show(&["-pubkey"]), key, "{name}");
        show(&["-issuer"]).contains(issuer).then(|| show(&["-serial"]))
    }

    fn waits(&self, done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            let log = |name: &str| {
                let log = fs::read_to_string(self.folder.path().join(name).join("env.log")).unwrap_or_default();
                log.lines().rev().take(15).fold(String::new(), |text, line| format!("{line}\n{text}"))
            };
            let logs = ["named", "pebble", "controller", "webhook"].map(|name| format!("{name}:\n{}", log(name)));
            assert!(start.elapsed() < Duration::from_secs(180), "{}", logs.join("\n"));
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

/// What our chart starts a program with, as the kubelet completes it.
fn arguments(made: &Made, deployment: &str, program: &str) -> Vec<String> {
    let planned = made.planned();
    let deployment = planned.iter().find(|it| it["kind"] == "Deployment" && it["metadata"]["name"] == deployment);
    let given = deployment.unwrap()["spec"]["template"]["spec"]["containers"][0]["args"].as_array().unwrap();
    let given = given.iter().map(|argument| argument.as_str().unwrap().replace("$(POD_NAMESPACE)", "cert-manager"));
    [program.to_owned()].into_iter().chain(given).collect()
}

/// A zone that whoever has the key may change.
fn name_server_files(folder: &Path) {
    let conf = format!(
        "options {{ directory \".\"; listen-on {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; pid-file none;
  dnssec-validation no; session-keyfile \"session.key\"; allow-query {{ any; }}; }};
controls {{ }};
key \"acme\" {{ algorithm hmac-sha256; secret \"{TSIG}\"; }};
zone \"zone.test\" {{ type primary; file \"zone\"; allow-update {{ key acme; }}; }};\n"
    );
    fs::write(folder.join("named.conf"), conf).unwrap();
    let zone =
        "$TTL 1\n@ IN SOA ns.zone.test. nobody.zone.test. 1 60 60 60 1\n@ IN NS ns.zone.test.\nns IN A 127.0.0.1\n";
    fs::write(folder.join("zone"), zone).unwrap();
}

fn authority_files(folder: &Path, openssl: &Oracle) {
    let [key, certificate] = ["pebble.key", "pebble.crt"].map(|name| folder.join(name).display().to_string());
    let request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    let names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    let answer = openssl.run(&[&request[..], &names, &["-keyout", &key, "-out", &certificate]].concat(), "");
    assert!(answer.succeeded, "{}", answer.stderr);
    let settings = json!({ "pebble": {
        "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
        "certificate": "pebble.crt", "privateKey": "pebble.key", "httpPort": 5002, "tlsPort": 5001,
    } });
    fs::write(folder.join("pebble.json"), settings.to_string()).unwrap();
}
