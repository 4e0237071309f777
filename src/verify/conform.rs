//! A chart tree in, whether the values that each chart brings are those that its own schema allows out.

use crate::helm::ChartTree;
use crate::schema::chart;
use crate::verify::Disagreement;
use crate::verify::render::data;
use crate::verify::render::text;

const VALUES: &str = "values.yaml";
const SCHEMA: &str = "values.schema.json";

/// Helm refuses a chart whose own values its schema does not allow.
pub fn conform(tree: &ChartTree) -> Result<(), Disagreement> {
    for (path, bytes) in tree.files().filter(|(path, _)| *path == SCHEMA || path.ends_with("/values.schema.json")) {
        let folder = path.strip_suffix(SCHEMA).unwrap_or_default();
        let values = format!("{folder}{VALUES}");
        let schema =
            serde_json::from_str(text(path, bytes)?).map_err(|error| Disagreement::new(path, error.to_string()))?;
        let refused = chart::refusal(&schema, &data(tree, &values)?);
        if let Some(reason) = refused.map_err(|reason| Disagreement::new(path, reason))? {
            return Err(Disagreement::new(&values, reason));
        }
    }
    Ok(())
}
