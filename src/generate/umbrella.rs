//! All subcharts in, the umbrella chart with everything in it out.

use serde_json::Value;
use serde_json::json;

use crate::generate::Fault;
use crate::generate::GenerateError;
use crate::generate::guard::GUARD_FILE;
use crate::generate::guard::guard;
use crate::generate::schema;
use crate::generate::template::template;
use crate::generate::values::Values;
use crate::helm::ChartMetadata;
use crate::helm::ChartTree;
use crate::helm::Dependency;
use crate::objects::ChartObjects;
use crate::parallel;
use crate::yaml::Content;
use crate::yaml::Field;
use crate::yaml::Tree;
use crate::yaml::write;

/// The oldest Kubernetes with `PreferSameNode`; `-0` lets pre-releases and vendors' versions pass.
const KUBE_VERSION: &str = ">=1.34.0-0";

/// Everything that the umbrella is made of.
#[derive(Clone, Debug)]
pub struct UmbrellaInput<'a> {
    /// Chart and release name.
    pub name: &'a str,
    /// SemVer 2; the subcharts have it too.
    pub version: &'a str,
    pub app_version: &'a str,
    /// The release namespace.
    pub namespace: &'a str,
    pub description: &'a str,
    pub charts: &'a [ChartObjects],
    /// Charts that are packed already and expose nothing.
    pub nested: &'a [NestedChart<'a>],
    /// `README.md`.
    pub readme: &'a str,
    /// What Helm prints after an install: text, not a template.
    pub notes: &'a str,
}

/// A chart that stands in `charts/` as an archive of its own.
#[derive(Clone, Copy, Debug)]
pub struct NestedChart<'a> {
    pub name: &'a str,
    /// The version in its `Chart.yaml`.
    pub version: &'a str,
    pub archive: &'a [u8],
}

/// The complete chart. An error is a contradiction in the objects: our own bug.
pub fn chart_tree(input: &UmbrellaInput) -> Result<ChartTree, GenerateError> {
    let mut tree = ChartTree::new(input.name);
    let mut metadata = ChartMetadata::new(input.name, input.version, input.app_version, input.description);
    metadata.kube_version = Some(KUBE_VERSION.to_owned());
    let mut names: Vec<&str> = Vec::new();
    for nested in input.nested {
        metadata.dependencies.push(Dependency::new(nested.name, nested.version, None));
        tree.insert(format!("charts/{}-{}.tgz", nested.name, nested.version), nested.archive);
        names.push(nested.name);
    }
    let mut exposed = Vec::with_capacity(input.charts.len());
    let subcharts = parallel::map(input.charts, |chart| subchart(chart, input.version));
    for (chart, subchart) in input.charts.iter().zip(subcharts) {
        let Subchart { files, values } = subchart?;
        let condition = chart.optional.then(|| format!("{}.enabled", chart.name));
        metadata.dependencies.push(Dependency::new(&chart.name, input.version, condition));
        for (file, text) in files {
            tree.insert(format!("charts/{}/{file}", chart.name), text);
        }
        exposed.push(values);
        names.push(&chart.name);
    }
    let sections = input.charts.iter().zip(&exposed).filter_map(|(chart, values)| section(chart, values));
    let values = Tree::Map([global()].into_iter().chain(sections).collect());
    refuse_names(&names)?;
    tree.insert("Chart.yaml", metadata.to_yaml());
    tree.insert("values.yaml", header(input) + &write(&values));
    tree.insert("values.schema.json", schema::umbrella(names.into_iter()));
    tree.insert(GUARD_FILE, guard(input.name, input.namespace, input.version));
    tree.insert("templates/NOTES.txt", input.notes.replace("{{", "{{ \"{{\" }}"));
    tree.insert("README.md", input.readme);
    Ok(tree)
}

/// The files of one subchart, by their paths in its folder, and the values that it exposes.
struct Subchart<'a> {
    files: Vec<(String, String)>,
    values: Values<'a>,
}

fn subchart<'a>(chart: &'a ChartObjects, version: &str) -> Result<Subchart<'a>, GenerateError> {
    let mut files = Vec::with_capacity(chart.objects.len() + 3);
    let mut values = Values::new();
    let mut exposures = Vec::new();
    for item in &chart.objects {
        let error = |fault| GenerateError { chart: chart.name.clone(), file: item.file.clone(), fault };
        let text = template(item, &mut exposures).map_err(error)?;
        exposures.drain(..).try_for_each(|exposure| values.insert(exposure)).map_err(error)?;
        let path = format!("templates/{}", item.file);
        if !is_file_name(&item.file) || files.iter().any(|(there, _)| *there == path) {
            return Err(error(Fault::FileName));
        }
        files.push((path, text));
    }
    let metadata = ChartMetadata::new(&chart.name, version, &chart.app_version, &chart.description);
    files.push(("Chart.yaml".to_owned(), metadata.to_yaml()));
    files.push(("values.yaml".to_owned(), write(&Tree::Map(values.yaml()))));
    files.push(("values.schema.json".to_owned(), schema::subchart(&values, chart.optional)));
    Ok(Subchart { files, values })
}

