//! Changes while clients go on asking: a roll of the gateway, an upgrade, a rollback, a service that is gone, a removal.

use std::thread;
use std::time::Duration;

use super::client::TIMEOUT;
use super::figures::measured;
use super::is_long;
use super::load::Count;
use super::load::Load;
use super::load::during;
use super::machines::becomes_true;
use super::site::Site;
use super::site::virtual_ip;

#[test]
fn a_roll_of_the_gateway_costs_no_request() {
    let Some(site) = Site::install("helm4") else { return };
    let (rolls, requests) = if is_long() { (3, 10_000) } else { (1, 500) };
    let (mut started, mut failed) = (usize::MAX, 0);
    for roll in 0..rolls {
        let (from, to) = (format!("rateLimit: {}r/s", roll + 2), format!("rateLimit: {}r/s", roll + 3));
        let ((), counts) = during(&site, &loads(), || {
            site.change(&from, &to);
            site.upgrade();
            site.is_ready();
            site.has_settled();
            thread::sleep(Duration::from_secs(2)); // for requests after the last change
        });
        started = started.min(counts.iter().map(|count| count.started).sum());
        failed += failures(&counts);
    }
    measured("roll-requests", started as f64);
    measured("roll-failed", failed as f64);
    assert!(started >= requests, "{started} requests are too few to say");
    site.a_killed_nginx_is_seen();
}

#[test]
fn an_upgrade_restarts_what_it_changes_and_costs_no_request() {
    if !is_long() {
        return;
    }
    let Some(site) = Site::install("helm3") else { return };
    site.is_upgraded_and_rolled_back();
    site.a_service_that_is_gone_costs_itself_alone();
    site.is_removed_and_finds_its_data();
}

impl Site {
    /// The control run: these loads see it when connections break.
    fn a_killed_nginx_is_seen(&self) {
        let ((), counts) = during(self, &loads(), || {
            for _ in 0..3 {
                self.machines.exec("control", &["pkill", "-KILL", "-x", "nginx"], "");
                thread::sleep(Duration::from_secs(2)); // a few requests in between
            }
        });
        measured("killed-failed", failures(&counts) as f64);
    }

    fn is_upgraded_and_rolled_back(&self) {
        let names =
            ["web", "reader", "writer", "echo", "names", "mounts", "guarded", "ledger", "gateway-lan", "cluster-dns"];
        let pods = || names.map(|name| self.pods(name).into_keys().collect::<Vec<_>>());
        let changed = |old: &[Vec<String>; 10], new: &[Vec<String>; 10]| {
            let pairs = names.iter().zip(old.iter().zip(new));
            pairs.filter(|(_, (old, new))| old != new).map(|(name, _)| *name).collect::<Vec<_>>()
        };
        let first = pods();
        let ((), counts) = during(self, &loads(), || {
            self.change("SETTING: first", "SETTING: second");
            self.change("{{ a file }}", "{{ another file }}");
            self.change("routes: { reader: http }", "routes: { reader: http, new.reader.example.com: http }");
            self.change("domains: { web", "domains: { new.reader.example.com: { issuer: own }, web");
            self.upgrade();
            self.is_ready();
            self.has_settled();
        });
        let second = pods();
        assert_eq!(changed(&first, &second), ["web", "mounts", "gateway-lan"]);
        measured("upgrade-failed", failures(&counts) as f64);
        let serves = || {
            let asked = || self.client.get(virtual_ip(443), "new.reader.example.com", &["GET /"]);
            self.machines.within("client", asked).is_ok_and(|answer| answer.status == 200)
        };
        assert!(becomes_true(Duration::from_secs(90), serves), "the new host is not served");
        assert_eq!(self.setting(), "second");

        let ((), counts) = during(self, &loads(), || {
            let answer = self.helm(&["rollback", "proof", "1", "--namespace=proof"]);
            assert!(answer.succeeded, "{}", answer.stderr);
            self.is_ready();
            self.has_settled();
        });
        assert_eq!(changed(&second, &pods()), ["web", "mounts", "gateway-lan"]);
        measured("rollback-failed", failures(&counts) as f64);
        assert_eq!(self.setting(), "first");
    }

