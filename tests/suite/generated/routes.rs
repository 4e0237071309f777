//! Choices in; the routes and streams of a service, each with what a gateway can do for it.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::generated::cluster::World;
use crate::generated::service::Draft;
use crate::generated::tape::Tape;

const RESERVED_STREAMS: u16 = 10_000;

pub fn routes(tape: &mut Tape, world: &mut World, draft: &mut Draft) {
    if world.domains.is_empty() || !tape.chance(65) {
        return;
    }
    // A route without `via` needs a gateway.
    if !world.gateways.is_empty() && tape.chance(15) {
        draft.values["routes"] = json!(draft.ports[0]);
        return;
    }
    let mut routes = Map::new();
    for _ in 0..1 + tape.below(3) {
        let key = key(tape, world);
        let port = tape.one(draft.tcp_ports()).clone();
        let short = !world.gateways.is_empty() && tape.chance(30);
        routes.insert(key, if short { json!(port) } else { route(tape, world, &port) });
    }
    draft.values["routes"] = routes.into();
}

/// A host that nobody else has, perhaps with a path.
fn key(tape: &mut Tape, world: &mut World) -> String {
    let number = world.fresh();
    let (domain, wildcards) = *tape.one(&world.domains);
    let host = match tape.below(5) {
        0 if wildcards => format!("*.w{number}.{domain}"),
        1 | 2 => format!("h{number}.{domain}"),
        _ => format!("short{number}"),
    };
    match tape.below(4) {
        0 => format!("{host}/api"),
        1 => format!("{host}/a-b/~c.d,e/"),
        _ => host,
    }
}

fn route(tape: &mut Tape, world: &World, port: &str) -> Value {
    let mut route = json!({ "port": port });
    // What a gateway does works only where there is one.
    if !world.gateways.is_empty() {
        features(tape, world, &mut route);
    }
    let ways = world.ways();
    if world.gateways.is_empty() || tape.chance(50) {
        let names = tape.some(&ways);
        route["via"] = match tape.chance(40) && !world.gateways.is_empty() {
            false => json!(names),
            true => {
                names.iter().map(|name| ((*name).to_owned(), difference(tape, world))).collect::<Map<_, _>>().into()
            }
        };
    }
    route
}

fn features(tape: &mut Tape, world: &World, route: &mut Value) {
    if !world.logins.is_empty() && tape.chance(30) {
        route["auth"] = json!(tape.one(&world.logins));
    }
    if tape.chance(25) {
        route["allow"] = json!(["10.0.0.0/8", "fd00::/8", "192.168.1.7/32"]);
    }
    if tape.chance(20) {
        route["rateLimit"] = json!(tape.one(&["10r/s", "300r/m"]));
    }
    if tape.chance(20) {
        route["headers"] = json!({ "set": { "X-Robots-Tag": "none; \"a\" $host {{ b }} 'c'", "X-A": "" } });
        if tape.chance(50) {
            route["headers"]["hide"] = json!(["Server", "X-Powered-By"]);
        }
    } else if tape.chance(10) {
        route["headers"] = json!({ "hide": ["Server"] });
    }
    if tape.chance(20) {
        route["replace"] = json!({ "http://": "https://", "it's \"$x\"": "{{ y }}\\" });
    }
    if tape.chance(40) {
        route["backend"] = json!(tape.one(&["http", "https", "grpc"]));
    }
    if tape.chance(20) {
        route["snippet"] = json!("proxy_buffering off;\nif ($http_x = \"{{\") {\n  return 403;\n}\n");
    }
}

/// What is different on one way.
fn difference(tape: &mut Tape, world: &World) -> Value {
    let mut different = json!({});
    match tape.below(4) {
        0 => different["auth"] = json!(false),
        1 if !world.logins.is_empty() => different["auth"] = json!(tape.one(&world.logins)),
        _ => {}
    }
    match tape.below(4) {
        0 => different["allow"] = json!(["172.16.0.0/12"]),
        1 => different["allow"] = json!(false),
        _ => {}
    }
    different
}

pub fn streams(tape: &mut Tape, world: &mut World, draft: &mut Draft) {
    if world.gateways.is_empty() || !tape.chance(20) {
        return;
    }
    let mut streams = Map::new();
    for port in draft.ports.iter().take(1 + tape.below(2)) {
        let number = RESERVED_STREAMS + world.fresh();
        let both = draft.values["ports"][port].get("protocol").is_some();
        streams.insert(port.clone(), stream(tape, world, number, both));
    }
    draft.values["streams"] = streams.into();
}

fn stream(tape: &mut Tape, world: &World, number: u16, written_protocol: bool) -> Value {
    if tape.chance(50) {
        return json!(number);
    }
    let mut stream = json!({ "port": number });
    if tape.chance(50) {
        stream["via"] = json!(tape.some(&world.gateways));
    }
    // UDP knows no PROXY protocol.
    if !written_protocol && tape.chance(60) {
        stream["proxyProtocol"] = json!(true);
    }
    stream
}
