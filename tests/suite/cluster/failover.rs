//! A node whose cable is pulled, and a node without power: what answers again, when, and who writes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use super::client;
use super::figures::measured;
use super::is_long;
use super::load::Load;
use super::load::during;
use super::machines::becomes_true;
use super::site::NODES;
use super::site::Site;
use super::site::virtual_ip;

/// Kubernetes' grace for a silent node is 50 s, our toleration 30 s; the rest is the start.
const REPLACED_WITHIN: Duration = Duration::from_secs(150);

#[test]
fn services_outlive_a_cable_and_a_node() {
    if !is_long() {
        return;
    }
    let Some(site) = Site::install("helm4") else { return };
    site.outlives_a_cable();
    site.outlives_a_node();
}

impl Site {
    fn outlives_a_cable(&self) {
        let node = self.announcer();
        self.bring("coredns", "kube-system", node);
        self.bring("writer", "proof", node);
        let old = self.pods("writer").into_keys().next().unwrap();
        let loads = [web(), Load { name: "reader", host: "reader.example.com", ..web() }];
        let (lookups, counts) = during(self, &loads, || {
            self.machines.turn("cut", &format!("node{node}"));
            let lookups = self.look_up_from_the_others(node);
            self.is_written_by_another(&old);
            lookups
        });
        for (name, count) in ["cable-https", "cable-service"].iter().zip(&counts) {
            measured(name, count.longest_gap.as_secs_f64());
        }
        let worst = lookups.iter().map(|lookup| lookup.unwrap_or(Duration::MAX)).max().unwrap();
        measured("cable-lookups-failed", lookups.iter().filter(|lookup| lookup.is_none()).count() as f64);
        measured("cable-lookups-worst", worst.as_secs_f64());
        self.machines.turn("plug", &format!("node{node}"));
        self.is_ready();
        let both = self.overlap();
        println!("behind the cable the old writer wrote on, {both:.1} s beside the new one, as documented: not fenced");
        self.only_one_writes();
    }

    fn outlives_a_node(&self) {
        let old = self.pods("writer").into_keys().next().unwrap();
        let node = self.node_of(&old);
        self.machines.turn("stop", &format!("node{node}"));
        self.is_written_by_another(&old);
        let ends = self.writers();
        let first_of_others = ends.iter().filter(|(name, _)| **name != old).map(|(_, (_, last))| *last).max().unwrap();
        let (_, last_of_old) = ends[&old];
        let new = self.pods("writer").into_keys().find(|name| *name != old && ends.contains_key(name)).unwrap();
        let away = (ends[&new].0 - last_of_old) as f64 / 1000.0;
        assert!(first_of_others > last_of_old && away > 0.0, "two wrote at once: {ends:?}");
        measured("node-writer", away);
        self.machines.turn("start", &format!("node{node}"));
        self.is_ready();
        self.only_one_writes();
        // Its own disk is as it was: the instance of this node has started a second time.
        let starts = self.machines.path(&format!("node{node}/lib/ledger/starts"));
        let starts = std::fs::read_to_string(starts).unwrap();
        assert_eq!(starts, format!("ledger-k3s-server{node}\n").repeat(2));
    }

    /// The number of the node that has the virtual IP: whose hardware address answers for it.
    pub fn announcer(&self) -> usize {
        self.machines.within("client", || client::get(virtual_ip(80), "web.example.com", &["GET /"])).unwrap();
        let found = self.machines.exec("client", &["ip", "neighbour", "show", "192.168.56.240"], "").stdout;
        let has = |node: &usize| {
            let link = self.machines.exec(&format!("node{node}"), &["ip", "-o", "link", "show", "eth1"], "").stdout;
            let address = link.split("link/ether ").nth(1).unwrap().split(' ').next().unwrap();
            found.contains(address)
        };
        (1..=NODES).find(has).unwrap_or_else(|| panic!("nobody answers for it: {found}"))
    }

