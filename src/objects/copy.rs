//! Two places of files in, the Job that copies one to the other and compares every byte out.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::batch::v1::PodFailurePolicy;
use k8s_openapi::api::batch::v1::PodFailurePolicyOnExitCodesRequirement;
use k8s_openapi::api::batch::v1::PodFailurePolicyRule;
use k8s_openapi::api::core::v1::Capabilities;
use k8s_openapi::api::core::v1::Container;
use k8s_openapi::api::core::v1::EnvVar;
use k8s_openapi::api::core::v1::PersistentVolumeClaimVolumeSource;
use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::core::v1::SeccompProfile;
use k8s_openapi::api::core::v1::SecurityContext;
use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::api::core::v1::VolumeMount;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::assets;
use crate::objects::Object;
use crate::objects::metadata::map;
use crate::plan::moves::COPY_IMAGE;
use crate::plan::moves::Move;
use crate::plan::moves::Spot;

/// What the Job runs; `$from` and `$to` are folders.
pub const SCRIPT: &str = assets::text("charts-src/move/copy.sh");
/// How often a killed copy goes on.
const TRIES: i32 = 100;
/// rsync: error in file input or output, such as a full disk (rsync(1), EXIT VALUES). Ours: both sides differ.
const HOPELESS: [i32; 2] = [3, 11];

/// The Job, in the release namespace. It is root, for it keeps owners; nothing but the two volumes can be written.
pub fn job(namespace: &str, plan: &Move) -> Object {
    let requirement = PodFailurePolicyOnExitCodesRequirement {
        container_name: None,
        operator: "In".to_owned(),
        values: HOPELESS.to_vec(),
    };
    let rule = PodFailurePolicyRule {
        action: "FailJob".to_owned(),
        on_exit_codes: Some(requirement),
        on_pod_conditions: None,
    };
    let pod = PodSpec {
        automount_service_account_token: Some(false),
        containers: vec![container(plan)],
        enable_service_links: Some(false),
        restart_policy: Some("Never".to_owned()),
        volumes: Some(vec![volume("from", &plan.from), volume("to", &plan.to)]),
        ..PodSpec::default()
    };
    let labels = map([("app.kubernetes.io/managed-by", "helm-ha"), ("helm-ha.dev/move", &plan.job)]);
    let metadata = ObjectMeta { labels: Some(labels), ..ObjectMeta::default() };
    Object::of(Job {
        metadata: ObjectMeta {
            name: Some(plan.job.clone()),
            namespace: Some(namespace.to_owned()),
            ..metadata.clone()
        },
        spec: Some(JobSpec {
            backoff_limit: Some(TRIES),
            pod_failure_policy: Some(PodFailurePolicy { rules: vec![rule] }),
            template: PodTemplateSpec { metadata: Some(metadata), spec: Some(pod) },
            ..JobSpec::default()
        }),
        status: None,
    })
}

fn container(plan: &Move) -> Container {
    let variable = |name: &str| EnvVar { name: name.to_owned(), value: Some(format!("/{name}")), value_from: None };
    // To read what is anybody's, to give it to its owner, and to keep set-group-ID bits and file capabilities.
    let capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP"];
    let requests =
        [("cpu".to_owned(), Quantity("100m".to_owned())), ("memory".to_owned(), Quantity("128Mi".to_owned()))];
    Container {
        name: "copy".to_owned(),
        image: Some(COPY_IMAGE.to_owned()),
        command: Some(vec!["sh".to_owned(), "-c".to_owned(), SCRIPT.to_owned()]),
        env: Some(vec![variable("from"), variable("to")]),
        resources: Some(ResourceRequirements { requests: Some(requests.into()), ..ResourceRequirements::default() }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                add: Some(capabilities.map(str::to_owned).to_vec()),
                drop: Some(vec!["ALL".to_owned()]),
            }),
            read_only_root_filesystem: Some(true),
            run_as_group: Some(0),
            run_as_user: Some(0),
            seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(vec![mount("from", &plan.from), mount("to", &plan.to)]),
        ..Container::default()
    }
}

fn volume(name: &str, spot: &Spot) -> Volume {
    let claim = PersistentVolumeClaimVolumeSource { claim_name: spot.claim.clone(), read_only: None };
    Volume { name: name.to_owned(), persistent_volume_claim: Some(claim), ..Volume::default() }
}

fn mount(name: &str, spot: &Spot) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: format!("/{name}"),
        sub_path: spot.folder.clone(),
        read_only: (name == "from").then_some(true),
        ..VolumeMount::default()
    }
}
