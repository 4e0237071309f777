//! Custom resources: kinds that Kubernetes learns from CRDs, each with a typed spec of ours.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use crate::objects::Object;

/// A kind of a CRD.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub api_version: &'static str,
    pub kind: &'static str,
}

impl Kind {
    pub fn object(self, metadata: ObjectMeta, spec: impl Serialize) -> Object {
        Object::of(Custom { api_version: self.api_version, kind: self.kind, metadata, spec })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Custom<S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: ObjectMeta,
    spec: S,
}

/// The same metadata in a namespace that is not the release's.
pub fn in_namespace(metadata: ObjectMeta, namespace: &str) -> ObjectMeta {
    ObjectMeta { namespace: Some(namespace.to_owned()), ..metadata }
}

/// The same metadata with the label by which the object passes a validating webhook whose pods do not answer yet: its
/// spec was checked here (3.4 of the design).
pub fn checked(mut metadata: ObjectMeta) -> ObjectMeta {
    metadata.labels.get_or_insert_default().insert("helm-ha.dev/checked".to_owned(), "true".to_owned());
    metadata
}
