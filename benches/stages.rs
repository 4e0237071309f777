//! How long the stages take for clusters of 10, 100 and 1,000 services: `cargo bench --bench stages`.

#![allow(clippy::expect_used, reason = "a bench that cannot go on says why and stops")]

mod cluster;

use divan::Bencher;
use helm_ha::pipeline;
use helm_ha::rules;
use helm_ha::rules::RULES;
use helm_ha::source::Sources;

fn main() {
    divan::main();
}

const SIZES: [usize; 3] = [10, 100, 1000];

fn checked(text: &str) -> pipeline::Checked {
    let mut sources = Sources::default();
    sources.add("bench.yaml", text);
    pipeline::check(&sources, &|_, _| Err("no files".to_owned()))
}

#[divan::bench(args = SIZES)]
fn check(bencher: Bencher, services: usize) {
    let text = cluster::values(services);
    bencher.bench(|| checked(&text));
}

#[divan::bench(args = SIZES)]
fn build(bencher: Bencher, services: usize) {
    let checked = checked(&cluster::values(services));
    let cluster = checked.cluster.expect("the values are right");
    bencher.bench(|| pipeline::build(&cluster, None));
}

#[divan::bench(args = SIZES)]
fn pack_and_verify(bencher: Bencher, services: usize) {
    let checked = checked(&cluster::values(services));
    let built =
        pipeline::build(&checked.cluster.expect("the values are right"), None).expect("the cluster can be built");
    bencher.bench(|| pipeline::pack(&built, 946_684_800));
}

#[divan::bench(args = SIZES)]
fn rules(bencher: Bencher, services: usize) {
    let checked = checked(&cluster::values(services));
    let cluster = checked.cluster.expect("the values are right");
    bencher.bench(|| {
        let mut findings = Vec::new();
        rules::check_cluster(RULES, &cluster, &mut findings);
        findings
    });
}
