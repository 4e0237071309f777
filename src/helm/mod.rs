//! Helm's formats: chart metadata, the tree of a chart, its archive, the index of a repository, the release record. No word of the product.

mod archive;
mod index;
mod metadata;
mod record;
mod tree;

pub use archive::ArchiveError;
pub use archive::FILE_LIMIT;
pub use archive::TREE_LIMIT;
pub use archive::pack;
pub use archive::unpack;
pub use index::ChartYaml;
pub use index::ChartYamlError;
pub use index::INDEX_LIMIT;
pub use index::Index;
pub use index::IndexError;
pub use index::Location;
pub use index::LooseVersion;
pub use index::digest_of;
pub use index::timestamp;
pub use index::url_of;
pub use index::version_of;
pub use metadata::ChartMetadata;
pub use metadata::Dependency;
pub use record::Manifest;
pub use record::RECORD_LIMIT;
pub use record::record_size;
pub use tree::ChartTree;
