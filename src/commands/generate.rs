//! `helm ha generate`: the umbrella chart, and what a person needs next.

use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

use crate::cli::Generate;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::commands::load::Loaded;
use crate::commands::load::Locking;
use crate::commands::load::NewLock;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::commands::sign;
use crate::generate::flux;
use crate::generate::flux::ChartSource;
use crate::generate::guide::install_line;
use crate::helm::RECORD_LIMIT;
use crate::lock::Upgrade;
use crate::machine::Machine;
use crate::pipeline;
use crate::pipeline::Built;
use crate::publish::Package;
use crate::publish::provenance_path;
use crate::report::Advice;
use crate::rules::Frozen;

/// 2000-01-01, unless `SOURCE_DATE_EPOCH` says otherwise: the same input gives the same bytes on every day.
const CONSTANT_TIME: u64 = 946_684_800;
/// No chart of ours is as large (Helm refuses more than 100 MiB).
const MAX_ARCHIVE: u64 = 128 << 20;

pub fn run(arguments: &Generate, machine: &dyn Machine) -> Result<u8, Failure> {
    let flux = arguments.flux.as_deref().map(chart_source).transpose()?;
    let mut loaded = load(&arguments.values.inputs, arguments.values.lock.as_deref(), machine)?;
    // Before anything is said about the values: nothing could be written.
    loaded.lock_path()?;
    let locking = Locking {
        upgrade: if arguments.upgrade_addons { Upgrade::Wanted } else { Upgrade::Refused },
        frozen: if arguments.frozen { Frozen::Yes } else { Frozen::No },
    };
    if let (Some(version), Some(cluster)) = (&arguments.version, &mut loaded.checked.cluster) {
        cluster.version = version.to_string();
    }
    let built = loaded.build(arguments.app_version.as_deref(), locking)?;
    let (Some(built), Verdict::Passed) = (built, loaded.verdict(arguments.values.deny)) else {
        loaded.tell(arguments.output, Advice::Counted, machine)?;
        return Ok(1);
    };
    let built = match arguments.locked {
        true => match loaded.with_locked_images(built, arguments.app_version.as_deref())? {
            Ok(built) => built,
            Err(reason) => {
                machine.say(&reason)?;
                return Ok(1);
            }
        },
        false => built,
    };
    let lock = loaded.new_lock(&built, locking)?;
    let archive = pipeline::pack(&built, seconds(machine)?)?;
    let facts = &built.plan.facts;
    let output = if arguments.unpacked {
        Written::Folder(arguments.destination.join(&facts.name), files(&built))
    } else {
        let name = format!("{}-{}.tgz", facts.name, facts.version);
        let path = arguments.destination.join(&name);
        let signature = signature(arguments, &name, archive.bytes(), machine)?;
        let signature = signature.map(|bytes| (provenance_path(&path), bytes));
        let flux = flux.map(|source| {
            let text = flux::flux(&facts.name, &facts.namespace, &facts.version, &source);
            (arguments.destination.join(format!("{}-flux.yaml", facts.name)), text.into_bytes())
        });
        Written::Archive { path, bytes: archive.bytes().to_vec(), signature, flux }
    };
    if arguments.check {
        loaded.tell(arguments.output, Advice::Counted, machine)?;
        return check(&output, &lock, machine);
    }
    output.write(&facts.name, &lock, machine)?;
    match arguments.output {
        Output::Human => {
            loaded.tell(Output::Human, Advice::Counted, machine)?;
            machine.say(&summary(&built, &output, &lock, machine))?;
        }
        Output::Json => machine.data(&format!("{:#}\n", report(&loaded, &built, &output, &lock)?))?,
    }
    Ok(0)
}

/// What `--flux` says.
fn chart_source(url: &str) -> Result<ChartSource, Failure> {
    let wrong =
        || Failure::Usage(format!("expected `oci://HOST/PATH` or `https://HOST/PATH` for --flux, found `{url}`"));
    ChartSource::read(url).ok_or_else(wrong)
}

