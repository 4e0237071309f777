//! Charts made by hand that use every form of the template grammar, and texts that break careless writers.

use helm_ha::generate::NestedChart;
use helm_ha::generate::UmbrellaInput;
use helm_ha::generate::chart_tree;
use helm_ha::helm::ChartMetadata;
use helm_ha::helm::ChartTree;
use helm_ha::helm::pack;
use helm_ha::objects::ChartObject;
use helm_ha::objects::ChartObjects;
use helm_ha::objects::Exposed;
use helm_ha::objects::Form;
use helm_ha::objects::Object;
use helm_ha::objects::Step;
use helm_ha::objects::steps;
use helm_ha::verify::Expected;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

pub const NAME: &str = "homelab";
pub const NAMESPACE: &str = "living-room";
/// A pre-release with build metadata: the hardest version for a dependency to match.
pub const VERSION: &str = "1.2.0-rc.1+build.5";
pub const CRD: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: notes.example.com}\n\
                       spec: {group: example.com, scope: Namespaced, names: {plural: notes, singular: note, kind: Note}, versions: \
                       [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n";

/// Texts that a YAML or template writer may get wrong.
pub const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "on",
    "No",
    "~",
    "null",
    "1",
    "0755",
    "1e3",
    "1_000",
    "0x1F",
    ".5",
    "1:30",
    "2001-01-01",
    "=",
    "<<",
    "---",
    "...",
    "--- a",
    "- a",
    "? a",
    ": a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "{{ .Values.a }}",
    "{{",
    "}}",
    "{{{{ }}}}",
    "{{- a -}}",
    "{{\"{{\"}}",
    "{{ \"{{\" }}",
    "'",
    "\"",
    "\\",
    "\\n",
    "`",
    "@a",
    "%a",
    "!a",
    "&a",
    "*a",
    "|",
    ">",
    "[a]",
    "{a}",
    "a\nb",
    "a\nb\n",
    "a\nb\n\n",
    "\na",
    "\n",
    "\n\n",
    " a\nb",
    "  a\n b\n",
    "a\n\n b\n",
    "\ta\nb",
    "a\tb",
    "a\r\nb",
    "---\na: 1\n---\nb: 2\n",
    "a\n---\nb",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "ü € 😀",
    "\u{a0}a",
    "a\u{85}b",
    "a\u{2028}b",
    "\u{feff}a",
    "a\u{7f}b",
    "\u{1}",
    "a \nb \n",
    "  ",
    "a\n  \nb",
    "{{ x }}\n{{- y -}}\n",
    "if ($x = \"{{\") { }\n",
    "%s %d %%",
    "$(A) ${B}",
    "a <no value> b",
    "<no value>\nb\n",
];

/// Names with dots, as Elasticsearch wants its environment, and worse.
const VARIABLES: [&str; 7] =
    ["cluster.name", "xpack.security.enabled", "1", "a-b", "a \"b\\", "{{ x }}", "node.name%s"];

fn exposed(key: &[&str], at: &str, form: Form, documentation: &str) -> Exposed {
    Exposed::new(key, steps(at), form, documentation)
}

fn image() -> Form {
    Form::Image { prefix: String::new() }
}

fn object(file: &str, object: Value, exposed: Vec<Exposed>) -> ChartObject {
    ChartObject { file: file.to_owned(), object: Object::of(object), exposed }
}

fn chart(name: &str, optional: bool, objects: Vec<ChartObject>) -> ChartObjects {
    let description = format!("The service `{name}`: it's \"{{{{ text }}}}\".");
    ChartObjects { name: name.to_owned(), description, app_version: "1.10".to_owned(), optional, objects }
}

fn resources_schema() -> Value {
    let quantities = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    json!({ "type": "object", "additionalProperties": false, "properties": { "requests": quantities, "limits": quantities } })
}

/// Two optional services and one chart that is always there.
pub fn charts() -> Vec<ChartObjects> {
    vec![photos(), search(), texts()]
}

fn photos() -> ChartObjects {
    let container = json!({
        "name": "web",
        "image": "docker.io/library/nginx:1.28.0",
        "args": ["--solver-image=quay.io/jetstack/solver:v1.21.1", "--percent=100%=%s", "{{ .Values.image }}"],
        "env": [
            { "name": "LOG_LEVEL", "value": "info" },
            { "name": "YAML", "value": "on" },
            { "name": "HELPER", "value": "ghcr.io/example/helper:2@sha256:0000000000000000000000000000000000000000000000000000000000000000" },
        ],
        "resources": { "requests": { "cpu": "100m", "memory": "1Gi" }, "limits": {} },
    });
    let pod = json!({ "hostNetwork": false, "automountServiceAccountToken": true, "containers": [
        container,
        { "name": "side-car", "image": "localhost:5000/side/car:1", "resources": {} },
    ] });
    let labels = json!({ "app.kubernetes.io/name": "photos", "on": "yes" });
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "photos", "labels": labels },
        "spec": { "replicas": 2, "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": pod } },
    });
    let web = |rest: &str| format!("spec/template/spec/containers/[web]/{rest}");
    let mut solver = steps(&web("args"));
    solver.push(Step::Starting("--solver-image=".to_owned()));
    let prefix = Form::Image { prefix: "--solver-image=".to_owned() };
    let level = Form::String { pattern: Some("^(debug|info)$".to_owned()) };
    let long = "How many run at once; zero stops the service, and more than one needs a volume that several pods may write, \
                which is why some services have a maximum of one.";
    let forms = vec![
        exposed(&["image"], &web("image"), image(), "The image of the service."),
        exposed(&["replicas"], "spec/replicas", Form::Integer { minimum: 0, maximum: 10 }, long),
        exposed(&["resources"], &web("resources"), Form::Subtree { schema: resources_schema() }, "What it may use."),
        exposed(&["env", "LOG_LEVEL"], &web("env/[LOG_LEVEL]/value"), level, "The environment variable LOG_LEVEL."),
        exposed(
            &["env", "YAML"],
            &web("env/[YAML]/value"),
            Form::String { pattern: None },
            "A name that is a method of Helm's values.",
        ),
        exposed(&["helper"], &web("env/[HELPER]/value"), image(), "An image in an environment variable."),
        exposed(
            &["hostNetwork"],
            "spec/template/spec/hostNetwork",
            Form::Boolean,
            "Whether it uses the node's network.",
        ),
        exposed(
            &["imagePullSecrets"],
            "spec/template/spec/imagePullSecrets",
            Form::PullSecrets,
            "Secrets for its images.",
        ),
        exposed(
            &["sidecars", "side-car", "image"],
            "spec/template/spec/containers/[side-car]/image",
            image(),
            "The image of `side-car`.",
        ),
        exposed(
            &["sidecars", "side-car", "resources"],
            "spec/template/spec/containers/[side-car]/resources",
            Form::Subtree { schema: resources_schema() },
            "What `side-car` may use.",
        ),
        Exposed::new(&["solver"], solver, prefix, "An image in an argument."),
    ];
    let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "photos" } });
    let secrets = exposed(&["imagePullSecrets"], "imagePullSecrets", Form::PullSecrets, "Secrets for its images.");
    chart(
        "photos",
        true,
        vec![
            object("deployment.yaml", deployment, forms),
            object("service-account.yaml", account, vec![secrets]),
            job(),
        ],
    )
}

