//! Name, namespace and version of the release in, the one template that may fail out.

/// The file of the guard in the umbrella.
pub const GUARD_FILE: &str = "templates/guard.yaml";

/// Text that renders to nothing for the release `name` in `namespace` and fails for any other.
///
/// `helm lint` always renders the release `test-release`, which therefore passes. Rendering comes before anything but
/// the CRDs is created.
pub fn guard(name: &str, namespace: &str, version: &str) -> String {
    let command = format!("helm upgrade --install {name} {name}-{version}.tgz -n {namespace} --create-namespace");
    let wrong = format!(
        "or (and (ne .Release.Name \"{name}\") (ne .Release.Name \"test-release\")) (ne .Release.Namespace \"{namespace}\")"
    );
    let message = format!(
        "expected the release `{name}` in the namespace `{namespace}`, found `%s` in `%s`; install it with `{command}`, \
         and give `-n {namespace}` to `helm template` and `helm lint`"
    );
    format!(
        "{{{{- if {wrong} }}}}\n{{{{- fail (printf \"{message}\" .Release.Name .Release.Namespace) }}}}\n{{{{- end }}}}\n"
    )
}