/// The `.prov` of the archive, when one is wanted.
fn signature(
    arguments: &Generate,
    file: &str,
    archive: &[u8],
    machine: &dyn Machine,
) -> Result<Option<Vec<u8>>, Failure> {
    if !arguments.signing.sign {
        return Ok(None);
    }
    let (chart, digest) = Package::describe(archive).map_err(Failure::Bug)?;
    sign::provenance(&arguments.signing, &chart, file, &digest, machine)
}

/// What is written, and where.
enum Written {
    Archive { path: PathBuf, bytes: Vec<u8>, signature: Option<(PathBuf, Vec<u8>)>, flux: Option<(PathBuf, Vec<u8>)> },
    Folder(PathBuf, Vec<(String, Vec<u8>)>),
}

impl Written {
    fn path(&self) -> &Path {
        match self {
            Self::Archive { path, .. } | Self::Folder(path, _) => path,
        }
    }

    /// Writes it and the lock.
    fn write(&self, name: &str, lock: &NewLock, machine: &dyn Machine) -> Result<(), Failure> {
        let lock_file = lock.is_new.then(|| (lock.path.clone(), lock.text.clone().into_bytes()));
        match self {
            Self::Archive { path, bytes, signature, flux } => {
                let archive = [(path.clone(), bytes.clone())];
                let beside = signature.iter().chain(flux).cloned();
                let files: Vec<_> = lock_file.into_iter().chain(archive).chain(beside).collect();
                machine.write_together(&files)?;
            }
            Self::Folder(path, files) => {
                let chart = machine.read(&path.join("Chart.yaml"), MAX_ARCHIVE).unwrap_or_default();
                let ours = String::from_utf8_lossy(&chart).lines().any(|line| line == format!("name: {name}"));
                if machine.exists(path) && !ours {
                    return Err(Failure::InputOutput(std::io::Error::new(
                        std::io::ErrorKind::AlreadyExists,
                        format!(
                            "`{}` is there and is not the chart `{name}`; choose another folder with `-d`",
                            path.display()
                        ),
                    )));
                }
                machine.write_folder(path, files)?;
                lock_file.iter().try_for_each(|(path, bytes)| machine.write(path, bytes))?;
            }
        }
        Ok(())
    }

    fn is_there(&self, machine: &dyn Machine) -> bool {
        match self {
            Self::Archive { path, bytes, flux, .. } => {
                let is_there =
                    |path: &Path, bytes: &[u8]| machine.read(path, MAX_ARCHIVE).is_ok_and(|found| found == bytes);
                is_there(path, bytes) && flux.as_ref().is_none_or(|(path, bytes)| is_there(path, bytes))
            }
            Self::Folder(folder, files) => {
                let same = |(path, bytes): &(String, Vec<u8>)| {
                    machine.read(&folder.join(path), MAX_ARCHIVE).is_ok_and(|found| found == *bytes)
                };
                machine.list(folder).is_ok_and(|found| found.len() == files.len()) && files.iter().all(same)
            }
        }
    }
}

fn check(output: &Written, lock: &NewLock, machine: &dyn Machine) -> Result<u8, Failure> {
    let path = output.path().display();
    if lock.is_new {
        let lock_path = lock.path.display();
        let what = if machine.exists(&lock.path) { "would get new entries" } else { "is not there" };
        machine.say(&format!("{lock_path} {what}: run `helm ha generate` without `--check`\n"))?;
        return Ok(2);
    }
    if output.is_there(machine) {
        machine.say(&format!("{path} is up to date\n"))?;
        return Ok(0);
    }
    let what = if machine.exists(output.path()) { "differs from what the values give" } else { "is not there" };
    machine.say(&format!("{path} {what}: run `helm ha generate` without `--check`\n"))?;
    Ok(2)
}

fn files(built: &Built) -> Vec<(String, Vec<u8>)> {
    built.tree.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect()
}

/// The time of every file in the archive.
pub fn seconds(machine: &dyn Machine) -> Result<u64, Failure> {
    Ok(epoch(machine)?.unwrap_or(CONSTANT_TIME))
}

