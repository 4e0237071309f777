//! What the reader, the schema and the attaching of files find before there is a cluster, for `explain` and lists.

use crate::diagnostic::Code;
use crate::diagnostic::Severity;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;

/// Everything that is found before the rules.
pub const FOUND: &[Rule] = &[
    rule(
        "yaml-encoding",
        "A values file is text in UTF-8, as every YAML reader takes it.",
        "# written in Latin-1 or UTF-16 by another program",
    ),
    rule("yaml-syntax", "The text is no YAML.", "services:\n  web: { image: web:1\n"),
    rule(
        "yaml-alias",
        "An unquoted `*` at the start of a value names an anchor, which must stand above it; host names with `*` want quotes.",
        "services: { web: { image: web:1, ports: { http: 80 }, routes: { *.example.com: http } } }",
    ),
    rule(
        "yaml-trap",
        "Readers of YAML 1.1 (Helm) and YAML 1.2 understand this scalar differently.",
        "services: { web: { image: web:1, privileged: yes } }",
    ),
    rule(
        "yaml-duplicate-key",
        "A key stands twice in one map, and only one of them would count.",
        "volumes: { media: { size: 1Ti }, media: { size: 2Ti } }",
    ),
    rule(
        "yaml-too-large",
        "The text is larger, deeper or refers to itself more often than any cluster needs.",
        "x-a: &a [1, 2, 3, 4, 5, 6, 7, 8]\nx-b: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nx-c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nx-d: &d [*c, *c, *c, *c, *c, *c, *c, *c]",
    ),
    rule(
        "unknown-key",
        "A key that the format does not have does nothing, whatever it was meant to do.",
        "services: { web: { image: web:1, replica: 2 } }",
    ),
    rule("missing-key", "Something cannot be made without this key.", "services: { web: { ports: { http: 80 } } }"),
    rule(
        "wrong-name",
        "Kubernetes or Helm refuses this name, or reads it as something else.",
        "services: { Web: { image: web:1 } }",
    ),
    rule(
        "wrong-type",
        "The value is of another kind than the key wants.",
        "services: { web: { image: web:1, replicas: two } }",
    ),
    rule(
        "wrong-value",
        "The value is of the right kind, but not one that the key can have.",
        "services: { web: { image: web:1, replicas: -1 } }",
    ),
    rule(
        "wrong-variant",
        "The keys do not say which kind of mount, probe, issuer or the like it is, or say two at once.",
        "services: { web: { image: web:1, mounts: { /data: { readOnly: true } } } }",
    ),
    rule(
        "file-unreadable",
        "A file that goes into the chart cannot be read, is no text or is too large.",
        "services: { web: { image: web:1, mounts: { /etc/web.conf: { fileFrom: ./missing.conf } } } }",
    ),
];

const fn rule(code: Code, why: &'static str, example: &'static str) -> Rule {
    Rule { code, severity: Severity::Error, area: Area::Format, why, example, check: Check::Reading }
}
