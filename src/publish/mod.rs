//! Chart archives go where others take them from: a chart repository that any web server serves, or a registry.

mod artifact;
mod difference;
mod package;
mod regenerate;
mod registry;
mod repository;
mod url;

pub use difference::difference;
pub use package::ARCHIVE_LIMIT;
pub use package::Package;
pub use package::provenance_path;
pub use regenerate::Regenerated;
pub use registry::PushError;
pub use registry::Pushed;
pub use registry::RegistryPath;
pub use repository::Change;
pub use repository::Published;
pub use repository::Replace;
pub use repository::Repository;
pub use url::BaseUrl;
