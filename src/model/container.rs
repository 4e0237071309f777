//! A container with every default applied.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::values::container::Resources;
use crate::values::container::User;
use crate::values::env::EnvSource;
use crate::values::env::EnvValue;
use crate::values::image::Image;
use crate::values::mount::Mount;
use crate::values::name::EnvName;
use crate::values::name::MountPath;
use crate::values::name::ObjectName;
use crate::values::probe::Probe;

/// A container of a service. `env` and `envFrom` of the service are laid under containers that run its image.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub image: Image,
    pub command: Vec<String>,
    pub args: Vec<String>,
    pub workdir: Option<MountPath>,
    /// `None`: the service's.
    pub user: Option<User>,
    pub capabilities: Vec<String>,
    pub writable_root: bool,
    pub privileged: bool,
    pub resources: Resources,
    pub env: BTreeMap<EnvName, EnvValue>,
    pub env_from: IndexMap<ObjectName, EnvSource>,
    pub mounts: BTreeMap<MountPath, Mount>,
    pub probes: Probes,
}

/// The probes of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probes {
    pub liveness: Option<Probe>,
    pub readiness: Option<Probe>,
    pub startup: Option<Probe>,
    /// Whether liveness and readiness are filled in where neither was said: the main container, unless `probe: none`.
    pub defaults: bool,
}
