//! Planned container in, Kubernetes' container out.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Capabilities;
use k8s_openapi::api::core::v1::ConfigMapEnvSource;
use k8s_openapi::api::core::v1::ConfigMapKeySelector;
use k8s_openapi::api::core::v1::ContainerPort;
use k8s_openapi::api::core::v1::EnvFromSource;
use k8s_openapi::api::core::v1::EnvVar;
use k8s_openapi::api::core::v1::EnvVarSource;
use k8s_openapi::api::core::v1::ExecAction;
use k8s_openapi::api::core::v1::GRPCAction;
use k8s_openapi::api::core::v1::HTTPGetAction;
use k8s_openapi::api::core::v1::ObjectFieldSelector;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::core::v1::SecretEnvSource;
use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::api::core::v1::SecurityContext;
use k8s_openapi::api::core::v1::TCPSocketAction;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::plan::container::Container;
use crate::plan::environment::Variable;
use crate::plan::environment::VariableValue;
use crate::plan::environment::VariablesFrom;
use crate::plan::mounts::VolumeMount;
use crate::plan::ports::Port;
use crate::plan::probes::Action;
use crate::plan::probes::Probe;
use crate::plan::security::Security;
use crate::plan::workload::Instance;

type Built = k8s_openapi::api::core::v1::Container;

/// A container; `instance`: the one that the pod is of, for its name and address.
pub fn container(plan: &Container, instance: Option<&Instance>) -> Built {
    Built {
        name: plan.name.clone(),
        image: Some(plan.image.default.clone()),
        command: list(&plan.command),
        args: list(&plan.args),
        working_dir: plan.workdir.clone(),
        env: list_of(&plan.env, |variable| env(variable, instance)),
        env_from: list_of(&plan.env_from, env_from),
        ports: list_of(&plan.ports, port),
        volume_mounts: list_of(&plan.mounts, mount),
        resources: Some(ResourceRequirements {
            requests: amounts(plan.resources.default.requests.iter()),
            limits: amounts(plan.resources.default.limits.iter()),
            ..ResourceRequirements::default()
        }),
        liveness_probe: plan.probes.liveness.as_ref().map(probe),
        readiness_probe: plan.probes.readiness.as_ref().map(probe),
        startup_probe: plan.probes.startup.as_ref().map(probe),
        security_context: Some(security(&plan.security)),
        ..Built::default()
    }
}

fn list(texts: &[String]) -> Option<Vec<String>> {
    list_of(texts, Clone::clone)
}

/// A list of what was planned; `None` when there is nothing.
pub fn list_of<T, B>(items: &[T], build: impl Fn(&T) -> B) -> Option<Vec<B>> {
    if items.is_empty() { None } else { Some(items.iter().map(build).collect()) }
}

fn amounts<T: ToString>(amounts: impl Iterator<Item = (impl ToString, T)>) -> Option<BTreeMap<String, Quantity>> {
    let amounts: BTreeMap<_, _> =
        amounts.map(|(name, amount)| (name.to_string(), Quantity(amount.to_string()))).collect();
    if amounts.is_empty() { None } else { Some(amounts) }
}

fn env(variable: &Variable, instance: Option<&Instance>) -> EnvVar {
    let text = |value: String| EnvVar { name: variable.name.clone(), value: Some(value), value_from: None };
    let from = |source| EnvVar { name: variable.name.clone(), value: None, value_from: Some(source) };
    match &variable.value {
        VariableValue::Text(value) => text(value.clone()),
        VariableValue::InstanceName => text(instance.map(|instance| instance.name.clone()).unwrap_or_default()),
        VariableValue::InstanceAddress => text(instance.map(|instance| instance.address.clone()).unwrap_or_default()),
        VariableValue::Field(path) => {
            let field = ObjectFieldSelector { field_path: path.clone(), ..ObjectFieldSelector::default() };
            from(EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() })
        }
        VariableValue::Secret { name, key } => {
            let key = SecretKeySelector { name: name.clone(), key: key.clone(), optional: None };
            from(EnvVarSource { secret_key_ref: Some(key), ..EnvVarSource::default() })
        }
        VariableValue::Config { name, key } => {
            let key = ConfigMapKeySelector { name: name.clone(), key: key.clone(), optional: None };
            from(EnvVarSource { config_map_key_ref: Some(key), ..EnvVarSource::default() })
        }
    }
}

fn env_from(from: &VariablesFrom) -> EnvFromSource {
    match from {
        VariablesFrom::Secret(name) => EnvFromSource {
            secret_ref: Some(SecretEnvSource { name: name.clone(), optional: None }),
            ..EnvFromSource::default()
        },
        VariablesFrom::Config(name) => EnvFromSource {
            config_map_ref: Some(ConfigMapEnvSource { name: name.clone(), optional: None }),
            ..EnvFromSource::default()
        },
    }
}

fn port(port: &Port) -> ContainerPort {
    ContainerPort {
        name: Some(port.name.clone()),
        container_port: i32::from(port.port),
        protocol: Some(port.protocol.as_str().to_owned()),
        ..ContainerPort::default()
    }
}

fn mount(mount: &VolumeMount) -> k8s_openapi::api::core::v1::VolumeMount {
    let sub_path = mount.sub_path.clone();
    let (sub_path, sub_path_expr) = if mount.per_pod { (None, sub_path) } else { (sub_path, None) };
    k8s_openapi::api::core::v1::VolumeMount {
        name: mount.volume.clone(),
        mount_path: mount.path.clone(),
        sub_path,
        sub_path_expr,
        read_only: mount.read_only.then_some(true),
        ..Default::default()
    }
}

fn probe(plan: &Probe) -> k8s_openapi::api::core::v1::Probe {
    let mut probe = k8s_openapi::api::core::v1::Probe {
        period_seconds: Some(number(plan.period)),
        timeout_seconds: Some(number(plan.timeout)),
        failure_threshold: Some(number(plan.failures)),
        initial_delay_seconds: (plan.delay > 0).then(|| number(plan.delay)),
        ..Default::default()
    };
    let port = |port: &u16| IntOrString::Int(i32::from(*port));
    match &plan.action {
        Action::Http { path, port: at } => {
            let get = HTTPGetAction { path: Some(path.clone()), port: port(at), ..HTTPGetAction::default() };
            probe.http_get = Some(get);
        }
        Action::Tcp(at) => probe.tcp_socket = Some(TCPSocketAction { host: None, port: port(at) }),
        Action::Exec(command) => probe.exec = Some(ExecAction { command: Some(command.clone()) }),
        Action::Grpc(at) => probe.grpc = Some(GRPCAction { port: i32::from(*at), service: None }),
    }
    probe
}

/// The schema of the values keeps every number below `i32::MAX`.
pub fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn security(plan: &Security) -> SecurityContext {
    SecurityContext {
        run_as_user: plan.user.map(i64::from),
        run_as_group: plan.group.map(i64::from),
        run_as_non_root: plan.non_root.then_some(true),
        read_only_root_filesystem: Some(plan.read_only_root),
        privileged: plan.privileged.then_some(true),
        allow_privilege_escalation: (!plan.privileged).then_some(false),
        capabilities: (!plan.privileged)
            .then(|| Capabilities { add: list(&plan.capabilities), drop: Some(vec!["ALL".to_owned()]) }),
        ..SecurityContext::default()
    }
}
