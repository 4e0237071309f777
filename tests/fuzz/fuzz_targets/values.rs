//! Any bytes as a values file: no panic, and what passes the rules is built, packed and verified.

#![no_main]

use helm_ha::diagnostic::Place;
use helm_ha::diagnostic::Severity;
use helm_ha::pipeline;
use helm_ha::report::Advice;
use helm_ha::report::Report;
use helm_ha::report::Style;
use helm_ha::source::Sources;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    sources.add("fuzz.yaml", text);
    let checked = pipeline::check(&sources, &|_, wanted| Ok(vec![("file".to_owned(), wanted.relative.clone().into_bytes())]));
    let locate = |place: &Place| checked.document.locate(place);
    let report = Report::new(&sources, &checked.findings, &locate, Advice::Listed);
    assert!(!report.json().is_empty());
    _ = report.human(Style::default());
    let Some(cluster) = &checked.cluster else { return };
    let built = pipeline::build(cluster, None).expect("what is left of a cluster can be built");
    if checked.findings.iter().all(|finding| finding.severity != Severity::Error) {
        pipeline::pack(&built, 0).expect("what passes the rules is what was planned");
    }
});
