//! `Chart.yaml`: the typed metadata of a chart in, its text out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::yaml::write_json;

/// `Chart.yaml` (Helm `pkg/chart/v2/metadata.go`). `apiVersion` is `v2`, which both Helm 3 and Helm 4 install.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartMetadata {
    api_version: &'static str,
    pub name: String,
    /// SemVer 2.
    pub version: String,
    /// Free text; the writer quotes what would be read as a number (`1.10`).
    pub app_version: String,
    pub description: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// A SemVer range such as `>=1.34.0-0`; Helm checks it for the root chart only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// A chart in `charts/`. Its `repository` is empty: the archive is complete, nothing is downloaded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependency {
    pub name: String,
    /// The exact version: with a range that does not match, Helm silently ignores the condition.
    pub version: String,
    repository: &'static str,
    /// The path of a boolean in the parent's values that switches the chart off, such as `photos.enabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

impl ChartMetadata {
    /// An application chart without dependencies.
    pub fn new(name: &str, version: &str, app_version: &str, description: &str) -> Self {
        Self {
            api_version: "v2",
            name: name.to_owned(),
            version: version.to_owned(),
            app_version: app_version.to_owned(),
            description: description.to_owned(),
            kind: "application",
            kube_version: None,
            icon: None,
            dependencies: Vec::new(),
            annotations: BTreeMap::new(),
        }
    }

    /// The text of `Chart.yaml`.
    pub fn to_yaml(&self) -> String {
        // A struct of strings, lists and maps with string keys serializes: this cannot fail.
        write_json(&serde_json::to_value(self).unwrap_or_default())
    }
}

impl Dependency {
    pub fn new(name: &str, version: &str, condition: Option<String>) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), repository: "", condition }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_texts() {
        let mut metadata = ChartMetadata::new("homelab", "1.0.0", "1.10", "All of it: here.");
        let expect = "apiVersion: v2\nname: homelab\nversion: \"1.0.0\"\nappVersion: \"1.10\"\ndescription: \"All of it: here.\"\n\
                      type: application\n";
        assert_eq!(metadata.to_yaml(), expect);
        metadata.kube_version = Some(">=1.34.0-0".to_owned());
        metadata.dependencies.push(Dependency::new("photos", "1.0.0", Some("photos.enabled".to_owned())));
        metadata.annotations.insert("example.com/on".to_owned(), "on".to_owned());
        let more = "kubeVersion: \">=1.34.0-0\"\ndependencies:\n- name: photos\n  version: \"1.0.0\"\n  repository: \"\"\n  \
                    condition: photos.enabled\nannotations:\n  example.com/on: \"on\"\n";
        assert_eq!(metadata.to_yaml(), format!("{expect}{more}"));
    }
}
