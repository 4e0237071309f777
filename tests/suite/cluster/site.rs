//! The cluster with the values file of the tests installed by one Helm, and a client that trusts its authority.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use super::client;
use super::client::Client;
use super::machines::Machines;
use super::machines::becomes_true;
use super::machines::text;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::program::Folder;

pub const NODES: usize = 3;
const VIRTUAL: Ipv4Addr = Ipv4Addr::new(192, 168, 56, 240);
pub const NAMES: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 168, 56, 241)), 5353);

/// One host of each certificate.
const HOSTS: &[&str] = &["reader.example.com", "web.example.com", "deep.web.example.com"];

/// The password of `anna`, who may log in.
pub const PASSWORD: &str = "secret";

/// Everything is ready in about half a minute on two free cores.
const READY_WITHIN: Duration = Duration::from_secs(240);

pub struct Site {
    pub machines: Machines,
    helm: Oracle,
    folder: Folder,
    pub client: Client,
    /// From the start of Helm until every pod and certificate was ready.
    pub took: Duration,
}

/// A port of the virtual IP.
pub fn virtual_ip(port: u16) -> SocketAddr {
    (VIRTUAL, port).into()
}

impl Site {
    /// Installs on an empty cluster; `None` where there cannot be one.
    pub fn install(helm: &'static str) -> Option<Self> {
        Self::install_on(helm, Machines::start(NODES)?)
    }

    /// The same on these machines.
    pub fn install_on(helm: &'static str, machines: Machines) -> Option<Self> {
        let (helm, openssl) = (oracle(helm)?, crate::oracle::system("openssl")?);
        // What a person makes before, because the values name it.
        let hash = openssl.run(&["passwd", "-apr1", PASSWORD], "").stdout;
        machines.asked(&["create", "namespace", "proof"]);
        let login = format!("--from-literal=htpasswd=anna:{}", hash.trim());
        machines.asked(&["--namespace=proof", "create", "secret", "generic", "family", &login]);
        let folder = Folder::new(&[("cluster.yaml", &text("cluster.yaml"))]);
        let mut site = Self { machines, helm, folder, client: Client::trusting(""), took: Duration::ZERO };
        let start = Instant::now();
        site.upgrade();
        site.is_ready();
        let authority = site.machines.get(&["--namespace=proof", "secret", "own-ca"]);
        site.client = Client::trusting(&decoded(&authority["data"]["tls.crt"]));
        site.has_certificates();
        site.took = start.elapsed();
        Some(site)
    }

    /// Changes the values file.
    pub fn change(&self, from: &str, to: &str) {
        let path = self.folder.path("cluster.yaml");
        let values = std::fs::read_to_string(&path).unwrap();
        assert!(values.contains(from), "{from}");
        std::fs::write(path, values.replace(from, to)).unwrap();
    }

    /// Generates from the values file and runs the printed line.
    pub fn upgrade(&self) {
        let said = self.folder.run(&["generate", "cluster.yaml"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
        let archive = self.folder.path("proof-1.0.0.tgz").display().to_string();
        let answer = self.helm(&["upgrade", "--install", "proof", &archive, "--namespace=proof", "--create-namespace"]);
        assert!(answer.succeeded, "{}: {}", self.helm.name, answer.stderr);
    }

    pub fn helm(&self, arguments: &[&str]) -> Answer {
        let path = self.helm.path().display().to_string();
        self.machines.exec("control", &[&[path.as_str()], arguments].concat(), "")
    }

    /// Waits until all that should run is ready.
    pub fn is_ready(&self) {
        self.is_ready_but(&[]);
    }

    /// The same, but for some Deployments.
    pub fn is_ready_but(&self, without: &[&str]) {
        let mut missing = Vec::new();
        let ready = becomes_true(READY_WITHIN, || {
            missing = self.not_ready();
            missing.retain(|name| !without.iter().any(|other| name.contains(other)));
            missing.is_empty()
        });
        let pods = || self.machines.asked(&["get", "pods", "--all-namespaces", "--output=wide"]);
        assert!(ready, "{}: not ready: {missing:?}\n{}\n{}", self.helm.name, pods(), self.machines.logs());
    }

    /// Waits until every nginx serves every host: the kubelet brings to a pod what came after its start.
    pub fn has_certificates(&self) {
        let mut missing = Vec::new();
        let all = becomes_true(READY_WITHIN, || {
            missing = self.without_certificate();
            missing.is_empty()
        });
        assert!(all, "{}: not served: {missing:?}", self.helm.name);
    }

    fn without_certificate(&self) -> Vec<String> {
        let addresses = self.gateways();
        let pairs = addresses.iter().flat_map(|address| HOSTS.iter().map(move |host| (*address, *host)));
        let is_refused = |(address, host): &(IpAddr, &str)| self.client.connect((*address, 8443).into(), host).is_err();
        self.machines.within("control", || {
            pairs.filter(is_refused).map(|(address, host)| format!("{host} by {address}")).collect()
        })
    }

    /// The addresses of the nginx pods.
    pub fn gateways(&self) -> Vec<IpAddr> {
        let pods = self.machines.get(&["--namespace=proof", "pods", "--selector=app.kubernetes.io/name=gateway-lan"]);
        let addresses = pods["items"].as_array().unwrap().iter().filter_map(|pod| pod["status"]["podIP"].as_str());
        addresses.map(|address| address.parse().unwrap()).collect()
    }

    /// What the nginx pod with this address says of itself; nothing when it does not answer.
    pub fn metrics(&self, address: IpAddr) -> String {
        let asked = || client::get((address, 8081).into(), "localhost", &["GET /metrics"]).map(|answer| answer.body);
        self.machines.within("control", asked).unwrap_or_default()
    }

    fn not_ready(&self) -> Vec<String> {
        let objects = self.machines.get(&["--all-namespaces", "deployments,daemonsets,jobs,certificates"]);
        let is_ready = |object: &Value| {
            let (spec, status) = (&object["spec"], &object["status"]);
            let number = |value: &Value| value.as_u64().unwrap_or_default();
            let is_new = number(&status["observedGeneration"]) == number(&object["metadata"]["generation"]);
            match object["kind"].as_str().unwrap() {
                "Deployment" => {
                    let all = |field: &str| number(&status[field]) == number(&spec["replicas"]);
                    is_new && all("replicas") && all("updatedReplicas") && all("availableReplicas")
                }
                "DaemonSet" => {
                    let all = |field: &str| number(&status[field]) == number(&status["desiredNumberScheduled"]);
                    is_new && all("updatedNumberScheduled") && all("numberAvailable") && all("currentNumberScheduled")
                }
                "Job" => number(&status["succeeded"]) > 0,
                _ => status["conditions"].as_array().is_some_and(|conditions| {
                    conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
                }),
            }
        };
        let objects = objects["items"].as_array().unwrap().iter();
        let name = |object: &Value| format!("{} {}", object["kind"], object["metadata"]["name"]);
        objects.filter(|object| !is_ready(object)).map(name).collect()
    }

    /// The pods of a service that are not on their way out, by name, with the node of each.
    pub fn pods(&self, service: &str) -> BTreeMap<String, String> {
        let label = format!("--selector=app.kubernetes.io/name={service}");
        let pods = self.machines.get(&["--all-namespaces", "pods", &label]);
        let items = pods["items"].as_array().unwrap().iter();
        let alive = items.filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        alive.map(|pod| (text(&pod["metadata"]["name"]), text(&pod["spec"]["nodeName"]))).collect()
    }
}

/// A value of a Secret.
pub fn decoded(value: &Value) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}
