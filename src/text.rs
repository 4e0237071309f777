//! Text templates of `charts-src/` (handlebars): a template and what it places in, the text out. Never Kubernetes objects.

use handlebars::Handlebars;
use handlebars::no_escape;
use serde::Serialize;

/// The template with its places filled. A name that the context lacks is an error: our own bug, which a test of the
/// template finds.
pub fn render(template: &str, context: &impl Serialize) -> Result<String, TextError> {
    render_parts(template, &[], context)
}

/// The same for a template that names others: `{{> NAME}}` on a line of its own. `handlebars` counts the lines before each
/// tag, so several small templates are read sooner than a large one.
pub fn render_parts(template: &str, parts: &[(&str, &str)], context: &impl Serialize) -> Result<String, TextError> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.set_prevent_indent(true);
    engine.register_escape_fn(no_escape);
    for (name, part) in parts {
        engine.register_partial(name, part).map_err(|error| TextError(error.to_string()))?;
    }
    engine.render_template(template, context).map_err(|error| TextError(error.to_string()))
}

/// A template of ours and what it is given disagree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text template cannot be rendered: {0}")]
pub struct TextError(String);

#[cfg(test)]
mod tests {
    use super::render;
    use super::render_parts;

    #[test]
    fn text_is_placed_as_it_is_and_missing_names_are_errors() {
        assert_eq!(render("a {{b}}", &serde_json::json!({ "b": "<\"&" })), Ok("a <\"&".to_owned()));
        let parts = [("part", "  {{b}}\n")];
        let found = render_parts("a\n{{> part}}\nc\n", &parts, &serde_json::json!({ "b": "1\n2" }));
        assert_eq!(found, Ok("a\n  1\n2\nc\n".to_owned()));
        assert!(render("{{missing}}", &serde_json::json!({})).is_err());
    }
}
