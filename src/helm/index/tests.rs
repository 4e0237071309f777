//! Indexes that Helm and others write, and what must not be lost of them.

use super::*;
use crate::helm::ChartTree;

const OTHERS: &str = "\
apiVersion: v1
annotations:
  \"on\": \"1.10\"
entries:
  zeta:
  - apiVersion: v1
    appVersion: 1.10
    created: 2016-10-06T16:23:20.499814565-06:00
    digest: sha256:ABC
    name: zeta
    odd: {key: [1, null]}
    urls:
    - https://example.com/zeta-0.1.0.tgz
    version: not a version
  - null
  alpha:
  nothing: []
generated: 2016-10-06T16:23:20.499029981-06:00
serverInfo: {}
";

fn chart(name: &str, version: &str) -> ChartYaml {
    let mut tree = ChartTree::new(name);
    tree.insert("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\n"));
    ChartYaml::read(&tree).unwrap()
}

fn location(url: &str) -> Location {
    Location { url: url.to_owned(), created: timestamp(0), digest: "d".repeat(64) }
}

fn versions(index: &Index, name: &str) -> Vec<String> {
    index.versions().filter(|(chart, _)| *chart == name).map(|(_, entry)| version_of(entry)).collect()
}

#[test]
fn a_new_index_is_what_helm_writes() {
    let mut index = Index::default();
    index.put(vec![(chart("photos", "1.0.0"), location("photos-1.0.0.tgz"))]);
    let expect = "apiVersion: v1\nentries:\n  photos:\n  - apiVersion: v2\n    created: \"1970-01-01T00:00:00Z\"\n    \
                  digest: dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\n    name: photos\n    urls:\n    \
                  - photos-1.0.0.tgz\n    version: \"1.0.0\"\ngenerated: \"1970-01-01T00:00:01Z\"\n";
    let text = index.write(&timestamp(1));
    assert_eq!(text, expect);
    assert_eq!(Index::read(text.into_bytes()).unwrap(), index);
}

#[test]
fn what_others_wrote_is_kept() {
    let before = read_yaml(OTHERS.into()).unwrap();
    for json in [false, true] {
        let bytes = if json { before.to_string().into_bytes() } else { OTHERS.as_bytes().to_vec() };
        let mut index = Index::read(bytes).unwrap();
        index.put(vec![(chart("mine", "1.0.0"), location("mine-1.0.0.tgz"))]);
        let text = index.write("now");
        assert_eq!(text.starts_with('{'), json, "{text}");
        let mut after = read_yaml(text.into_bytes()).unwrap();
        assert_eq!(after["entries"].as_object_mut().unwrap().remove("mine").unwrap()[0]["name"], "mine");
        for key in ["annotations", "serverInfo", "apiVersion", "entries"] {
            assert_eq!(after[key], before[key], "{key}");
        }
    }
}

#[test]
fn versions_are_sorted_newest_first() {
    let mut index = Index::read(OTHERS.into()).unwrap();
    for version in ["1.9.0", "1.10.0-rc.1", "1.10.0", "v2", "1.10.0"] {
        index.put(vec![(chart("zeta", version), location("u"))]);
    }
    assert_eq!(versions(&index, "zeta"), ["v2", "1.10.0", "1.10.0-rc.1", "1.9.0", "not a version"]);
    assert_eq!(index.get("zeta", "1.10.0").and_then(url_of), Some("u"));
    assert_eq!(index.get("zeta", "not a version").and_then(digest_of).as_deref(), Some("abc"));
    assert!(index.get("zeta", "1.10").is_none() && index.get("alpha", "1").is_none());
    index.remove(|_, entry| version_of(entry).starts_with("1."));
    assert_eq!(versions(&index, "zeta"), ["v2", "not a version"]);
    index.put(vec![(chart("alpha", "1.0.0"), location("u"))]);
    assert_eq!(versions(&index, "alpha"), ["1.0.0"]);
    index.remove(|name, _| name == "alpha");
    assert!(!index.write("now").contains("alpha"));
}

#[test]
fn what_helm_cannot_read_is_refused() {
    let check = |text: &str, expect: &str| {
        assert_eq!(Index::read(text.as_bytes().to_vec()).unwrap_err().to_string(), expect, "{text}");
    };
    check("", "expected `v1` at `apiVersion`");
    check("[]", "expected a map at the top");
    check("- a", "line 1: expected a map at the top, found a list");
    check("entries: {}", "expected `v1` at `apiVersion`");
    check("apiVersion: v2", "expected `v1` at `apiVersion`");
    check("apiVersion: v1\nentries: []\n", "expected a map of charts at `entries`");
    check("apiVersion: v1\nentries: {a: {b: c}}\n", "expected a list of versions at `entries.a`");
    check("apiVersion: v1\nentries: {a: [b]}\n", "expected a list of versions at `entries.a`");
    check(
        "apiVersion: v1\nentries: {}\nentries: {}\n",
        "line 3: the key `entries` is written a second time in this map",
    );
    assert!(Index::read(b"apiVersion: v1\nentries: {a".to_vec()).is_err());
    assert!(Index::read(b"\xff".to_vec()).is_err());
    assert!(Index::read(vec![b'['; 1 << 20]).is_err());
}
