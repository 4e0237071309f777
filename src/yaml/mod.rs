//! YAML in and out: a reader that keeps places, a writer that every YAML 1.1 reader understands alike.

mod node;
mod tree;

pub use node::Entry;
pub use node::Node;
pub use node::Value;
pub use tree::Content;
pub use tree::Field;
pub use tree::Tree;
