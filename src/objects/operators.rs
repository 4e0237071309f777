//! The planned programs of MetalLB and cert-manager in, their complete objects out.

use serde_json::Value;
use serde_json::json;

use crate::assets;
use crate::objects::ChartObject;
use crate::objects::builtin::Builtin;
use crate::objects::builtin::Source;
use crate::objects::certificates;
use crate::objects::dns;
use crate::plan::cert_manager::CertManager;
use crate::plan::cluster_dns;
use crate::plan::facts::Facts;
use crate::plan::metallb::MetalLb;
use crate::values::program::Program;
use crate::values::program::Verbosity;

const METALLB: Source = Source {
    name: "metallb",
    objects: assets::text("charts-src/metallb/objects.json"),
    exposed: assets::text("charts-src/metallb/exposed.json"),
};
const CERT_MANAGER: Source = Source {
    name: "cert-manager",
    objects: assets::text("charts-src/cert-manager/objects.json"),
    exposed: assets::text("charts-src/cert-manager/exposed.json"),
};

const POD: &str = "spec/template/spec";

pub fn metallb(facts: &Facts, plan: &MetalLb) -> Vec<ChartObject> {
    let mut objects = Builtin::new(facts, &METALLB);
    let level = match plan.log_level {
        Verbosity::Error => "error",
        Verbosity::Warning => "warn",
        Verbosity::Info => "info",
        Verbosity::Debug => "debug",
    };
    let programs = [
        ("Deployment/metallb-controller", "controller", &plan.controller),
        ("DaemonSet/metallb-speaker", "speaker", &plan.speaker),
    ];
    for (object, name, program) in programs {
        let container = format!("{POD}/containers/[{name}]");
        objects.set(object, &format!("{container}/args/[--log-level=*]"), format!("--log-level={level}"));
        objects.set(object, &format!("{container}/args/[--port=*]"), format!("--port={}", plan.metrics_port));
        objects.set(object, &format!("{container}/ports/[metricshttps]/containerPort"), plan.metrics_port);
        if plan.scrape_annotations {
            let scrape = [
                ("scrape", "true".to_owned()),
                ("scheme", "https".to_owned()),
                ("port", plan.metrics_port.to_string()),
            ];
            let scrape = scrape.map(|(key, value)| (format!("prometheus.io/{key}"), value));
            objects.merge(object, "spec/template/metadata/annotations", scrape);
        }
        run(&mut objects, object, name, program);
    }
    let speaker = format!("{POD}/containers/[speaker]");
    let set =
        &mut |path: &str, value: Value| objects.set("DaemonSet/metallb-speaker", &format!("{speaker}/{path}"), value);
    set("env/[METALLB_ML_BIND_PORT]/value", json!(plan.memberlist_port.to_string()));
    set("ports/[memberlist-tcp]/containerPort", json!(plan.memberlist_port));
    set("ports/[memberlist-udp]/containerPort", json!(plan.memberlist_port));
    if plan.ignore_exclude_label {
        objects.extend("DaemonSet/metallb-speaker", &format!("{speaker}/args"), ["--ignore-exclude-lb"]);
    }
    objects.into_objects()
}

pub fn cert_manager(facts: &Facts, plan: &CertManager) -> Vec<ChartObject> {
    let mut objects = Builtin::new(facts, &CERT_MANAGER);
    // What each level shows is said in cert-manager's `pkg/logs/logs.go`.
    let level = match plan.log_level {
        Verbosity::Error => 0,
        Verbosity::Warning => 1,
        Verbosity::Info => 2,
        Verbosity::Debug => 4,
    };
    let programs = [
        ("cert-manager", "cert-manager-controller", &plan.controller),
        ("cert-manager-webhook", "cert-manager-webhook", &plan.webhook),
        ("cert-manager-cainjector", "cert-manager-cainjector", &plan.cainjector),
    ];
    for (name, container, replicated) in programs {
        let object = format!("Deployment/{name}");
        objects.set(&object, &format!("{POD}/containers/[{container}]/args/[--v=*]"), format!("--v={level}"));
        objects.set(&object, "spec/replicas", replicated.replicas);
        if replicated.replicas < 2 {
            objects.remove(&format!("PodDisruptionBudget/{name}"));
        }
        run(&mut objects, &object, container, &replicated.program);
    }
    let args = format!("{POD}/containers/[cert-manager-controller]/args");
    let challenges = format!("--max-concurrent-challenges={}", plan.max_concurrent_challenges);
    objects.set("Deployment/cert-manager", &format!("{args}/[--max-concurrent-challenges=*]"), challenges);
    let owner = plan.secrets_follow_certificates.then(|| "--enable-certificate-owner-ref=true".to_owned());
    let asked = (!plan.dns01_nameservers.is_empty()).then(|| {
        let servers = plan.dns01_nameservers.join(",");
        ["--dns01-recursive-nameservers-only=true".to_owned(), format!("--dns01-recursive-nameservers={servers}")]
    });
    objects.extend("Deployment/cert-manager", &args, owner.into_iter().chain(asked.into_iter().flatten()));
    // It alone looks names up: those of ACME's servers, and the hosts of challenges that it visits before they are asked for.
    if let Some(resolver) = cluster_dns::resolver(facts, certificates::NAME) {
        objects.set("Deployment/cert-manager", &format!("{POD}/dnsPolicy"), dns::POLICY);
        objects.set("Deployment/cert-manager", &format!("{POD}/dnsConfig"), dns::config(&resolver));
    }
    objects.into_objects()
}

/// What a person says of one program's pods.
fn run(objects: &mut Builtin, object: &str, container: &str, program: &Program) {
    if let Some(resources) = &program.resources {
        objects.set(object, &format!("{POD}/containers/[{container}]/resources"), resources);
    }
    if !program.affinity.is_empty() {
        objects.set(object, &format!("{POD}/affinity"), &program.affinity);
    }
    if let Some(class) = &program.priority_class {
        objects.set(object, &format!("{POD}/priorityClassName"), class);
    }
    objects.extend(object, &format!("{POD}/tolerations"), &program.tolerations);
    objects.merge(object, &format!("{POD}/nodeSelector"), program.node_selector.clone());
    objects.merge(object, "spec/template/metadata/labels", program.pod_labels.clone());
    objects.merge(object, "spec/template/metadata/annotations", program.pod_annotations.clone());
}
