//! A chart tree and a person's values in, the objects that Helm would create out.

use serde_json::Value;

use crate::helm::ChartTree;
use crate::helm::unpack;
use crate::objects::Object;
use crate::verify::Disagreement;
use crate::verify::guard::Guard;
use crate::verify::guard::read_guard;
use crate::verify::node::Node;
use crate::verify::reader::read_template;
use crate::verify::reader::read_values;
use crate::verify::template::Scope;
use crate::verify::values::merge;
use crate::verify::values::of_subchart;

/// An umbrella chart whose values have been read.
pub struct Umbrella<'t> {
    tree: &'t ChartTree,
    pub metadata: Node<'t>,
    values: Node<'t>,
}

/// A subchart in `charts/`, as the umbrella's `Chart.yaml` names it.
pub struct Subchart<'t> {
    pub name: &'t str,
    pub version: &'t str,
    pub condition: Option<&'t str>,
}

/// Every object with the path of its template, in the order of the charts and of the paths.
pub fn render(tree: &ChartTree, user: Option<&Value>) -> Result<Vec<(String, Object)>, Disagreement> {
    let umbrella = Umbrella::open(tree, user)?;
    let mut objects = Vec::new();
    for chart in umbrella.subcharts()?.iter().filter(|chart| umbrella.is_enabled(chart)) {
        let nested = format!("charts/{}-{}.tgz", chart.name, chart.version);
        if let Some(archive) = tree.get(&nested) {
            refuse_templates(&nested, archive)?;
            continue;
        }
        let scope = umbrella.scope(chart.name)?;
        let folder = format!("charts/{}/templates/", chart.name);
        for (path, bytes) in tree.below(&folder) {
            let node = read_template(text(path, bytes)?, &scope).map_err(|error| Disagreement::at(path, error))?;
            objects.push((path.to_owned(), Object::of(node.to_json())));
        }
    }
    Ok(objects)
}

/// Charts that are archives themselves hold CRDs, which nothing renders.
fn refuse_templates(path: &str, archive: &[u8]) -> Result<(), Disagreement> {
    let tree = unpack(archive).map_err(|error| Disagreement::new(path, error.to_string()))?;
    match tree.below("templates/").next() {
        Some((template, _)) => Err(Disagreement::new(path, format!("expected no template, found `{template}`"))),
        None => Ok(()),
    }
}

impl<'t> Umbrella<'t> {
    pub fn open(tree: &'t ChartTree, user: Option<&'t Value>) -> Result<Self, Disagreement> {
        let mut values = read(tree, "values.yaml")?;
        if let Some(user) = user {
            values = merge(&Node::of(user), &values);
        }
        Ok(Self { tree, metadata: read(tree, "Chart.yaml")?, values })
    }

    /// The dependencies of `Chart.yaml`.
    pub fn subcharts(&self) -> Result<Vec<Subchart<'_>>, Disagreement> {
        let list = match self.metadata.get("dependencies") {
            None => &[],
            Some(Node::List(list)) => list.as_slice(),
            Some(_) => return Err(Disagreement::new("Chart.yaml", "expected a list of dependencies")),
        };
        let chart = |item: &'_ Node<'t>| {
            let field = |key| item.get(key).and_then(Node::text);
            match (field("name"), field("version"), field("repository")) {
                (Some(_), Some(_), Some("")) => Ok(()),
                _ => Err(Disagreement::new(
                    "Chart.yaml",
                    "expected name, version and an empty repository of each dependency",
                )),
            }
        };
        list.iter().try_for_each(chart)?;
        let field = |item, key| Node::get(item, key).and_then(Node::text);
        Ok(list
            .iter()
            .map(|item| Subchart {
                name: field(item, "name").unwrap_or_default(),
                version: field(item, "version").unwrap_or_default(),
                condition: field(item, "condition"),
            })
            .collect())
    }

    /// Whether its condition holds; what is no boolean does not switch a chart off.
    pub fn is_enabled(&self, chart: &Subchart) -> bool {
        let condition = chart.condition.map(|path| path.split('.').try_fold(&self.values, |node, key| node.get(key)));
        !matches!(condition, Some(Some(Node::Bool(false))))
    }

    /// What the templates of a subchart see.
    pub fn scope(&self, chart: &str) -> Result<Scope<'t>, Disagreement> {
        Ok(Scope(of_subchart(&self.values, chart, &self.defaults(chart)?)))
    }

    /// The subchart's own `values.yaml`.
    pub fn defaults(&self, chart: &str) -> Result<Node<'t>, Disagreement> {
        read(self.tree, &format!("charts/{chart}/values.yaml"))
    }

    /// What the umbrella's values say about a subchart, apart from `enabled`.
    pub fn section(&self, chart: &str) -> Node<'t> {
        let fields = self.values.get(chart).map(Node::fields).unwrap_or_default();
        Node::Map(fields.iter().filter(|(key, _)| key != "enabled").cloned().collect())
    }
}

/// The one release and namespace that the chart may be installed as.
pub fn release(tree: &ChartTree) -> Result<Guard, Disagreement> {
    const PATH: &str = "templates/guard.yaml";
    let bytes = tree.get(PATH).ok_or_else(|| Disagreement::new(PATH, "expected this file, found none"))?;
    read_guard(text(PATH, bytes)?).map_err(|reason| Disagreement::new(PATH, reason))
}

/// A file of a chart that holds no expressions: `Chart.yaml`, `values.yaml`.
pub fn data(tree: &ChartTree, path: &str) -> Result<Value, Disagreement> {
    read(tree, path).map(|node| node.to_json())
}

fn read<'t>(tree: &'t ChartTree, path: &str) -> Result<Node<'t>, Disagreement> {
    let bytes = tree.get(path).ok_or_else(|| Disagreement::new(path, "expected this file, found none"))?;
    read_values(text(path, bytes)?).map_err(|error| Disagreement::at(path, error))
}

pub fn text<'t>(path: &str, bytes: &'t [u8]) -> Result<&'t str, Disagreement> {
    std::str::from_utf8(bytes).map_err(|_| Disagreement::new(path, "expected UTF-8"))
}
