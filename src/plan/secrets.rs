//! Every Secret that a person must make, with its keys and what reads them: no Secret is ever part of a chart.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::FieldPath;
use crate::model::Cluster;
use crate::model::Container;
use crate::plan::certificates;
use crate::plan::issuers;
use crate::plan::issuers::IssuerSource;
use crate::plan::issuers::Solver;
use crate::values::auth::Login;
use crate::values::env::EnvSource;
use crate::values::env::EnvValue;
use crate::values::mount::Mount;
use crate::values::secret::SecretKey;

/// A Secret of the release namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    pub namespace: String,
    /// Keys that are read, each as a text or as a file. Empty when it is read as a whole: any keys.
    pub keys: BTreeMap<String, Form>,
    /// What reads it, such as `services.photos.env.DB_PASSWORD`.
    pub used_by: BTreeSet<String>,
    /// Whether a service reads it as environment: it sees a change only after a restart.
    pub restart: bool,
}

/// How a person gives a key to `kubectl create secret generic`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// `--from-literal`.
    Text,
    /// `--from-file`.
    File,
}

/// By name.
pub type Secrets = BTreeMap<String, Secret>;

/// The Secrets that must exist before the install, or soon after it.
pub fn plan(cluster: &Cluster) -> Secrets {
    let mut secrets = Collected { namespace: cluster.namespace.as_str(), secrets: BTreeMap::new() };
    if let Some(tunnel) = &cluster.tunnel {
        secrets.key(&FieldPath::of(["tunnel", "cloudflare", "token"]), &tunnel.token);
    }
    for (name, issuer) in issuers::plan(cluster) {
        let IssuerSource::Acme(acme) = issuer.source else { continue };
        let path = FieldPath::of(["certificates", "issuers", name.as_str(), "acme", "dns01"]);
        match acme.solver {
            Solver::Cloudflare { api_token } => secrets.key(&path.key("cloudflare").key("apiToken"), &api_token),
            Solver::Rfc2136 { tsig_secret, .. } => secrets.key(&path.key("rfc2136").key("tsigSecret"), &tsig_secret),
            Solver::Http01 {} => continue,
        };
    }
    let routes = cluster.services.values().flat_map(|service| &service.routes);
    let logins: BTreeSet<_> =
        routes.flat_map(|route| route.ways.values()).filter_map(|way| way.auth.as_ref()).collect();
    for name in logins {
        if let Some(Login::Basic(login)) = cluster.auth.get(name) {
            secrets.add(
                &FieldPath::of(["auth", name.as_str(), "basic"]),
                login.basic.secret.as_str(),
                &[("htpasswd", Form::File)],
            );
        }
    }
    for (name, service) in &cluster.services {
        for (keys, container) in service.containers() {
            let service = FieldPath::of(["services", name.as_str()]);
            secrets.container(&keys.iter().fold(service, |path, key| path.key(key)), container);
        }
    }
    let mut secrets = secrets.secrets;
    if let Some(certificates) = certificates::plan(cluster) {
        certificates.secrets().for_each(|name| _ = secrets.remove(name));
    }
    secrets
}

impl Secret {
    /// The line that makes it; what a person fills in stands in capitals.
    pub fn command(&self, name: &str) -> String {
        let mut line = format!("kubectl -n {} create secret generic {name}", self.namespace);
        for (key, form) in &self.keys {
            line += &match form {
                Form::Text => format!(" --from-literal={key}=VALUE"),
                Form::File => format!(" --from-file={key}=FILE"),
            };
        }
        if self.keys.is_empty() {
            line += " --from-literal=KEY=VALUE";
        }
        line
    }
}

struct Collected<'a> {
    namespace: &'a str,
    secrets: Secrets,
}

