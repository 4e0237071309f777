//! `helm ha lock`: what must not change by accident, whether it would, and how an entry is taken out deliberately.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use crate::cli::Lock;
use crate::cli::Output;
use crate::commands::failure::Failure;
use crate::commands::load::Loaded;
use crate::commands::load::Locking;
use crate::commands::load::NewLock;
use crate::commands::load::Verdict;
use crate::commands::load::load;
use crate::commands::lock_images;
use crate::diagnostic::suggestion;
use crate::lock;
use crate::machine::Machine;
use crate::objects;
use crate::pipeline::Built;
use crate::report::Advice;

pub fn run(arguments: &Lock, machine: &dyn Machine) -> Result<u8, Failure> {
    let mut loaded = load(&arguments.values.inputs, arguments.values.lock.as_deref(), machine)?;
    loaded.lock_path()?;
    if let Some(entry) = &arguments.forget {
        return forget(&loaded, entry, machine);
    }
    let is_said = arguments.registries.is_said() || arguments.mirrors.registries.is_some();
    if is_said && !arguments.images {
        return Err(Failure::Usage("registries are asked only with `--images`".to_owned()));
    }
    let built = loaded.build(None, Locking::READ)?;
    let (Some(built), Verdict::Passed) = (built, loaded.verdict(arguments.values.deny)) else {
        loaded.tell(arguments.output, Advice::Counted, machine)?;
        return Ok(1);
    };
    if arguments.output == Output::Human {
        loaded.tell(Output::Human, Advice::Counted, machine)?;
    }
    if arguments.images {
        return lock_images::run(arguments, &loaded, &built, machine);
    }
    let mut new = loaded.new_lock(&built, Locking::READ)?;
    new.changes.extend(unlocked_images(&built));
    if !arguments.check {
        show(arguments.output, &built, &new, machine)?;
        return Ok(0);
    }
    if new.is_new || !new.changes.is_empty() {
        let lines: String = new.changes.iter().map(|line| format!("  {line}\n")).collect();
        let how = if new.is_new { "generate" } else { "lock --images" };
        machine.say(&format!("{} would change: run `helm ha {how}`\n{lines}", new.path.display()))?;
        return Ok(2);
    }
    machine.say(&format!("{} is up to date\n", new.path.display()))?;
    Ok(0)
}

/// Images that the values name and a lock with images does not hold.
fn unlocked_images(built: &Built) -> Vec<String> {
    let locked = built.plan.lock.old.as_ref().map(|old| &old.images).filter(|images| !images.is_empty());
    let Some(locked) = locked else { return Vec::new() };
    let images = objects::images(&built.plan, &built.charts).into_keys();
    images.filter(|image| !locked.contains_key(image)).map(|image| format!("image {image} is not locked")).collect()
}

/// Every entry, with a word on those that are not in the values and those that are not in the lock.
fn show(output: Output, built: &Built, new: &NewLock, machine: &dyn Machine) -> Result<(), Failure> {
    let described = |lock: &lock::Lock| lock::describe(lock).into_iter().collect::<BTreeMap<_, _>>();
    let old = built.plan.lock.old.as_ref().map(described).unwrap_or_default();
    let mut next = described(&built.plan.lock.next);
    let images = objects::images(&built.plan, &built.charts).into_keys();
    next.extend(images.map(|image| (format!("images.{image}"), String::new())));
    if output == Output::Json {
        let json = json!({ "path": new.path, "lock": built.plan.lock.old, "changes": new.changes });
        machine.data(&format!("{json:#}\n"))?;
        return Ok(());
    }
    let mut text = String::new();
    for (entry, words) in &old {
        let note =
            if next.contains_key(entry) || entry.starts_with("kept.") { "" } else { " (no longer in the values)" };
        _ = writeln!(text, "{entry}: {words}{note}");
    }
    machine.data(&text)?;
    if !new.changes.is_empty() {
        let lines: String = new.changes.iter().map(|line| format!("  {line}\n")).collect();
        machine.say(&format!("not in {} yet; `helm ha generate` writes:\n{lines}", new.path.display()))?;
    }
    Ok(())
}

fn forget(loaded: &Loaded, entry: &str, machine: &dyn Machine) -> Result<u8, Failure> {
    // Other findings are what it is for, and do not keep it from being forgotten.
    let Some(locked) = &loaded.checked.locked else {
        loaded.tell(Output::Human, Advice::Counted, machine)?;
        let path = loaded.lock_path()?.display();
        return Err(Failure::Usage(format!("there is no lock `{path}` from which anything could be taken")));
    };
    let mut left = locked.lock.clone();
    if !lock::forget(&mut left, entry) {
        let entries = lock::describe(&locked.lock);
        let known = suggestion(entry, entries.iter().map(|(entry, _)| entry.as_str()));
        let hint = known.unwrap_or_else(|| "`helm ha lock FILE...` lists them".to_owned());
        return Err(Failure::Usage(format!("there is no entry `{entry}` in the lock; {hint}")));
    }
    let path = loaded.lock_path()?;
    machine.write(path, lock::write(&left).as_bytes())?;
    machine.say(&format!("{} no longer holds {entry}\n", path.display()))?;
    if let Some(line) = removal(&locked.lock, entry) {
        machine.say(&format!("its files are still there; to delete them:\n  {line}\n"))?;
    }
    Ok(0)
}

/// The line that deletes what an entry stood for; `None` where it is no claim of its own.
fn removal(lock: &lock::Lock, entry: &str) -> Option<String> {
    let (section, name) = entry.split_once('.')?;
    let (claim, class) = match section {
        "kept" => (name.split('/').next_back()?.to_owned(), Some(lock.kept.get(name)?.class.as_str())),
        "locals" => (name.to_owned(), None),
        _ => {
            let claim = lock.claim(entry)?;
            if let Some(set) = &claim.per_replica_of {
                return Some(format!(
                    "kubectl -n {} delete pvc {}-{set}-N  # for each replica N",
                    lock.namespace, claim.claim
                ));
            }
            claim.class.as_ref()?;
            (claim.claim.clone(), claim.class.as_deref())
        }
    };
    match class.and_then(|class| class.strip_prefix("nfs.")) {
        Some(export) => Some(format!("rm -r {claim}  # in export {export}, on its server")),
        // The volume outlives its claim (`Retain`) unless it is told otherwise before.
        None => Some(format!(
            "kubectl patch pv \"$(kubectl -n {0} get pvc {claim} -o jsonpath={{.spec.volumeName}})\" \
             -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"Delete\"}}}}' && kubectl -n {0} delete pvc {claim}",
            lock.namespace
        )),
    }
}
