//! The stages in order, without input or output: texts in; findings and, when nothing is wrong, the archive out.

mod read;
mod check;
mod build;

pub use build::Bug;
pub use build::Built;
pub use build::build;
pub use build::expected;
pub use build::lock_images;
pub use build::pack;
pub use build::with_additions_of;
pub use check::Attach;
pub use check::Checked;
pub use check::LockTexts;
pub use check::check;
pub use check::check_by;
pub use check::check_with_lock;