impl Collected<'_> {
    fn container(&mut self, path: &FieldPath, container: &Container) {
        for (variable, value) in &container.env {
            if let EnvValue::Secret(secret) = value {
                self.key(&path.key("env").key(variable.as_str()), secret).restart = true;
            }
        }
        for (name, source) in &container.env_from {
            if *source == EnvSource::Secret {
                self.add(&path.key("envFrom").key(name.as_str()), name.as_str(), &[]).restart = true;
            }
        }
        for (at, mount) in &container.mounts {
            let path = path.key("mounts").key(at.as_str());
            match mount {
                Mount::Secret(mount) => {
                    let keys = mount.key.iter().chain(mount.keys.keys());
                    let keys: Vec<_> = keys.map(|key| (key.as_str(), Form::File)).collect();
                    self.add(&path, mount.secret.as_str(), &keys);
                }
                Mount::Projected(mount) => {
                    let sources = mount.projected.iter().filter_map(|source| source.get("secret"));
                    sources.for_each(|source| self.projected(&path, source));
                }
                _ => {}
            }
        }
    }

    /// A Secret among projected sources (`SecretProjection` of Kubernetes); an optional one need not exist.
    fn projected(&mut self, path: &FieldPath, source: &Value) {
        let optional = source.get("optional").and_then(Value::as_bool).unwrap_or_default();
        let Some(name) = source.get("name").and_then(Value::as_str).filter(|_| !optional) else { return };
        let items = source.get("items").and_then(Value::as_array).into_iter().flatten();
        let keys = items.filter_map(|item| item.get("key")?.as_str());
        let keys: Vec<_> = keys.map(|key| (key, Form::File)).collect();
        self.add(path, name, &keys);
    }

    fn key(&mut self, path: &FieldPath, secret: &SecretKey) -> &mut Secret {
        self.add(path, secret.secret.as_str(), &[(secret.key.as_str(), Form::Text)])
    }

    fn add(&mut self, path: &FieldPath, name: &str, keys: &[(&str, Form)]) -> &mut Secret {
        let secret = self.secrets.entry(name.to_owned()).or_default();
        self.namespace.clone_into(&mut secret.namespace);
        secret.used_by.insert(path.to_string());
        for (key, form) in keys {
            secret.keys.entry((*key).to_owned()).or_insert(*form);
        }
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn each_secret_has_its_line() {
        let cluster = sample::cluster(
            "
namespace: apps
tunnel: { cloudflare: { token: { secret: cloudflared, key: token } } }
certificates: { issuers: { home: { ca: {} }, le: { acme: { email: a@b.c, dns01: { cloudflare: { apiToken: { secret: dns, key: api-token } } } } } } }
auth: { family: { basic: { secret: family } }, unused: { basic: { secret: unused } } }
gateways: { lan: 10.0.0.10 }
services:
  web:
    image: a/b:1
    ports: { http: 80 }
    routes: { web.example.com: { port: http, auth: family } }
    env: { A: { secret: db, key: user }, B: { secret: db, key: password } }
    envFrom: { all: secret, flags: config }
    mounts:
      /ca.crt: { secret: home-ca, key: ca.crt }
      /key: { secret: db, key: tls.key }
      /tokens: { projected: [ { secret: { name: tokens, items: [ { key: a, path: a } ] } }, { secret: { name: b, optional: true } } ] }",
        );
        let secrets = plan(&cluster);
        let lines: Vec<_> = secrets.iter().map(|(name, secret)| secret.command(name)).collect();
        let start = "kubectl -n apps create secret generic";
        assert_eq!(
            lines,
            [
                format!("{start} all --from-literal=KEY=VALUE"),
                format!("{start} cloudflared --from-literal=token=VALUE"),
                format!("{start} db --from-literal=password=VALUE --from-file=tls.key=FILE --from-literal=user=VALUE"),
                format!("{start} dns --from-literal=api-token=VALUE"),
                format!("{start} family --from-file=htpasswd=FILE"),
                format!("{start} tokens --from-file=a=FILE"),
            ]
        );
        assert!(secrets["db"].used_by.contains("services.web.env.A") && secrets["db"].restart);
    }
}