/// A Job whose name follows its image, which stands behind the key of the chart's image.
fn job() -> ChartObject {
    let text = "docker.io/library/nginx:1.28.0";
    let stem = "photos-once-0a1b2c3d-";
    let name = format!("{stem}{}", &hex::encode(Sha256::digest(text))[..8]);
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "template": { "spec": { "restartPolicy": "OnFailure", "containers": [{ "name": "web", "image": text }] } } },
    });
    let form = Form::JobName { stem: stem.to_owned(), image: vec!["image".to_owned()] };
    let exposures = vec![
        exposed(&["image"], "spec/template/spec/containers/[web]/image", image(), "The image of the service."),
        exposed(&["jobName"], "metadata/name", form, ""),
    ];
    object("job-once.yaml", job, exposures)
}

/// Keys and values that are no identifiers.
fn search() -> ChartObjects {
    let env: Vec<_> =
        VARIABLES.iter().map(|name| json!({ "name": name, "value": format!("value of {name}") })).collect();
    let stateful_set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "search" },
        "spec": {
            "serviceName": "search", "replicas": 1, "selector": { "matchLabels": { "a": "b" } },
            "template": { "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [{
                "name": "search", "image": "docker.elastic.co/elasticsearch/elasticsearch:8.15.0", "env": env,
            }] } },
        },
    });
    let field = |name: &str| {
        let at = steps("spec/template/spec/containers/[search]/env").into_iter();
        at.chain([Step::Named(name.to_owned()), Step::Key("value".to_owned())]).collect()
    };
    let string = Form::String { pattern: None };
    let mut forms: Vec<_> = VARIABLES
        .iter()
        .map(|name| {
            Exposed::new(&["env", name], field(name), string.clone(), &format!("The environment variable {name}."))
        })
        .collect();
    forms.push(exposed(&["image.of", "search"], "spec/template/spec/containers/[search]/image", image(), "The image."));
    forms.push(exposed(
        &["pull-secrets"],
        "spec/template/spec/imagePullSecrets",
        Form::PullSecrets,
        "Secrets for its images.",
    ));
    chart("search", true, vec![object("stateful-set.yaml", stateful_set, forms)])
}

