//! A planned gateway in, the DaemonSet of its nginx pods out.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::apps::v1::DaemonSetUpdateStrategy;
use k8s_openapi::api::apps::v1::RollingUpdateDaemonSet;
use k8s_openapi::api::core::v1::Affinity;
use k8s_openapi::api::core::v1::Capabilities;
use k8s_openapi::api::core::v1::ConfigMapVolumeSource;
use k8s_openapi::api::core::v1::Container;
use k8s_openapi::api::core::v1::ContainerPort;
use k8s_openapi::api::core::v1::EmptyDirVolumeSource;
use k8s_openapi::api::core::v1::ExecAction;
use k8s_openapi::api::core::v1::HTTPGetAction;
use k8s_openapi::api::core::v1::KeyToPath;
use k8s_openapi::api::core::v1::Lifecycle;
use k8s_openapi::api::core::v1::LifecycleHandler;
use k8s_openapi::api::core::v1::NodeAffinity;
use k8s_openapi::api::core::v1::NodeSelector;
use k8s_openapi::api::core::v1::NodeSelectorRequirement;
use k8s_openapi::api::core::v1::NodeSelectorTerm;
use k8s_openapi::api::core::v1::PodSecurityContext;
use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::core::v1::Probe;
use k8s_openapi::api::core::v1::ProjectedVolumeSource;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::core::v1::SeccompProfile;
use k8s_openapi::api::core::v1::SecretProjection;
use k8s_openapi::api::core::v1::SecurityContext;
use k8s_openapi::api::core::v1::Toleration;
use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::api::core::v1::VolumeMount;
use k8s_openapi::api::core::v1::VolumeProjection;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::objects::Exposed;
use crate::objects::Object;
use crate::objects::dns;
use crate::objects::gateway::CHECK_KEY;
use crate::objects::gateway::CONF_KEY;
use crate::objects::metadata;
use crate::objects::nginx;
use crate::objects::service_values;
use crate::plan::facts::Facts;
use crate::plan::gateways::GatewayPlan;
use crate::plan::logins::Login;
use crate::plan::names;
use crate::plan::tunnel;
use crate::values::ports::Protocol;

/// The image's user and group.
const USER: i64 = 101;

const NGINX: &str = "nginx";
const CHECK: &str = "certificates";
const CONFIG: &str = "config";
const SCRATCH: &str = "scratch";
const LOGINS: &str = "logins";
const CONFIG_PATH: &str = "/etc/helm-ha";

/// Nginx ends its connections within this time (`worker_shutdown_timeout` is 20 s), after those who send to it have seen
/// that it goes.
const STOP: &str = "sleep 15; kill -QUIT 1; while :; do sleep 1; done";
const GRACE: i64 = 60;

/// One pod per node. A new one starts before the old one goes, so that the node which has the virtual IP never lacks one.
/// Drains leave DaemonSets alone, so there is no PodDisruptionBudget; their pods stay on a dead node by themselves.
pub fn daemon_set(facts: &Facts, plan: &GatewayPlan, conf: &str) -> Object {
    let selected = metadata::selected(facts, &plan.object);
    let annotations = [("checksum/config", names::long_digest(conf.as_bytes()))];
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            annotations: Some(metadata::map(annotations.iter().map(|(name, digest)| (*name, digest.as_str())))),
            labels: Some(metadata::pod_labels(facts, &plan.object)),
            ..ObjectMeta::default()
        }),
        spec: Some(dns::with_resolver(facts, &facts.namespace, pod(plan))),
    };
    let rolling =
        RollingUpdateDaemonSet { max_surge: Some(IntOrString::Int(1)), max_unavailable: Some(IntOrString::Int(0)) };
    let spec = DaemonSetSpec {
        selector: metadata::selector(selected),
        template,
        update_strategy: Some(DaemonSetUpdateStrategy {
            rolling_update: Some(rolling),
            type_: Some("RollingUpdate".to_owned()),
        }),
        ..DaemonSetSpec::default()
    };
    let metadata = metadata::metadata(facts, &plan.object, &plan.object);
    Object::of(DaemonSet { metadata, spec: Some(spec), status: None })
}

