//! A header that is set to a value with a control character, a replacement of nothing, or a text that nginx cannot read.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::plan::routes;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "header-value",
    severity: Severity::Error,
    area: Area::Network,
    what: "A header that is set to a value with a control character, a replacement of nothing, or a text that nginx cannot read.",
    why: "A line break ends the header, and everything behind it would become another header or the page; an empty text is everywhere.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, headers: { set: { X-A: \"a\\nb\" } } } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        for (name, value) in &at.route.headers.set {
            if value.chars().any(char::is_control) {
                let path = at.path().key("headers").key("set").key(name.as_str());
                let finding = RULE.field(path, format!("the value of header `{name}` holds a control character"));
                findings.push(finding.hint("write it in one line"));
            }
        }
        let texts = at.route.replace.iter().flat_map(|(from, to)| [from, to]).chain(at.route.headers.set.values());
        if let Some(text) = texts.into_iter().find(|text| routes::is_too_long(text)) {
            let start: String = text.chars().take(20).collect();
            let finding = RULE.key(at.path(), format!("the text `{start}...` is too long for a gateway"));
            findings.push(finding.hint("nginx reads at most 4,000 bytes in one word"));
        }
        if at.route.replace.contains_key("") {
            let finding = RULE.key(at.path().key("replace").key(""), "an empty text cannot be replaced");
            findings.push(finding.hint("write the text that is to be replaced"));
        }
    }
}