/// What `SOURCE_DATE_EPOCH` says (<https://reproducible-builds.org/specs/source-date-epoch/>), in seconds since 1970.
pub fn epoch(machine: &dyn Machine) -> Result<Option<u64>, Failure> {
    let read = |text: String| {
        text.parse()
            .map_err(|_| Failure::Usage(format!("expected seconds since 1970 in SOURCE_DATE_EPOCH, found `{text}`")))
    };
    machine.variable("SOURCE_DATE_EPOCH").map(read).transpose()
}

fn summary(built: &Built, output: &Written, lock: &NewLock, machine: &dyn Machine) -> String {
    let plan = &built.plan;
    let objects: usize = built.charts.iter().map(|chart| chart.objects.len()).sum();
    let size = match output {
        Written::Archive { bytes, .. } => bytes.len(),
        Written::Folder(_, files) => files.iter().map(|(_, bytes)| bytes.len()).sum(),
    };
    let mut text = format!(
        "wrote {}: {}, {} subcharts, {objects} objects, {} images\n",
        output.path().display(),
        kilobytes(size),
        built.charts.len(),
        crate::objects::images(plan, &built.charts).len(),
    );
    if let Written::Archive { signature, flux, .. } = output {
        signature.iter().chain(flux).for_each(|(path, _)| _ = writeln!(text, "wrote {}", path.display()));
    }
    _ = writeln!(
        text,
        "release record: about {} of {} ({} %)",
        kilobytes(built.record),
        kilobytes(RECORD_LIMIT),
        built.record * 100 / RECORD_LIMIT
    );
    if lock.is_new {
        _ = writeln!(text, "\nwrote {}, what must not change by accident (commit it):", lock.path.display());
        lock.changes.iter().for_each(|line| _ = writeln!(text, "  {line}"));
    }
    for (title, lines) in [
        ("addresses", crate::plan::addresses::lines(plan.addresses.as_ref())),
        (
            "Secrets still to be made (`helm ha secrets` explains)",
            plan.secrets.iter().map(|(name, secret)| secret.command(name)).collect(),
        ),
    ] {
        if !lines.is_empty() {
            _ = writeln!(text, "\n{title}:");
            lines.iter().for_each(|line| _ = writeln!(text, "  {line}"));
        }
    }
    _ = writeln!(text, "\nK3s must run with `disable: [servicelb, traefik]` on every server.");
    let namespace = machine.variable("HELM_NAMESPACE").unwrap_or_default();
    if !namespace.is_empty() && namespace != "default" && namespace != plan.facts.namespace {
        _ = writeln!(
            text,
            "Helm's namespace is `{namespace}`, the chart's is `{}`: name it when you install.",
            plan.facts.namespace
        );
    }
    if lock.changes.iter().any(|line| line.starts_with("changed addons.")) {
        _ = writeln!(
            text,
            "First of all, for Helm does not upgrade CRDs:\n  helm ha crds {} | kubectl apply --server-side \
             --force-conflicts --field-manager=helm -f -",
            output.path().display()
        );
    }
    _ = writeln!(text, "Install and upgrade:\n  {}", install_line(plan));
    text
}

fn report(loaded: &Loaded, built: &Built, output: &Written, lock: &NewLock) -> Result<Value, Failure> {
    let mut report = loaded.json(Advice::Counted)?;
    let chart = json!({
        "path": output.path(),
        "name": built.plan.facts.name,
        "version": built.plan.facts.version,
        "namespace": built.plan.facts.namespace,
        "subcharts": built.charts.len(),
        "objects": built.charts.iter().map(|chart| chart.objects.len()).sum::<usize>(),
        "images": crate::objects::images(&built.plan, &built.charts).into_keys().collect::<Vec<_>>(),
        "releaseRecordBytes": built.record,
        "install": install_line(&built.plan),
    });
    if let Some(report) = report.as_object_mut() {
        report.insert("chart".to_owned(), chart);
        report.insert("lock".to_owned(), json!({ "path": lock.path, "changes": lock.changes }));
    }
    Ok(report)
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}
