//! Generated clusters: what passes the rules is taken by every later stage, and renders to the objects of the plan.
//!
//! `HELM_HA_CASES=N` sets how many there are, `HELM_HA_LONG=1` means ten times as many with another seed each time,
//! `HELM_HA_SEED=N` starts at the case that a failure has named.

mod cluster;
mod coverage;
mod files;
mod mounts;
mod mutation;
mod objects;
mod routes;
mod service;
mod tape;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Mutex;

use helm_ha::pipeline::Built;
use helm_ha::source::Sources;
use helm_ha::verify::render;
use helm_ha::yaml;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestError;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::change::applied;
use crate::change::changes;
use crate::change::values;
use crate::generated::coverage::Coverage;
use crate::generated::files::Written;
use crate::generated::files::attach;
use crate::generated::tape::Tape;
use crate::made::difference;
use crate::made::pack;
use crate::made::same;
use crate::made::try_build;
use crate::oracle::helms;

/// Clusters that our own reader renders; ten times as many files with mistakes are read.
const CASES: u64 = 2000;
/// Clusters that each Helm renders.
const PACKED: u64 = 50;
const THREADS: u64 = 2;
/// Numbers that the largest clusters take.
const TAPE: usize = 3000;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn long() -> bool {
    env::var("HELM_HA_LONG").is_ok_and(|long| long == "1")
}

fn cases() -> u64 {
    number("HELM_HA_CASES").unwrap_or(if long() { 10 * CASES } else { CASES })
}

/// The seed of the first case; the others follow.
fn first_seed() -> u64 {
    let clock = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() << 20;
    number("HELM_HA_SEED").unwrap_or_else(|| if long() { clock() } else { 1 })
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn numbers(length: usize) -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), length)
}

/// Runs cases on every core; the first that fails is told with its seed.
fn on_every_core(cases: u64, run: impl Fn(u64) -> Result<(), String> + Sync) {
    let first = first_seed();
    let failed: Mutex<Option<String>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (run, failed) = (&run, &failed);
            scope.spawn(move || {
                for seed in (first..first + cases).filter(|seed| seed % THREADS == thread) {
                    if failed.lock().unwrap().is_some() {
                        return;
                    }
                    if let Err(reason) = run(seed) {
                        failed.lock().unwrap().get_or_insert(format!("HELM_HA_SEED={seed} HELM_HA_CASES=1: {reason}"));
                    }
                }
            });
        }
    });
    if let Some(reason) = failed.into_inner().unwrap() {
        panic!("{reason}");
    }
}

/// One generated cluster.
struct Case {
    values: Value,
    written: Written,
    sources: Sources,
}

impl Case {
    fn new(numbers: &[u16]) -> Self {
        let tape = &mut Tape::new(numbers);
        let values = cluster::cluster(tape);
        let (written, sources) = files::write(tape, &values);
        Self { values, written, sources }
    }

    /// The same in one file.
    fn single(&self) -> Sources {
        let mut sources = Sources::default();
        sources.add("cluster.yaml", yaml::write_json(&self.values));
        sources
    }
}

fn texts(sources: &Sources) -> String {
    sources.iter().fold(String::new(), |mut all, (_, source)| {
        _ = write!(all, "# {}\n{}", source.name, source.text);
        all
    })
}

/// Why a chart does not render to its objects, by our own reader, with its own and with changed values.
fn disagreement(built: &Built) -> Option<String> {
    let rendered = |values: Option<&Value>| -> Result<Vec<Value>, String> {
        let objects = render(&built.tree, values).map_err(|error| error.to_string())?;
        Ok(objects.into_iter().map(|(_, object)| object.json().clone()).collect())
    };
    let changes = changes(&built.charts);
    for changes in [&changes[..0], &changes] {
        let expected = applied(&built.charts, &changes.iter().collect::<Vec<_>>());
        let values = (!changes.is_empty()).then(|| values(changes));
        let found = match rendered(values.as_ref()) {
            Ok(found) => found,
            Err(reason) => return Some(reason),
        };
        if let Some(difference) = difference(found, expected) {
            return Some(difference);
        }
    }
    None
}

