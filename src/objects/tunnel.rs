//! A planned tunnel in, the objects of the subchart `tunnel` out: cloudflared with its rules.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::Capabilities;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::core::v1::ConfigMapVolumeSource;
use k8s_openapi::api::core::v1::Container;
use k8s_openapi::api::core::v1::ContainerPort;
use k8s_openapi::api::core::v1::HTTPGetAction;
use k8s_openapi::api::core::v1::KeyToPath;
use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::core::v1::Probe;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::core::v1::SecretVolumeSource;
use k8s_openapi::api::core::v1::SecurityContext;
use k8s_openapi::api::core::v1::Toleration;
use k8s_openapi::api::core::v1::TopologySpreadConstraint;
use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::api::core::v1::VolumeMount;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::Value;
use serde_json::json;

use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::Object;
use crate::objects::dns;
use crate::objects::gateway_pods;
use crate::objects::metadata;
use crate::objects::service_values;
use crate::objects::steps;
use crate::plan::facts::Facts;
use crate::plan::names;
use crate::plan::tunnel::IMAGE;
use crate::plan::tunnel::OBJECT;
use crate::plan::tunnel::Rule;
use crate::plan::tunnel::TunnelPlan;
use crate::values::tunnel::Managed;
use crate::yaml;

/// The image's user and group.
const USER: i64 = 65532;
const CONTAINER: &str = "cloudflared";
const CONFIG_KEY: &str = "config.yaml";
const CONFIG_PATH: &str = "/etc/cloudflared";
const TOKEN_PATH: &str = "/run/secrets/cloudflared";
const METRICS: u16 = 2000;
/// cloudflared lets open requests end for 30 s (`--grace-period`).
const GRACE: i64 = 40;

/// The subchart; `None` without a tunnel.
pub fn chart(facts: &Facts, plan: Option<&TunnelPlan>) -> Option<ChartObjects> {
    let plan = plan?;
    let (_, version) = IMAGE.rsplit_once(':').unwrap_or_default();
    let config = match plan.managed {
        Managed::Local => Some(config(&plan.rules)),
        Managed::Remote => None,
    };
    let mut objects: Vec<ChartObject> = Vec::new();
    if let Some(config) = &config {
        let map = ConfigMap {
            data: Some(metadata::map([(CONFIG_KEY, config.as_str())])),
            metadata: metadata::metadata(facts, OBJECT, OBJECT),
            ..ConfigMap::default()
        };
        objects.push(ChartObject::new("configmap.yaml", Object::of(map)));
    }
    let deployment = Object::of(deployment(facts, plan, config.as_deref()));
    objects.push(ChartObject { file: "deployment.yaml".to_owned(), object: deployment, exposed: exposed() });
    if plan.replicas > 1 {
        objects.push(ChartObject::new("poddisruptionbudget.yaml", Object::of(budget(facts))));
    }
    Some(ChartObjects {
        name: OBJECT.to_owned(),
        description: "The way in through Cloudflare, without an open port.".to_owned(),
        app_version: version.to_owned(),
        optional: false,
        objects,
    })
}

/// cloudflared's configuration (developers.cloudflare.com, "Configuration file"): the first rule that fits decides.
fn config(rules: &[Rule]) -> String {
    let rules = rules.iter().map(rule).chain([json!({ "service": "http_status:404" })]);
    let config = json!({ "ingress": Value::Array(rules.collect()), "originRequest": { "connectTimeout": "5s" } });
    yaml::write_json(&config)
}

fn rule(rule: &Rule) -> Value {
    let mut value = json!({ "hostname": rule.host });
    if let Some(fields) = value.as_object_mut() {
        if rule.path != "/" {
            fields.insert("path".to_owned(), path(&rule.path).into());
        }
        fields.insert("service".to_owned(), rule.url.as_str().into());
        if rule.url.starts_with("https:") {
            // A service's own certificate is not checked, neither here nor by a gateway.
            fields.insert("originRequest".to_owned(), json!({ "noTLSVerify": true }));
        }
    }
    value
}

