//! A release that gets its add-ons later, and loses them again, on a real API server: nothing that holds data goes.

use std::collections::BTreeMap;

use helm_ha::source::Sources;
use serde_json::Value;

use super::control_plane;
use super::control_plane::ControlPlane;
use crate::made;
use crate::made::Made;
use crate::oracle::Answer;
use crate::oracle::Oracle;
use crate::oracle::oracle;

const PLAIN: &str = "apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
nodes:
  a: { address: 192.168.1.2/24, role: server, devices: [/dev/disk/by-id/a] }
  b: { address: 192.168.1.3/24, role: server, devices: [/dev/disk/by-id/b] }
  c: { address: 192.168.1.4/24, role: server, devices: [/dev/disk/by-id/c] }
services:
  notes: { image: docker.io/example/notes:1.0.0, ports: { http: 80 }, mounts: { /data: { claim: 1Gi, class: local-path } } }
";

/// Each add-on, with something that it brings.
const WITH_ALL: &str = "domain: example.com
loadBalancer: { pools: { lan: { addresses: 192.168.1.20-192.168.1.30 } } }
gateways: { web: 192.168.1.10 }
certificates: { issuers: { home: { ca: {} } } }
volumes: { photos: { size: 1Gi, class: cephfs } }
";

fn cluster(name: &str, more: &str) -> Made {
    let mut sources = Sources::default();
    sources.add("values.yaml", format!("{PLAIN}{more}"));
    made::made(name, &sources)
}

#[test]
fn helm_3_adds_and_takes_away_add_ons() {
    oracle("helm3").iter().for_each(there_and_back);
}

#[test]
fn helm_4_adds_and_takes_away_add_ons() {
    oracle("helm4").iter().for_each(there_and_back);
}

fn there_and_back(helm: &Oracle) {
    let (plain, whole) = (cluster("plain", ""), cluster("whole", WITH_ALL));
    let Some(plane) = control_plane::start() else { return };
    plane.use_namespace("home");
    let release = Release { helm, plane };
    release.installs(&plain);
    let (claims, crds) = (release.uids("persistentvolumeclaims"), release.uids("crds"));
    assert_eq!((claims.len(), crds.len()), (1, 41), "{}", helm.name);

    release.installs(&whole);
    assert_eq!(release.plane.get(&whole.planned()).len(), whole.planned().len(), "{}", helm.name);
    release.still_has("persistentvolumeclaims", &claims);
    release.still_has("crds", &crds);
    let claims = release.uids("persistentvolumeclaims");
    assert_eq!(claims.len(), 2, "{}: {claims:?}", helm.name);

    // Each way back and forth: the other chart with the same line, and the revision before it.
    for (go, with_all) in
        [(Go::To(&plain), false), (Go::To(&whole), true), (Go::Back("3"), false), (Go::Back("2"), true)]
    {
        match go {
            Go::To(made) => release.installs(made),
            // Helm 3 says that what was kept, and is not in its last revision, is not there; NOTES.txt tells the other way.
            Go::Back("2") if helm.name == "helm3" => {
                let answer = release.helm(&["rollback", "home", "2", "-n", "home"]);
                assert!(answer.stderr.contains("no Namespace with the name"), "{}", answer.stderr);
                release.installs(&whole);
            }
            Go::Back(revision) => {
                let answer = release.helm(&["rollback", "home", revision, "-n", "home"]);
                assert!(answer.succeeded, "{}: {}", helm.name, answer.stderr);
            }
        }
        release.still_has("persistentvolumeclaims", &claims);
        release.still_has("crds", &crds);
        let live = release.plane.get(&whole.planned());
        let here = |kind: &str, name: &str| {
            live.iter().any(|object| object["kind"] == kind && object["metadata"]["name"] == name)
        };
        // What stores is kept, also by a chart that does not name it any more; the rest comes and goes with its chart.
        assert!(here("CephCluster", "rook-ceph") && here("Deployment", "rook-ceph-operator"), "{}", helm.name);
        assert_eq!(here("Deployment", "metallb-controller"), with_all, "{}", helm.name);
        assert_eq!(here("Deployment", "cert-manager"), with_all, "{}", helm.name);
        assert_eq!(here("DaemonSet", "gateway-web"), with_all, "{}", helm.name);
    }
    assert_eq!(release.plane.get(&whole.planned()).len(), whole.planned().len(), "{}", helm.name);
}

enum Go<'a> {
    To(&'a Made),
    Back(&'static str),
}

struct Release<'a> {
    helm: &'a Oracle,
    plane: ControlPlane,
}

impl Release<'_> {
    fn helm(&self, arguments: &[&str]) -> Answer {
        self.helm.run(&[arguments, &[&self.plane.kubeconfig()]].concat(), "")
    }

    fn installs(&self, made: &Made) {
        let answer = self.helm(&["upgrade", "--install", "home", &made.archive(), "-n", "home", "--create-namespace"]);
        assert!(answer.succeeded, "{} {}: {}", self.helm.name, made.name, answer.stderr);
    }

    fn uids(&self, kind: &str) -> BTreeMap<String, Value> {
        let found = self.plane.get_all(kind).into_iter();
        found.map(|object| (object["metadata"]["name"].to_string(), object["metadata"]["uid"].clone())).collect()
    }

    fn still_has(&self, kind: &str, before: &BTreeMap<String, Value>) {
        let now = self.uids(kind);
        let gone: Vec<_> = before.iter().filter(|(name, uid)| now.get(*name) != Some(uid)).collect();
        assert!(gone.is_empty(), "{}: {kind} {gone:?}", self.helm.name);
    }
}