/// What the umbrella's `values.yaml` says about a subchart, if anything.
fn section<'a>(chart: &'a ChartObjects, values: &'a Values) -> Option<Field<'a>> {
    let mut fields = values.yaml();
    if chart.optional {
        fields.insert(0, field("Whether it is installed.", "enabled", json!(true)));
    }
    let (comment, key) = (chart.description.as_str().into(), chart.name.as_str().into());
    (!fields.is_empty()).then(|| Field { comment, key, content: Content::Value(Tree::Map(fields)) })
}

/// Names of templates that Helm renders and lint accepts.
fn is_file_name(file: &str) -> bool {
    file.strip_suffix(".yaml").is_some_and(|stem| {
        stem.starts_with(|c: char| c.is_ascii_alphanumeric())
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
    })
}

fn refuse_names(names: &[&str]) -> Result<(), GenerateError> {
    let mut sorted = [names, &["global", "tags"]].concat();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => {
            let chart = pair.first().copied().unwrap_or_default().to_owned();
            Err(GenerateError { chart, file: "Chart.yaml".to_owned(), fault: Fault::ChartName })
        }
        None => Ok(()),
    }
}

fn header(input: &UmbrellaInput) -> String {
    let UmbrellaInput { name, version, .. } = input;
    format!(
        "# Everything that can be changed when {name} {version} is installed, with its default.\n\
         # Give what you change with `-f FILE` or `--set KEY=VALUE`; all else is changed where the chart is generated.\n\n"
    )
}

fn global() -> Field<'static> {
    let registry =
        "The registry that every image is pulled from instead of its own, such as `registry.example.com:5000`.";
    let secrets = "The Secrets with the credentials of the registries, such as `[{ name: registry }]`.";
    let fields = vec![field(registry, "imageRegistry", json!("")), field(secrets, "imagePullSecrets", json!([]))];
    Field { comment: "For all charts.".into(), key: "global".into(), content: Content::Value(Tree::Map(fields)) }
}

fn field<'a>(comment: &'a str, key: &'a str, value: Value) -> Field<'a> {
    Field { comment: comment.into(), key: key.into(), content: Content::Value(value.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::ChartObject;
    use crate::objects::Exposed;
    use crate::objects::Form;
    use crate::objects::Object;
    use crate::objects::steps;

    fn chart(name: &str, files: &[&str]) -> ChartObjects {
        let object = Object::of(
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "a": "b" } }),
        );
        let exposed = vec![Exposed::new(&["a"], steps("data/a"), Form::String { pattern: None }, "A.")];
        let object =
            |file: &&str| ChartObject { file: (*file).to_owned(), object: object.clone(), exposed: exposed.clone() };
        ChartObjects {
            name: name.to_owned(),
            description: format!("The chart {name}."),
            app_version: "1".to_owned(),
            optional: true,
            objects: files.iter().map(object).collect(),
        }
    }

    fn tree(charts: &[ChartObjects]) -> Result<ChartTree, GenerateError> {
        let nested = [NestedChart { name: "crds", version: "0.1.0", archive: b"bytes" }];
        let (name, namespace) = ("homelab", "rooms");
        let (version, app_version, description) = ("1.0.0", "1", "All.");
        chart_tree(&UmbrellaInput {
            name,
            version,
            app_version,
            namespace,
            description,
            charts,
            nested: &nested,
            readme: "# {{",
            notes: "{{",
        })
    }

    #[test]
    fn the_files_of_an_umbrella() {
        let tree = tree(&[chart("photos", &["a.yaml"])]).unwrap();
        let expect = [
            "Chart.yaml",
            "README.md",
            "charts/crds-0.1.0.tgz",
            "charts/photos/Chart.yaml",
            "charts/photos/templates/a.yaml",
            "charts/photos/values.schema.json",
            "charts/photos/values.yaml",
            "templates/NOTES.txt",
            "templates/guard.yaml",
            "values.schema.json",
            "values.yaml",
        ];
        assert_eq!(tree.files().map(|(path, _)| path).collect::<Vec<_>>(), expect);
        let text = |path| String::from_utf8(tree.get(path).unwrap().to_vec()).unwrap();
        assert_eq!((text("README.md").as_str(), text("templates/NOTES.txt").as_str()), ("# {{", "{{ \"{{\" }}"));
        assert_eq!(text("charts/photos/values.yaml"), "# A.\na: b\n");
        let section = "# The chart photos.\nphotos:\n  # Whether it is installed.\n  enabled: true\n  # A.\n  a: b\n";
        assert!(text("values.yaml").ends_with(section), "{}", text("values.yaml"));
        assert!(
            text("templates/guard.yaml")
                .contains("helm upgrade --install homelab homelab-1.0.0.tgz -n rooms --create-namespace")
        );
    }

    #[test]
    fn names_do_not_contradict() {
        let check = |charts: &[ChartObjects], fault: Fault| assert_eq!(tree(charts).unwrap_err().fault, fault);
        check(&[chart("a", &["a.yaml", "a.yaml"])], Fault::FileName);
        for file in ["a.json", "../a.yaml", "_a.yaml", "a/b.yaml", ".yaml"] {
            check(&[chart("a", &[file])], Fault::FileName);
        }
        for name in ["global", "tags", "crds"] {
            check(&[chart(name, &[])], Fault::ChartName);
        }
        check(&[chart("a", &[]), chart("a", &[])], Fault::ChartName);
    }
}