/// Image, resources and pull Secrets of a gateway. Both containers run one image.
pub fn exposed(name: &str) -> Vec<Exposed> {
    let key = |key: &str| vec![name.to_owned(), key.to_owned()];
    let spec = "spec/template/spec";
    vec![
        service_values::image(key("image"), &format!("{spec}/containers/[{NGINX}]/image"), "The image."),
        service_values::image(key("image"), &format!("{spec}/initContainers/[{CHECK}]/image"), "The image."),
        service_values::resources(key("resources"), &format!("{spec}/containers/[{NGINX}]/resources")),
        service_values::pull_secrets(key("imagePullSecrets"), &format!("{spec}/imagePullSecrets")),
    ]
}

fn pod(plan: &GatewayPlan) -> PodSpec {
    PodSpec {
        affinity: affinity(&plan.nodes),
        automount_service_account_token: Some(false),
        containers: vec![nginx_container(plan)],
        enable_service_links: Some(false),
        init_containers: Some(vec![check_container(plan)]),
        priority_class_name: Some("system-cluster-critical".to_owned()),
        security_context: Some(pod_security(USER)),
        termination_grace_period_seconds: Some(GRACE),
        tolerations: Some(SERVERS.map(toleration).to_vec()),
        volumes: Some(volumes(plan)),
        ..PodSpec::default()
    }
}

/// A pod that runs as this user and group alone, which also own its volumes.
pub fn pod_security(user: i64) -> PodSecurityContext {
    PodSecurityContext {
        fs_group: Some(user),
        run_as_group: Some(user),
        run_as_non_root: Some(true),
        run_as_user: Some(user),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        ..PodSecurityContext::default()
    }
}

/// Taints of nodes that run the control plane: Kubernetes' own, and what K3s' documentation recommends for servers.
const SERVERS: [&str; 2] = ["node-role.kubernetes.io/control-plane", "CriticalAddonsOnly"];

fn toleration(taint: &str) -> Toleration {
    Toleration { key: Some(taint.to_owned()), operator: Some("Exists".to_owned()), ..Toleration::default() }
}

fn affinity(nodes: &[String]) -> Option<Affinity> {
    let expression = NodeSelectorRequirement {
        key: "kubernetes.io/hostname".to_owned(),
        operator: "In".to_owned(),
        values: Some(nodes.to_vec()),
    };
    let term = NodeSelectorTerm { match_expressions: Some(vec![expression]), match_fields: None };
    let node_affinity = NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector { node_selector_terms: vec![term] }),
        ..NodeAffinity::default()
    };
    (!nodes.is_empty()).then(|| Affinity { node_affinity: Some(node_affinity), ..Affinity::default() })
}

fn nginx_container(plan: &GatewayPlan) -> Container {
    let conf = format!("{CONFIG_PATH}/{CONF_KEY}");
    let mut mounts = mounts();
    if !basic_logins(plan).is_empty() {
        mounts.push(mount(LOGINS, nginx::LOGINS, true));
    }
    let stop = LifecycleHandler {
        exec: Some(ExecAction { command: Some(["/bin/sh", "-c", STOP].map(str::to_owned).to_vec()) }),
        ..LifecycleHandler::default()
    };
    Container {
        name: NGINX.to_owned(),
        image: Some(plan.image.clone()),
        command: Some([NGINX, "-e", "stderr", "-c", &conf].map(str::to_owned).to_vec()),
        lifecycle: Some(Lifecycle { pre_stop: Some(stop), ..Lifecycle::default() }),
        liveness_probe: Some(Probe { failure_threshold: Some(6), ..probe() }),
        // By then it has asked for the names of its upstreams.
        readiness_probe: Some(Probe { failure_threshold: Some(2), initial_delay_seconds: Some(3), ..probe() }),
        ports: Some(ports(plan)),
        resources: Some(resources([("cpu", "50m"), ("memory", "64Mi")], Some("512Mi"))),
        security_context: Some(security()),
        volume_mounts: Some(mounts),
        ..Container::default()
    }
}

/// A sidecar: it is started before nginx, and ends after it.
fn check_container(plan: &GatewayPlan) -> Container {
    let script = format!("{CONFIG_PATH}/{CHECK_KEY}");
    let command = ["/bin/sh", &script, nginx::CERTIFICATES, nginx::METRICS].map(str::to_owned);
    let certificates = certificates(plan).into_iter().map(str::to_owned);
    Container {
        name: CHECK.to_owned(),
        image: Some(plan.image.clone()),
        command: Some(command.into_iter().chain(certificates).collect()),
        resources: Some(resources([("cpu", "5m"), ("memory", "16Mi")], Some("64Mi"))),
        restart_policy: Some("Always".to_owned()),
        security_context: Some(security()),
        volume_mounts: Some(mounts()),
        ..Container::default()
    }
}

