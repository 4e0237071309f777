//! What Helm 3 installs, and (`tests/run --long`) a power cut: every node and the control plane stop at once and start again, without a hand.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use super::figures::measured;
use super::is_long;
use super::machines::becomes_true;
use super::site::NODES;
use super::site::Site;
use super::site::virtual_ip;

#[test]
fn what_helm_3_installs_answers_and_does_so_again_after_a_power_cut() {
    let Some(site) = Site::install("helm3") else { return };
    site.answers_by_every_way_in("helm3");
    if !is_long() {
        return;
    }
    let places: Vec<String> = (1..=NODES).map(|node| format!("node{node}")).chain(["control".to_owned()]).collect();
    let turn = |verb: &str| {
        std::thread::scope(|scope| places.iter().for_each(|place| _ = scope.spawn(|| site.machines.turn(verb, place))));
    };
    turn("stop");
    assert!(!site.answers("web.example.com"));
    let start = Instant::now();
    turn("start");
    let all = ["web", "reader", "echo", "mounts", "ledger"].map(|host| format!("{host}.example.com"));
    let mut first = BTreeMap::new();
    let again = || {
        let answering = all.iter().filter(|host| site.answers(host));
        answering.for_each(|host| _ = first.entry(host).or_insert_with(|| start.elapsed().as_secs()));
        first.len() == all.len() && all.iter().all(|host| site.answers(host))
    };
    assert!(becomes_true(Duration::from_secs(300), again), "not back: {}", site.machines.logs());
    println!("after a power cut each host answered after so many seconds: {first:?}");
    measured("power", start.elapsed().as_secs_f64());
    // Their disks are as they were: each instance starts a second time.
    for node in 1..=NODES {
        let starts = || std::fs::read_to_string(site.machines.path(&format!("node{node}/lib/ledger/starts"))).unwrap();
        assert!(becomes_true(Duration::from_secs(180), || starts().lines().count() >= 2), "node{node}: {}", starts());
    }
    site.is_ready();
}

impl Site {
    fn answers(&self, host: &str) -> bool {
        let asked = || self.client.get(virtual_ip(443), host, &["GET /"]);
        self.machines.within("client", asked).is_ok_and(|answer| answer.status == 200)
    }
}
