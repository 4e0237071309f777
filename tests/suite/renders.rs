//! Every example and every good fixture: both Helms and our own reader render exactly the objects of the plan.

use helm_ha::generate::guide::install_line;
use serde_json::json;

use crate::change::Change;
use crate::change::applied;
use crate::change::changes;
use crate::change::mirrored;
use crate::change::switched_off;
use crate::change::values;
use crate::made::cases;
use crate::made::same;
use crate::oracle::helms;

#[test]
fn both_helms_render_the_objects_of_the_plan() {
    let tools = helms();
    for made in cases() {
        same(made.rendered(None), made.planned(), &format!("{}, own reader", made.name));
        let Some((helms, yaml)) = &tools else { continue };
        for helm in helms {
            let objects = made.rendered_by(helm, yaml, None);
            same(objects, made.planned(), &format!("{}, {}", made.name, helm.name));
        }
    }
}

#[test]
fn both_helms_lint_every_chart_without_a_warning() {
    let Some((helms, _)) = helms() else { return };
    for made in cases() {
        for helm in &helms {
            let answer = made.lint(helm);
            let text = answer.stdout + &answer.stderr;
            let silent = !["WARN", "ERROR", "warning"].iter().any(|word| text.contains(word));
            assert!(answer.succeeded && silent, "{} {}: {text}", made.name, helm.name);
        }
    }
}

/// All values at once, each service switched off, and a mirror with Secrets for everything.
#[test]
fn changed_values_change_what_they_say_in_both_helms() {
    let tools = helms();
    for made in cases() {
        let charts = &made.built.charts;
        let secrets = json!([{ "name": "all" }]);
        let all = changes(charts);
        let mirror = mirrored(charts, "mirror.test:5000/hub", &secrets);
        let kept: Vec<_> = charts.iter().filter(|chart| !chart.optional).cloned().collect();
        let runs = [
            (values(&all), applied(charts, &all.iter().collect::<Vec<_>>())),
            (switched_off(charts.iter().filter(|chart| chart.optional)), applied(&kept, &[])),
            (
                json!({ "global": { "imageRegistry": "mirror.test:5000/hub", "imagePullSecrets": secrets } }),
                applied(charts, &mirror.iter().collect::<Vec<_>>()),
            ),
        ];
        for (values, expected) in runs {
            same(made.rendered(Some(&values)), expected.clone(), &format!("{}, own reader, {values}", made.name));
            let Some((helms, yaml)) = &tools else { continue };
            for helm in helms {
                let objects = made.rendered_by(helm, yaml, Some(&values));
                same(objects, expected.clone(), &format!("{}, {}, {values}", made.name, helm.name));
            }
        }
    }
}

#[test]
fn every_value_alone_changes_what_it_says_and_nothing_else() {
    for made in cases() {
        let charts = &made.built.charts;
        let planned = made.planned();
        for change in &changes(charts) {
            let expected = applied(charts, &[change]);
            let Change { chart, key, value } = change;
            let context = format!("{}, {chart}.{} = {value}", made.name, key.join("."));
            assert!(expected != planned, "{context}: changes nothing");
            same(made.rendered(Some(&values([change]))), expected, &context);
        }
    }
}

#[test]
fn another_release_or_namespace_is_refused() {
    let Some((helms, _)) = helms() else { return };
    for made in cases() {
        let plan = &made.built.plan;
        let (name, namespace) = (plan.facts.name.as_str(), plan.facts.namespace.as_str());
        for helm in &helms {
            for (release, namespace) in [("other", namespace), (name, "default")] {
                let answer = made.template(helm, release, namespace);
                let refused = !answer.succeeded && answer.stdout.is_empty();
                let told = answer.stderr.contains(&install_line(plan));
                assert!(refused && told, "{} {release} {namespace}: {}", helm.name, answer.stderr);
            }
        }
    }
}
