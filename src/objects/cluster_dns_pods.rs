//! The planned DNS of the cluster in, the DaemonSet of its CoreDNS pods out.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::apps::v1::DaemonSetUpdateStrategy;
use k8s_openapi::api::apps::v1::RollingUpdateDaemonSet;
use k8s_openapi::api::core::v1::Capabilities;
use k8s_openapi::api::core::v1::ConfigMapProjection;
use k8s_openapi::api::core::v1::ConfigMapVolumeSource;
use k8s_openapi::api::core::v1::Container;
use k8s_openapi::api::core::v1::ContainerPort;
use k8s_openapi::api::core::v1::HTTPGetAction;
use k8s_openapi::api::core::v1::KeyToPath;
use k8s_openapi::api::core::v1::PodSecurityContext;
use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::core::v1::Probe;
use k8s_openapi::api::core::v1::ProjectedVolumeSource;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::core::v1::SeccompProfile;
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
use crate::objects::cluster_dns::COREFILE;
use crate::objects::metadata;
use crate::objects::service_values;
use crate::plan::cluster_dns::ClusterDns;
use crate::plan::cluster_dns::NAME;
use crate::plan::facts::Facts;

const CONTAINER: &str = "coredns";

/// As K3s mounts it: files of `coredns-custom` may name others beside them.
const CONFIG_PATH: &str = "/etc/coredns";

/// One pod per node, the new one before the old one goes. It asks who the node asks. A changed Corefile is taken over
/// within a minute (`reload`), without a new pod.
pub fn daemon_set(facts: &Facts, plan: &ClusterDns, metadata: ObjectMeta) -> Object {
    let rolling =
        RollingUpdateDaemonSet { max_surge: Some(IntOrString::Int(1)), max_unavailable: Some(IntOrString::Int(0)) };
    let spec = DaemonSetSpec {
        selector: metadata::selector(metadata::selected(facts, NAME)),
        template: PodTemplateSpec {
            metadata: Some(ObjectMeta { labels: Some(metadata::pod_labels(facts, NAME)), ..ObjectMeta::default() }),
            spec: Some(pod(plan)),
        },
        update_strategy: Some(DaemonSetUpdateStrategy {
            rolling_update: Some(rolling),
            type_: Some("RollingUpdate".to_owned()),
        }),
        ..DaemonSetSpec::default()
    };
    Object::of(DaemonSet { metadata, spec: Some(spec), status: None })
}

pub fn exposed() -> Vec<Exposed> {
    let key = |key: &str| vec![key.to_owned()];
    let spec = "spec/template/spec";
    vec![
        service_values::image(key("image"), &format!("{spec}/containers/[{CONTAINER}]/image"), "The image."),
        service_values::resources(key("resources"), &format!("{spec}/containers/[{CONTAINER}]/resources")),
        service_values::pull_secrets(key("imagePullSecrets"), &format!("{spec}/imagePullSecrets")),
    ]
}

fn pod(plan: &ClusterDns) -> PodSpec {
    PodSpec {
        automount_service_account_token: Some(true),
        containers: vec![container(plan)],
        dns_policy: Some("Default".to_owned()),
        enable_service_links: Some(false),
        node_selector: Some(metadata::map([("kubernetes.io/os", "linux")])),
        priority_class_name: Some("system-node-critical".to_owned()),
        security_context: Some(PodSecurityContext {
            seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
            ..PodSecurityContext::default()
        }),
        service_account_name: Some(NAME.to_owned()),
        // Wherever a pod may run it finds a server.
        tolerations: Some(vec![Toleration { operator: Some("Exists".to_owned()), ..Toleration::default() }]),
        volumes: Some(vec![config(), custom()]),
        ..PodSpec::default()
    }
}

/// Probes, port and capability are those of K3s' own (`manifests/coredns.yaml`).
fn container(plan: &ClusterDns) -> Container {
    let amount = |(name, amount): (&str, &str)| (name.to_owned(), Quantity(amount.to_owned()));
    let port = |name: &str, port: i32, protocol: &str| ContainerPort {
        name: Some(name.to_owned()),
        container_port: port,
        protocol: Some(protocol.to_owned()),
        ..ContainerPort::default()
    };
    let probe = |path: &str, port: i32, period: i32| Probe {
        failure_threshold: Some(3),
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::Int(port),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period),
        timeout_seconds: Some(1),
        ..Probe::default()
    };
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    Container {
        name: CONTAINER.to_owned(),
        image: Some(plan.image.clone()),
        args: Some(vec!["-conf".to_owned(), format!("{CONFIG_PATH}/{COREFILE}")]),
        ports: Some(vec![port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")]),
        liveness_probe: Some(Probe { initial_delay_seconds: Some(60), ..probe("/health", 8080, 10) }),
        readiness_probe: Some(probe("/ready", 8181, 2)),
        resources: Some(ResourceRequirements {
            requests: Some([("cpu", "25m"), ("memory", "40Mi")].map(amount).into()),
            limits: Some([("memory", "170Mi")].map(amount).into()),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                add: Some(vec!["NET_BIND_SERVICE".to_owned()]),
                drop: Some(vec!["ALL".to_owned()]),
            }),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(vec![mount("config", CONFIG_PATH), mount("custom", &format!("{CONFIG_PATH}/custom"))]),
        ..Container::default()
    }
}

/// Our Corefile, and the names of the nodes that K3s keeps in its ConfigMap.
fn config() -> Volume {
    let source = |name: &str, key: &str, optional: Option<bool>| VolumeProjection {
        config_map: Some(ConfigMapProjection {
            items: Some(vec![KeyToPath { key: key.to_owned(), path: key.to_owned(), mode: None }]),
            name: name.to_owned(),
            optional,
        }),
        ..VolumeProjection::default()
    };
    let sources = vec![source(NAME, COREFILE, None), source("coredns", "NodeHosts", Some(true))];
    Volume {
        name: "config".to_owned(),
        projected: Some(ProjectedVolumeSource { default_mode: None, sources: Some(sources) }),
        ..Volume::default()
    }
}

/// What people add to K3s' own (docs.k3s.io, "CoreDNS custom configuration imports").
fn custom() -> Volume {
    let source = ConfigMapVolumeSource {
        name: "coredns-custom".to_owned(),
        optional: Some(true),
        ..ConfigMapVolumeSource::default()
    };
    Volume { name: "custom".to_owned(), config_map: Some(source), ..Volume::default() }
}