    /// Has the pod of a Deployment with one run on a node.
    fn bring(&self, name: &str, namespace: &str, node: usize) {
        let others: Vec<String> =
            (1..=NODES).filter(|other| *other != node).map(|it| format!("k3s-server{it}")).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let namespace = format!("--namespace={namespace}");
        self.machines.asked(&[&["cordon"], &others[..]].concat());
        self.machines.asked(&["rollout", "restart", &namespace, &format!("deployment/{name}")]);
        self.machines.asked(&["rollout", "status", &namespace, "--timeout=90s", &format!("deployment/{name}")]);
        self.machines.asked(&[&["uncordon"], &others[..]].concat());
    }

    fn node_of(&self, pod: &str) -> usize {
        self.pods("writer")[pod].trim_start_matches("k3s-server").parse().unwrap()
    }

    /// 200 lookups within a minute by pods on the other nodes: how long each took, or that it failed.
    fn look_up_from_the_others(&self, node: usize) -> Vec<Option<Duration>> {
        let pods = self.machines.get(&["--namespace=proof", "pods", "--selector=app.kubernetes.io/part-of=proof"]);
        let lost = format!("k3s-server{node}");
        let alive = pods["items"].as_array().unwrap().iter().filter(|pod| pod["spec"]["nodeName"] != lost.as_str());
        let serving = alive.filter(|pod| {
            let labels = &pod["metadata"]["labels"]["app.kubernetes.io/name"];
            ["web", "reader", "ledger"].iter().any(|name| labels == name)
        });
        let addresses: Vec<SocketAddr> = serving
            .filter_map(|pod| pod["status"]["podIP"].as_str())
            .map(|address| SocketAddr::new(address.parse().unwrap(), 8080))
            .collect();
        assert!(!addresses.is_empty());
        let names = ["echo", "reader", "web.example.com", "guarded.proof.svc.cluster.local", "ledger-headless"];
        let start = Instant::now();
        self.machines.within("control", || {
            let lookup = |turn: usize| {
                let begun = Instant::now();
                let path = format!("GET /lookup?name={}", names[turn % names.len()]);
                let answer = client::get(addresses[turn % addresses.len()], "localhost", &[&path]);
                let taken = begun.elapsed();
                let until = Duration::from_millis(300 * (turn as u64 + 1));
                thread::sleep(until.saturating_sub(start.elapsed()));
                answer.is_ok_and(|answer| answer.status == 200).then_some(taken)
            };
            (0..200).map(lookup).collect()
        })
    }

    fn is_written_by_another(&self, old: &str) {
        let before = self.writers();
        let new = || self.writers().keys().any(|name| name != old && !before.contains_key(name));
        let pods = || self.machines.asked(&["get", "pods", "--all-namespaces", "--output=wide"]);
        assert!(becomes_true(REPLACED_WITHIN, new), "nobody writes in place of {old}:\n{}", pods());
    }

    /// The first and the last time of each writer, in milliseconds, from what is on the volume.
    fn writers(&self) -> BTreeMap<String, (i64, i64)> {
        let text = std::fs::read_to_string(self.machines.path("shared/files/written")).unwrap();
        let mut writers = BTreeMap::new();
        for (name, time) in text.lines().filter_map(|line| line.split_once(' ')) {
            let time = time.parse().unwrap();
            writers.entry(name.to_owned()).or_insert((time, time)).1 = time;
        }
        writers
    }

    /// The seconds during which the last two writers wrote both.
    fn overlap(&self) -> f64 {
        let mut times: Vec<(i64, i64)> = self.writers().into_values().collect();
        times.sort_unstable();
        let [.., (_, end_of_old), (start_of_new, _)] = times[..] else { panic!("{times:?}") };
        (end_of_old - start_of_new).max(0) as f64 / 1000.0
    }

    fn only_one_writes(&self) {
        let now = || {
            let before = self.writers();
            thread::sleep(Duration::from_secs(2));
            self.writers().iter().filter(|(name, times)| before.get(*name) != Some(times)).count()
        };
        assert!(becomes_true(Duration::from_secs(60), || now() == 1), "{:?}", self.writers());
    }
}

fn web() -> Load<'static> {
    Load {
        name: "web",
        address: virtual_ip(443),
        host: "web.example.com",
        path: "/",
        kept: false,
        pause: Duration::from_millis(50),
        // A request that hangs makes the time away look longer by as much.
        timeout: Duration::from_secs(1),
    }
}
