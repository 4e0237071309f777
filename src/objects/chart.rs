//! The objects of one subchart, each with the file it is written to and the values that it exposes.

use crate::objects::Exposed;
use crate::objects::Object;

/// An object of a chart. `file` is unique in its chart: `deployment.yaml`, `service-headless.yaml`.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartObject {
    pub file: String,
    pub object: Object,
    pub exposed: Vec<Exposed>,
}

impl ChartObject {
    /// An object that exposes nothing.
    pub fn new(file: impl Into<String>, object: Object) -> Self {
        Self { file: file.into(), object, exposed: Vec::new() }
    }
}

/// One subchart before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartObjects {
    /// The subchart's name: a service, or `rook`, `metallb`, `cert-manager`, `gateway`, `tunnel`, `volumes`.
    pub name: String,
    /// One sentence for `Chart.yaml`.
    pub description: String,
    /// `appVersion` of the subchart; the tag of the service's image or the add-on's version.
    pub app_version: String,
    /// Whether `NAME.enabled` switches it off: services only.
    pub optional: bool,
    pub objects: Vec<ChartObject>,
}
