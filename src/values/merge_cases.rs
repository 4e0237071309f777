//! How values files merge, as cases: what `helm ha explain merge` prints is what the test runs.

use std::fmt::Write;

/// One case: files in the order in which they are given, and what they are together.
pub struct Case {
    pub rule: &'static str,
    pub files: &'static [&'static str],
    pub result: &'static str,
}

/// Every rule of merging, by example.
pub const CASES: &[Case] = &[
    Case {
        rule: "maps merge key by key, the later file wins",
        files: &["volumes: { media: { size: 1Ti } }", "volumes: { books: { size: 10Gi }, media: { size: 2Ti } }"],
        result: "volumes: { media: { size: 2Ti }, books: { size: 10Gi } }",
    },
    Case {
        rule: "lists are replaced whole: to add one device, repeat the list",
        files: &["nodes: { a: { devices: [/dev/disk/by-id/x] } }", "nodes: { a: { devices: [/dev/disk/by-id/y] } }"],
        result: "nodes: { a: { devices: [/dev/disk/by-id/y] } }",
    },
    Case {
        rule: "`null` deletes",
        files: &["services: { web: { replicas: 2, image: a:1 } }", "services: { web: { replicas: null } }"],
        result: "services: { web: { image: a:1 } }",
    },
    Case {
        rule: "`null` deletes a whole service",
        files: &["services: { web: { image: a:1 }, db: { image: b:1 } }", "services: { db: null }"],
        result: "services: { web: { image: a:1 } }",
    },
    Case {
        rule: "short forms are expanded first: a port in two spellings is one port",
        files: &[
            "services: { dns: { ports: { dns: 53 } } }",
            "services: { dns: { ports: { dns: { protocol: [UDP] } } } }",
        ],
        result: "services: { dns: { ports: { dns: { port: 53, protocol: [UDP] } } } }",
    },
    Case {
        rule: "a mount of another kind replaces the old one instead of mixing with it",
        files: &[
            "services: { web: { mounts: { /data: { volume: media, readOnly: true } } } }",
            "services: { web: { mounts: { /data: { claim: 5Gi } } } }",
        ],
        result: "services: { web: { mounts: { /data: { claim: 5Gi } } } }",
    },
    Case {
        rule: "keys that name no kind change the one there",
        files: &[
            "services: { web: { mounts: { /data: { volume: media } } } }",
            "services: { web: { mounts: { /data: { readOnly: true } } } }",
        ],
        result: "services: { web: { mounts: { /data: { volume: media, readOnly: true } } } }",
    },
    Case {
        rule: "`env` keeps the text that was written, and `null` takes a variable out",
        files: &["services: { web: { env: { A: 1.10, B: 0755, C: yes } } }", "services: { web: { env: { C: null } } }"],
        result: "services: { web: { env: { A: \"1.10\", B: \"0755\" } } }",
    },
    Case {
        rule: "an env value of another kind replaces the old one",
        files: &["services: { web: { env: { A: x } } }", "services: { web: { env: { A: { secret: s, key: k } } } }"],
        result: "services: { web: { env: { A: { secret: s, key: k } } } }",
    },
    Case {
        rule: "`defaults` lie under every service, which wins",
        files: &[
            "defaults: { env: { LOG: info, X: y } }\nservices: { web: { image: a:1, env: { LOG: debug, X: null } } }",
        ],
        result: "services: { web: { image: a:1, env: { LOG: debug } } }",
    },
    Case {
        rule: "`probe` is liveness and readiness, which an overlay may change one by one",
        files: &[
            "services: { web: { probe: { http: /up } } }",
            "services: { web: { probes: { liveness: { tcp: http } } } }",
        ],
        result: "services: { web: { probes: { liveness: { tcp: http }, readiness: { http: /up } } } }",
    },
    Case {
        rule: "a list of `via` is a map of ways, so that an overlay adds one",
        files: &[
            "services: { web: { routes: { web: { port: http, via: [lan] } } } }",
            "services: { web: { routes: { web: { via: { tunnel: { auth: null } } } } } }",
        ],
        result: "services: { web: { routes: { web: { port: http, via: { lan: {}, tunnel: { auth: false } } } } } }",
    },
    Case {
        rule: "an issuer of another kind keeps `default`",
        files: &[
            "certificates: { issuers: { main: { default: true, ca: {} } } }",
            "certificates: { issuers: { main: { existing: { kind: Issuer, name: corp } } } }",
        ],
        result: "certificates: { issuers: { main: { default: true, existing: { kind: Issuer, name: corp } } } }",
    },
    Case {
        rule: "top-level `x-` keys hold anchors and go",
        files: &["x-small: &small { memory: 64Mi }\nservices: { web: { resources: { requests: *small } } }"],
        result: "services: { web: { resources: { requests: { memory: 64Mi } } } }",
    },
];

/// The cases as text.
pub fn table() -> String {
    let mut text = String::from(
        "How values files merge: each is laid over those before it. Anything that an overlay may add to is a map by name.\n",
    );
    for case in CASES {
        _ = writeln!(text, "\n{}", case.rule);
        for (number, file) in (1..).zip(case.files) {
            for line in file.lines() {
                _ = writeln!(text, "  file {number}:   {line}");
            }
        }
        for line in case.result.lines() {
            _ = writeln!(text, "  together: {line}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::CASES;
    use crate::source::Sources;
    use crate::values::Document;
    use crate::values::short_forms::expand;
    use crate::yaml::read;

    fn merged(files: &[&str]) -> serde_json::Value {
        let mut sources = Sources::default();
        let ids: Vec<_> = files.iter().map(|file| sources.add("f", *file)).collect();
        let nodes = ids.into_iter().map(|id| {
            let mut node = read(&sources, id).node.unwrap();
            expand(&mut node, &sources);
            node
        });
        let mut together = Document::merged(nodes.collect()).to_json();
        // They have been laid under the services.
        together.as_object_mut().unwrap().remove("defaults");
        together
    }

    #[test]
    fn every_case_gives_its_result() {
        for case in CASES {
            assert_eq!(merged(case.files), merged(&[case.result]), "{}", case.rule);
        }
        assert!(CASES.len() >= 10);
    }
}
