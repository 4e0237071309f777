//! The real CoreDNS with the Corefile that we generate, beside one with that of K3s, both at a real API server.

use std::fs;
use std::net::Ipv4Addr;
use std::net::SocketAddrV4;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use helm_ha::source::Sources;
use serde_json::Value;
use serde_json::json;

use super::control_plane;
use super::control_plane::ControlPlane;
use super::control_plane::Programs;
use super::resolver::ask;
use crate::made;
use crate::made::Made;
use crate::nginx::names::NameServer;
use crate::oracle::Oracle;
use crate::oracle::oracle;
use crate::oracle::system;

const VALUES: &str = "
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
domain: example.com
nodes:
  server1: { address: 192.168.1.11/24, role: server }
  server2: { address: 192.168.1.12/24, role: server }
  server3: { address: 192.168.1.13/24, role: server }
loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }
gateways: { lan: { address: 192.168.1.240, default: true }, guests: 192.168.1.239 }
tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }
certificates: { issuers: { home: { ca: {} } } }
services:
  web:
    image: docker.io/example/web:1
    replicas: 2
    ports: { http: 8080 }
    routes:
      web: { port: http, via: [lan, tunnel] }
      feed: { port: http, via: [tunnel] }
      '*.pages': http
      guest.pages.example.com: { port: http, via: [guests] }
";