#[test]
fn generated_clusters_render_to_their_objects() {
    let seen = Mutex::new((Coverage::default(), BTreeMap::<String, u64>::new()));
    on_every_core(cases(), |seed| {
        let outcome = runner(seed).run(&numbers(TAPE), |numbers| {
            let case = Case::new(&numbers);
            let fail = |reason: String| TestCaseError::fail(format!("{reason}\n{}", texts(&case.sources)));
            let built = match try_build(&case.sources, &attach).map_err(|bug| fail(bug.to_string()))? {
                Ok(built) => built,
                Err(findings) => {
                    let mut seen = seen.lock().unwrap();
                    findings
                        .iter()
                        .for_each(|it| *seen.1.entry(format!("{}: {}", it.code, it.message)).or_default() += 1);
                    *seen.1.entry("refused".to_owned()).or_default() += 1;
                    return Ok(());
                }
            };
            if let Some(reason) = disagreement(&built) {
                return Err(fail(reason));
            }
            if case.written != Written::Yaml {
                let single = try_build(&case.single(), &attach).map_err(|bug| fail(bug.to_string()))?;
                if single.ok().is_none_or(|single| single.tree != built.tree) {
                    return Err(fail("written in one YAML file, it is another chart".to_owned()));
                }
            }
            seen.lock().unwrap().0.add(Coverage::of(&case.values, case.written, &built));
            Ok(())
        });
        outcome.map_err(|error| match error {
            // The numbers of the tape say nothing to anybody.
            TestError::Fail(reason, _) => reason.to_string(),
            error => error.to_string(),
        })
    });
    let (coverage, refused) = seen.into_inner().unwrap();
    let count = refused.get("refused").copied().unwrap_or_default();
    eprintln!("{coverage}refused by the rules: {count} of {}", cases());
    assert!(count * 10 <= cases(), "the rules refuse too many: {refused:#?}");
    if cases() >= 200 {
        coverage.assert_complete();
    }
}

#[test]
fn both_helms_render_generated_clusters() {
    let Some((helms, yaml)) = helms() else { return };
    on_every_core(PACKED.min(cases()), |seed| {
        let mut runner = runner(seed);
        let case = Case::new(&numbers(TAPE).new_tree(&mut runner).unwrap().current());
        let Ok(built) = try_build(&case.sources, &attach).map_err(|bug| bug.to_string())? else { return Ok(()) };
        let run = || {
            let made = pack("generated", built);
            let changes = changes(&made.built.charts);
            let changed = applied(&made.built.charts, &changes.iter().collect::<Vec<_>>());
            for helm in &helms {
                same(made.rendered_by(helm, &yaml, None), made.planned(), helm.name);
                same(made.rendered_by(helm, &yaml, Some(&values(&changes))), changed.clone(), helm.name);
            }
        };
        catch_unwind(AssertUnwindSafe(run)).map_err(|_| texts(&case.sources))
    });
}

#[test]
fn files_with_mistakes_are_read_and_built_without_a_panic() {
    let examples = ["minimal", "homelab", "everything"]
        .map(|name| fs::read_to_string(format!("{}/examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"))).unwrap());
    let passed = Mutex::new(0_u64);
    on_every_core(10 * cases(), |seed| {
        let mut runner = runner(seed);
        // A small cluster, in the time of one.
        let numbers = numbers(300).new_tree(&mut runner).unwrap().current();
        let tape = &mut Tape::new(&numbers[..50]);
        let text = match tape.below(10) {
            0 => examples[2].clone(),
            1 | 2 => examples[1].clone(),
            3 | 4 => examples[0].clone(),
            _ => yaml::write_json(&cluster::cluster(&mut Tape::new(&numbers[50..]))),
        };
        let mut sources = Sources::default();
        sources.add("mistakes.yaml", mutation::mutate(tape, &text));
        let run = || match try_build(&sources, &attach) {
            Ok(Ok(built)) => {
                *passed.lock().unwrap() += 1;
                disagreement(&built).map_or(Ok(()), Err)
            }
            Ok(Err(_)) => Ok(()),
            Err(bug) => Err(bug.to_string()),
        };
        let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("a panic".to_owned()));
        outcome.map_err(|reason| format!("{reason}\n{}", texts(&sources)))
    });
    eprintln!("{} of {} files with mistakes pass the rules", passed.into_inner().unwrap(), 10 * cases());
}
