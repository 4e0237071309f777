//! Files beside the values file that mounts take in: which are wanted, and their contents put into the document.

use crate::diagnostic::FieldPath;
use crate::source::SourceId;
use crate::values::Document;
use crate::yaml::Entry;
use crate::yaml::Node;
use crate::yaml::Value;

/// A file or a folder that a mount names.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The field that names it: `services.web.mounts./etc/web.conf.fileFrom`.
    pub path: FieldPath,
    /// The values file that it is relative to.
    pub source: SourceId,
    pub relative: String,
    pub kind: Kind,
}

/// What a mount names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    /// The files of a folder, not of folders in it.
    Folder,
}

/// Every file and folder that a document wants, in the order of its fields.
pub fn wanted(document: &Document) -> Vec<Wanted> {
    let mut found = Vec::new();
    for service in document.root().get("services").and_then(Node::map).into_iter().flatten() {
        let path = FieldPath::of(["services"]).key(&service.key);
        in_mounts(&service.node, &path, &mut found);
        for beside in ["init", "sidecars", "once"] {
            for container in service.node.get(beside).and_then(Node::map).into_iter().flatten() {
                in_mounts(&container.node, &path.key(beside).key(&container.key), &mut found);
            }
        }
    }
    found
}

fn in_mounts(container: &Node, path: &FieldPath, found: &mut Vec<Wanted>) {
    for mount in container.get("mounts").and_then(Node::map).into_iter().flatten() {
        for (key, kind) in [("fileFrom", Kind::File), ("filesFrom", Kind::Folder)] {
            if let Some(Node { value: Value::String(relative), span, .. }) = mount.node.get(key) {
                let path = path.key("mounts").key(&mount.key).key(key);
                found.push(Wanted { path, source: span.source, relative: relative.clone(), kind });
            }
        }
    }
}

impl Document {
    /// Puts what was read in its place: a file becomes the text of the mount, a folder its `files`.
    pub fn attach(&mut self, wanted: &Wanted, files: Vec<(String, String)>) {
        let mut mount = wanted.path.clone();
        mount.pop();
        let Some(node) = self.at_mut(&mount) else { return };
        let (span, defined) = (node.span, node.defined);
        let Some(entries) = node.map_mut() else { return };
        let text = |text: String| Node { span, defined, value: Value::String(text) };
        match wanted.kind {
            Kind::File => {
                let Some(entry) = entries.iter_mut().find(|entry| entry.key == "fileFrom") else { return };
                entry.key = "file".to_owned();
                entry.node = text(files.into_iter().next().map(|(_, text)| text).unwrap_or_default());
            }
            Kind::Folder => {
                let files = files.into_iter().map(|(key, content)| Entry { key, key_span: span, node: text(content) });
                let node = Node { span, defined, value: Value::Map(files.collect()) };
                entries.push(Entry { key: "files".to_owned(), key_span: span, node });
            }
        }
    }
}
