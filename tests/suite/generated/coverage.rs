//! Generated clusters in; how often each part of the format and of the template grammar was in them.

use std::collections::BTreeMap;
use std::fmt;

use helm_ha::objects::Form;
use helm_ha::pipeline::Built;
use helm_ha::values::mount::MOUNT_KINDS;
use serde_json::Map;
use serde_json::Value;

use crate::generated::files::Written;

/// What must be there, apart from the kinds of mounts. No builder exposes a boolean yet: `grammar.rs` holds that form.
const EXPECTED: [&str; 64] = [
    "form 1 string",
    "form 2 integer",
    "form 4 subtree",
    "form 5 image",
    "form 6 pull secrets",
    "form 7 braces",
    "form 8 name of a Job",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "perNode",
    "init",
    "sidecars",
    "once",
    "env text",
    "env secret",
    "env config",
    "env field",
    "envFrom secret",
    "envFrom config",
    "probe none",
    "probe http",
    "probe tcp",
    "probe exec",
    "probe grpc",
    "routes in one word",
    "route in one word",
    "route path",
    "route wildcard",
    "route auth basic",
    "route auth request",
    "route allow",
    "route rateLimit",
    "route headers.set",
    "route headers.hide",
    "route replace",
    "route backend https",
    "route backend grpc",
    "route snippet",
    "route via names",
    "route via changed",
    "route via changed auth",
    "route via changed allow",
    "route via tunnel",
    "stream in one number",
    "stream via",
    "stream proxyProtocol",
    "stream UDP",
    "expose address",
    "expose pool",
    "metrics",
    "serviceAccount",
    "issuer acme",
    "issuer http01",
    "issuer ca",
    "issuer existing",
    "tunnel local",
    "tunnel remote",
    "two gateways",
    "dual stack",
    "defaults",
    "YAML and JSON",
    "overlay",
];

#[derive(Clone, Debug, Default)]
pub struct Coverage {
    counts: BTreeMap<String, usize>,
    clusters: usize,
    services: usize,
    mounts: usize,
    objects: usize,
    exposed: usize,
}

