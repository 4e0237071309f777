//! Our index and Helm's own agree entry by entry; what others wrote stays; indexes of real size are quick.

use std::fs;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::archive;
use super::publish;
use super::read;
use crate::oracle::Oracle;
use crate::oracle::answer;
use crate::oracle::helms;
use crate::program::Folder;
use crate::program::snapshot;

/// What people write into `Chart.yaml`, each in another form; the placeholder is the number.
const CHARTS: &[&str] = &[
    "apiVersion: v2\nname: plain\nversion: 1.NUMBER.0\nappVersion: 1.0\n",
    "apiVersion: v2\nname: plain\nversion: 1.0.0-rc.NUMBER\nappVersion: 1e10\ntype: library\ndeprecated: true\n",
    "apiVersion: v2\nname: numbers\nversion: 2.NUMBER5\nappVersion: 0755\nkeywords: [on, 1_000, 1.50]\n",
    "name: old\nversion: v0.NUMBER.1\ntillerVersion: \">=2\"\nengine: gotpl\n",
    "apiVersion: v1\nname: odd-NUMBER\nversion: 0.0.1+build.NUMBER\ndescription: \"two\\nlines\\tand a tab\"\nmore: {a: 1}\n",
    "apiVersion: v2\nname: full\nversion: 10.NUMBER.0\nhome: https://example.com\nicon: https://example.com/a.png\n\
     sources: [https://example.com/a, https://example.com/b]\nmaintainers: [{name: A, email: a@example.com, phone: 1}]\n\
     kubeVersion: \">=1.34.0-0\"\nannotations: {\"a.b/c\": true, d: \"1.0\"}\n\
     dependencies: [{name: a, version: 1.0.0, condition: a.enabled, tags: [x], import-values: [data, {child: a, parent: b}]}]\n",
];

/// Archives as GNU tar makes them, which has folders in it and another order than ours.
fn charts(folder: &Folder, count: usize) {
    for number in 0..count {
        let text = CHARTS[number % CHARTS.len()].replace("NUMBER", &number.to_string());
        let place = if number % 7 == 3 { "repo/deep" } else { "repo" };
        folder.write("work/chart/Chart.yaml", text);
        folder.write("work/chart/templates/a.yaml", "{}");
        if number % 4 == 3 && number % 6 != 5 {
            folder.write(
                "work/chart/requirements.yaml",
                "dependencies:\n- {name: b, version: 2, repository: file://b}\n",
            );
        }
        fs::create_dir_all(folder.path(place)).unwrap();
        let target = folder.path(&format!("{place}/chart-{number}.tgz"));
        let tar =
            ["-C", folder.path("work").to_str().unwrap(), "-czf", target.to_str().unwrap(), "chart"].map(str::to_owned);
        assert!(std::process::Command::new("tar").args(tar).status().unwrap().success());
        fs::remove_dir_all(folder.path("work")).unwrap();
    }
    folder.write("repo/notes.tgz.txt", "no archive");
}

/// The entries without the time at which each was made.
fn entries(yaml: &Oracle, text: &str) -> Value {
    let mut entries = yaml.documents(text).remove(0)["entries"].take();
    for versions in entries.as_object_mut().unwrap().values_mut() {
        for version in versions.as_array_mut().unwrap() {
            version.as_object_mut().unwrap().remove("created");
        }
    }
    entries
}

/// Fails with the first version that is not the same.
fn same(ours: &Value, theirs: &Value, context: &str) {
    let charts = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(charts(ours), charts(theirs), "{context}");
    for name in charts(ours) {
        let (ours, theirs) = (ours[&name].as_array().unwrap(), theirs[&name].as_array().unwrap());
        assert_eq!(ours.len(), theirs.len(), "{context}: {name}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours, theirs, "{context}: {name}");
        }
    }
}

#[test]
fn our_index_is_that_of_both_helms() {
    let Some((helms, yaml)) = helms() else { return };
    let folder = Folder::new(&[]);
    charts(&folder, 40);
    let others = "apiVersion: v1\nentries:\n  theirs:\n  - {apiVersion: v2, name: theirs, version: 0.1.0, created: 2020-01-01T00:00:00Z, \
                  urls: [https://example.com/theirs-0.1.0.tgz], digest: abc}\n  full:\n  - {apiVersion: v2, name: full, version: 11.0.0, \
                  created: 2020-01-01T00:00:00Z, urls: [https://example.com/f.tgz]}\ngenerated: 2020-01-01T00:00:00Z\n";
    folder.write("others.yaml", others);
    for url in [&[][..], &["--url", "https://charts.example.com/stable"]] {
        folder.write("repo/index.yaml", others);
        let said = folder.run(&[&["index", "repo"], url].concat(), &[("SOURCE_DATE_EPOCH", "1")], b"");
        assert_eq!(said.code, Some(0), "{said}");
        let ours = read(&folder.path("repo/index.yaml"));
        assert!(ours.contains("\"1970-01-01T00:00:01Z\"") && ours.contains("2020-01-01T00:00:00Z"), "{ours}");
        for helm in &helms {
            let home = tempfile::tempdir().unwrap();
            let merge = ["repo", "index", "repo", "--merge", "others.yaml"];
            let said = answer(helm.command(home.path()).current_dir(folder.path("")).args(merge).args(url), "");
            assert!(said.succeeded, "{}", said.stderr);
            let theirs = read(&folder.path("repo/index.yaml"));
            same(&entries(&yaml, &ours), &entries(&yaml, &theirs), &format!("{} {url:?}", helm.name));
            // What Helm wrote is true for us, and the other way round nothing changes but the times.
            let said = folder.run(&[&["index", "repo", "--check"], url].concat(), &[], b"");
            assert_eq!(said.code, Some(0), "{said}");
        }
    }
}

