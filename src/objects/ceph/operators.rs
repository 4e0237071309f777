//! The Ceph cluster of the plan -> Rook's operator, that of CSI and its drivers, with everything that they need.

use serde_json::json;

use crate::assets;
use crate::objects::ChartObject;
use crate::objects::builtin::Builtin;
use crate::objects::builtin::Source;
use crate::objects::ceph::NAME;
use crate::objects::ceph::cluster::node_affinity;
use crate::objects::ceph::cluster::requirements;
use crate::plan::ceph::Ceph;
use crate::plan::facts::Facts;
use crate::values::program::Verbosity;

const SOURCE: Source = Source {
    name: NAME,
    objects: assets::text("charts-src/rook/objects.json"),
    exposed: assets::text("charts-src/rook/exposed.json"),
};

const OPERATOR: &str = "Deployment/rook-ceph-operator";
const CSI_OPERATOR: &str = "Deployment/ceph-csi-controller-manager";
const TOOLBOX: &str = "Deployment/rook-ceph-tools";
const DRIVERS: [&str; 2] = ["Driver/rook-ceph.cephfs.csi.ceph.com", "Driver/rook-ceph.rbd.csi.ceph.com"];
const POD: &str = "spec/template/spec";

/// All of them stay when the release goes: without their accounts and drivers no volume could be mounted again.
pub fn objects(facts: &Facts, plan: &Ceph) -> Vec<ChartObject> {
    let mut objects = Builtin::new(facts, &SOURCE).kept();
    objects.set("ConfigMap/rook-ceph-operator-config", "data/ROOK_LOG_LEVEL", level(plan.log_level));
    if let Some(resources) = plan.resources.get("operator") {
        objects.set(OPERATOR, &format!("{POD}/containers/[rook-ceph-operator]/resources"), requirements(*resources));
    }
    let domain = format!("{POD}/containers/[manager]/env/[KUBERNETES_CLUSTER_DOMAIN]/value");
    objects.set(CSI_OPERATOR, &domain, &facts.cluster_domain);
    for deployment in [OPERATOR, CSI_OPERATOR, TOOLBOX] {
        objects.extend(deployment, &format!("{POD}/tolerations"), &plan.tolerations);
        if !plan.node_selector.is_empty() {
            objects.set(deployment, &format!("{POD}/nodeSelector"), &plan.node_selector);
        }
    }
    for driver in DRIVERS {
        objects.set(driver, "spec/controllerPlugin/replicas", plan.csi_controllers);
        objects.extend(driver, "spec/controllerPlugin/tolerations", &plan.tolerations);
        if let Some(affinity) = node_affinity(&plan.node_selector) {
            objects.set(driver, "spec/controllerPlugin/affinity", json!({ "nodeAffinity": affinity }));
        }
    }
    if !plan.toolbox {
        objects.remove(TOOLBOX);
    }
    objects.into_objects()
}

fn level(level: Verbosity) -> &'static str {
    match level {
        Verbosity::Error => "ERROR",
        Verbosity::Warning => "WARNING",
        Verbosity::Info => "INFO",
        Verbosity::Debug => "DEBUG",
    }
}
