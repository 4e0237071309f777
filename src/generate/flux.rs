//! The name of a chart and the address of its repository in, the objects with which Flux installs it out.
//!
//! `CreateReplace` upgrades the CRDs with the chart, which Helm itself never does. Nothing waits for pods: what is ready
//! only when a Secret is made by hand would take the release down. A failed install is tried again as it is: Flux' own
//! default would uninstall it first, and everything but the storage with it.

use serde_json::Value;
use serde_json::json;

use crate::yaml;

/// Where Flux gets the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartSource {
    /// `oci://ghcr.io/example/charts`, without the name of the chart.
    Registry(String),
    /// `https://charts.example.com/stable`, where `index.yaml` is.
    Web(String),
}

impl ChartSource {
    /// `None` for what is neither.
    pub fn read(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim_end_matches('/').split_once("://")?;
        let sound =
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:%~".contains(&byte));
        let url = format!("{scheme}://{rest}");
        match scheme {
            "oci" if sound && rest.contains('/') => Some(Self::Registry(url)),
            "http" | "https" if sound => Some(Self::Web(url)),
            _ => None,
        }
    }
}

/// Where Flux keeps its own objects unless told otherwise.
const NAMESPACE: &str = "flux-system";
/// What of an artefact in a registry is the chart.
const LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// The text of the objects: the source and the release.
pub fn flux(name: &str, namespace: &str, version: &str, source: &ChartSource) -> String {
    let metadata = json!({ "name": name, "namespace": NAMESPACE });
    let source_object = |kind: &str, spec: Value| json!({ "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": kind, "metadata": metadata, "spec": spec });
    let (object, (key, chart)) = match source {
        ChartSource::Registry(url) => (
            source_object(
                "OCIRepository",
                json!({
                    "interval": "1h",
                    "url": format!("{url}/{name}"),
                    // A tag cannot hold a `+`; Helm writes `_` instead.
                    "ref": { "tag": version.replace('+', "_") },
                    "layerSelector": { "mediaType": LAYER, "operation": "copy" },
                }),
            ),
            ("chartRef", json!({ "kind": "OCIRepository", "name": name })),
        ),
        ChartSource::Web(url) => (
            source_object("HelmRepository", json!({ "interval": "1h", "url": url })),
            (
                "chart",
                json!({ "spec": {
                    "chart": name, "version": version, "sourceRef": { "kind": "HelmRepository", "name": name },
                } }),
            ),
        ),
    };
    let strategy = json!({ "name": "RetryOnFailure", "retryInterval": "5m" });
    let release = json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": metadata,
        "spec": {
            "interval": "1h",
            "timeout": "15m",
            key: chart,
            "releaseName": name,
            "targetNamespace": namespace,
            "storageNamespace": namespace,
            "install": { "createNamespace": true, "crds": "CreateReplace", "disableWait": true, "strategy": strategy },
            "upgrade": { "crds": "CreateReplace", "disableWait": true, "strategy": strategy },
            "uninstall": { "disableWait": true },
        },
    });
    format!("---\n{}---\n{}", yaml::write_json(&object), yaml::write_json(&release))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_registries_or_web_servers() {
        let check = |url: &str, expect: Option<ChartSource>| assert_eq!(ChartSource::read(url), expect, "{url}");
        check("oci://ghcr.io/example/charts/", Some(ChartSource::Registry("oci://ghcr.io/example/charts".to_owned())));
        check("https://example.com", Some(ChartSource::Web("https://example.com".to_owned())));
        for wrong in
            ["", "oci://", "oci://ghcr.io", "ftp://a/b", "example.com/charts", "https://a b", "https://a?b", "git@a:b"]
        {
            check(wrong, None);
        }
    }

    #[test]
    fn a_tag_holds_no_plus() {
        let text = flux("a", "b", "1.0.0+7", &ChartSource::Registry("oci://r.test/charts".to_owned()));
        assert!(text.contains("tag: \"1.0.0_7\"") && text.contains("url: oci://r.test/charts/a\n"), "{text}");
        let text = flux("a", "b", "1.0.0+7", &ChartSource::Web("https://r.test".to_owned()));
        assert!(text.contains("version: \"1.0.0+7\""), "{text}");
    }
}