#[test]
fn the_index_follows_the_folder() {
    let folder = Folder::new(&[]);
    folder.write("repo/a-1.0.0.tgz", archive("a", "1.0.0", "x"));
    folder.write("repo/deep/b-1.0.0.tgz", archive("b", "1.0.0", "x"));
    let mut text = String::new();
    let mut run = |line: &str, seconds: &str| {
        let arguments: Vec<&str> = line.split(' ').skip(2).collect();
        let said = folder.run(&arguments, &[("SOURCE_DATE_EPOCH", seconds)], b"");
        text += &format!("$ {line}\n{said}\n");
    };
    run("helm ha index repo --check", "0");
    run("helm ha index repo", "0");
    run("helm ha index repo", "1");
    folder.write("repo/a-1.0.0.tgz", archive("a", "1.0.0", "y"));
    folder.write("repo/a-1.1.0.tgz", archive("a", "1.1.0", "x"));
    fs::remove_file(folder.path("repo/deep/b-1.0.0.tgz")).unwrap();
    run("helm ha index repo --check", "2");
    run("helm ha index repo --output json", "2");
    run("helm ha index repo --url https://example.com/charts", "3");
    run("helm ha index missing", "3");
    run("helm ha index repo --url example.com", "3");
    text += &read(&folder.path("repo/index.yaml"));
    snapshot("publish/index.txt", &text);
    assert!(!folder.path("missing").exists());
}

/// As large as those of public repositories, and odd in every way that Helm reads over.
#[test]
fn ten_thousand_versions_of_others_are_kept() {
    let folder = Folder::new(&[]);
    let odd = json!({
        "nothing": null, "none": [], "null": [null], "bare": [{}],
        "strange": [{ "version": "not one", "x-more": { "on": [1, 2.5, "0755", "", "a: b\n\n", "\u{1f600}", null] } }],
        "old": [{ "name": "old", "version": "v1", "checksum": "a", "engine": "gotpl", "url": "u", "tillerVersion": ">2" }],
    });
    let mut entries = odd.as_object().unwrap().clone();
    for chart in 0..500 {
        let version = |patch: usize| {
            json!({
                "apiVersion": "v2", "name": format!("chart-{chart}"), "version": format!("1.{patch}.0"), "appVersion": "1.10",
                "created": "2020-01-01T00:00:00.123456789Z", "digest": "a".repeat(64), "type": "application",
                "description": "A chart as they are: with text, \"quotes\" and a colon.", "home": "https://example.com",
                "keywords": ["one", "yes", "3"], "maintainers": [{ "email": "a@example.com", "name": "A" }],
                "sources": ["https://example.com/source"], "urls": [format!("https://example.com/chart-{chart}-1.{patch}.0.tgz")],
                "annotations": { "category": "x", "images": "- image: docker.io/a/b:1\n  name: b\n" },
            })
        };
        entries.insert(format!("chart-{chart}"), (0..20).rev().map(version).collect());
    }
    let index = json!({ "apiVersion": "v1", "entries": entries, "generated": "2020-01-01T00:00:00Z", "x-unknown": 1 });
    let yaml = helm_ha_yaml(&index);
    println!("an index of {} bytes", yaml.len());
    folder.write("repo/index.yaml", &yaml);
    let start = Instant::now();
    let said = publish(&folder, "mine", "1.0.0", "x", &[]);
    println!("published in {:?}", start.elapsed());
    assert_eq!(said.code, Some(0), "{said}");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let Some((_, oracle)) = helms() else { return };
    let mut after = oracle.documents(&read(&folder.path("repo/index.yaml"))).remove(0);
    let mine = after["entries"].as_object_mut().unwrap().remove("mine").unwrap();
    assert_eq!(mine[0]["urls"], json!(["mine-1.0.0.tgz"]));
    assert!(after["generated"] != index["generated"]);
    after["generated"] = index["generated"].clone();
    assert!(after == index, "something was lost");
}

/// The text that the writer of the crate makes, with one more line of comment as people leave them.
fn helm_ha_yaml(value: &Value) -> String {
    format!("# our charts\n{}", helm_ha::yaml::write_json(value))
}