/// Every text as value, as key and as element of a list; an image in a ConfigMap; odd numbers.
fn texts() -> ChartObjects {
    let values: serde_json::Map<String, Value> =
        TEXTS.iter().enumerate().map(|(at, text)| (format!("text-{at}"), (*text).into())).collect();
    let mut keys: serde_json::Map<String, Value> =
        TEXTS.iter().map(|text| ((*text).to_owned(), "value".into())).collect();
    keys.insert("long/{{".repeat(60), "value".into());
    keys.insert("long/".repeat(60), "a\nb\n".into());
    let mut data = values.clone();
    data.insert("image".into(), "registry.k8s.io/sig-storage/csi-provisioner:v5.2.0".into());
    let config = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "texts", "annotations": keys }, "data": data });
    let other = json!({
        "apiVersion": "example.com/v1", "kind": "Note", "metadata": { "name": "note", "namespace": "elsewhere" },
        "spec": {
            "texts": TEXTS, "nested": [[1, [2, "three"]], [], {}, [{}], [{ "a": [] }], [[["deep"]]]],
            "numbers": [0, -1, 9_007_199_254_740_993_u64, 0.5, -0.25, i64::MIN], "flags": [true, false],
            "{{ key }}": { "a: b": [{ "c #d": "{{" }] },
        },
    });
    let form = exposed(&["csi", "provisioner"], "data/image", image(), "An image in a ConfigMap.");
    chart("texts", false, vec![object("config-map.yaml", config, vec![form]), object("note.yaml", other, vec![])])
}

/// The archive of a chart that holds nothing but a CRD.
pub fn crds() -> Vec<u8> {
    let mut tree = ChartTree::new("crds");
    tree.insert("Chart.yaml", ChartMetadata::new("crds", "0.1.0", "0.1.0", "CRDs.").to_yaml());
    tree.insert("crds/notes.yaml", CRD);
    pack(&tree, 0).unwrap()
}

/// The chart tree of these charts, with the archive of the CRDs in it.
pub fn tree(charts: &[ChartObjects], crds: &[u8]) -> ChartTree {
    let nested = [NestedChart { name: "crds", version: "0.1.0", archive: crds }];
    let input = UmbrellaInput {
        name: NAME,
        version: VERSION,
        app_version: "1.10",
        namespace: NAMESPACE,
        description: "Everything that runs at home.",
        charts,
        nested: &nested,
        readme: "# homelab\n\n{{ not a template }}\n",
        notes: "Thanks. {{ not a template }} {{- at all -}}\n",
    };
    chart_tree(&input).unwrap()
}

/// What `verify` compares with.
pub fn expected<'a>(charts: &'a [ChartObjects], nested: &'a [(&'a str, &'a [u8])]) -> Expected<'a> {
    Expected { name: NAME, version: VERSION, namespace: NAMESPACE, charts, nested }
}

/// The values file in which everything that is exposed is another: one for each key, with the place in the values.
pub fn changes() -> Vec<Value> {
    let image = |registry: &str| json!({ "registry": registry, "repository": "other/image", "tag": "2.0" });
    let photos = |key: &str, value: Value| json!({ "photos": { key: value } });
    let mut changes = vec![
        photos("image", image("r.test")),
        photos("image", json!({ "tag": "20240101" })),
        photos("replicas", json!(0)),
        photos(
            "resources",
            json!({ "requests": { "cpu": "2", "memory": null }, "limits": { "on": "1e3", "gpu.intel.com/i915": "1" } }),
        ),
        photos("env", json!({ "LOG_LEVEL": "debug" })),
        photos("env", json!({ "YAML": "null" })),
        photos("helper", image("r.test:5000")),
        photos("hostNetwork", json!(true)),
        photos("imagePullSecrets", json!([{ "name": "one" }, { "name": "on" }])),
        photos("sidecars", json!({ "side-car": { "image": image("r.test") } })),
        photos("sidecars", json!({ "side-car": { "resources": { "limits": { "memory": "1Gi" } } } })),
        photos("solver", image("r.test")),
        photos("enabled", json!(false)),
        json!({ "search": { "image.of": { "search": image("r.test") } } }),
        json!({ "search": { "pull-secrets": [{ "name": "a" }] } }),
        json!({ "search": { "enabled": false } }),
        json!({ "texts": { "csi": { "provisioner": image("r.test") } } }),
        json!({ "global": { "imageRegistry": "mirror.test:5000/hub" } }),
        json!({ "global": { "imagePullSecrets": [{ "name": "all" }] } }),
        json!({ "global": { "imagePullSecrets": [{ "name": "all" }] }, "photos": { "imagePullSecrets": [{ "name": "mine" }] } }),
    ];
    // Every text that can be an environment variable's value goes through `quote`. Helm removes `<no value>`.
    let texts: Vec<_> = TEXTS.iter().filter(|text| !text.contains("<no value>")).collect();
    for texts in texts.chunks(VARIABLES.len()) {
        let env: serde_json::Map<_, _> =
            VARIABLES.iter().zip(texts).map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
        changes.push(json!({ "search": { "env": env } }));
    }
    changes.extend(VARIABLES.map(|name| json!({ "search": { "env": { name: "changed {{ .Values }} %s" } } })));
    changes
}
