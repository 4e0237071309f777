//! What must not change by accident (3.8 of the design): the text of a lock file in, its entries and their places out.
//!
//! ```yaml
//! lock: v1
//! name: homelab
//! namespace: homelab
//! volumes:
//!   media: { claim: media, class: cephfs, group: 2000, size: 1Ti }
//! ```
//!
//! Sorted, one entry a line, so that Git merges it. Nothing is ever taken out of it but by `helm ha lock --forget`.
//! Not in it, because it can be changed in place: Ceph's `replicas`, disks, addresses, hosts.

mod entry;
mod merge;
mod read;
mod write;

pub use entry::Claim;
pub use entry::DIGEST;
pub use entry::Fields;
pub use entry::Kept;
pub use entry::Local;
pub use entry::Lock;
pub use entry::Upgrade;
pub use merge::forget;
pub use merge::merged;
pub use read::Locked;
pub use read::read;
pub use write::describe;
pub use write::write;
