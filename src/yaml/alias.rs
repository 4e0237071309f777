//! Anchored nodes in, their copies at the places of aliases and merge keys out, within bounds.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::source::Span;
use crate::yaml::Entry;
use crate::yaml::Node;
use crate::yaml::Value;

/// The nodes that a text has marked with `&name`, by the parser's number.
#[derive(Default)]
pub struct Anchors {
    nodes: BTreeMap<usize, Anchored>,
    copied: usize,
}

struct Anchored {
    node: Node,
    size: usize,
    height: usize,
}

/// Why an alias cannot be followed.
pub enum Refused {
    /// It stands inside the node that it names.
    Itself,
    /// All copies together hold more than [`MAX_COPIED`].
    TooMany,
}

/// How much may come into the tree through aliases, in nodes, where 32 bytes of text count as another one.
/// Some 100 MB of memory; the honest files that we know need a hundredth of it.
const MAX_COPIED: usize = 1_000_000;

impl Anchors {
    /// Keeps a marked node. `size` is its weight as in [`MAX_COPIED`], `height` how many levels it holds.
    pub fn keep(&mut self, number: usize, node: &Node, size: usize, height: usize) -> Result<(), Refused> {
        self.spend(size)?;
        self.nodes.insert(number, Anchored { node: node.clone(), size, height });
        Ok(())
    }

    /// The copy that stands at an alias, with its weight and height.
    pub fn copy(&mut self, number: usize, alias: Span) -> Result<(Node, usize, usize), Refused> {
        let size = self.nodes.get(&number).ok_or(Refused::Itself)?.size;
        self.spend(size)?;
        let anchored = self.nodes.get(&number).ok_or(Refused::Itself)?;
        Ok((copy(&anchored.node, alias), size, anchored.height))
    }

    fn spend(&mut self, size: usize) -> Result<(), Refused> {
        self.copied += size;
        if self.copied > MAX_COPIED { Err(Refused::TooMany) } else { Ok(()) }
    }
}

/// The same node, used where the alias is, defined where it was written.
fn copy(node: &Node, alias: Span) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| copy(item, alias)).collect()),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| Entry { key: entry.key.clone(), key_span: alias, node: copy(&entry.node, alias) })
                .collect(),
        ),
        scalar => scalar.clone(),
    };
    Node { span: alias, defined: Some(node.written()), value }
}

/// Puts what a merge key brings at its position: keys of the map itself win, then those of the first map of a list.
/// Returns the node that is neither a map nor a list of maps, if there is one.
pub fn merge(entries: &mut Vec<Entry>, position: usize, merged: Node) -> Option<Node> {
    let maps = match merged.value {
        Value::List(items) => items,
        _ => vec![merged],
    };
    let mut taken: BTreeSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let mut brought = Vec::new();
    for map in maps {
        match map.value {
            Value::Map(entries) => brought.extend(entries.into_iter().filter(|entry| taken.insert(entry.key.clone()))),
            _ => return Some(map),
        }
    }
    let position = position.min(entries.len());
    entries.splice(position..position, brought);
    None
}