/// What K3s' own Corefile says of these things (`manifests/coredns.yaml`).
const K3S: &str = ".:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    hosts /etc/coredns/NodeHosts {
        ttl 60
        reload 15s
        fallthrough
    }
    prometheus :9153
    cache 30
    loop
    import /etc/coredns/custom/*.override
    forward . /etc/resolv.conf
}
import /etc/coredns/custom/*.server
";

const PORT: u16 = 5353;

/// Names of the Internet.
const OUTSIDE: [(&str, Ipv4Addr); 3] = [
    ("web.example.com", Ipv4Addr::new(203, 0, 113, 1)),
    ("feed.example.com", Ipv4Addr::new(203, 0, 113, 2)),
    ("_acme-challenge.pages.example.com", Ipv4Addr::new(203, 0, 113, 3)),
];

/// A running CoreDNS.
struct Server {
    address: SocketAddrV4,
    _programs: Programs,
    folder: tempfile::TempDir,
}

#[test]
fn names_resolve_as_through_k3s_and_hosts_of_routes_to_their_gateways() {
    let (Some(coredns), Some(setpriv)) = (oracle("coredns"), system("setpriv")) else { return };
    let Some(plane) = control_plane::start() else { return };
    let mut sources = Sources::default();
    sources.add("values.yaml", VALUES);
    let made = made::made("cluster-dns", &sources);
    let token = prepare(&plane, &made);
    let network = [127, 216, (std::process::id() % 250) as u8];
    let at = |last: u8| Ipv4Addr::new(network[0], network[1], network[2], last);
    let outside = NameServer::start(SocketAddrV4::new(at(9), 5300));
    OUTSIDE.iter().for_each(|(name, address)| outside.set(name, &[*address]));
    let start = |last: u8, corefile: &str, token: &str, nodes: bool| {
        Server::start(&setpriv, &coredns, &plane, at(last), at(9), corefile, token, nodes)
    };
    let config = made.planned().into_iter().find(|object| object["kind"] == "ConfigMap" && is_dns(object)).unwrap();
    let corefile = config["data"]["Corefile"].as_str().unwrap();
    // The token's user may do everything; ours has what our ClusterRole gives.
    let (ours, k3s) = (start(1, corefile, &token, true), start(2, K3S, "token", true));
    let both = |kind: &str, name: &str, expect: &[&str]| {
        ours.check(kind, name, expect);
        k3s.check(kind, name, expect);
    };
    both("A", "web.home.svc.cluster.local", &["10.43.0.80"]);
    both("AAAA", "web.home.svc.cluster.local", &[]);
    both("A", "web-headless.home.svc.cluster.local", &["10.42.0.5", "10.42.1.5"]);
    both("PTR", "80.0.43.10.in-addr.arpa", &["web.home.svc.cluster.local"]);
    both("A", "10-42-0-5.home.pod.cluster.local", &["10.42.0.5"]);
    both("A", "missing.home.svc.cluster.local", &["NXDOMAIN"]);
    both("A", "server2", &["192.168.1.12"]);
    both("PTR", "12.1.168.192.in-addr.arpa", &["server2"]);
    both("A", "nas.lan.test", &["192.168.1.99"]);
    both("A", "printer.override.test", &["192.168.1.98"]);
    both("A", "feed.example.com", &["203.0.113.2"]);
    both("A", "nowhere.example.org", &["NXDOMAIN"]);

    k3s.check("A", "web.example.com", &["203.0.113.1"]);
    ours.check("A", "web.example.com", &["192.168.1.240"]);
    ours.check("AAAA", "web.example.com", &[]);
    ours.check("A", "any.pages.example.com", &["192.168.1.240"]);
    ours.check("AAAA", "any.pages.example.com", &[]);
    ours.check("A", "guest.pages.example.com", &["192.168.1.239"]);
    ours.check("A", "too.deep.pages.example.com", &["NXDOMAIN"]);
    ours.check("A", "_acme-challenge.pages.example.com", &["203.0.113.3"]);
    // Nothing of ours: what the name server of this test says of other types.
    ours.check("TXT", "any.pages.example.com", &["NXDOMAIN"]);

    // K3s writes its names of nodes, and people their zones, when they like.
    let alone = start(3, corefile, &token, false);
    alone.check("A", "web.home.svc.cluster.local", &["10.43.0.80"]);
    alone.check("A", "web.example.com", &["192.168.1.240"]);
    alone.check("A", "server2", &["NXDOMAIN"]);
}

fn is_dns(object: &Value) -> bool {
    object["metadata"]["name"] == "cluster-dns"
}

/// Makes the objects of the chart, a service with two pods, and gives the token of CoreDNS' account.
fn prepare(plane: &ControlPlane, made: &Made) -> String {
    let mut objects: Vec<Value> = made.planned().into_iter().filter(is_dns).collect();
    assert_eq!(objects.len(), 6);
    let mut services: Vec<Value> = made.planned();
    services.retain(|object| {
        object["kind"] == "Service" && object["metadata"]["name"].as_str().unwrap_or_default().starts_with("web")
    });
    for service in &mut services {
        if service["metadata"]["name"] == "web" {
            service["spec"]["clusterIP"] = "10.43.0.80".into();
        }
    }
    objects.extend(services);
    let endpoints =
        ["10.42.0.5", "10.42.1.5"].map(|address| json!({ "addresses": [address], "conditions": { "ready": true } }));
    objects.push(json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": { "name": "web-headless", "labels": { "kubernetes.io/service-name": "web-headless" } },
        "endpoints": endpoints,
        "ports": [{ "name": "http", "port": 8080, "protocol": "TCP" }],
    }));
    plane.create(&[control_plane::namespace("home")]);
    plane.use_namespace("home");
    plane.create(&objects);
    let answer = plane.kubectl(&["create", "token", "cluster-dns", "--namespace=kube-system"], "");
    assert!(answer.succeeded, "{}", answer.stderr);
    answer.stdout.trim().to_owned()
}

impl Server {
    #[allow(clippy::too_many_arguments, reason = "what a pod gets from its node")]
    fn start(
        setpriv: &Oracle,
        coredns: &Oracle,
        plane: &ControlPlane,
        address: Ipv4Addr,
        outside: Ipv4Addr,
        corefile: &str,
        token: &str,
        with_files: bool,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let kubeconfig = plane.kubectl(&["config", "view", "--raw", "--output=json"], "");
        let mut kubeconfig: Value = serde_json::from_str(&kubeconfig.stdout).unwrap();
        kubeconfig["users"][0]["user"]["token"] = token.into();
        fs::write(path.join("kubeconfig"), kubeconfig.to_string()).unwrap();
        if with_files {
            write_files(path, address);
        }
        fs::write(path.join("Corefile"), adapted(corefile, path, address, outside)).unwrap();
        let arguments = ["-conf".to_owned(), "Corefile".to_owned()];
        let child = control_plane::spawn(setpriv, coredns, path, &arguments);
        let address = SocketAddrV4::new(address, PORT);
        let server = Self { address, _programs: Programs(vec![child]), folder };
        let start = Instant::now();
        while ask(address, "A", "kubernetes.default.svc.cluster.local").is_none_or(|found| found != ["10.43.0.1"]) {
            assert!(start.elapsed() < Duration::from_secs(60), "{}", server.log());
            std::thread::sleep(Duration::from_millis(200));
        }
        server
    }

    fn check(&self, kind: &str, name: &str, expect: &[&str]) {
        let found = ask(self.address, kind, name).unwrap_or_else(|| panic!("no answer: {}", self.log()));
        assert_eq!(found, expect, "{kind} {name} at {}: {}", self.address, self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("coredns.log")).unwrap_or_default()
    }
}

/// What K3s and people write: names of nodes, an addition to the server, and a zone of its own.
fn write_files(folder: &Path, address: Ipv4Addr) {
    fs::write(folder.join("NodeHosts"), "192.168.1.11 server1\n192.168.1.12 server2\n").unwrap();
    fs::create_dir(folder.join("custom")).unwrap();
    let answer = |zone: &str, address: &str| {
        format!("template IN A {zone} {{\n  answer \"{{{{ .Name }}}} 60 IN A {address}\"\n}}\n")
    };
    fs::write(folder.join("custom/printer.override"), answer("override.test", "192.168.1.98")).unwrap();
    let server = format!("lan.test:{PORT} {{\n  bind {address}\n  {}}}\n", answer("lan.test", "192.168.1.99"));
    fs::write(folder.join("custom/lan.server"), server).unwrap();
}

/// The Corefile for a program outside of a pod: other places and ports, the same words.
fn adapted(corefile: &str, folder: &Path, address: Ipv4Addr, outside: Ipv4Addr) -> String {
    let replaced = [
        (".:53 {\n", format!(".:{PORT} {{\n    bind {address}\n")),
        ("    health", format!("    health {address}:8080")),
        ("    ready\n", format!("    ready {address}:8181\n")),
        ("prometheus :9153", format!("prometheus {address}:9153")),
        ("pods insecure\n", "pods insecure\n        kubeconfig kubeconfig test\n".to_owned()),
        ("/etc/coredns/", format!("{}/", folder.display())),
        ("/etc/resolv.conf", format!("{outside}:5300")),
    ];
    replaced.into_iter().fold(corefile.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}\n{text}");
        text.replace(from, &to)
    })
}
