//! A volume and the class that it is to go to in; the cluster before and after, and what is copied from where out.

use crate::lock::Claim;
use crate::lock::Kept;
use crate::lock::Lock;
use crate::model::Cluster;
use crate::model::Workload;
use crate::plan::claims;
use crate::plan::claims::Place;
use crate::plan::classes;
use crate::plan::classes::Class;
use crate::plan::lock;
use crate::plan::names;
use crate::values::mount::Mount;
use crate::values::storage::ClassName;

/// The image of the copy: rsync and a shell (`github.com/instrumentisto/rsync-ssh-docker-image`).
pub const COPY_IMAGE: &str = "docker.io/instrumentisto/rsync-ssh:alpine3.23-r3@sha256:6cbad37c2fbdca4ac7ad9d1c1bb8990af9efd4dc76321b349935876cbb1e9e4a";

/// The image that `helm ha move` needs, which a bundle has to bring; `None` when there is nothing to move.
pub fn image(lock: &Lock) -> Option<&'static str> {
    let can_move = |claim: &Claim| claim.class.is_some() && claim.per_replica_of.is_none();
    lock.all_claims().any(|(_, claim)| can_move(claim)).then_some(COPY_IMAGE)
}

/// How the files of a volume get to another class.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Of the lock: `volumes.media`, `claims.git`.
    pub entry: String,
    pub from: Spot,
    pub to: Spot,
    pub job: String,
    /// What mounts it.
    pub services: Vec<String>,
    pub before: Cluster,
    pub after: Cluster,
    /// The entry of the old claim in the lock.
    pub kept: String,
}

/// A claim, or a folder in it, of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub class: ClassName,
    pub claim: String,
    pub folder: Option<String>,
}

/// Why a volume cannot be moved.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    #[error("no volume `{0}` is both in the values and in the lock; `helm ha lock FILE...` lists those in the lock")]
    Unknown(String),
    #[error("`{0}` is a volume and a service: say `volumes.{0}` or `claims.{0}`")]
    Ambiguous(String),
    #[error("`{0}` is a claim that was there already: whoever made it moves it")]
    Existing(String),
    #[error(
        "`{0}` is one volume per replica, and its StatefulSet cannot change: take the service's own means, such as a new replica that catches up"
    )]
    PerReplica(String),
    #[error("there is no storage class `{0}`")]
    NoClass(String),
    #[error("`{0}` is in export `{1}` already")]
    There(String, String),
}

/// Plans the move of `volume`, which is `media`, `git`, `git/cache` or an entry of the lock.
pub fn plan(cluster: &Cluster, locked: &Lock, volume: &str, to: &ClassName) -> Result<Move, MoveError> {
    let entry = entry(cluster, locked, volume)?;
    let old = locked.claim(&entry).cloned().ok_or_else(|| MoveError::Unknown(volume.to_owned()))?;
    if old.per_replica_of.is_some() {
        return Err(MoveError::PerReplica(volume.to_owned()));
    }
    let word = old.class.as_ref().and_then(|class| class.parse::<ClassName>().ok());
    let from = word.ok_or_else(|| MoveError::Existing(volume.to_owned()))?;
    let target = Class::of(cluster, to).ok_or_else(|| MoveError::NoClass(to.to_string()))?;
    if let (Class::Nfs(export), true) = (&target, *to == from) {
        return Err(MoveError::There(volume.to_owned(), export.to_string()));
    }
    let before = lock::placed_at(cluster, &entry, &from, &old.claim, old.size.as_ref());
    let after = lock::placed_at(cluster, &entry, to, &free_claim(cluster, locked, &entry, &old), None);
    let spot = |cluster: &Cluster, class: &ClassName| {
        spot(cluster, &entry, class).ok_or_else(|| MoveError::Unknown(volume.to_owned()))
    };
    let (from, to) = (spot(&before, &from)?, spot(&after, to)?);
    let name = entry.split_once('.').map_or("", |(_, name)| name).replace('/', "-");
    let old_place = match from.class.as_str().strip_prefix("nfs.") {
        Some(export) => format!("kept.{export}/{}", old.claim),
        None => format!("kept.{}", old.claim),
    };
    Ok(Move {
        job: names::fitted(&format!("move-{name}"), names::LABEL),
        services: services(cluster, &entry),
        kept: old_place,
        entry,
        from,
        to,
        before,
        after,
    })
}

impl Move {
    /// The lock after the move. `next`: what the values say then.
    pub fn lock(&self, old: &Lock, next: &Lock) -> Lock {
        let mut lock = old.clone();
        if let Some((_, name)) = self.kept.split_once('.') {
            let kept = Kept { class: self.from.class.to_string(), of: self.entry.clone() };
            lock.kept.insert(name.to_owned(), kept);
        }
        if let (Some(claim), Some(new)) = (lock.claim_mut(&self.entry), next.claim(&self.entry)) {
            *claim = new.clone();
        }
        crate::lock::merged(&lock, next, crate::lock::Upgrade::Refused).0
    }
}

fn entry(cluster: &Cluster, locked: &Lock, volume: &str) -> Result<String, MoveError> {
    let next = lock::plan(cluster).next;
    let is_known = |entry: &String| locked.claim(entry).is_some() && next.claim(entry).is_some();
    let named = [volume.to_owned(), format!("volumes.{volume}"), format!("claims.{volume}")];
    let known: Vec<&String> = named.iter().filter(|entry| is_known(entry)).collect();
    match known.as_slice() {
        [entry] => Ok((*entry).clone()),
        [] => Err(MoveError::Unknown(volume.to_owned())),
        _ => Err(MoveError::Ambiguous(volume.to_owned())),
    }
}

