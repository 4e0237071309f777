//! The static objects of an add-on (`charts-src/ADDON/`) in, complete objects with their exposed values out.
//!
//! The files hold final defaults, the customary namespace of the add-on included. What is left is to label them as parts
//! of this cluster, to keep them where they must stay, and what the add-on itself sets by path.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::objects::ChartObject;
use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::Object;
use crate::objects::Step;
use crate::objects::exposed::find_mut;
use crate::objects::metadata;
use crate::objects::service_values;
use crate::objects::steps;
use crate::plan::facts::Facts;

/// Labels that name the release: those of the object, and those by which it selects or is selected.
const LABELS: [&str; 4] =
    ["/metadata/labels", "/spec/selector", "/spec/selector/matchLabels", "/spec/template/metadata/labels"];

/// The embedded files of an add-on.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The add-on's name.
    pub name: &'static str,
    /// `assets::text("charts-src/ADDON/objects.json")`.
    pub objects: &'static str,
    /// `assets::text("charts-src/ADDON/exposed.json")`.
    pub exposed: &'static str,
}

/// The objects of an add-on that is part of the chart.
#[derive(Clone, Debug)]
pub struct Builtin(Vec<ChartObject>);

/// One line of `exposed.yaml`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    /// With a dot between its parts: `controller.image`.
    key: String,
    /// `KIND/NAME`.
    object: String,
    /// As `steps` reads it.
    at: String,
    form: LineForm,
    /// What stands before an image in the same text, such as `--acme-http01-solver-image=`.
    #[serde(default)]
    prefix: String,
    /// Unless it says what is always said of its form.
    documentation: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum LineForm {
    Image,
    /// A number of pods, 0 included.
    Replicas,
    Resources,
    PullSecrets,
}

impl Builtin {
    /// The objects, labelled. A file is named after its object, `KIND-NAME.yaml`.
    pub fn new(facts: &Facts, source: &Source) -> Self {
        // A test holds that both texts can be read.
        let objects: Vec<Object> = serde_json::from_str(source.objects).unwrap_or_default();
        let lines: Vec<Line> = serde_json::from_str(source.exposed).unwrap_or_default();
        let objects = objects.into_iter().map(|mut object| {
            label(&mut object, facts, source.name);
            let own = lines.iter().filter(|line| is_called(&object, &line.object)).map(Line::exposed);
            ChartObject { file: file(&object), exposed: own.collect(), object }
        });
        Self(objects.collect())
    }

    /// Sets a field of the object `KIND/NAME`; its last step may be missing there, or be none of a list.
    pub fn set(&mut self, object: &str, path: &str, value: impl Serialize) {
        let steps = steps(path);
        let Some((last, before)) = steps.split_last() else { return };
        let Some(parent) = self.find(object).and_then(|json| before.iter().try_fold(json, find_mut)) else { return };
        let value = serde_json::to_value(value).unwrap_or_default();
        match (last, parent) {
            (Step::Key(key), Value::Object(map)) => {
                map.insert(key.clone(), value);
            }
            (step, parent) => {
                if let Some(place) = find_mut(parent, step) {
                    *place = value;
                }
            }
        }
    }

    /// Adds elements to the end of a list of the object `KIND/NAME`.
    pub fn extend<T: Serialize>(&mut self, object: &str, path: &str, values: impl IntoIterator<Item = T>) {
        let list = self.find(object).and_then(|json| steps(path).iter().try_fold(json, find_mut));
        if let Some(Value::Array(list)) = list {
            list.extend(values.into_iter().map(|value| serde_json::to_value(value).unwrap_or_default()));
        }
    }

    /// Puts texts into a map of the object `KIND/NAME`, which is made when there is none and there are texts.
    pub fn merge(&mut self, object: &str, path: &str, texts: impl IntoIterator<Item = (String, String)>) {
        let mut texts = texts.into_iter().map(|(key, text)| (key, Value::from(text))).peekable();
        let there = self.find(object).and_then(|json| steps(path).iter().try_fold(json, find_mut));
        match there {
            _ if texts.peek().is_none() => {}
            Some(Value::Object(map)) => map.extend(texts),
            _ => self.set(object, path, Value::Object(texts.collect())),
        }
    }

    /// Takes the object `KIND/NAME` out.
    pub fn remove(&mut self, object: &str) {
        self.0.retain(|item| !is_called(&item.object, object));
    }

    /// The same objects, all of which stay when the release goes.
    pub fn kept(mut self) -> Self {
        for item in &mut self.0 {
            if let Some(annotations) = texts(&mut item.object, "annotations") {
                annotations.extend(metadata::KEEP.map(|(key, value)| (key.to_owned(), value.into())));
            }
        }
        self
    }

    /// All of them, without what a person's own toleration or affinity says to be `null`.
    pub fn into_objects(mut self) -> Vec<ChartObject> {
        self.0.iter_mut().for_each(|item| item.object.drop_nulls());
        self.0
    }

