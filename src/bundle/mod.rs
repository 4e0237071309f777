//! The air gap: a chart and the images that it needs in, one file out; and back, checked to the last bit.

pub mod layout;

mod archive;
mod chart;
mod check;
mod contents;
mod error;
mod gather;
mod index;
mod k3s;
mod make;
mod packing;
mod read;
mod sbom;
mod store;
mod sums;
mod tar;

pub use chart::ChartFacts;
pub use chart::read as read_chart;
pub use check::CheckedBundle;
pub use check::check;
pub use contents::Blob;
pub use contents::Chart;
pub use contents::Contents;
pub use contents::Image;
pub use contents::K3s;
pub use error::BundleError;
pub use gather::Source;
pub use k3s::known as known_k3s;
pub use k3s::listed as listed_k3s;
pub use make::Ingredients;
pub use make::Prepared;
pub use make::prepare;
pub use make::write;
pub use packing::Packing;
pub use read::Bundle;
pub use read::Head;
pub use store::Store;
