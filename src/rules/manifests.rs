//! What values write in Kubernetes' own form in; each with its place and type, and what is wrong with it, out.

use serde_json::Map;
use serde_json::Value;

use crate::diagnostic::FieldPath;
use crate::kubernetes;
use crate::kubernetes::Kind;
use crate::kubernetes::Mistake;
use crate::kubernetes::Type;
use crate::kubernetes::Types;
use crate::kubernetes::Whole;
use crate::model::Cluster;
use crate::objects;
use crate::objects::ChartObjects;
use crate::objects::Object;
use crate::rules::walk;
use crate::values::mount::Mount;
use crate::values::service::PatchTarget;

/// The kinds of objects that a service may have.
const OF_SERVICES: &[(&str, &str)] = &[
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "CronJob"),
    ("batch/v1", "Job"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("v1", "ConfigMap"),
    ("v1", "PersistentVolume"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
];

/// Groups that Kubernetes once had (kubernetes.io/docs/reference/using-api/deprecation-guide).
const GONE: &[&str] = &["extensions"];

/// A patch of a service.
pub struct PatchAt<'a> {
    pub of: walk::ServiceAt<'a>,
    pub target: &'a PatchTarget,
    pub patch: &'a Map<String, Value>,
}

impl PatchAt<'_> {
    pub fn path(&self) -> FieldPath {
        self.of.field("patch").key(self.target.as_str())
    }

    /// The kind that it changes; `None` when services have no such objects.
    pub fn kind(&self) -> Option<Kind> {
        let (wanted, _) = self.target.parts();
        let (api_version, kind) = OF_SERVICES.iter().find(|(_, kind)| *kind == wanted)?;
        Types::get().kind(api_version, kind)
    }
}

pub fn patches(cluster: &Cluster) -> impl Iterator<Item = PatchAt<'_>> {
    walk::services(cluster)
        .flat_map(|of| of.service.patch.iter().map(move |(target, patch)| PatchAt { of, target, patch }))
}

/// The objects of a service that a patch has changed.
pub fn patched<'a>(at: &PatchAt<'a>, charts: &'a [ChartObjects]) -> impl Iterator<Item = &'a Object> {
    let (service, target) = (at.of.name.as_str(), at.target.parts());
    let chart = charts.iter().find(move |chart| chart.name == service);
    let objects = chart.into_iter().flat_map(|chart| chart.objects.iter().map(|item| &item.object));
    objects.filter(move |object| objects::is_for(target, object.kind(), object.name()))
}

/// A manifest of the values.
pub struct ExtraAt<'a> {
    pub entry: &'a str,
    pub object: &'a Map<String, Value>,
}

impl ExtraAt<'_> {
    pub fn path(&self) -> FieldPath {
        FieldPath::of(["extraObjects", self.entry])
    }

    /// A text of the object, such as its `kind`.
    pub fn text(&self, key: &str) -> &str {
        self.object.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text of the object's metadata.
    pub fn metadata(&self, key: &str) -> &str {
        self.object.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn kind(&self) -> Option<Kind> {
        Types::get().kind(self.text("apiVersion"), self.text("kind"))
    }
}

pub fn extra_objects(cluster: &Cluster) -> impl Iterator<Item = ExtraAt<'_>> {
    cluster.extra_objects.iter().map(|(entry, object)| ExtraAt { entry: entry.as_str(), object })
}

/// The group of an `apiVersion`; empty for the core.
pub fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether a group is Kubernetes' own, or once was.
pub fn is_of_kubernetes(of: &str) -> bool {
    GONE.contains(&of) || Types::get().kinds().any(|known| known.is_built_in() && group(known.api_version) == of)
}

