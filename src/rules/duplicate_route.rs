//! Two routes with the same host and path on one gateway or the tunnel.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::model::TUNNEL;
use crate::plan::routes;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "duplicate-route",
    severity: Severity::Error,
    area: Area::Network,
    what: "Two routes with the same host and path on one gateway or the tunnel.",
    why: "Only one of them can answer, and which one would be chance.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: http, web.example.com: http } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<(&str, &str, String), FieldPath> = BTreeMap::new();
    let dashboard = walk::dashboard_host(cluster);
    if let (Some(host), Some(gateway)) = (&dashboard, cluster.default_gateway()) {
        taken.insert((gateway.as_str(), host, "/".to_owned()), FieldPath::of(["storage", "ceph", "dashboard"]));
    }
    for at in walk::routes(cluster) {
        let mut told = false;
        for way in at.route.ways.keys().map(|way| way.as_str()) {
            let key = (way, at.route.host.as_str(), routes::prefix(&at.route.path));
            match taken.get(&key) {
                Some(other) if !told => {
                    told = true;
                    let on = if way == TUNNEL { "the tunnel".to_owned() } else { format!("gateway `{way}`") };
                    let path = if at.route.path == "/" { "" } else { at.route.path.as_str() };
                    findings.push(
                        RULE.key(at.path(), format!("`{}{path}` is routed twice on {on}", at.route.host))
                            .label(Place::Key(other.clone()), "routed here as well")
                            .hint("take one of them out, or give it another host or path"),
                    );
                }
                Some(_) => {}
                None => _ = taken.insert(key, at.path()),
            }
        }
    }
}
