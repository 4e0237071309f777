//! A `snippet` of a route whose braces, quotes or last `;` are missing.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::snippets;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "snippet-unbalanced",
    severity: Severity::Error,
    area: Area::Network,
    what: "A `snippet` of a route whose braces, quotes or last `;` are missing.",
    why: "A snippet that does not end breaks the configuration of the whole gateway.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, snippet: \"proxy_buffering off\" } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        if let Some(reason) = at.route.snippet.as_deref().and_then(snippets::broken) {
            let finding = RULE.field(at.path().key("snippet"), format!("the snippet is not complete: {reason}"));
            findings.push(finding.hint("write whole directives, each with its `;` or its block in braces"));
        }
    }
}
