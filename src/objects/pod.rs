//! Planned pod in, the template of pods out.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSecurityContext;
use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::core::v1::SeccompProfile;
use k8s_openapi::api::core::v1::Toleration;
use k8s_openapi::api::core::v1::TopologySpreadConstraint;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use crate::objects::Object;
use crate::objects::container::container;
use crate::objects::container::list_of;
use crate::objects::dns;
use crate::objects::metadata;
use crate::objects::pod_volumes::volume;
use crate::plan::placement::DeadNode;
use crate::plan::placement::HOSTNAME;
use crate::plan::pod::Dns;
use crate::plan::pod::Pod;
use crate::plan::pod_volumes::VolumeSource;
use crate::plan::workload::Instance;

/// The annotation that makes other pods of a workload when its files change.
const FILES_CHECKSUM: &str = "checksum/files";

/// What the workload knows of its pods.
pub struct Setting<'a> {
    /// The labels that select them.
    pub selected: BTreeMap<String, String>,
    /// All labels that are ours.
    pub labels: BTreeMap<String, String>,
    /// The service's own ConfigMap.
    pub files: &'a str,
    pub instance: Option<&'a Instance>,
    /// For Jobs; Kubernetes' own elsewhere.
    pub restart_policy: Option<&'a str>,
    /// The label that tells the pods of one version from those of the last, where the workload sets one.
    pub version_label: Option<&'a str>,
}

/// The template of the pods. What was written in Kubernetes' own form is not in it: see [`add_written`].
pub fn template(pod: &Pod, setting: &Setting) -> PodTemplateSpec {
    let mut labels = pod.labels.clone();
    labels.extend(setting.labels.clone());
    let mut annotations = pod.annotations.clone();
    annotations.extend(pod.files.iter().map(|digest| (FILES_CHECKSUM.to_owned(), digest.clone())));
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: metadata::filled(labels),
            annotations: metadata::filled(annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(spec(pod, setting)),
    }
}

fn spec(pod: &Pod, setting: &Setting) -> PodSpec {
    let Setting { instance, .. } = setting;
    // An init container runs before the sidecars: it prepares the files that they share with the service, such as a
    // migration. A sidecar that init containers need (a VPN) is better written as the first of `init` itself.
    let init = pod.init.iter().map(|plan| container(plan, *instance));
    let sidecars = pod.sidecars.iter().map(|plan| {
        let mut sidecar = container(plan, *instance);
        sidecar.restart_policy = Some("Always".to_owned());
        sidecar
    });
    let init: Vec<_> = init.chain(sidecars).collect();
    let mut node_selector = pod.placement.node_selector.clone();
    node_selector.extend(instance.map(|instance| (HOSTNAME.to_owned(), instance.node.clone())));
    PodSpec {
        automount_service_account_token: Some(pod.account.as_ref().is_some_and(|account| account.token)),
        containers: vec![container(&pod.main, *instance)],
        dns_config: match &pod.dns {
            Some(Dns::Resolver(resolver)) => Some(dns::config(resolver)),
            _ => None,
        },
        dns_policy: pod.dns.as_ref().map(|dns| match dns {
            Dns::Policy(policy) => policy.clone(),
            Dns::Resolver(_) => dns::POLICY.to_owned(),
        }),
        enable_service_links: Some(false),
        host_network: pod.host_network.then_some(true),
        host_pid: pod.host_pid.then_some(true),
        host_users: pod.host_users,
        init_containers: if init.is_empty() { None } else { Some(init) },
        node_selector: metadata::filled(node_selector),
        priority_class_name: pod.placement.priority_class.clone(),
        restart_policy: setting.restart_policy.map(str::to_owned),
        runtime_class_name: pod.runtime_class.clone(),
        security_context: Some(security(pod)),
        service_account_name: pod.account.as_ref().map(|account| account.name.clone()),
        termination_grace_period_seconds: Some(i64::from(pod.grace)),
        tolerations: tolerations(pod.placement.dead_node),
        topology_spread_constraints: pod.placement.spread.then(|| vec![spread(setting)]),
        volumes: Some(pod.volumes.iter().filter_map(|plan| volume(plan, setting.files, *instance)).collect()),
        ..PodSpec::default()
    }
}

fn security(pod: &Pod) -> PodSecurityContext {
    PodSecurityContext {
        fs_group: pod.files_group.map(i64::from),
        // Going through every file of a large volume takes minutes at each start.
        fs_group_change_policy: pod.files_group.map(|_| "OnRootMismatch".to_owned()),
        supplemental_groups: list_of(&pod.groups, |group| i64::from(*group)),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        ..PodSecurityContext::default()
    }
}

/// The taints of a node that is gone (`kubernetes.io/docs/reference/labels-annotations-taints`).
const GONE: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

fn tolerations(dead_node: DeadNode) -> Option<Vec<Toleration>> {
    let seconds = match dead_node {
        DeadNode::LeaveAfter(seconds) => Some(i64::from(seconds)),
        DeadNode::Stay => None,
        DeadNode::Kubernetes => return None,
    };
    list_of(&GONE, |taint| Toleration {
        key: Some((*taint).to_owned()),
        operator: Some("Exists".to_owned()),
        effect: Some("NoExecute".to_owned()),
        toleration_seconds: seconds,
        value: None,
    })
}

fn spread(setting: &Setting) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        label_selector: Some(metadata::selector(setting.selected.clone())),
        match_label_keys: setting.version_label.map(|label| vec![label.to_owned()]),
        max_skew: 1,
        // A dead or drained node would else count as one that has none, and two pods could not share the last node.
        node_taints_policy: Some("Honor".to_owned()),
        topology_key: HOSTNAME.to_owned(),
        when_unsatisfiable: "DoNotSchedule".to_owned(),
        ..TopologySpreadConstraint::default()
    }
}

/// Adds what was written in Kubernetes' own form to the pods of an object: nothing of it is lost or changed but nulls.
/// `spec`: the JSON pointer of the pods' `spec`.
pub fn add_written(object: &mut Object, spec: &str, pod: &Pod) {
    add_to_spec(object, spec, pod);
    object.drop_nulls();
}

fn add_to_spec(object: &mut Object, spec: &str, pod: &Pod) {
    let Some(spec) = object.json_mut().pointer_mut(spec).and_then(Value::as_object_mut) else { return };
    if !pod.placement.affinity.is_empty() {
        spec.insert("affinity".to_owned(), Value::Object(pod.placement.affinity.clone()));
    }
    if !pod.placement.tolerations.is_empty() {
        let written = pod.placement.tolerations.iter().cloned().map(Value::Object);
        let tolerations = spec.entry("tolerations").or_insert_with(|| Value::Array(Vec::new()));
        tolerations.as_array_mut().into_iter().for_each(|ours| ours.extend(written.clone()));
    }
    let volumes = spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten();
    for volume in volumes.filter_map(Value::as_object_mut) {
        let name = volume.get("name").and_then(Value::as_str).unwrap_or_default();
        let plan = pod.volumes.iter().find(|plan| plan.name == name);
        if let (Some(VolumeSource::Projected(sources)), Some(Value::Object(projected))) =
            (plan.map(|plan| &plan.source), volume.get_mut("projected"))
        {
            let sources = sources.iter().cloned().map(Value::Object).collect();
            projected.insert("sources".to_owned(), Value::Array(sources));
        }
    }
}