    fn find(&mut self, object: &str) -> Option<&mut Value> {
        let found = self.0.iter_mut().find(|item| is_called(&item.object, object));
        found.map(|item| item.object.json_mut())
    }
}

impl Line {
    fn exposed(&self) -> Exposed {
        let key: Vec<String> = self.key.split('.').map(str::to_owned).collect();
        let words = |default: &'static str| self.documentation.as_deref().unwrap_or(default).to_owned();
        let form = match self.form {
            LineForm::Image => Form::Image { prefix: self.prefix.clone() },
            LineForm::Replicas => Form::Integer { minimum: 0, maximum: i64::from(i32::MAX) },
            LineForm::Resources => return service_values::resources(key, &self.at),
            LineForm::PullSecrets => return service_values::pull_secrets(key, &self.at),
        };
        let documentation = match self.form {
            LineForm::Replicas => words("The number of pods."),
            _ => words("The image."),
        };
        Exposed { key, at: steps(&self.at), form, documentation }
    }
}

/// Whether this is `KIND/NAME`, which is unique in an add-on.
fn is_called(object: &Object, wanted: &str) -> bool {
    wanted.split_once('/') == Some((object.kind(), object.name()))
}

/// Names of RBAC objects may hold a colon, names of files may not.
fn file(object: &Object) -> String {
    format!("{}-{}.yaml", object.kind().to_lowercase(), object.name().replace(':', "-"))
}

/// The labels or annotations of an object, made where it has none.
fn texts<'a>(object: &'a mut Object, key: &str) -> Option<&'a mut Map<String, Value>> {
    let metadata = object.json_mut().get_mut("metadata")?.as_object_mut()?;
    metadata.entry(key).or_insert_with(|| Map::new().into()).as_object_mut()
}

/// What the files say of themselves stays, such as the name of one of several programs; the release's name does not.
fn label(object: &mut Object, facts: &Facts, name: &str) {
    if let Some(labels) = texts(object, "labels") {
        for (key, value) in metadata::labels(facts, name) {
            labels.entry(key).or_insert_with(|| value.into());
        }
    }
    let json = object.json_mut();
    for place in LABELS {
        let instance = json.pointer_mut(place).and_then(|labels| labels.get_mut(metadata::INSTANCE));
        if let Some(instance) = instance {
            *instance = Value::from(facts.name.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::assets;
    use crate::model::sample;

    /// Of every add-on that has such files.
    #[test]
    fn what_is_exposed_is_there() {
        let facts = Facts::of(&sample::cluster(""));
        for (path, objects) in assets::list("charts-src/").filter(|(path, _)| path.ends_with("/objects.json")) {
            let exposed = assets::text(&path.replace("/objects.json", "/exposed.json"));
            let lines: Vec<Line> = serde_json::from_str(exposed).unwrap_or_else(|error| panic!("{path}: {error}"));
            let count = serde_json::from_str::<Vec<Object>>(objects).unwrap().len();
            let built = Builtin::new(&facts, &Source { name: "x", objects, exposed });
            assert_eq!(built.0.len(), count, "{path}");
            assert_eq!(built.0.iter().map(|item| item.exposed.len()).sum::<usize>(), lines.len(), "{path}");
            let files: std::collections::BTreeSet<_> = built.0.iter().map(|item| &item.file).collect();
            assert_eq!(files.len(), count, "{path}");
        }
    }

    #[test]
    fn fields_are_set_by_path() {
        let object = json!({ "kind": "Deployment", "metadata": { "name": "a:b", "labels": { "app.kubernetes.io/instance": "x" } },
            "spec": { "containers": [{ "name": "c", "args": ["--a=1", "--b=2"] }] } });
        let objects = Box::leak(json!([object]).to_string().into_boxed_str());
        let exposed = r#"[{"key":"c.replicas","object":"Deployment/a:b","at":"spec/replicas","form":"replicas"}]"#;
        let mut built = Builtin::new(&Facts::of(&sample::cluster("")), &Source { name: "n", objects, exposed });
        built.set("Deployment/a:b", "spec/replicas", 2);
        built.set("Deployment/a:b", "spec/containers/[c]/args/[--b=*]", "--b=3");
        built.set("Deployment/a:b", "spec/no/such", 1);
        built.set("Deployment/none", "spec/replicas", 1);
        built.extend("Deployment/a:b", "spec/containers/[c]/args", ["--c"]);
        let found = built.kept().into_objects().remove(0);
        assert_eq!(found.file, "deployment-a-b.yaml");
        assert_eq!(found.exposed[0].key, ["c", "replicas"]);
        let spec = json!({ "replicas": 2, "containers": [{ "name": "c", "args": ["--a=1", "--b=3", "--c"] }] });
        assert_eq!(found.object.json()["spec"], spec);
        let metadata = &found.object.json()["metadata"];
        assert_eq!(metadata["labels"]["app.kubernetes.io/instance"], "home");
        assert_eq!(metadata["labels"]["app.kubernetes.io/name"], "n");
        assert_eq!(metadata["annotations"]["helm.sh/resource-policy"], "keep");
    }
}
