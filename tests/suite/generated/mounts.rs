//! Choices in; what the containers of a service mount.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::generated::cluster::World;
use crate::generated::service::Draft;
use crate::generated::service::Kind;
use crate::generated::tape::Tape;
use crate::sample::TEXTS;

/// The mounts of the main container, two on average.
pub fn mounts(tape: &mut Tape, world: &World, draft: &Draft) -> Value {
    let mut mounts = Map::new();
    // All volumes of a pod have one group.
    let mut group = None;
    for at in 0..*tape.one(&[0, 1, 1, 2, 2, 3, 4]) {
        let path = match tape.below(4) {
            0 => format!("/m{at}"),
            1 => format!("/m{at}/a b/{{{{ c }}}}"),
            2 => format!("/m{at}/ü-€.d"),
            _ => format!("/m{at}/etc/app.conf"),
        };
        let mut mount = match tape.below(7) {
            0 | 1 => written(tape, world, draft, at, &mut group),
            2 => json!({ "scratch": tape.one(&["64Mi", "1Gi"]), "memory": tape.chance(40) }),
            3 => file(tape),
            4 => reference(tape),
            5 => outside(tape, world),
            _ => image_or_host(tape),
        };
        if ["file", "fileFrom", "secret", "config"].iter().any(|kind| mount.get(kind).is_some()) && tape.chance(30) {
            mount["mode"] = json!(tape.one(&["0400", "0644", "555"]));
        }
        mounts.insert(path, mount);
    }
    mounts.into()
}

/// Files that stay: volumes, claims, local disks.
fn written(tape: &mut Tape, world: &World, draft: &Draft, at: usize, group: &mut Option<u64>) -> Value {
    if draft.kind == Kind::PerNode && tape.chance(60) {
        *group = Some(world.group);
        return json!({ "local": format!("/vols/disk{at}"), "size": "100Gi" });
    }
    let claim = !draft.several || draft.kind == Kind::StatefulSet;
    let volumes: Vec<_> = world.volumes.iter().filter(|(_, of)| group.is_none_or(|group| group == *of)).collect();
    let mut mount = if claim && group.is_none_or(|group| group == world.group) && tape.chance(50) {
        *group = Some(world.group);
        let mut mount = json!({ "claim": tape.one(&["5Gi", "20Gi", "1.5Gi"]) });
        // One claim has no name.
        if at > 0 || tape.chance(30) {
            mount["name"] = json!(format!("data{at}"));
        }
        if tape.chance(40) {
            mount["class"] = json!(tape.one(&world.private_classes));
        }
        mount
    } else if volumes.is_empty() {
        json!({ "scratch": "64Mi" })
    } else {
        let (volume, of) = tape.one(&volumes);
        *group = Some(*of);
        json!({ "volume": volume, "readOnly": tape.chance(30) })
    };
    if mount.get("scratch").is_none() && tape.chance(40) {
        mount["subPath"] = json!(tape.one(&["photos", "a b/{{ c }}", "on"]));
    }
    mount
}

fn file(tape: &mut Tape) -> Value {
    match tape.below(4) {
        0 => json!({ "fileFrom": "./app.conf" }),
        1 => json!({ "filesFrom": "app.d" }),
        _ => json!({ "file": tape.one(TEXTS) }),
    }
}

fn reference(tape: &mut Tape) -> Value {
    let kind = *tape.one(&["secret", "config"]);
    match tape.below(3) {
        0 => json!({ kind: "app.files" }),
        1 => json!({ kind: "app.files", "key": "tls.key" }),
        _ => json!({ kind: "app.files", "keys": { "tls.crt": "server.pem", "a_b": "sub/on" } }),
    }
}

/// What the nodes or the LAN have.
fn outside(tape: &mut Tape, world: &World) -> Value {
    if let (Some(export), true) = (world.exports.first(), tape.chance(60)) {
        let export = if tape.chance(50) { world.exports.last().unwrap_or(export) } else { export };
        let mut mount = json!({ "nfs": export, "readOnly": tape.chance(50) });
        if tape.chance(50) {
            mount["subPath"] = json!("films/a b");
        }
        return mount;
    }
    json!({ "host": "/proc", "readOnly": tape.chance(60) })
}

fn image_or_host(tape: &mut Tape) -> Value {
    match tape.below(4) {
        0 => json!({ "host": "/sys", "readOnly": true }),
        1 => json!({ "device": "/dev/dri" }),
        2 => json!({ "image": "ghcr.io/example/models:1" }),
        _ => json!({ "projected": [
            { "serviceAccountToken": { "path": "token", "audience": "media", "expirationSeconds": 3600 } },
            { "configMap": { "name": "flags", "items": [{ "key": "on", "path": "yes" }] } },
        ] }),
    }
}

/// The mounts of another container: what the main one has, and scratch of its own.
pub fn mounts_beside(tape: &mut Tape, draft: &Draft) -> Value {
    let mut mounts = Map::new();
    let main: Vec<&String> = draft.values["mounts"].as_object().into_iter().flatten().map(|(path, _)| path).collect();
    if !main.is_empty() && tape.chance(70) {
        let same = *tape.one(&main);
        let folder = ["volume", "claim", "nfs"].iter().any(|kind| draft.values["mounts"][same].get(kind).is_some());
        let mut mount = json!({ "same": same, "readOnly": tape.chance(30) });
        if folder && tape.chance(40) {
            mount["subPath"] = json!("inner");
        }
        mounts.insert("/same".to_owned(), mount);
    }
    if tape.chance(30) {
        mounts.insert("/own".to_owned(), json!({ "scratch": "16Mi" }));
    }
    if tape.chance(30) {
        mounts.insert("/etc/own.conf".to_owned(), json!({ "file": tape.one(TEXTS) }));
    }
    mounts.into()
}
