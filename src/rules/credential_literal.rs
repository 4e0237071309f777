//! A value in the file that looks like a password, a token or a private key.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::model::Cluster;
use crate::rules::Area;
use crate::rules::Check;
use crate::rules::Rule;
use crate::rules::credentials;
use crate::rules::manifests;
use crate::rules::walk;
use crate::values::env::EnvValue;
use crate::values::mount::Mount;

pub const RULE: Rule = Rule {
    code: "credential-literal",
    severity: Severity::Warning,
    area: Area::Services,
    what: "A value in the file that looks like a password, a token or a private key.",
    why: "Whatever stands in values stands in the chart, in the release and in the repository: everybody who reads them has it.",
    example: "services: { web: { image: web:1, env: { DB_PASSWORD: hunter2 } } }",
    check: Check::Cluster(check),
};

fn check(cluster: &Cluster, findings: &mut Vec<Diagnostic>) {
    for at in walk::containers(cluster) {
        for (name, value) in &at.container.env {
            if let EnvValue::Text(text) = value
                && at.has_own(name.as_str())
                && (credentials::is_named_so(name.as_str(), text) || credentials::is_in(text))
            {
                let finding = RULE.field(
                    at.path().key("env").key(name.as_str()),
                    format!("the value of `{name}` looks like a credential"),
                );
                findings.push(finding.hint(format!("keep it in a Secret: `{name}: {{ secret: NAME, key: KEY }}`")));
            }
        }
        for (key, texts) in [("command", &at.container.command), ("args", &at.container.args)] {
            for (index, text) in texts.iter().enumerate().filter(|(_, text)| credentials::is_argument(text)) {
                let name = text.split('=').next().unwrap_or(text);
                let finding = RULE
                    .field(at.path().key(key).index(index), format!("the value of `{name}` looks like a credential"));
                findings.push(finding.hint("keep it in a Secret as a variable, and write `$(NAME)` here"));
            }
        }
    }
    for at in walk::mounts(cluster) {
        if let Mount::File(mount) = at.mount
            && credentials::is_in(&mount.file)
        {
            let finding = RULE.field(at.path().key("file"), "the file holds a credential");
            findings.push(finding.hint("keep it in a Secret: `{ secret: NAME, key: KEY }`"));
        }
    }
    for (path, name, text) in manifests::texts(cluster) {
        // Names of Secrets and of their keys are none themselves.
        let names_another = path.to_string().contains("ecretName") || path.to_string().contains("SecretRef");
        if !names_another && (credentials::is_named_so(name, text) || credentials::is_argument(text)) {
            let finding = RULE.field(path, "the text looks like a credential");
            findings.push(finding.hint("keep it in a Secret, and name that here"));
        }
    }
}
