//! A `snippet` of a route whose braces, quotes or last `;` are missing.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::walk;

pub const RULE: Rule = Rule {
    code: "snippet-unbalanced",
    severity: Severity::Error,
    area: Area::Network,
    why: "A snippet that does not end breaks the configuration of the whole gateway.",
    example: "domain: example.com\n\
        gateways: { lan: 192.168.1.240 }\n\
        certificates: { issuers: { home: { ca: {} } } }\n\
        services: { web: { image: web:1, ports: { http: 80 }, routes: { web: { port: http, snippet: \"proxy_buffering off\" } } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::routes(cluster) {
        if let Some(reason) = at.route.snippet.as_deref().and_then(broken) {
            let finding = RULE.field(at.path().key("snippet"), format!("the snippet is not complete: {reason}"));
            findings.push(finding.hint("write whole directives, each with its `;` or its block in braces"));
        }
    }
}

/// What is missing, by nginx' own reading (`ngx_conf_read_token`): comments, quotes, escapes, blocks.
fn broken(snippet: &str) -> Option<&'static str> {
    let (mut depth, mut quote, mut open) = (0_u32, None, false);
    let mut chars = snippet.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => _ = chars.next(),
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '#') if !open => _ = chars.by_ref().find(|c| *c == '\n'),
            (None, '"' | '\'') => (quote, open) = (Some(c), true),
            (None, '{') => (depth, open) = (depth + 1, false),
            (None, '}') if depth == 0 => return Some("a `}` closes nothing"),
            (None, '}') if open => return Some("a directive before a `}` has no `;`"),
            (None, '}') => depth -= 1,
            (None, ';') => open = false,
            (None, c) => open = open || !c.is_whitespace(),
        }
    }
    match (quote, open, depth) {
        (Some(_), _, _) => Some("a quote is never closed"),
        (None, true, _) => Some("the last directive has no `;`"),
        (None, false, 0) => None,
        (None, false, _) => Some("a `{` is never closed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_are_read_as_nginx_reads_them() {
        let check = |snippet: &str, whole: bool| assert_eq!(broken(snippet).is_none(), whole, "{snippet}");
        check("proxy_buffering off;", true);
        check("", true);
        check("# only; a { comment\n", true);
        check("if ($a = \"}\") { return 403; }", true);
        check("location ~ \\.php$ { deny all; }", true);
        check("proxy_buffering off", false);
        check("}", false);
        check("if ($a) { return 403; ", false);
        check("if ($a) { return 403 }", false);
        check("add_header A 'b;", false);
    }
}
