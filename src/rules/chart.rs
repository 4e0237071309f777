//! Rules of the finished chart: what Helm and Kubernetes would refuse for its size.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Place;
use crate::helm::RECORD_LIMIT;
use crate::objects::ChartObjects;

/// Bytes of data in a ConfigMap that Kubernetes accepts (`core/validation`, `MaxSecretSize`).
const CONFIG_LIMIT: usize = 1024 * 1024;

/// `record`: bytes that Helm's record of the release will take.
pub fn check(charts: &[ChartObjects], record: usize, findings: &mut Vec<Diagnostic>) {
    if record > RECORD_LIMIT {
        let message =
            format!("Helm's record of the release would take {record} bytes, and Kubernetes takes {RECORD_LIMIT}");
        findings.push(
            Diagnostic::error("release-too-large", Place::Whole, message)
                .hint("take large files out of `file`, `fileFrom` and `filesFrom`, or make two clusters of services"),
        );
    }
    for chart in charts {
        let configs = chart.objects.iter().filter(|object| object.object.kind() == "ConfigMap");
        let size = |object: &serde_json::Value| {
            let data = object.get("data").and_then(serde_json::Value::as_object);
            data.into_iter().flatten().map(|(_, text)| text.as_str().map_or(0, str::len)).sum::<usize>()
        };
        for bytes in configs.map(|config| size(config.object.json())).filter(|bytes| *bytes > CONFIG_LIMIT) {
            let path = FieldPath::of(["services"]).key(&chart.name).key("mounts");
            let message = format!("the files of this service take {bytes} bytes, and a ConfigMap holds {CONFIG_LIMIT}");
            findings.push(
                Diagnostic::error("files-too-large", Place::Key(path), message)
                    .hint("put large files on a volume, or into the image"),
            );
        }
    }
}