/// The regular expression (RE2) for a path and all below it.
fn path(prefix: &str) -> String {
    let mut out = "^".to_owned();
    for c in prefix.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | ' ') {
            out.push('\\');
        }
        out.push(c);
    }
    out + "(/|$)"
}

fn deployment(facts: &Facts, plan: &TunnelPlan, config: Option<&str>) -> Deployment {
    let checksum = config.map(|config| ("checksum/config", names::long_digest(config.as_bytes())));
    let annotations = metadata::map(checksum.iter().map(|(name, digest)| (*name, digest.as_str())));
    Deployment {
        metadata: metadata::metadata(facts, OBJECT, OBJECT),
        spec: Some(DeploymentSpec {
            replicas: Some(i32::try_from(plan.replicas).unwrap_or(i32::MAX)),
            selector: metadata::selector(metadata::selected(facts, OBJECT)),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    annotations: metadata::filled(annotations),
                    labels: Some(metadata::pod_labels(facts, OBJECT)),
                    ..ObjectMeta::default()
                }),
                spec: Some(dns::with_resolver(facts, &facts.namespace, pod(facts, plan, config.is_some()))),
            },
            ..DeploymentSpec::default()
        }),
        status: None,
    }
}

fn pod(facts: &Facts, plan: &TunnelPlan, has_config: bool) -> PodSpec {
    let named = |name: &str| Volume { name: name.to_owned(), ..Volume::default() };
    let item = KeyToPath { key: plan.token.key.to_string(), path: "token".to_owned(), mode: None };
    let token = SecretVolumeSource {
        default_mode: Some(0o440),
        items: Some(vec![item]),
        secret_name: Some(plan.token.secret.to_string()),
        optional: None,
    };
    let config = ConfigMapVolumeSource { name: OBJECT.to_owned(), ..ConfigMapVolumeSource::default() };
    let config = has_config.then(|| Volume { config_map: Some(config), ..named("config") });
    PodSpec {
        automount_service_account_token: Some(false),
        containers: vec![container(plan, has_config)],
        enable_service_links: Some(false),
        security_context: Some(gateway_pods::pod_security(USER)),
        termination_grace_period_seconds: Some(GRACE),
        tolerations: Some(GONE.map(toleration).to_vec()),
        topology_spread_constraints: (plan.replicas > 1).then(|| vec![spread(facts)]),
        volumes: Some([Volume { secret: Some(token), ..named("token") }].into_iter().chain(config).collect()),
        ..PodSpec::default()
    }
}

/// The taints of a node that is gone (`kubernetes.io/docs/reference/labels-annotations-taints`).
const GONE: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

fn toleration(taint: &str) -> Toleration {
    Toleration {
        key: Some(taint.to_owned()),
        operator: Some("Exists".to_owned()),
        effect: Some("NoExecute".to_owned()),
        toleration_seconds: Some(30),
        value: None,
    }
}

fn spread(facts: &Facts) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        label_selector: Some(metadata::selector(metadata::selected(facts, OBJECT))),
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        max_skew: 1,
        node_taints_policy: Some("Honor".to_owned()),
        topology_key: "kubernetes.io/hostname".to_owned(),
        when_unsatisfiable: "DoNotSchedule".to_owned(),
        ..TopologySpreadConstraint::default()
    }
}

