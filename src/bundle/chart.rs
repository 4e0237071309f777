//! A chart archive of ours in; its name, its subcharts and the images that its values name out.

use serde_json::Value;

use crate::helm;
use crate::oci::ImageReference;
use crate::verify;

/// What a bundle must know of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartFacts {
    pub name: String,
    pub version: String,
    /// The one that it is installed into.
    pub namespace: String,
    /// Name and version, sorted.
    pub subcharts: Vec<(String, String)>,
    /// Sorted; every image of a chart of ours is a value of it.
    pub images: Vec<String>,
}

/// Reads an archive; the error says why it is none of ours.
pub fn read(archive: &[u8]) -> Result<ChartFacts, String> {
    let tree = helm::unpack(archive).map_err(|error| error.to_string())?;
    // A chart whose templates are not ours may name images where nobody looks.
    verify::render(&tree, None).map_err(|error| error.to_string())?;
    let yaml = |path: &str| verify::data(&tree, path).map_err(|error| error.to_string());
    let metadata = yaml("Chart.yaml")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let dependencies = metadata.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    let mut facts = ChartFacts {
        name: text(&metadata, "name"),
        version: text(&metadata, "version"),
        namespace: verify::release(&tree).map_err(|error| error.to_string())?.namespace,
        subcharts: dependencies.map(|it| (text(it, "name"), text(it, "version"))).collect(),
        images: Vec::new(),
    };
    collect(&yaml("values.yaml")?, &mut facts.images);
    facts.subcharts.sort();
    facts.images.sort();
    facts.images.dedup();
    Ok(facts)
}

/// Finds every `{ registry, repository, tag }`.
fn collect(value: &Value, images: &mut Vec<String>) {
    let Value::Object(fields) = value else { return };
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    if let (3, Some(registry), Some(repository), Some(tag)) =
        (fields.len(), text("registry"), text("repository"), text("tag"))
    {
        let image = format!("{registry}/{repository}:{tag}");
        images.extend(image.parse::<ImageReference>().ok().map(|image| image.to_string()));
        return;
    }
    fields.values().for_each(|value| collect(value, images));
}
