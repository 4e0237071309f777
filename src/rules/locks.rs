//! A cluster and its lock in, the entries that stand in both or in one of them out, each with the field it comes from.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::FieldPath;
use crate::lock::Claim;
use crate::lock::Fields;
use crate::lock::Lock;
use crate::lock::Locked;
use crate::lock::Upgrade;
use crate::model::Cluster;
use crate::plan::names;
use crate::rules::walk;
use crate::values::mount::Mount;

/// What was decided before, and what the values say now.
pub struct Locks<'a> {
    pub cluster: &'a Cluster,
    pub old: &'a Locked,
    pub next: &'a Lock,
    pub upgrade: Upgrade,
    pub frozen: Frozen,
}

/// Whether the lock may get new entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frozen {
    No,
    Yes,
}

/// One volume before and now.
pub struct Both<'a> {
    pub entry: String,
    pub old: &'a Claim,
    pub next: &'a Claim,
}

impl Both<'_> {
    /// The volume as people call it: `media`, `git`, `git/cache`.
    pub fn name(&self) -> &str {
        self.entry.split_once('.').map_or("", |(_, name)| name)
    }
}

impl Locks<'_> {
    /// The volumes that were there and still are.
    pub fn both(&self) -> impl Iterator<Item = Both<'_>> {
        let next = self.next.all_claims();
        next.filter_map(|(entry, next)| {
            let old = self.old.lock.claim(&entry)?;
            Some(Both { entry, old, next })
        })
    }

    /// The field of a volume: `volumes.NAME`, or the mount of a private one.
    pub fn path(&self, entry: &str) -> FieldPath {
        let claims = walk::mounts(self.cluster).find(|at| match at.mount {
            Mount::Claim(mount) => names::claim_entry(at.container.of.name, mount.name.as_ref()) == entry,
            _ => false,
        });
        match (claims, entry.split_once('.')) {
            (Some(at), _) => at.path(),
            (None, Some((section, name))) => FieldPath::of([section, name]),
            (None, None) => FieldPath::default(),
        }
    }

    /// The field with the size of a volume.
    pub fn size_path(&self, entry: &str) -> FieldPath {
        self.path(entry).key(if entry.starts_with("claims.") { "claim" } else { "size" })
    }

    /// A second place: where the entry is locked.
    pub fn label(&self, finding: Diagnostic, entry: &str) -> Diagnostic {
        match self.old.place(entry) {
            Some(place) => finding.label(place, "locked here"),
            None => finding,
        }
    }
}

/// What an entry says now and did not say before, or says otherwise: `key`, before, now.
pub fn changed<'a>(old: &'a Fields, next: &'a Fields) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(next.keys()).collect();
    let text = |fields: &'a Fields, key: &str| fields.get(key).map_or("", String::as_str);
    let all = keys.into_iter().map(move |key| (key.as_str(), text(old, key), text(next, key)));
    all.filter(|(_, old, next)| old != next)
}

/// The line that takes an entry out of the lock.
pub fn forget(entry: &str) -> String {
    format!("`helm ha lock --forget {entry} FILE...`")
}
