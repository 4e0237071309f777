//! OCI's formats: references. No word of the product.

mod reference;

pub use reference::ImageReference;
pub use reference::ReferenceError;
