//! Planned volumes of a pod in, Kubernetes' volumes out.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMapVolumeSource;
use k8s_openapi::api::core::v1::EmptyDirVolumeSource;
use k8s_openapi::api::core::v1::HostPathVolumeSource;
use k8s_openapi::api::core::v1::ImageVolumeSource;
use k8s_openapi::api::core::v1::KeyToPath;
use k8s_openapi::api::core::v1::PersistentVolumeClaimVolumeSource;
use k8s_openapi::api::core::v1::ProjectedVolumeSource;
use k8s_openapi::api::core::v1::SecretVolumeSource;
use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::plan::pod_volumes::Files;
use crate::plan::pod_volumes::PodVolume;
use crate::plan::pod_volumes::VolumeSource;
use crate::plan::workload::Instance;

/// A volume; `None` for one that the pod has without saying so. `files`: the service's own ConfigMap.
/// The sources of a projected one are added later, in the form in which they were written.
pub fn volume(plan: &PodVolume, files: &str, instance: Option<&Instance>) -> Option<Volume> {
    let mut volume = Volume { name: plan.name.clone(), ..Volume::default() };
    match &plan.source {
        VolumeSource::ClaimPerReplica(_) => return None,
        VolumeSource::Claim(claim) => volume.persistent_volume_claim = Some(of_claim(claim)),
        VolumeSource::Local(path) => {
            let local = instance.and_then(|instance| instance.locals.iter().find(|local| local.path == *path))?;
            volume.persistent_volume_claim = Some(of_claim(&local.claim));
        }
        VolumeSource::Scratch { size, memory } => {
            volume.empty_dir = Some(EmptyDirVolumeSource {
                medium: memory.then(|| "Memory".to_owned()),
                size_limit: size.as_ref().map(|size| Quantity(size.to_string())),
            });
        }
        VolumeSource::Files { items } => {
            let item = |(key, item): (&String, &crate::plan::pod_volumes::FileItem)| KeyToPath {
                key: key.clone(),
                path: item.path.clone(),
                mode: item.mode,
            };
            let items = Some(items.iter().map(item).collect());
            let source = ConfigMapVolumeSource { name: files.to_owned(), items, ..ConfigMapVolumeSource::default() };
            volume.config_map = Some(source);
        }
        VolumeSource::Secret(Files { name, items, mode }) => {
            volume.secret = Some(SecretVolumeSource {
                secret_name: Some(name.clone()),
                items: keys(items),
                default_mode: *mode,
                optional: None,
            });
        }
        VolumeSource::Config(Files { name, items, mode }) => {
            volume.config_map = Some(ConfigMapVolumeSource {
                name: name.clone(),
                items: keys(items),
                default_mode: *mode,
                optional: None,
            });
        }
        VolumeSource::Host { path, folder } => {
            let type_ = folder.then(|| "Directory".to_owned());
            volume.host_path = Some(HostPathVolumeSource { path: path.clone(), type_ });
        }
        VolumeSource::Image(image) => {
            volume.image = Some(ImageVolumeSource { reference: Some(image.clone()), pull_policy: None });
        }
        VolumeSource::Projected(_) => volume.projected = Some(ProjectedVolumeSource::default()),
    }
    Some(volume)
}

fn of_claim(name: &str) -> PersistentVolumeClaimVolumeSource {
    PersistentVolumeClaimVolumeSource { claim_name: name.to_owned(), read_only: None }
}

