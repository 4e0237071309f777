//! `helm ha verify`: whether an archive or bundle is sound, with values files what they say, and signed.

use std::io::Read;

use crate::bundle;
use crate::bundle::BundleError;
use crate::bundle::CheckedBundle;
use crate::cli::Output;
use crate::cli::Verify;
use crate::commands::failure::Failure;
use crate::commands::inspect;
use crate::commands::load::Locking;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::commands::sign;
use crate::helm;
use crate::machine::Machine;
use crate::pipeline;
use crate::report::Advice;
use crate::verify;

pub fn run(arguments: &Verify, machine: &dyn Machine) -> Result<u8, Failure> {
    let path = arguments.archive.display();
    let (archive, inside) = match kind(arguments, machine)? {
        Kind::Other => return tell(arguments, Err("expected a chart archive or a bundle".to_owned()), machine),
        Kind::Chart if arguments.since.is_some() => {
            return Err(Failure::Usage("error: `--since` is about bundles, not about a chart archive".to_owned()));
        }
        Kind::Chart => (machine.read(&arguments.archive, helm::TREE_LIMIT)?, None),
        Kind::Bundle => match sound_bundle(arguments, machine)? {
            Ok(checked) => (checked.head().chart().to_vec(), Some(checked)),
            Err(reason) => return tell(arguments, Err(reason), machine),
        },
    };
    let signed = match (&arguments.keyring, &inside) {
        (None, _) => None,
        (Some(keyring), None) => Some(sign::signed_by(&arguments.archive, &archive, keyring, machine)?),
        (Some(keyring), Some(checked)) => {
            let signer = bundle::signed_by(checked.head(), &sign::keyring(keyring, machine)?);
            Some(signer.map_err(|error| error.to_string()))
        }
    };
    let outcome = if arguments.inputs.is_empty() {
        sound(&archive)
    } else {
        let mut loaded = load(&arguments.inputs, arguments.lock.as_deref(), machine)?;
        if let (Some(version), Some(cluster)) = (&arguments.version, &mut loaded.checked.cluster) {
            cluster.version = version.to_string();
        }
        let built = loaded.build(None, Locking::READ)?;
        let (Some(built), Verdict::Passed) = (built, loaded.verdict(None)) else {
            loaded.tell(arguments.output, Advice::Counted, machine)?;
            return Ok(1);
        };
        let built = match arguments.locked {
            true => loaded.with_locked_images(built, None)?,
            false => Ok(built),
        };
        let built = match built {
            Ok(built) => built,
            Err(reason) => {
                machine.say(&reason)?;
                return Ok(1);
            }
        };
        verify::verify(archive, &pipeline::expected(&built))
            .map(|_| built.charts.len())
            .map_err(|error| error.to_string())
    };
    let text = outcome.and_then(|charts| {
        let what = match &inside {
            None => format!("{charts} subcharts render with their own values"),
            Some(checked) => inspect::summary(checked.head()),
        };
        let signer = signed.transpose()?.map(|name| format!("signed by {name}\n")).unwrap_or_default();
        Ok(format!("{path} is sound: {what}\n{signer}"))
    });
    tell(arguments, text, machine)
}

fn tell(arguments: &Verify, outcome: Result<String, String>, machine: &dyn Machine) -> Result<u8, Failure> {
    let code = if outcome.is_ok() { 0 } else { 1 };
    match (arguments.output, &outcome) {
        (Output::Human, Ok(text)) => machine.say(text)?,
        (Output::Human, Err(reason)) => {
            machine.say(&format!("{} is not what it should be: {reason}\n", arguments.archive.display()))?;
        }
        (Output::Json, _) => {
            let json =
                serde_json::json!({ "archive": arguments.archive, "ok": outcome.is_ok(), "reason": outcome.err() });
            machine.data(&format!("{json:#}\n"))?;
        }
    }
    Ok(code)
}

/// What a file is by its first bytes.
enum Kind {
    Chart,
    Bundle,
    Other,
}

/// A chart archive is packed with gzip, a bundle with zstd or not at all.
fn kind(arguments: &Verify, machine: &dyn Machine) -> Result<Kind, Failure> {
    let mut start = Vec::new();
    machine.open(&arguments.archive)?.take(4).read_to_end(&mut start)?;
    Ok(match start.as_slice() {
        [0x1f, 0x8b, ..] => Kind::Chart,
        [0x28, 0xb5, 0x2f, 0xfd] | b"bund" => Kind::Bundle,
        _ => Kind::Other,
    })
}

/// Every byte and part of a bundle; the inner error says why it is not sound.
fn sound_bundle(arguments: &Verify, machine: &dyn Machine) -> Result<Result<CheckedBundle, String>, Failure> {
    let check = |path: &std::path::Path, older: Option<&CheckedBundle>| {
        let size = machine.size(path)?.unwrap_or_default();
        let progress = machine.progress("checking", size);
        match bundle::check(path, older, machine, progress.as_ref()) {
            Ok(checked) => Ok(Ok(checked)),
            Err(BundleError::Unsound(reason)) => Ok(Err(reason)),
            Err(error) => Err(inspect::failure(path, error)),
        }
    };
    let older = match &arguments.since {
        None => None,
        Some(path) => match check(path, None)? {
            Ok(checked) => Some(checked),
            Err(reason) => return Ok(Err(format!("`{}` is no sound bundle: {reason}", path.display()))),
        },
    };
    check(&arguments.archive, older.as_ref())
}

/// Structure, templates and schemas alone: every template is of the closed grammar and renders with the chart's own
/// values, which its schemas allow.
fn sound(bytes: &[u8]) -> Result<usize, String> {
    let tree = helm::unpack(bytes).map_err(|error| error.to_string())?;
    let objects = verify::render(&tree, None).map_err(|error| error.to_string())?;
    verify::conform(&tree).map_err(|error| error.to_string())?;
    let charts: std::collections::BTreeSet<&str> =
        objects.iter().filter_map(|(path, _)| path.strip_prefix("charts/")?.split('/').next()).collect();
    Ok(charts.len())
}
