//! Choices in; a cluster that keeps every rule out, with the names that its services may refer to.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::generated::objects::extra_objects;
use crate::generated::service::service;
use crate::generated::tape::Tape;

/// What services may refer to, and what only one of them can have.
#[derive(Default)]
pub struct World {
    pub nodes: Vec<String>,
    pub dual: bool,
    pub group: u64,
    /// Names and groups.
    pub volumes: Vec<(String, u64)>,
    pub exports: Vec<String>,
    pub private_classes: Vec<&'static str>,
    pub pools: Vec<&'static str>,
    pub gateways: Vec<&'static str>,
    pub tunnel: bool,
    pub logins: Vec<&'static str>,
    /// Domains with an issuer, and whether that one gives wildcards.
    pub domains: Vec<(&'static str, bool)>,
    used: u16,
}

impl World {
    /// A number that was not given before, from 1.
    pub fn fresh(&mut self) -> u16 {
        self.used += 1;
        self.used
    }

    /// Gateways, and the tunnel.
    pub fn ways(&self) -> Vec<&'static str> {
        self.gateways.iter().copied().chain(self.tunnel.then_some("tunnel")).collect()
    }
}

/// The values of a cluster, with eight services on average.
pub fn cluster(tape: &mut Tape) -> Value {
    let mut world = World::default();
    let mut values = json!({ "apiVersion": "helm-ha.dev/v1" });
    values["name"] = json!(tape.one(&["home", "lab-2", "a", "fifty-three-letters-are-the-most-that-helm-will-take"]));
    values["version"] = json!(tape.one(&["1.0.0", "0.1.0-rc.1+build.5", "20.10.3"]));
    if tape.chance(50) {
        values["namespace"] = json!(tape.one(&["services", "1st", "living-room"]));
    }
    if tape.chance(50) {
        values["timezone"] = json!("Europe/Berlin");
    }
    world.dual = tape.chance(25);
    values["k3s"] = k3s(tape, &world);
    values["nodes"] = nodes(tape, &mut world);
    values["storage"] = storage(tape, &mut world);
    values["volumes"] = volumes(tape, &mut world);
    values["loadBalancer"] = pools(tape, &mut world);
    values["gateways"] = gateways(tape, &mut world);
    tunnel(tape, &mut world, &mut values);
    if !world.ways().is_empty() {
        certificates(tape, &mut world, &mut values);
        values["auth"] = logins(tape, &mut world);
    }
    if !world.gateways.is_empty() && tape.chance(30) {
        values["storage"]["ceph"]["dashboard"] = json!("ceph-dashboard");
    }
    values["addons"] = addons(tape);
    if tape.chance(40) {
        values["defaults"] = defaults(tape);
    }
    let count = 1 + tape.below(15);
    values["services"] = (0..count).map(|at| service(tape, &mut world, at)).collect::<Map<_, _>>().into();
    if tape.chance(20) {
        values["extraObjects"] = extra_objects(tape);
    }
    values
}

fn k3s(tape: &mut Tape, world: &World) -> Value {
    let mut k3s = json!({});
    if tape.chance(50) {
        k3s["version"] = json!("v1.36.4+k3s1");
        k3s["flannel"] = json!({ "interface": "eth1" });
    }
    if world.dual {
        k3s["clusterCidr"] = json!(["10.42.0.0/16", "fd42::/56"]);
        k3s["serviceCidr"] = json!(["10.43.0.0/16", "fd43::/112"]);
    } else if tape.chance(30) {
        k3s["clusterCidr"] = json!("10.52.0.0/16");
        k3s["serviceCidr"] = json!("10.53.0.0/16");
        k3s["clusterDns"] = json!("10.53.0.10");
        k3s["clusterDomain"] = json!("home.local");
    }
    k3s
}

/// One address, or one of each family.
pub fn address(world: &World, last: u16, prefix: bool) -> Value {
    let (four, six) = if prefix { ("/24", "/64") } else { ("", "") };
    let v4 = format!("192.168.56.{last}{four}");
    if world.dual { json!([v4, format!("fd00:56::{last:x}{six}")]) } else { json!(v4) }
}

fn nodes(tape: &mut Tape, world: &mut World) -> Value {
    let mut nodes = Map::new();
    for at in 0..3 + tape.below(3) {
        let name = if tape.chance(20) { format!("node{at}.lan") } else { format!("node{at}") };
        let mut node = json!({ "address": address(world, 10 + at as u16, true) });
        node["role"] = json!(if at < 3 { "server" } else { "agent" });
        node["devices"] = json!([format!("/dev/disk/by-id/ata-EXAMPLE-{at}")]);
        if tape.chance(30) {
            node["arch"] = json!(tape.one(&["amd64", "arm64"]));
            node["memory"] = json!("64Gi");
        }
        world.nodes.push(name.clone());
        nodes.insert(name, node);
    }
    nodes.into()
}

