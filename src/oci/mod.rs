//! OCI's formats: references, digests, manifests, indexes. No word of the product.

pub mod media_type;

mod digest;
mod manifest;
mod platform;
mod reference;

pub use digest::Digest;
pub use digest::Hasher;
pub use manifest::Descriptor;
pub use manifest::Index;
pub use manifest::MANIFEST_LIMIT;
pub use manifest::Manifest;
pub use manifest::ManifestError;
pub use manifest::Named;
pub use manifest::go_json;
pub use platform::Platform;
pub use reference::ImageReference;
pub use reference::ReferenceError;
pub use reference::is_component;
pub use reference::is_registry;
pub use reference::is_tag;
