//! What a container finds at a path. The key that is there says which kind it is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::values::image::Image;
use crate::values::name::DataKey;
use crate::values::name::FileMode;
use crate::values::name::HostPath;
use crate::values::name::MountPath;
use crate::values::name::Name;
use crate::values::name::ObjectName;
use crate::values::name::SubPath;
use crate::values::name::VolumeName;
use crate::values::name::by_key;
use crate::values::quantity::Quantity;
use crate::values::storage::ClassName;

/// What a container finds at a path.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Mount {
    Volume(VolumeMount),
    Claim(ClaimMount),
    Nfs(NfsMount),
    Local(LocalMount),
    Scratch(ScratchMount),
    File(FileMount),
    FileFrom(FileFromMount),
    FilesFrom(FilesFromMount),
    Secret(SecretMount),
    Config(ConfigMount),
    Host(HostMount),
    Device(DeviceMount),
    Image(ImageMount),
    Projected(ProjectedMount),
    Same(SameMount),
}

by_key!(Mount {
    "volume" => Volume, "claim" => Claim, "nfs" => Nfs, "local" => Local, "scratch" => Scratch, "file" => File,
    "fileFrom" => FileFrom, "filesFrom" => FilesFrom, "secret" => Secret, "config" => Config, "host" => Host,
    "device" => Device, "image" => Image, "projected" => Projected, "same" => Same,
});

/// The keys that say which kind a mount is.
pub const MOUNT_KINDS: &[&str] = &[
    "volume",
    "claim",
    "nfs",
    "local",
    "scratch",
    "file",
    "fileFrom",
    "filesFrom",
    "secret",
    "config",
    "host",
    "device",
    "image",
    "projected",
    "same",
];

macro_rules! mount_type {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
    };
}

mount_type!(
    /// A shared volume.
    VolumeMount {
        /// One of `volumes`.
        #[schemars(example = &"media")]
        volume: VolumeName,
        /// Folder in it; it is made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sub_path: Option<SubPath>,
        /// Whether it cannot be written.
        #[serde(default)]
        read_only: bool,
    }
);
mount_type!(
    /// A private volume of this service.
    ClaimMount {
        /// How much fits in.
        #[schemars(example = &"20Gi")]
        claim: Quantity,
        /// Tells several private volumes of a service apart: the claim is `SERVICE-NAME`.
        #[schemars(example = &"cache")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// Storage class. Default: `storage.private`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<ClassName>,
        /// Folder in it; it is made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sub_path: Option<SubPath>,
    }
);
mount_type!(
    /// An NFS export.
    NfsMount {
        /// One of `storage.nfs`.
        #[schemars(example = &"nas")]
        nfs: Name,
        /// Folder in it; it is made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sub_path: Option<SubPath>,
        /// Whether it cannot be written.
        #[serde(default)]
        read_only: bool,
    }
);
mount_type!(
    /// A folder on the local disk of the node: for `perNode` services. It must exist, so that nothing is ever written
    /// to the disk below an unmounted one.
    LocalMount {
        /// Folder on each node.
        #[schemars(example = &"/vols/cockroach")]
        local: HostPath,
        /// How much fits in; it is not enforced.
        size: Quantity,
    }
);
mount_type!(
    /// An empty folder that goes with the pod.
    ScratchMount {
        /// How much may be written.
        #[schemars(example = &"64Mi")]
        scratch: Quantity,
        /// Whether it lies in memory.
        #[serde(default)]
        memory: bool,
    }
);
mount_type!(
    /// A file with this text. The service restarts when it changes.
    FileMount {
        /// The text.
        #[schemars(example = &"theme: dark\n")]
        file: String,
        /// Its mode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<FileMode>,
    }
);
mount_type!(
    /// A file with the contents of a file beside this one. The service restarts when it changes.
    FileFromMount {
        /// Path relative to the values file.
        #[schemars(example = &"./media.conf", regex(pattern = r"^."))]
        file_from: String,
        /// Its mode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<FileMode>,
    }
);
mount_type!(
    /// A folder with the files of a folder beside this file (not of folders in it).
    FilesFromMount {
        /// Path relative to the values file.
        #[schemars(example = &"./media.d", regex(pattern = r"^."))]
        files_from: String,
        /// What was read, by file name; never written in values.
        #[schemars(skip)]
        #[serde(default, skip_serializing)]
        files: BTreeMap<String, String>,
        /// The mode of its files.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<FileMode>,
    }
);
mount_type!(
    /// The keys of a Secret as files of a folder, or one key as a file.
    SecretMount {
        /// A Secret of the release namespace.
        secret: ObjectName,
        /// One key: the path is a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<DataKey>,
        /// The keys that appear, and under which name.
        #[schemars(example = &serde_json::json!({"tls.crt": "server.pem"}))]
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        keys: BTreeMap<DataKey, SubPath>,
        /// The mode of its files.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<FileMode>,
    }
);
mount_type!(
    /// The keys of a ConfigMap as files of a folder, or one key as a file.
    ConfigMount {
        /// A ConfigMap of the release namespace.
        config: ObjectName,
        /// One key: the path is a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<DataKey>,
        /// The keys that appear, and under which name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        keys: BTreeMap<DataKey, SubPath>,
        /// The mode of its files.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<FileMode>,
    }
);
mount_type!(
    /// A path of the node.
    HostMount {
        /// Path on the node. It must exist.
        #[schemars(example = &"/sys")]
        host: HostPath,
        /// Whether it cannot be written.
        #[serde(default)]
        read_only: bool,
    }
);
mount_type!(
    /// A device file of the node. The container is privileged.
    DeviceMount {
        /// Path on the node.
        #[schemars(example = &"/dev/dri")]
        device: HostPath,
    }
);
mount_type!(
    /// The files of an OCI image.
    ImageMount {
        /// The image.
        image: Image,
    }
);
mount_type!(
    /// Sources in Kubernetes' own form (`volumes[].projected.sources`).
    ProjectedMount {
        /// The sources.
        #[schemars(length(min = 1))]
        projected: Vec<serde_json::Map<String, serde_json::Value>>,
    }
);
mount_type!(
    /// What the main container has at a path: for sidecars, init containers and `once`.
    SameMount {
        /// The main container's path.
        #[schemars(example = &"/config")]
        same: MountPath,
        /// Folder in it; it is made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sub_path: Option<SubPath>,
        /// Whether it cannot be written.
        #[serde(default)]
        read_only: bool,
    }
);