fn storage(tape: &mut Tape, world: &mut World) -> Value {
    let mut storage = json!({ "ceph": {} });
    if tape.chance(60) {
        storage["nfs"] = json!({ "nas": { "server": "192.168.56.9", "path": "/export/media" } });
        world.exports.push("nas".to_owned());
        if tape.chance(40) {
            storage["nfs"]["attic"] = json!({ "server": "nas.example.com", "path": "/" });
            world.exports.push("attic".to_owned());
        }
    }
    storage["classes"] = json!({
        "fast": { "existing": "openebs-hostpath", "accessModes": ["ReadWriteOnce"] },
        "wide": { "existing": "juice.fs", "accessModes": ["ReadWriteMany", "ReadWriteOnce"] },
    });
    world.private_classes = vec!["cephfs", "ceph-block", "local-path", "longhorn", "fast", "wide"];
    if tape.chance(60) {
        storage["shared"] = json!(tape.one(&["cephfs", "longhorn", "wide"]));
        storage["private"] = json!(tape.one(&world.private_classes));
    }
    world.group = if tape.chance(30) { 3000 } else { 2000 };
    storage["group"] = json!(world.group);
    if tape.chance(40) {
        storage["ceph"] =
            json!({ "replicas": 3, "size": tape.one(&["small", "medium", "large"]), "dataDirHostPath": "/vols/rook" });
    }
    storage
}

fn volumes(tape: &mut Tape, world: &mut World) -> Value {
    let mut volumes = Map::new();
    for at in 0..tape.below(5) {
        let name = format!("shared{at}");
        let mut group = world.group;
        let mut volume = match tape.below(5) {
            0 => json!({ "existing": { "claim": format!("old.{at}") } }),
            _ => json!({ "size": tape.one(&["200Gi", "1Ti", "1.5Gi", "1e12"]) }),
        };
        if tape.chance(20) {
            group = 4000;
            volume["group"] = json!(group);
        }
        if volume.get("size").is_some() && tape.chance(40) {
            let export = world.exports.first().map(|export| format!("nfs.{export}"));
            let classes = ["cephfs", "longhorn", "wide"].map(str::to_owned).into_iter().chain(export);
            volume["class"] = json!(tape.one(&classes.collect::<Vec<_>>()));
        }
        world.volumes.push((name.clone(), group));
        volumes.insert(name, volume);
    }
    volumes.into()
}

fn pools(tape: &mut Tape, world: &mut World) -> Value {
    let mut pools = Map::new();
    let six = |range: &str| world.dual.then(|| range.to_owned());
    if tape.chance(85) {
        let four = tape.one(&["192.168.56.128/26", "192.168.56.128-192.168.56.191"]);
        let all: Vec<String> = std::iter::once((*four).to_owned()).chain(six("fd00:56::80-fd00:56::bf")).collect();
        let mut pool = if all.len() == 1 { json!({ "addresses": four }) } else { json!({ "addresses": all }) };
        if tape.chance(50) {
            pool["interfaces"] = json!(["eth1", "enp3s0"]);
        }
        pools.insert("lan".to_owned(), pool);
        world.pools.push("lan");
    }
    if tape.chance(30) {
        let ranges: Vec<String> = ["192.168.56.200/30", "192.168.56.210-192.168.56.213"].map(str::to_owned).into();
        let all: Vec<String> = ranges.into_iter().chain(six("fd00:56::c8/126")).collect();
        pools.insert("guests".to_owned(), json!({ "addresses": all, "nodes": world.nodes }));
        world.pools.push("guests");
    }
    json!({ "pools": pools })
}

fn gateways(tape: &mut Tape, world: &mut World) -> Value {
    let mut gateways = Map::new();
    let count = *tape.one(&[1, 1, 1, 2, 2, 0]);
    for at in 0..count {
        let name = ["lan", "second"][at];
        let address = address(world, 240 + at as u16, false);
        let default = count > 1 && at == 0;
        let short = world.pools.len() < 2 && !default && tape.chance(60);
        let mut gateway = if short { address } else { json!({ "address": address }) };
        if !short {
            if default {
                gateway["default"] = json!(true);
            }
            if let Some(pool) = world.pools.first() {
                gateway["pool"] = json!(pool);
            }
            if tape.chance(40) {
                gateway["nodes"] = json!(tape.some(&world.nodes));
            }
        }
        world.gateways.push(name);
        gateways.insert(name.to_owned(), gateway);
    }
    gateways.into()
}