fn keys(items: &BTreeMap<String, String>) -> Option<Vec<KeyToPath>> {
    let items: Vec<_> =
        items.iter().map(|(key, path)| KeyToPath { key: key.clone(), path: path.clone(), mode: None }).collect();
    if items.is_empty() { None } else { Some(items) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use crate::objects::tests::at;
    use crate::objects::tests::web;

    #[test]
    fn every_kind_of_mount_becomes_a_volume() {
        let check = |mount: &str, volume: Value, mounted: Value| {
            let objects = web(&format!(
            "storage: {{ nfs: {{ nas: {{ server: a, path: /b }} }}, classes: {{ fast: {{ existing: f, accessModes: [ReadWriteOnce] }} }} }}
volumes: {{ media: {{ size: 1Gi }}, books: {{ size: 1Gi, class: nfs.nas }}, old: {{ existing: {{ claim: old.one }} }} }}
services: {{ web: {{ image: nginx:1.28.3, mounts: {{ /tmp: {{ scratch: 1Mi }}, /d: {mount} }} }} }}"
        ));
            let pod = "/spec/template/spec";
            let mounts = at(&objects, "deployment", &format!("{pod}/containers/0/volumeMounts"));
            assert_eq!(mounts[0], mounted, "{mount}");
            let volumes = at(&objects, "deployment", &format!("{pod}/volumes"));
            let name = mounts[0]["name"].as_str().unwrap();
            let mut found = volumes.as_array().unwrap().iter().find(|volume| volume["name"] == name).unwrap().clone();
            found.as_object_mut().unwrap().shift_remove("name");
            assert_eq!(found, volume, "{mount}");
        };
        let claim = |name: &str| json!({ "persistentVolumeClaim": { "claimName": name } });
        let plain = |name: &str| json!({ "mountPath": "/d", "name": name });
        let read = |name: &str| json!({ "mountPath": "/d", "name": name, "readOnly": true });
        let key = |name: &str, key: &str| json!({ "mountPath": "/d", "name": name, "readOnly": true, "subPath": key });
        check("{ volume: media }", claim("media"), plain("media"));
        check("{ volume: media, readOnly: true }", claim("media"), read("media"));
        check("{ volume: old }", claim("old.one"), plain("old-one"));
        let below = |path: &str| json!({ "mountPath": "/d", "name": "nfs-nas", "subPath": path });
        check("{ volume: books, subPath: a/b }", claim("nfs-nas"), below("books/a/b"));
        check("{ nfs: nas, subPath: films }", claim("nfs-nas"), below("films"));
        check("{ claim: 1Gi, class: nfs.nas, subPath: x }", claim("nfs-nas"), below("web/x"));
        check("{ claim: 1Gi, name: cache, class: fast }", claim("web-cache"), plain("web-cache"));
        check(
            "{ local: /vols/d, size: 1Gi }",
            json!({ "hostPath": { "path": "/vols/d", "type": "Directory" } }),
            plain("local-vols-d"),
        );
        check(
            "{ scratch: 1Gi, memory: true }",
            json!({ "emptyDir": { "medium": "Memory", "sizeLimit": "1Gi" } }),
            plain("d"),
        );
        let file = json!({ "configMap": { "name": "web-files", "items": [{ "key": "d", "path": "d", "mode": 288 }] } });
        check("{ file: 'a: 1', mode: '0440' }", file, key("files", "d"));
        let folder =
            json!({ "configMap": { "name": "web-files", "items": [{ "key": "d_a.conf", "path": "a.conf" }] } });
        check("{ filesFrom: ./x, files: { a.conf: 'a: 1' } }", folder, read("files-d"));
        check(
            "{ secret: s, mode: '0400' }",
            json!({ "secret": { "secretName": "s", "defaultMode": 256 } }),
            read("secret-s"),
        );
        let item = |from: &str, to: &str| json!([{ "key": from, "path": to }]);
        check(
            "{ secret: s, key: k }",
            json!({ "secret": { "secretName": "s", "items": item("k", "k") } }),
            key("secret-s", "k"),
        );
        check(
            "{ config: s, keys: { k: p } }",
            json!({ "configMap": { "name": "s", "items": item("k", "p") } }),
            read("config-s"),
        );
        check("{ host: /sys, readOnly: true }", json!({ "hostPath": { "path": "/sys" } }), read("host-sys"));
        check("{ device: /dev/dri }", json!({ "hostPath": { "path": "/dev/dri" } }), plain("device-dev-dri"));
        check("{ image: a.io/b:1 }", json!({ "image": { "reference": "a.io/b:1" } }), read("image-d"));
        let token = json!({ "sources": [{ "serviceAccountToken": { "path": "t" } }] });
        check(
            "{ projected: [{ serviceAccountToken: { path: t } }] }",
            json!({ "projected": token }),
            read("projected-d"),
        );
    }

    #[test]
    fn what_refers_to_nothing_is_left_out() {
        let objects = web(
        "services: { web: { image: nginx:1, mounts: { /a: { volume: b }, /c: { claim: 1Gi, class: d }, /e: { same: /e } },
           probe: { tcp: nothing }, expose: { pool: nothing }, metrics: { port: nothing } } }",
    );
        let mounts = at(&objects, "deployment", "/spec/template/spec/containers/0/volumeMounts");
        assert_eq!(mounts, json!([{ "mountPath": "/tmp", "name": "tmp" }]));
    }

    #[test]
    fn files_have_one_group() {
        let check = |service: &str, expect: Value| {
            let objects = web(&format!(
                "volumes: {{ media: {{ size: 1Gi, group: 7 }} }}\nservices: {{ web: {{ image: nginx:1, {service} }} }}"
            ));
            let context = at(&objects, "deployment", "/spec/template/spec/securityContext");
            assert_eq!(context["fsGroup"], expect, "{service}");
            let policy = if expect.is_null() { Value::Null } else { "OnRootMismatch".into() };
            assert_eq!(context["fsGroupChangePolicy"], policy);
        };
        check("user: 1", Value::Null);
        check("mounts: { /d: { claim: 1Gi } }", json!(2000));
        check("mounts: { /d: { volume: media } }", json!(7));
        check("mounts: { /d: { secret: s } }", Value::Null);
        check("mounts: { /d: { secret: s, mode: '0400' } }", json!(2000));
    }
}