/// A name that no claim has, neither one in use nor one that still holds old files.
fn free_claim(cluster: &Cluster, locked: &Lock, entry: &str, old: &Claim) -> String {
    let next = lock::plan(cluster).next;
    let used = locked.all_claims().chain(next.all_claims()).map(|(_, claim)| claim.claim.clone());
    let kept = locked.kept.keys().map(|name| name.rsplit('/').next().unwrap_or(name).to_owned());
    let taken: std::collections::BTreeSet<String> = used.chain(kept).chain([old.claim.clone()]).collect();
    let name = entry.split_once('.').map_or("", |(_, name)| name).replace('/', "-");
    let mut number = 1_u32;
    loop {
        let wanted = if number == 1 { name.clone() } else { format!("{name}-{number}") };
        if !taken.contains(&wanted) {
            return wanted;
        }
        number += 1;
    }
}

fn spot(cluster: &Cluster, entry: &str, class: &ClassName) -> Option<Spot> {
    let spot = |claim, folder| Spot { class: class.clone(), claim, folder };
    if let Some((name, _)) = cluster.volumes.iter().find(|(name, _)| names::volume_entry(name) == entry) {
        let shared = classes::shared_volume(cluster, name)?;
        return Some(spot(shared.claim, shared.folder));
    }
    cluster.services.iter().find_map(|(name, service)| {
        let mut mounts = lock::claim_mounts(service);
        let mount = mounts.find(|mount| names::claim_entry(name, mount.name.as_ref()) == entry)?;
        Some(match claims::place(cluster, name, mount)? {
            Place::Claim(claim) => spot(claim.name, None),
            Place::Folder { claim, folder } => spot(claim, Some(folder)),
        })
    })
}

/// The services whose pods mount the volume.
fn services(cluster: &Cluster, entry: &str) -> Vec<String> {
    let uses = cluster.services.iter().filter(|(name, service)| {
        let mut mounts = service.containers().flat_map(|(_, container)| container.mounts.values());
        mounts.any(|mount| match mount {
            Mount::Volume(mount) => names::volume_entry(&mount.volume) == entry,
            Mount::Claim(mount) => names::claim_entry(name, mount.name.as_ref()) == entry,
            _ => false,
        })
    });
    uses.map(|(name, _)| name.to_string()).collect()
}

/// Whether a service has pods that `replicas` counts.
pub fn is_counted(cluster: &Cluster, service: &str) -> bool {
    cluster.services.iter().any(|(name, service_of)| {
        name.as_str() == service && matches!(service_of.workload, Workload::Deployment | Workload::StatefulSet)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    const VALUES: &str = "
storage: { shared: longhorn, private: longhorn, nfs: { nas: { server: 10.0.0.9, path: /a } } }
volumes: { media: { size: 1Ti }, git: { size: 1Gi }, theirs: { existing: { claim: x } } }
services:
  db: { image: a/b:1, kind: StatefulSet, mounts: { /d: { claim: 1Gi } } }
  git: { image: a/b:1, mounts: { /d: { claim: 1Gi, name: cache }, /m: { volume: media } } }
";

    fn moved(volume: &str, to: &str) -> Result<String, String> {
        let cluster = sample::cluster(VALUES);
        let locked = lock::plan(&cluster).next;
        let plan = plan(&cluster, &locked, volume, &to.parse().unwrap()).map_err(|error| error.to_string())?;
        let new = plan.lock(&locked, &lock::plan(&plan.after).next);
        // What the lock says after the move is what the same values give with it.
        let mut again = cluster.clone();
        lock::keep(&mut again, &new);
        assert_eq!(lock::plan(&again).next.claim(&plan.entry), new.claim(&plan.entry));
        let place = |spot: &Spot| match &spot.folder {
            Some(folder) => format!("{}/{folder}", spot.claim),
            None => spot.claim.clone(),
        };
        let services = plan.services.join(" ");
        Ok(format!("{}: {} -> {}, stops {services}, {}", plan.entry, place(&plan.from), place(&plan.to), plan.kept))
    }

    #[test]
    fn a_volume_moves_to_a_claim_of_its_own() {
        let check = |volume, to, expect: &str| assert_eq!(moved(volume, to).unwrap_or_else(|error| error), expect);
        check("media", "cephfs", "volumes.media: media -> media-2, stops git, kept.media");
        check("media", "nfs.nas", "volumes.media: media -> nfs-nas/media-2, stops git, kept.media");
        check("media", "longhorn", "volumes.media: media -> media-2, stops git, kept.media");
        check("git/cache", "local-path", "claims.git/cache: git-cache -> git-cache-2, stops git, kept.git-cache");
        check("volumes.git", "cephfs", "volumes.git: git -> git-2, stops , kept.git");
        assert!(moved("films", "cephfs").unwrap_err().starts_with("no volume `films` is both"));
        assert!(moved("theirs", "cephfs").unwrap_err().starts_with("`theirs` is a claim that was there"));
        assert!(moved("db", "cephfs").unwrap_err().starts_with("`db` is one volume per replica"));
        check("media", "fast", "there is no storage class `fast`");
    }
}