fn container(plan: &TunnelPlan, has_config: bool) -> Container {
    let listen = if plan.ipv6_only { format!("[::]:{METRICS}") } else { format!("0.0.0.0:{METRICS}") };
    let config = format!("{CONFIG_PATH}/{CONFIG_KEY}");
    let config = has_config.then(|| ["--config", &config].map(str::to_owned)).into_iter().flatten();
    let token = format!("{TOKEN_PATH}/token");
    let rest = ["--no-autoupdate", "--metrics", &listen, "run", "--token-file", &token].map(str::to_owned);
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let mounts = [mount("token", TOKEN_PATH)].into_iter().chain(has_config.then(|| mount("config", CONFIG_PATH)));
    let amount = |(name, amount): (&str, &str)| (name.to_owned(), Quantity(amount.to_owned()));
    let probe = |path: &str| Probe {
        failure_threshold: Some(3),
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::Int(i32::from(METRICS)),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(10),
        timeout_seconds: Some(3),
        ..Probe::default()
    };
    Container {
        name: CONTAINER.to_owned(),
        image: Some(plan.image.clone()),
        args: Some(["tunnel".to_owned()].into_iter().chain(config).chain(rest).collect()),
        ports: Some(vec![ContainerPort {
            name: Some("metrics".to_owned()),
            container_port: i32::from(METRICS),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        liveness_probe: Some(probe("/healthcheck")),
        // Whether a connection to Cloudflare is there: a restart would not bring it back.
        readiness_probe: Some(probe("/ready")),
        resources: Some(ResourceRequirements {
            requests: Some([("cpu", "10m"), ("memory", "64Mi")].map(amount).into()),
            limits: Some([("memory", "256Mi")].map(amount).into()),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(mounts.collect()),
        ..Container::default()
    }
}

fn exposed() -> Vec<Exposed> {
    let key = |key: &str| vec![key.to_owned()];
    let spec = "spec/template/spec";
    let form = Form::Integer { minimum: 0, maximum: 25 };
    vec![
        service_values::image(key("image"), &format!("{spec}/containers/[{CONTAINER}]/image"), "The image."),
        Exposed::new(&["replicas"], steps("spec/replicas"), form, "The number of pods; a tunnel takes at most 25."),
        service_values::resources(key("resources"), &format!("{spec}/containers/[{CONTAINER}]/resources")),
        service_values::pull_secrets(key("imagePullSecrets"), &format!("{spec}/imagePullSecrets")),
    ]
}

fn budget(facts: &Facts) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: metadata::metadata(facts, OBJECT, OBJECT),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(metadata::selector(metadata::selected(facts, OBJECT))),
            ..PodDisruptionBudgetSpec::default()
        }),
        status: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::plan;

    #[test]
    fn paths_are_regular_expressions_of_whole_segments() {
        let check = |prefix: &str, expect: &str| assert_eq!(path(prefix), expect, "{prefix}");
        check("/api", "^/api(/|$)");
        check("/a.b/c+d(e)", "^/a\\.b/c\\+d\\(e\\)(/|$)");
        check("/a b/~ü", "^/a b/\\~ü(/|$)");
    }

    #[test]
    fn cloudflared_has_its_rules_where_they_are_ours() {
        let check = |managed: &str, replicas: u32, files: &[&str], config: &str| {
            let cluster = sample::cluster(&format!(
                "
domain: example.com
tunnel: {{ cloudflare: {{ managed: {managed}, replicas: {replicas}, token: {{ secret: cloudflared, key: token }} }} }}
services:
  web: {{ image: a/b:1, ports: {{ http: 80 }}, routes: {{ web/a: {{ port: http, backend: https, via: [tunnel] }} }} }}"
            ));
            let chart = chart(&Facts::of(&cluster), plan::tunnel::plan(&cluster).as_ref()).unwrap();
            assert_eq!(chart.objects.iter().map(|object| object.file.as_str()).collect::<Vec<_>>(), files);
            let deployment = chart.objects.iter().find(|object| object.file == "deployment.yaml").unwrap();
            let args = &deployment.object.json()["spec"]["template"]["spec"]["containers"][0]["args"];
            assert_eq!(args[1] == "--config", managed == "local", "{args}");
            let text = chart.objects.first().unwrap().object.json()["data"][CONFIG_KEY].as_str();
            assert_eq!(text.unwrap_or_default(), config);
        };
        let config = "\
ingress:
- hostname: web.example.com
  path: \"^/a(/|$)\"
  service: https://web.home.svc.cluster.local:80
  originRequest:
    noTLSVerify: true
- service: http_status:404
originRequest:
  connectTimeout: 5s
";
        check("local", 2, &["configmap.yaml", "deployment.yaml", "poddisruptionbudget.yaml"], config);
        check("remote", 1, &["deployment.yaml"], "");
    }
}