fn mounts() -> Vec<VolumeMount> {
    vec![mount(CONFIG, CONFIG_PATH, true), mount(CHECK, nginx::CERTIFICATES, true), mount(SCRATCH, "/tmp", false)]
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: read_only.then_some(true),
        ..VolumeMount::default()
    }
}

fn probe() -> Probe {
    let get = HTTPGetAction {
        path: Some("/healthz".to_owned()),
        port: IntOrString::Int(i32::from(nginx::STATUS)),
        ..HTTPGetAction::default()
    };
    Probe { http_get: Some(get), period_seconds: Some(5), timeout_seconds: Some(2), ..Probe::default() }
}

fn ports(plan: &GatewayPlan) -> Vec<ContainerPort> {
    let port = |name: &str, port: u16, protocol: Protocol| ContainerPort {
        name: Some(name.to_owned()),
        container_port: i32::from(port),
        protocol: Some(protocol.as_str().to_owned()),
        ..ContainerPort::default()
    };
    let own = [("http", nginx::HTTP), ("https", nginx::HTTPS), ("status", nginx::STATUS)];
    let tunnel = (!plan.tunnel_servers.is_empty()).then_some((tunnel::OBJECT, tunnel::PORT));
    let own = own.into_iter().chain(tunnel).map(|(name, number)| port(name, number, Protocol::Tcp));
    own.chain(plan.streams.iter().map(|stream| port(&stream.name, stream.inside, stream.protocol))).collect()
}

fn resources(requests: [(&str, &str); 2], memory: Option<&str>) -> ResourceRequirements {
    let amount = |(name, amount): (&str, &str)| (name.to_owned(), Quantity(amount.to_owned()));
    ResourceRequirements {
        requests: Some(requests.into_iter().map(amount).collect()),
        limits: memory.map(|memory| [amount(("memory", memory))].into()),
        ..ResourceRequirements::default()
    }
}

fn security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

fn volumes(plan: &GatewayPlan) -> Vec<Volume> {
    let config = ConfigMapVolumeSource { name: plan.object.clone(), ..ConfigMapVolumeSource::default() };
    let named = |name: &str| Volume { name: name.to_owned(), ..Volume::default() };
    let certificates = certificates(plan).into_iter().map(|name| secret(name, &["tls.crt", "tls.key"]));
    let logins = basic_logins(plan);
    let logins = (!logins.is_empty()).then(|| Volume {
        projected: Some(projected(logins.into_iter().map(|name| secret(name, &["htpasswd"])).collect())),
        ..named(LOGINS)
    });
    let own = [
        Volume { config_map: Some(config), ..named(CONFIG) },
        Volume { projected: Some(projected(certificates.collect())), ..named(CHECK) },
        Volume { empty_dir: Some(EmptyDirVolumeSource::default()), ..named(SCRATCH) },
    ];
    own.into_iter().chain(logins).collect()
}

/// Files that nginx' workers may read and nobody else.
fn projected(sources: Vec<VolumeProjection>) -> ProjectedVolumeSource {
    ProjectedVolumeSource { default_mode: Some(0o440), sources: Some(sources) }
}

/// Keys of a Secret in a folder of its name. Without the Secret the pod starts all the same: one missing certificate must
/// not stop all other hosts.
fn secret(name: &str, keys: &[&str]) -> VolumeProjection {
    let item = |key: &&str| KeyToPath { key: (*key).to_owned(), path: format!("{name}/{key}"), mode: None };
    VolumeProjection {
        secret: Some(SecretProjection {
            items: Some(keys.iter().map(item).collect()),
            name: name.to_owned(),
            optional: Some(true),
        }),
        ..VolumeProjection::default()
    }
}

fn certificates(plan: &GatewayPlan) -> BTreeSet<&str> {
    plan.servers.iter().filter_map(|server| server.certificate.as_deref()).collect()
}

fn basic_logins(plan: &GatewayPlan) -> BTreeSet<&str> {
    let secrets = plan.logins.values().filter_map(|login| match login {
        Login::Basic { secret } => Some(secret.as_str()),
        Login::Request(_) => None,
    });
    secrets.collect()
}
