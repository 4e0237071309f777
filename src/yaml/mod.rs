//! YAML in and out: a reader that keeps places, a writer that every YAML 1.1 reader understands alike.

mod node;
mod scalar;
mod alias;
mod builder;
mod syntax;
mod trap;
mod reader;
mod tree;
mod quote;
mod writer;

pub use node::Entry;
pub use node::Node;
pub use node::Value;
pub use reader::Read;
pub use reader::decode;
pub use reader::read;
pub use trap::helm_float;
pub use trap::trap;
pub use tree::Content;
pub use tree::Field;
pub use tree::Tree;
pub use writer::write;
pub use writer::write_json;
pub use writer::write_template;

#[cfg(test)]
mod round_trip;
