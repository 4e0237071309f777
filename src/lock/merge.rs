//! The old lock and what the values say now -> the new lock, and what is new in it.

use std::collections::BTreeMap;

use crate::lock::Lock;
use crate::lock::Upgrade;
use crate::lock::write::describe;

/// How much of a new entry is told.
const WIDTH: usize = 120;

/// The lock after a run without findings, and a line for each thing that is new in it. Entries are added, sizes are
/// raised, the platform set is replaced where that is wanted; nothing else is changed, and nothing is taken out.
pub fn merged(old: &Lock, next: &Lock, upgrade: Upgrade) -> (Lock, Vec<String>) {
    let mut lock = old.clone();
    add(&mut lock.addons, &next.addons);
    if upgrade == Upgrade::Wanted {
        lock.addons.extend(next.addons.clone());
    }
    add(&mut lock.ceph, &next.ceph);
    add(&mut lock.classes, &next.classes);
    add(&mut lock.exports, &next.exports);
    add(&mut lock.fixed, &next.fixed);
    for (claims, next) in [(&mut lock.volumes, &next.volumes), (&mut lock.claims, &next.claims)] {
        for (name, next) in next {
            let known = claims.entry(name.clone()).or_insert_with(|| next.clone());
            if let Some(size) = next
                .size
                .as_ref()
                .filter(|size| known.size.as_ref().is_none_or(|known| known.thousandths() < size.thousandths()))
            {
                known.size = Some(size.clone());
            }
        }
    }
    add(&mut lock.locals, &next.locals);
    let changes = changes(old, &lock);
    (lock, changes)
}

fn add<T: Clone>(known: &mut BTreeMap<String, T>, next: &BTreeMap<String, T>) {
    for (name, value) in next {
        known.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// What differs, entry by entry.
fn changes(old: &Lock, new: &Lock) -> Vec<String> {
    let old: BTreeMap<String, String> = describe(old).into_iter().collect();
    let changed = describe(new).into_iter().filter_map(|(entry, text)| match old.get(&entry) {
        None => Some(format!("added {entry}: {}", shortened(&text))),
        Some(before) if *before != text => Some(format!("changed {entry}: {text} (was {before})")),
        Some(_) => None,
    });
    changed.collect()
}

/// A class has more fields than a line shows.
fn shortened(text: &str) -> String {
    let mut start: String = text.chars().take(WIDTH).collect();
    if start.len() < text.len() {
        start.push_str("...");
    }
    start
}

/// Takes an entry such as `volumes.media` out. Gives whether it was there.
pub fn forget(lock: &mut Lock, entry: &str) -> bool {
    let Some((section, name)) = entry.split_once('.') else { return false };
    match section {
        "addons" => lock.addons.remove(name).is_some(),
        "ceph" => lock.ceph.remove(name).is_some(),
        "classes" => lock.classes.remove(name).is_some(),
        "exports" => lock.exports.remove(name).is_some(),
        "fixed" => lock.fixed.remove(name).is_some(),
        "volumes" => lock.volumes.remove(name).is_some(),
        "claims" => lock.claims.remove(name).is_some(),
        "locals" => lock.locals.remove(name).is_some(),
        "images" => lock.images.remove(name).is_some(),
        "kept" => lock.kept.remove(name).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Claim;

    #[test]
    fn a_lock_only_grows() {
        let of = |size: &str, group, rook: &str| {
            let claim = Claim {
                claim: "media".to_owned(),
                class: Some("cephfs".to_owned()),
                group,
                per_replica_of: None,
                size: size.parse().ok(),
            };
            Lock {
                volumes: [("media".to_owned(), claim)].into(),
                addons: [("rook".to_owned(), rook.to_owned())].into(),
                ..Lock::empty("home", "home")
            }
        };
        let check = |old: &Lock, next: &Lock, upgrade, expect: &[&str]| {
            assert_eq!(merged(old, next, upgrade).1, expect);
        };
        let (empty, one) = (Lock::empty("home", "home"), of("1Gi", 1, "v1.20.6"));
        check(
            &empty,
            &one,
            Upgrade::Refused,
            &["added addons.rook: v1.20.6", "added volumes.media: claim media, class cephfs, group 1, size 1Gi"],
        );
        check(&one, &empty, Upgrade::Wanted, &[]);
        check(&one, &of("1024Mi", 2, "v1.21.0"), Upgrade::Refused, &[]);
        check(
            &one,
            &of("2Gi", 2, "v1.21.0"),
            Upgrade::Wanted,
            &[
                "changed addons.rook: v1.21.0 (was v1.20.6)",
                "changed volumes.media: claim media, class cephfs, group 1, size 2Gi \
             (was claim media, class cephfs, group 1, size 1Gi)",
            ],
        );
        let mut lock = one.clone();
        assert!(forget(&mut lock, "volumes.media") && !forget(&mut lock, "volumes.media") && !forget(&mut lock, "x"));
    }
}
