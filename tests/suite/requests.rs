//! What the pods of a small cluster ask for, on two of its three nodes while one is gone.

use helm_ha::source::Sources;
use serde_json::Value;

use crate::made;

const VALUES: &str = "
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
domain: example.com
nodes:
  a: { address: 192.168.1.2/24, role: server, devices: [/dev/disk/by-id/ata-a] }
  b: { address: 192.168.1.3/24, role: server, devices: [/dev/disk/by-id/ata-b] }
  c: { address: 192.168.1.4/24, role: server, devices: [/dev/disk/by-id/ata-c] }
loadBalancer: { pools: { lan: { addresses: 192.168.1.241-192.168.1.250 } } }
gateways: { lan: 192.168.1.240 }
tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }
certificates: { issuers: { home: { ca: {} } } }
storage: { ceph: { size: small } }
volumes: { media: { size: 100Gi } }
";

/// Pods of Ceph on each node, and how many more there are in the whole cluster: the latter start elsewhere when theirs is gone.
const DAEMONS: [(&str, u64, u64); 6] =
    [("osd", 1, 0), ("mon", 1, 0), ("crashcollector", 1, 0), ("exporter", 1, 0), ("mgr", 0, 2), ("mds", 0, 2)];
/// Containers beside those of a daemon that writes logs.
const LOGGING: [&str; 4] = ["osd", "mon", "mgr", "mds"];

/// Thousandths of a core, and MiB.
type Asked = [u64; 2];

#[test]
fn the_platform_fits_on_two_of_three_small_nodes() {
    let mut sources = Sources::default();
    sources.add("values.yaml", VALUES);
    let made = made::made("small", &sources);
    let (mut everywhere, mut once) = ([0, 0], [0, 0]);
    let mut add = |name: &str, asked: Asked, on_each: u64, others: u64| {
        println!("{name}: {} m, {} MiB, {on_each} on each node and {others} more", asked[0], asked[1]);
        for at in 0..2 {
            everywhere[at] += asked[at] * on_each;
            once[at] += asked[at] * others;
        }
    };
    for object in made.planned() {
        let name = object["metadata"]["name"].as_str().unwrap();
        let replicas = object["spec"]["replicas"].as_u64().unwrap_or(1);
        match object["kind"].as_str().unwrap() {
            "DaemonSet" => add(name, of_pod(&object), 1, 0),
            "Deployment" => add(name, of_pod(&object), 0, replicas),
            _ => {}
        }
    }
    let resources = &made.built.plan.ceph.as_ref().unwrap().resources;
    let of = |name: &str| [cpu(resources[name].cpu), memory(resources[name].memory)];
    for (name, on_each, others) in DAEMONS {
        let log = if LOGGING.contains(&name) { of("logcollector") } else { [0, 0] };
        let beside = if name == "mgr" { of("mgr-sidecar") } else { [0, 0] };
        let asked = [0, 1].map(|at| of(name)[at] + log[at] + beside[at]);
        add(name, asked, on_each, others);
    }
    let node = |alive: u64| [0, 1].map(|at| everywhere[at] + once[at].div_ceil(alive));
    let (all, two) = (node(3), node(2));
    println!("each of three nodes: {} m, {} MiB; each of two: {} m, {} MiB", all[0], all[1], two[0], two[1]);
    // Of 4 cores and 8 GB, a core and 1.5 GiB are for K3s and the system.
    assert!(two[0] <= 3000 && two[1] <= 6000, "{two:?}");
}

fn of_pod(object: &Value) -> Asked {
    let pod = &object["spec"]["template"]["spec"];
    let always = |container: &&Value| container["restartPolicy"] == "Always";
    let sidecars = pod["initContainers"].as_array().into_iter().flatten().filter(always);
    let containers = pod["containers"].as_array().into_iter().flatten().chain(sidecars);
    containers.fold([0, 0], |sum, container| {
        let asked = &container["resources"]["requests"];
        [sum[0] + asked["cpu"].as_str().map_or(0, cpu), sum[1] + asked["memory"].as_str().map_or(0, memory)]
    })
}

fn cpu(text: &str) -> u64 {
    text.strip_suffix('m').map_or_else(|| text.parse::<u64>().unwrap() * 1000, |number| number.parse().unwrap())
}

fn memory(text: &str) -> u64 {
    text.strip_suffix("Gi").map_or_else(
        || text.strip_suffix("Mi").unwrap().parse().unwrap(),
        |number| number.parse::<u64>().unwrap() * 1024,
    )
}