/// Everything wrong in every value that has a type of Kubernetes: patches, manifests, affinity, tolerations, projected
/// volumes.
pub fn mistakes(cluster: &Cluster) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut check = |value: &Value, holds, path: &FieldPath, whole| {
        mistakes.extend(kubernetes::check(value, holds, path, whole));
    };
    for at in patches(cluster) {
        if let Some(kind) = at.kind() {
            check(&at.patch.clone().into(), kind.holds(), &at.path(), Whole::Patch);
        }
    }
    for at in extra_objects(cluster) {
        if let Some(kind) = at.kind() {
            check(&at.object.clone().into(), kind.holds(), &at.path(), Whole::Object);
        }
    }
    for at in walk::services(cluster) {
        if !at.service.affinity.is_empty() {
            let affinity = at.service.affinity.clone().into();
            check(&affinity, Type::of("core.v1.Affinity"), &at.field("affinity"), Whole::Object);
        }
        for (index, toleration) in at.service.tolerations.iter().enumerate() {
            let path = at.field("tolerations").index(index);
            check(&toleration.clone().into(), Type::of("core.v1.Toleration"), &path, Whole::Object);
        }
    }
    for at in walk::mounts(cluster) {
        let Mount::Projected(mount) = at.mount else { continue };
        for (index, source) in mount.projected.iter().enumerate() {
            let path = at.path().key("projected").index(index);
            check(&source.clone().into(), Type::of("core.v1.VolumeProjection"), &path, Whole::Object);
        }
    }
    mistakes
}

/// Every image of a pod in a patch or a manifest, with its place.
pub fn images(cluster: &Cluster) -> Vec<(FieldPath, &str)> {
    let mut images = Vec::new();
    let patches = patches(cluster).filter_map(|at| Some((at.path(), at.patch, at.kind()?)));
    let manifests = extra_objects(cluster).filter_map(|at| Some((at.path(), at.object, at.kind()?)));
    for (path, object, kind) in patches.chain(manifests) {
        each_image(object, kind.holds(), &path, &mut images);
    }
    images
}

fn each_image<'a>(map: &'a Map<String, Value>, holds: Type, path: &FieldPath, images: &mut Vec<(FieldPath, &'a str)>) {
    const NAMING: &[(&str, &str)] = &[("core.v1.Container", "image"), ("core.v1.ImageVolumeSource", "reference")];
    for (key, value) in map {
        let (below, path) = (holds.below(Types::get(), key), path.key(key));
        let names = NAMING.iter().any(|(of, field)| holds == Type::Fields(of) && key == field);
        match value {
            Value::String(text) if names => images.push((path, text)),
            Value::Object(map) => each_image(map, below, &path, images),
            Value::Array(items) => {
                for (index, item) in
                    items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?)))
                {
                    each_image(item, below.below(Types::get(), ""), &path.index(index), images);
                }
            }
            _ => {}
        }
    }
}

/// Every text in the patches and manifests, with its place and the name that says what it is.
pub fn texts(cluster: &Cluster) -> Vec<(FieldPath, &str, &str)> {
    let mut texts = Vec::new();
    for at in patches(cluster) {
        each_text(at.patch, &at.path(), &mut texts);
    }
    for at in extra_objects(cluster) {
        each_text(at.object, &at.path(), &mut texts);
    }
    texts
}

fn each_text<'a>(map: &'a Map<String, Value>, path: &FieldPath, texts: &mut Vec<(FieldPath, &'a str, &'a str)>) {
    for (key, value) in map {
        let path = path.key(key);
        match value {
            // Of a variable the name stands beside it.
            Value::String(text) => {
                let name = map.get("name").and_then(Value::as_str).filter(|_| key == "value").unwrap_or(key);
                texts.push((path, name, text));
            }
            Value::Object(map) => each_text(map, &path, texts),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    match item {
                        Value::String(text) => texts.push((path.index(index), "", text)),
                        Value::Object(map) => each_text(map, &path.index(index), texts),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// The place in a patch that decided the field of a patched object: elements of lists are found by the key that makes
/// them the same; what the patch does not say is the nearest thing that it says.
pub fn place_in_patch(patch: &Value, object: &Value, field: &FieldPath, at: FieldPath) -> FieldPath {
    use crate::diagnostic::Segment;
    let (mut path, mut patch, mut object) = (at, patch, object);
    for segment in field.segments() {
        let next = match segment {
            Segment::Key(key) => {
                patch.get(key).zip(object.get(key)).map(|(patch, object)| (segment.clone(), patch, object))
            }
            Segment::Index(index) => object.get(index).and_then(|element| {
                let same = |item: &&Value| {
                    ["name", "mountPath", "ip", "containerPort", "port"]
                        .iter()
                        .any(|key| item.get(key).is_some() && item.get(key) == element.get(key))
                };
                let items = patch.as_array()?;
                let at = items.iter().position(|item| same(&item))?;
                Some((Segment::Index(at), items.get(at)?, element))
            }),
        };
        match next {
            Some((segment, below, element)) => {
                path.push(segment);
                (patch, object) = (below, element);
            }
            None => break,
        }
    }
    path
}
