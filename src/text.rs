//! Text templates of `charts-src/` (handlebars): a template and what it places in, the text out. Never Kubernetes objects.

use handlebars::Handlebars;
use handlebars::no_escape;
use serde::Serialize;

/// The template with its places filled. A name that the context lacks is an error: our own bug, which a test of the
/// template finds.
pub fn render(template: &str, context: &impl Serialize) -> Result<String, TextError> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(no_escape);
    engine.render_template(template, context).map_err(|error| TextError(error.to_string()))
}

/// A template of ours and what it is given disagree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text template cannot be rendered: {0}")]
pub struct TextError(String);

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn text_is_placed_as_it_is_and_missing_names_are_errors() {
        assert_eq!(render("a {{b}}", &serde_json::json!({ "b": "<\"&" })), Ok("a <\"&".to_owned()));
        assert!(render("{{missing}}", &serde_json::json!({})).is_err());
    }
}
