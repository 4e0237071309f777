//! Helm's formats: chart metadata, the tree of a chart, its archive, the release record. No word of the product.

mod archive;
mod metadata;
mod record;
mod tree;

pub use archive::ArchiveError;
pub use archive::FILE_LIMIT;
pub use archive::TREE_LIMIT;
pub use archive::pack;
pub use archive::unpack;
pub use metadata::ChartMetadata;
pub use metadata::Dependency;
pub use record::Manifest;
pub use record::RECORD_LIMIT;
pub use record::record_size;
pub use tree::ChartTree;
