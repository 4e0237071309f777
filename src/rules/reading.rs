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
        "A values file that is no text in UTF-8.",
        "YAML is Unicode, and every reader takes UTF-8.",
        "# written in Latin-1 or UTF-16 by another program",
    ),
    rule(
        "yaml-syntax",
        "A text that is no YAML.",
        "Where a reader is lost, everything behind it is lost.",
        "services:\n  web: { image: web:1\n",
    ),
    rule(
        "yaml-alias",
        "An alias without its anchor, such as an unquoted `*` at the start of a host.",
        "`*` at the start of a value names an anchor, which must stand above it; text with `*` wants quotes.",
        "services: { web: { image: web:1, ports: { http: 80 }, routes: { *.example.com: http } } }",
    ),
    rule(
        "yaml-trap",
        "A scalar that readers of YAML 1.1 (Helm) and YAML 1.2 understand differently.",
        "What one reader takes for a text is a number or a truth value to another.",
        "services: { web: { image: web:1, privileged: yes } }",
    ),
    rule(
        "yaml-duplicate-key",
        "A key that stands twice in one map.",
        "Only one of them would count.",
        "volumes: { media: { size: 1Ti }, media: { size: 2Ti } }",
    ),
    rule(
        "yaml-too-large",
        "A text that is larger, deeper or refers to itself more often than any cluster needs.",
        "A few lines of aliases can stand for more values than fit into memory.",
        "x-a: &a [1, 2, 3, 4, 5, 6, 7, 8]\nx-b: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nx-c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nx-d: &d [*c, *c, *c, *c, *c, *c, *c, *c]",
    ),
    rule(
        "unknown-key",
        "A key that the format does not have.",
        "It would do nothing, whatever it was meant to do.",
        "services: { web: { image: web:1, replica: 2 } }",
    ),
    rule(
        "missing-key",
        "A key that must be there and is not.",
        "Without it something cannot be made.",
        "services: { web: { ports: { http: 80 } } }",
    ),
    rule(
        "wrong-name",
        "A name that Kubernetes or Helm refuses.",
        "Objects, subcharts and hosts are called by it.",
        "services: { Web: { image: web:1 } }",
    ),
    rule(
        "wrong-type",
        "A value of another kind than the key wants.",
        "A text is no number, and a list is no map.",
        "services: { web: { image: web:1, replicas: two } }",
    ),
    rule(
        "wrong-value",
        "A value of the right kind that the key cannot have.",
        "It is too large, too small, of another form or none of the words that are known.",
        "services: { web: { image: web:1, replicas: -1 } }",
    ),
    rule(
        "wrong-variant",
        "Keys that do not say which kind of mount, probe, issuer or the like it is, or say two at once.",
        "Each kind has a key of its own, and exactly one of them must be there.",
        "services: { web: { image: web:1, mounts: { /data: { readOnly: true } } } }",
    ),
    rule(
        "file-unreadable",
        "A file beside the values that cannot be read or is no text.",
        "It goes into the chart, so it must be there when the chart is made.",
        "services: { web: { image: web:1, mounts: { /etc/web.conf: { fileFrom: ./missing.conf } } } }",
    ),
    rule(
        "lock-damaged",
        "A lock that cannot be read.",
        "Without it nothing is known about what must not change.",
        "# in homelab.lock, left by a merge\n<<<<<<< HEAD",
    ),
    rule(
        "lock-newer",
        "A lock that a later version of this program wrote.",
        "What this version does not know it would lose.",
        "# in homelab.lock\nlock: v2",
    ),
    rule(
        "lock-of-another-cluster",
        "A lock of a cluster with another name.",
        "The name is that of the release: under another one nothing of the old cluster would be found again.",
        "# in homelab.lock: name: homelab\nname: cottage",
    ),
    rule(
        "lock-elsewhere",
        "A cluster whose lock stands beside another values file.",
        "With a new lock nothing of what was decided would be kept.",
        "# helm ha generate base.yaml production.yaml, and base.lock is the lock of homelab\nname: homelab",
    ),
];

const fn rule(code: Code, what: &'static str, why: &'static str, example: &'static str) -> Rule {
    Rule { code, severity: Severity::Error, area: Area::Format, what, why, example, check: Check::Reading }
}
