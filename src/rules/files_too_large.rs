//! Files of a service that are together too large for a ConfigMap.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Charts;
use crate::rules::Check;
use crate::rules::Rule;

pub const RULE: Rule = Rule {
    code: "files-too-large",
    severity: Severity::Error,
    area: Area::Services,
    what: "Files of a service that are together too large for a ConfigMap.",
    why: "The files of a service are one ConfigMap, which Kubernetes takes up to 1 MiB.",
    example: "services: { web: { image: web:1, mounts: { /data: { fileFrom: ./two-megabytes.txt } } } }",
    check: Check::Charts(check),
};

/// Bytes of data (`MaxSecretSize` in `pkg/apis/core/types.go` of Kubernetes, which holds for ConfigMaps as well).
const LARGEST: usize = 1024 * 1024;

fn check(charts: &Charts, findings: &mut Vec<Diagnostic>) {
    for chart in charts.charts {
        let mut configs = chart.objects.iter().filter(|object| object.object.kind() == "ConfigMap");
        if configs.any(|config| size(config.object.json()) > LARGEST) {
            let path = FieldPath::of(["services", &chart.name, "mounts"]);
            let finding = RULE.key(path, "the files of this service are larger than 1 MiB together");
            findings.push(finding.hint("put large files on a volume, or into the image"));
        }
    }
}

fn size(config: &Value) -> usize {
    let data = config.get("data").and_then(Value::as_object);
    data.into_iter().flatten().map(|(_, text)| text.as_str().map_or(0, str::len)).sum()
}