    fn setting(&self) -> String {
        let asked = || self.client.get(virtual_ip(443), "web.example.com", &["GET /"]);
        self.machines.within("client", asked).unwrap().got("setting").unwrap().to_owned()
    }

    fn a_service_that_is_gone_costs_itself_alone(&self) {
        let before = self.pods("gateway-lan");
        self.machines.asked(&["--namespace=proof", "delete", "service", "echo"]);
        self.machines.asked(&["--namespace=proof", "scale", "deployment", "guarded", "--replicas=0"]);
        let status = |host: &str| {
            let asked = || self.client.get(virtual_ip(443), host, &["GET /"]);
            self.machines.within("client", asked).map_or(0, |answer| answer.status)
        };
        for host in ["echo.example.com", "slow.example.com"] {
            let is_gone = || [502, 503].contains(&status(host));
            assert!(becomes_true(Duration::from_secs(60), is_gone), "{host}: {}", status(host));
        }
        assert_eq!((status("web.example.com"), status("reader.example.com")), (200, 200));
        // Nginx starts as well when a service is not there.
        self.machines.asked(&["--namespace=proof", "rollout", "restart", "daemonset/gateway-lan"]);
        self.is_ready_but(&["guarded"]);
        assert_eq!(status("web.example.com"), 200);
        assert!([502, 503].contains(&status("echo.example.com")));
        assert_ne!(before, self.pods("gateway-lan"));
        self.machines.asked(&["--namespace=proof", "scale", "deployment", "guarded", "--replicas=1"]);
        self.upgrade();
        self.is_ready();
        let is_back = || ["echo.example.com", "slow.example.com"].iter().all(|host| status(host) == 200);
        assert!(becomes_true(Duration::from_secs(60), is_back), "the services are not back");
    }

    fn is_removed_and_finds_its_data(&self) {
        let kept = ["persistentvolumeclaims", "persistentvolumes"];
        let names = |kind: &str| self.machines.asked(&["get", kind, "--all-namespaces", "--output=name"]);
        let before = kept.map(names);
        let answer = self.helm(&["uninstall", "proof", "--namespace=proof", "--wait"]);
        assert!(answer.succeeded, "{}", answer.stderr);
        let pods = || self.machines.asked(&["get", "pods", "--namespace=proof", "--output=name"]);
        assert!(becomes_true(Duration::from_secs(90), || pods().is_empty()), "left: {}", pods());
        assert_eq!(kept.map(names), before);
        self.upgrade();
        self.is_ready();
        let starts = std::fs::read_to_string(self.machines.path("node1/lib/ledger/starts")).unwrap();
        assert!(starts.lines().count() >= 2, "{starts}");
        let written = std::fs::read_to_string(self.machines.path("shared/files/written")).unwrap();
        let writers: std::collections::BTreeSet<&str> =
            written.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert!(writers.len() >= 2, "{writers:?}");
        self.has_certificates();
    }

    /// Waits until nothing is on its way out.
    fn has_settled(&self) {
        let leaving = || {
            let pods = self.machines.get(&["--namespace=proof", "pods"]);
            let mut pods = pods["items"].as_array().unwrap().clone();
            pods.retain(|pod| !pod["metadata"]["deletionTimestamp"].is_null());
            pods.len()
        };
        assert!(becomes_true(Duration::from_secs(180), || leaving() == 0), "pods do not end");
    }
}

fn failures(counts: &[Count]) -> usize {
    counts.iter().map(|count| count.failed.len()).sum()
}

/// New connections and kept ones with a request under way, to services of two pods.
fn loads() -> [Load<'static>; 5] {
    let new = Load {
        name: "new connections to web",
        address: virtual_ip(443),
        host: "web.example.com",
        path: "/",
        kept: false,
        pause: Duration::from_millis(10),
        timeout: TIMEOUT,
    };
    let kept = Load { name: "kept connection to web", path: "/slow", kept: true, pause: Duration::ZERO, ..new };
    [new, Load { name: "new connections to reader", host: "reader.example.com", ..new }, kept, kept, kept]
}
