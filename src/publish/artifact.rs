//! A package in, what stands for it in a registry out: the blobs and the manifest that `helm push` makes of it.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::oci::Manifest;
use crate::oci::go_json;
use crate::publish::Package;

/// Helm's media types (`pkg/registry/constants.go`).
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
pub const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
pub const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

const VERSION: &str = "org.opencontainers.image.version";
const TITLE: &str = "org.opencontainers.image.title";

/// The manifest, and all that it names.
pub struct Artifact<'p> {
    package: &'p Package,
    pub manifest: Vec<u8>,
    config: (Descriptor, Vec<u8>),
    pub chart: Descriptor,
    pub provenance: Option<Descriptor>,
}

impl<'p> Artifact<'p> {
    /// `created` is a time (RFC 3339), or nothing.
    pub fn new(package: &'p Package, created: Option<&str>) -> Self {
        let config = go_json(&sorted(package.chart.fields().clone()));
        let config = (Descriptor::of(CONFIG, &config), config);
        let chart = Descriptor::of(CHART, &package.bytes);
        let provenance = package.provenance.as_ref().map(|bytes| Descriptor::of(PROVENANCE, bytes));
        let mut layers: Vec<Descriptor> = std::iter::once(chart.clone()).chain(provenance.clone()).collect();
        layers.sort_by_key(|layer| layer.digest);
        let mut manifest = Manifest::new(config.0.clone(), layers, annotations(package.chart.fields(), created));
        // Helm leaves it to the registry to say, and so must we: the bytes are the same.
        manifest.media_type = None;
        let manifest = manifest.to_json();
        Self { package, manifest, config, chart, provenance }
    }

    /// Of the manifest.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    /// Everything that must be there before the manifest.
    pub fn blobs(&self) -> impl Iterator<Item = (&Descriptor, &Vec<u8>)> {
        let provenance = self.provenance.iter().zip(&self.package.provenance);
        [(&self.config.0, &self.config.1), (&self.chart, &self.package.bytes)].into_iter().chain(provenance)
    }
}

/// Go writes a map sorted by its keys; the only map of metadata is that of its annotations.
fn sorted(mut fields: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Object(annotations)) = fields.get_mut("annotations") {
        annotations.sort_keys();
    }
    fields
}

/// As Helm derives them from the chart's metadata (`pkg/registry/chart.go`): its own annotations may replace all but two.
fn annotations(fields: &Map<String, Value>, created: Option<&str>) -> BTreeMap<String, String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let field = |name: &str| text(fields.get(name));
    let source = fields.get("sources").and_then(|sources| sources.get(0));
    let derived = [
        ("org.opencontainers.image.description", field("description")),
        (TITLE, field("name")),
        (VERSION, field("version")),
        ("org.opencontainers.image.url", field("home")),
        ("org.opencontainers.image.created", created.unwrap_or_default().to_owned()),
        ("org.opencontainers.image.source", text(source)),
        ("org.opencontainers.image.authors", authors(fields)),
    ];
    let derived = derived.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let mut all: BTreeMap<String, String> = derived.map(|(key, value)| (key.to_owned(), value)).collect();
    let own = fields.get("annotations").and_then(Value::as_object).into_iter().flatten();
    for (key, value) in own.filter(|(key, _)| ![VERSION, TITLE].contains(&key.as_str())) {
        all.insert(key.clone(), text(Some(value)));
    }
    all
}

/// `Anna (anna@example.com), Bert`.
fn authors(fields: &Map<String, Value>) -> String {
    let maintainers = fields.get("maintainers").and_then(Value::as_array).into_iter().flatten();
    let word = |maintainer: &Value| {
        let of =
            |key: &str| maintainer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let address = of("email").map(|email| format!(" ({email})"));
        format!("{}{}", of("name").unwrap_or_default(), address.unwrap_or_default())
    };
    maintainers.map(word).collect::<Vec<_>>().join(", ")
}