impl Coverage {
    fn see(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    pub fn add(&mut self, other: Self) {
        for (what, count) in other.counts {
            *self.counts.entry(what).or_default() += count;
        }
        self.clusters += other.clusters;
        self.services += other.services;
        self.mounts += other.mounts;
        self.objects += other.objects;
        self.exposed += other.exposed;
    }

    /// Fails unless everything was there in one of 20 clusters, with the sizes that real clusters have.
    pub fn assert_complete(&self) {
        let least = self.clusters / 20;
        let mounts = MOUNT_KINDS.iter().map(|kind| format!("mount {kind}"));
        let expected = EXPECTED.iter().map(|what| (*what).to_owned()).chain(mounts);
        let rare: Vec<_> = expected.filter(|what| self.counts.get(what).is_none_or(|count| *count < least)).collect();
        assert!(rare.is_empty(), "fewer than {least} times: {rare:?}\n{self}");
        let per = |count: usize| count as f64 / self.clusters as f64;
        assert!((7.0..9.5).contains(&per(self.services)) && per(self.mounts) >= 14.0, "{self}");
    }

    pub fn of(values: &Value, written: Written, built: &Built) -> Self {
        let mut seen = Self { clusters: 1, ..Self::default() };
        seen.see(if written == Written::Overlay { "overlay" } else { "YAML and JSON" });
        seen.cluster(values);
        for (_, service) in fields(values, "services") {
            seen.services += 1;
            seen.service(service, values);
        }
        for item in built.charts.iter().flat_map(|chart| &chart.objects) {
            seen.objects += 1;
            seen.exposed += item.exposed.len();
            item.exposed.iter().for_each(|exposed| seen.see(form(&exposed.form)));
        }
        let braces = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("{{ \"{{\" }}");
        let templates = built.tree.files().filter(|(path, _)| path.contains("/templates/"));
        templates.filter(|(_, bytes)| braces(bytes)).for_each(|_| seen.see("form 7 braces"));
        seen
    }

    fn cluster(&mut self, values: &Value) {
        for (_, issuer) in fields(&values["certificates"], "issuers") {
            for kind in ["acme", "ca", "existing"].iter().filter(|kind| issuer.get(kind).is_some()) {
                self.see(format!("issuer {kind}"));
            }
            if issuer.pointer("/acme/http01").is_some() {
                self.see("issuer http01");
            }
        }
        if let Some(tunnel) = values.pointer("/tunnel/cloudflare") {
            self.see(format!("tunnel {}", tunnel.get("managed").and_then(Value::as_str).unwrap_or("local")));
        }
        if fields(values, "gateways").count() > 1 {
            self.see("two gateways");
        }
        if values.pointer("/k3s/serviceCidr").is_some_and(Value::is_array) {
            self.see("dual stack");
        }
        if values.get("defaults").is_some() {
            self.see("defaults");
        }
    }

    fn service(&mut self, service: &Value, cluster: &Value) {
        let kind = service.get("kind").and_then(Value::as_str).unwrap_or("Deployment");
        self.see(match (service.get("schedule"), service.get("perNode")) {
            (Some(_), _) => "CronJob",
            (_, Some(_)) => "perNode",
            _ => kind,
        });
        self.container(service);
        for list in ["init", "sidecars", "once"] {
            for (_, container) in fields(service, list) {
                self.see(list);
                self.container(container);
            }
        }
        for key in ["metrics", "serviceAccount"].iter().filter(|key| service.get(key).is_some()) {
            self.see(*key);
        }
        for key in ["address", "pool"].iter().filter(|key| service["expose"].get(key).is_some()) {
            self.see(format!("expose {key}"));
        }
        self.routes(service, cluster);
        for (port, stream) in fields(service, "streams") {
            if stream.is_number() {
                self.see("stream in one number");
            }
            for key in ["via", "proxyProtocol"].iter().filter(|key| stream.get(key).is_some()) {
                self.see(format!("stream {key}"));
            }
            if service["ports"][port].get("protocol").is_some_and(|protocols| protocols.to_string().contains("UDP")) {
                self.see("stream UDP");
            }
        }
    }

    fn container(&mut self, container: &Value) {
        for (_, mount) in fields(container, "mounts") {
            self.mounts += 1;
            let kind = MOUNT_KINDS.iter().find(|kind| mount.get(kind).is_some()).unwrap();
            self.see(format!("mount {kind}"));
        }
        for (_, value) in fields(container, "env") {
            let kind = ["secret", "config", "field"].into_iter().find(|kind| value.get(kind).is_some());
            self.see(format!("env {}", kind.unwrap_or("text")));
        }
        for (_, kind) in fields(container, "envFrom") {
            self.see(format!("envFrom {}", kind.as_str().unwrap()));
        }
        let probes = fields(container, "probes").map(|(_, probe)| probe);
        for probe in probes.chain(container.get("probe")) {
            let kind = ["http", "tcp", "exec", "grpc"].into_iter().find(|kind| probe.get(kind).is_some());
            self.see(format!("probe {}", kind.unwrap_or("none")));
        }
    }

    fn routes(&mut self, service: &Value, cluster: &Value) {
        if service["routes"].is_string() {
            self.see("routes in one word");
        }
        for (key, route) in fields(service, "routes") {
            for (what, is) in [
                ("path", key.contains('/')),
                ("wildcard", key.starts_with("*.")),
                ("in one word", route.is_string()),
                ("headers.set", route.pointer("/headers/set").is_some()),
                ("headers.hide", route.pointer("/headers/hide").is_some()),
                ("via names", route["via"].is_array()),
                ("via changed", route["via"].is_object()),
                ("via tunnel", route["via"].to_string().contains("tunnel")),
            ] {
                if is {
                    self.see(format!("route {what}"));
                }
            }
            for key in ["allow", "rateLimit", "replace", "snippet"].iter().filter(|key| route.get(key).is_some()) {
                self.see(format!("route {key}"));
            }
            if let Some(login) = route.get("auth").and_then(Value::as_str) {
                let basic = cluster["auth"][login].get("basic").is_some();
                self.see(if basic { "route auth basic" } else { "route auth request" });
            }
            if let Some(backend) = route.get("backend").and_then(Value::as_str) {
                self.see(format!("route backend {backend}"));
            }
            for (_, different) in fields(route, "via") {
                different.as_object().unwrap().keys().for_each(|key| self.see(format!("route via changed {key}")));
            }
        }
    }
}

/// The entries of a map in a map; none when it is not there.
fn fields<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn form(form: &Form) -> &'static str {
    match form {
        Form::String { .. } => "form 1 string",
        Form::Integer { .. } => "form 2 integer",
        Form::Boolean => "form 3 boolean",
        Form::Subtree { .. } => "form 4 subtree",
        Form::Image { .. } => "form 5 image",
        Form::PullSecrets => "form 6 pull secrets",
        Form::JobName { .. } => "form 8 name of a Job",
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = |count: usize| count as f64 / self.clusters.max(1) as f64;
        writeln!(
            f,
            "{} clusters with {:.1} services, {:.1} mounts, {:.0} objects and {:.0} exposed values each; in all of them:",
            self.clusters,
            per(self.services),
            per(self.mounts),
            per(self.objects),
            per(self.exposed)
        )?;
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "  {what:30} {count:7}"))
    }
}