fn tunnel(tape: &mut Tape, world: &mut World, values: &mut Value) {
    if tape.chance(50) {
        world.tunnel = true;
        let mut tunnel = json!({ "token": { "secret": "cloudflared", "key": "token" } });
        if tape.chance(60) {
            tunnel["name"] = json!("home");
            tunnel["managed"] = json!(tape.one(&["local", "remote"]));
            tunnel["replicas"] = json!(2 + tape.below(2));
        }
        values["tunnel"] = json!({ "cloudflare": tunnel });
    }
}

fn certificates(tape: &mut Tape, world: &mut World, values: &mut Value) {
    values["domain"] = json!("example.com");
    let account = |solver: Value| {
        let mut acme = json!({ "email": "admin@example.com" });
        acme.as_object_mut().unwrap().extend(solver.as_object().unwrap().clone());
        json!({ "acme": acme })
    };
    let cloudflare = json!({ "cloudflare": { "apiToken": { "secret": "cloudflare-api-token", "key": "api-token" } } });
    let rfc2136 = json!({ "rfc2136": { "nameserver": "192.168.56.8:53", "tsigKeyName": "acme", "tsigAlgorithm": "HMACSHA512", "tsigSecret": { "secret": "tsig", "key": "key" } } });
    let main = match tape.below(4) {
        0 => json!({ "ca": {} }),
        1 => account(json!({ "server": "staging", "dns01": cloudflare })),
        2 => account(json!({ "server": "https://acme.example.org/directory", "dns01": rfc2136 })),
        _ => account(json!({ "dns01": cloudflare })),
    };
    let mut issuers = json!({ "main": main });
    let mut domains = Map::new();
    world.domains = vec![("example.com", true)];
    if tape.chance(50) {
        issuers["main"]["default"] = json!(true);
        issuers["home"] = json!({ "ca": {} });
        issuers["corp"] = json!({ "existing": { "kind": tape.one(&["Issuer", "ClusterIssuer"]), "name": "corp" } });
        domains.insert("home.arpa".to_owned(), json!({ "issuer": "home", "wildcard": tape.chance(50) }));
        domains.insert("corp.example.com".to_owned(), json!({ "issuer": "corp" }));
        world.domains.extend([("home.arpa", true), ("corp.example.com", true)]);
        // A proof by HTTP needs a gateway.
        if !world.gateways.is_empty() {
            issuers["web"] = account(json!({ "http01": {} }));
            domains.insert("open.example.org".to_owned(), json!({ "issuer": "web" }));
            world.domains.push(("open.example.org", false));
        }
    }
    values["certificates"] = json!({ "issuers": issuers, "domains": domains });
}

fn logins(tape: &mut Tape, world: &mut World) -> Value {
    let mut logins = Map::new();
    if tape.chance(70) {
        logins.insert("family".to_owned(), json!({ "basic": { "secret": "family-htpasswd" } }));
        world.logins.push("family");
    }
    if tape.chance(70) {
        let mut login = json!({ "request": "https://login.example.org/verify?a=b" });
        if tape.chance(60) {
            login["signin"] = json!("https://auth.example.com");
            login["headers"] = json!(["Remote-User", "Remote-Groups"]);
        }
        logins.insert("single".to_owned(), login);
        world.logins.push("single");
    }
    logins.into()
}

fn addons(tape: &mut Tape) -> Value {
    // Metrics are read by it.
    let mut addons = json!({ "prometheus": { "source": "existing" } });
    if tape.chance(30) {
        addons["reloader"] = json!({ "source": "existing" });
    }
    for (name, namespace) in [("rook", "rook"), ("metallb", "metallb"), ("cert-manager", "certs")] {
        if tape.chance(20) {
            addons[name] = json!({ "source": "existing", "namespace": namespace });
        } else if tape.chance(20) {
            addons[name] = json!({ "source": "builtin" });
        }
    }
    addons
}

fn defaults(tape: &mut Tape) -> Value {
    let mut defaults = json!({ "env": { "FROM_DEFAULTS": "yes" } });
    if tape.chance(50) {
        defaults["podLabels"] = json!({ "example.com/tier": "home" });
        defaults["grace"] = json!("45s");
    }
    if tape.chance(50) {
        defaults["tolerations"] = json!([{ "key": "busy", "operator": "Exists", "effect": "NoSchedule" }]);
        defaults["resources"] = json!({ "requests": { "cpu": "5m" } });
    }
    defaults
}
