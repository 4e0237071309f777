//! The values of a cluster in; the files that a person may have written them in.

use helm_ha::source::Sources;
use helm_ha::values::attachments::Kind;
use helm_ha::values::attachments::Wanted;
use helm_ha::yaml;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::generated::tape::Tape;

/// How a cluster is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Yaml,
    Json,
    /// A file, and another one laid over it.
    Overlay,
}

pub fn write(tape: &mut Tape, values: &Value) -> (Written, Sources) {
    let mut sources = Sources::default();
    match tape.below(4) {
        0 | 1 => {
            sources.add("cluster.yaml", yaml::write_json(values));
            (Written::Yaml, sources)
        }
        2 => {
            // JSON may hold it as it is, YAML may not.
            sources.add("cluster.json", format!("{values:#}\n").replace('\u{7f}', "\\u007f"));
            (Written::Json, sources)
        }
        _ => {
            let (base, overlay) = split(tape, values);
            sources.add("base.yaml", yaml::write_json(&base));
            sources.add("overlay.yaml", yaml::write_json(&overlay));
            (Written::Overlay, sources)
        }
    }
}

/// Two files that merge to these values: keys of services in the second one, entries of the first replaced and deleted.
fn split(tape: &mut Tape, values: &Value) -> (Value, Value) {
    let mut base = values.clone();
    base["version"] = json!("0.0.1");
    base["services"]["gone"] = json!({ "image": "docker.io/example/gone:1", "ports": { "http": 80 } });
    let mut services = Map::new();
    for (name, service) in values["services"].as_object().unwrap() {
        let mut over = json!({});
        let keys: Vec<&String> = service.as_object().unwrap().keys().collect();
        for _ in 0..tape.below(3) {
            let key = *tape.one(&keys);
            over[key] = service[key].clone();
            base["services"][name].as_object_mut().unwrap().remove(key);
        }
        if let Some((path, mount)) = service["mounts"].as_object().and_then(|mounts| mounts.iter().next())
            && over.get("mounts").is_none()
            && tape.chance(60)
        {
            over["mounts"] = json!({ path: mount });
            // A mount of the same kind is changed key by key, one of another kind is replaced.
            base["services"][name]["mounts"][path] = match mount.get("scratch") {
                Some(_) => json!({ "scratch": "1Mi" }),
                None => json!({ "scratch": "1Mi", "memory": true }),
            };
        }
        if over.get("env").is_none() && tape.chance(40) {
            over["env"] = json!({ "GONE": null });
            base["services"][name]["env"]["GONE"] = json!("1");
        }
        services.insert(name.clone(), over);
    }
    services.insert("gone".to_owned(), Value::Null);
    (base, json!({ "version": values["version"], "services": services }))
}

/// What lies beside every generated file.
pub fn attach(_: &str, wanted: &Wanted) -> Result<Vec<(String, Vec<u8>)>, String> {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    Ok(match wanted.kind {
        Kind::File => vec![file("app.conf", "a = \"{{ b }}\"\n\n  c\n")],
        Kind::Folder => vec![file("one.conf", ""), file("two_2.conf", "---\na: 1")],
    })
}
