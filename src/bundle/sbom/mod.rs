//! What is inside, as a bill of materials: the layers of images in, an SPDX document out.

mod apk;
mod document;
mod dpkg;
mod inventory;
mod layer;
mod paragraphs;

pub use document::Described;
pub use document::Materials;
pub use document::check;
pub use document::document;
pub use inventory::Inventory;
pub use inventory::inventory;
pub use layer::Layer;
pub use layer::scan;
