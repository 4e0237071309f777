//! Planned pods in, the values that their objects expose out: images, resources, literal variables, replicas.

use serde_json::json;

use crate::objects::Exposed;
use crate::objects::Form;
use crate::objects::steps;
use crate::oci::ImageReference;
use crate::plan::container::Container;
use crate::plan::environment::VariableValue;
use crate::plan::pod::Pod;
use crate::plan::pod_volumes::VolumeSource;
use crate::plan::workload::Replicas;

/// Amounts as the API server takes them (`apimachinery/pkg/api/resource/quantity.go`).
const QUANTITY: &str = "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?$";

/// Everything that pods at `spec` expose.
pub fn of_pod(pod: &Pod, spec: &str) -> Vec<Exposed> {
    let mut exposed = images(pod, spec);
    for (list, container) in containers(pod) {
        let place = format!("{spec}/{list}/[{}]", container.name);
        exposed.push(resources(container.resources.key.clone(), &format!("{place}/resources")));
        for variable in &container.env {
            if let (VariableValue::Text(_), false) = (&variable.value, variable.key.is_empty()) {
                exposed.push(Exposed {
                    key: variable.key.clone(),
                    at: steps(&format!("{place}/env/[{}]/value", variable.name)),
                    form: Form::String { pattern: None },
                    documentation: "An environment variable.".to_owned(),
                });
            }
        }
    }
    exposed
}

/// The images of pods at `spec`, that of the main container first, and the Secrets to pull them.
pub fn images(pod: &Pod, spec: &str) -> Vec<Exposed> {
    let of_containers =
        containers(pod).filter(|(_, container)| is_image(&container.image.default)).map(|(list, container)| {
            let place = format!("{spec}/{list}/[{}]/image", container.name);
            image(container.image.key.clone(), &place, "The image.")
        });
    let of_volumes = pod.volumes.iter().filter_map(|volume| match &volume.source {
        VolumeSource::Image(reference) if is_image(reference) => {
            let key = ["volumes", volume.name.as_str(), "image"].map(str::to_owned).to_vec();
            let place = format!("{spec}/volumes/[{}]/image/reference", volume.name);
            Some(image(key, &place, "The image whose files are mounted."))
        }
        _ => None,
    });
    let secrets = pull_secrets(vec!["imagePullSecrets".to_owned()], &format!("{spec}/imagePullSecrets"));
    of_containers.chain(of_volumes).chain([secrets]).collect()
}

/// The number of pods.
pub fn replicas(replicas: Replicas) -> Exposed {
    let form = Form::Integer { minimum: 0, maximum: i64::from(replicas.maximum) };
    let words = match replicas.maximum {
        1 => "The number of pods, at most one: two would write the same files.",
        _ => "The number of pods.",
    };
    Exposed::new(&["replicas"], steps("spec/replicas"), form, words)
}

pub fn image(key: Vec<String>, place: &str, words: &str) -> Exposed {
    Exposed { key, at: steps(place), form: Form::Image { prefix: String::new() }, documentation: words.to_owned() }
}

pub fn pull_secrets(key: Vec<String>, place: &str) -> Exposed {
    let documentation = "The Secrets with the credentials of the registry; unsaid: those of `global`.".to_owned();
    Exposed { key, at: steps(place), form: Form::PullSecrets, documentation }
}

pub fn resources(key: Vec<String>, place: &str) -> Exposed {
    let documentation =
        "What is kept free on the node (`requests`), and what it may have at most (`limits`).".to_owned();
    Exposed { key, at: steps(place), form: Form::Subtree { schema: resources_schema() }, documentation }
}

/// What cannot be read is no value: the finding about it has stopped everything.
fn is_image(text: &str) -> bool {
    text.parse::<ImageReference>().is_ok()
}

fn containers(pod: &Pod) -> impl Iterator<Item = (&'static str, &Container)> {
    let before = pod.init.iter().chain(&pod.sidecars).map(|container| ("initContainers", container));
    std::iter::once(("containers", &pod.main)).chain(before)
}

fn resources_schema() -> serde_json::Value {
    let amounts = json!({
        "type": "object",
        "additionalProperties": { "type": ["string", "number"], "pattern": QUANTITY, "minimum": 0 },
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "requests": amounts, "limits": amounts },
    })
}
