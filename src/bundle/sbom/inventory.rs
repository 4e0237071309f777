//! The layers of an image in, from the lowest up; the packages that are in it at last out, and what could not be read.

use std::collections::BTreeMap;
use std::fmt;

use crate::bundle::sbom::apk;
use crate::bundle::sbom::dpkg;
use crate::bundle::sbom::layer::Content;
use crate::bundle::sbom::layer::Layer;

/// Databases that are seen and not read.
pub const UNREADABLE: &[(&str, &str)] = &[
    ("var/lib/rpm/", "its packages are in a database of RPM"),
    ("usr/lib/sysimage/rpm/", "its packages are in a database of RPM"),
    ("var/lib/pacman/local/", "its packages are in a database of pacman"),
    ("var/db/pkg/", "its packages are in a database of Portage"),
];

/// A package of the operating system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// As package URLs name it: `deb`, `apk`.
    pub kind: &'static str,
    pub name: String,
    pub version: String,
    pub architecture: String,
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.kind, self.name, self.version, self.architecture)
    }
}

/// What is in an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// `ID` and `VERSION_ID` of `os-release`.
    pub system: Option<(String, String)>,
    /// Sorted.
    pub packages: Vec<Package>,
    /// Why there may be more than these. Never empty when there are no packages.
    pub unread: Vec<String>,
}

/// The packages of an image of these layers, each with a name for messages.
pub fn inventory<'a>(layers: impl IntoIterator<Item = (String, &'a Layer)>) -> Inventory {
    let mut files: BTreeMap<&str, &Content> = BTreeMap::new();
    let mut found = Inventory::default();
    for (name, layer) in layers {
        // What a layer takes away is what those below it have, wherever in the layer it says so.
        files.retain(|path, _| {
            let is_removed = layer.removed.iter().any(|gone| *path == gone || is_below(path, gone));
            !is_removed && !layer.emptied.iter().any(|folder| is_below(path, folder))
        });
        files.extend(layer.files.iter().map(|(path, content)| (path.as_str(), content)));
        found.unread.extend(layer.unread.iter().map(|reason| format!("the layer {name} cannot be read: {reason}")));
    }
    found.system = ["etc/os-release", "usr/lib/os-release"].iter().find_map(|path| match files.get(path) {
        Some(Content::Bytes(bytes)) => system(&String::from_utf8_lossy(bytes)),
        _ => None,
    });
    for (path, content) in &files {
        let read: fn(&str) -> Option<Vec<Package>> = match path {
            path if **path == *dpkg::STATUS || dpkg::is_status_file(path) => dpkg::packages,
            path if apk::DATABASES.contains(path) => apk::packages,
            _ => continue,
        };
        let packages = match content {
            Content::Bytes(bytes) => read(&String::from_utf8_lossy(bytes)).ok_or("it is no list of packages"),
            Content::Unread(reason) => Err(*reason),
        };
        match packages {
            Ok(packages) => found.packages.extend(packages),
            Err(reason) => found.unread.push(format!("`{path}` cannot be read: {reason}")),
        }
    }
    let seen = |start: &str| files.keys().any(|path| path.starts_with(start));
    let unreadable = UNREADABLE.iter().filter(|(start, _)| seen(start)).map(|(_, reason)| (*reason).to_owned());
    found.unread.extend(unreadable);
    found.packages.sort();
    found.packages.dedup();
    if found.packages.is_empty() && found.unread.is_empty() {
        found.unread.push("no database of packages is in its layers".to_owned());
    }
    found.unread.dedup();
    found
}

/// Whether a path lies in a folder; the root is the empty text.
fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// `ID` and `VERSION_ID` of an `os-release` (freedesktop.org, os-release(5)).
fn system(text: &str) -> Option<(String, String)> {
    let field = |name: &str| {
        let lines = text.lines().filter_map(|line| line.trim().split_once('='));
        let value = lines.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value);
        value.map(|value| value.trim_matches(['"', '\'']).to_owned())
    };
    Some((field("ID")?, field("VERSION_ID").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::sbom::layer::scan;
    use crate::bundle::sbom::layer::tests::archive;
    use crate::oci::Descriptor;

    const STATUS: &str = "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n";
    const NONE: &str = "no database of packages is in its layers";

    fn check(layers: &[&[(&str, &str)]], packages: &[&str], unread: &[&str]) {
        let layers: Vec<Layer> = (layers.iter())
            .map(|files| {
                let bytes = archive(files);
                let kind = "application/vnd.oci.image.layer.v1.tar";
                scan(&Descriptor::of(kind, &bytes), &bytes[..]).unwrap().0
            })
            .collect();
        let found = inventory(layers.iter().map(|layer| ("1".to_owned(), layer)));
        let names: Vec<String> = found.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
        assert_eq!(
            (names, found.unread),
            (packages.iter().map(|it| (*it).to_owned()).collect(), unread.iter().map(|it| (*it).to_owned()).collect())
        );
    }

    #[test]
    fn the_uppermost_layer_counts() {
        let base: &[(&str, &str)] = &[("var/lib/dpkg/status", STATUS)];
        check(&[base], &["a 1", "b 2"], &[]);
        check(&[base, &[("var/lib/dpkg/status", "Package: a\nVersion: 3\n")]], &["a 3"], &[]);
        check(&[base, &[("var/lib/dpkg/status.d/c", "Package: c\nVersion: 3\n")]], &["a 1", "b 2", "c 3"], &[]);
        check(&[base, &[("lib/apk/db/installed", "P:m\nV:1\n")]], &["m 1", "a 1", "b 2"], &[]);
    }

    #[test]
    fn whiteouts_are_respected() {
        let base: &[(&str, &str)] = &[("var/lib/dpkg/status", STATUS)];
        for gone in
            ["var/lib/dpkg/.wh.status", "var/lib/.wh.dpkg", ".wh.var", "var/lib/dpkg/.wh..wh..opq", ".wh..wh..opq"]
        {
            check(&[base, &[(gone, "")]], &[], &[NONE]);
            check(&[base, &[("var/lib/dpkg/status", "Package: c\nVersion: 3\n"), (gone, "")]], &["c 3"], &[]);
        }
        check(&[base, &[("var/lib/dpkg/.wh.stat", "")]], &["a 1", "b 2"], &[]);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_never_an_empty_list() {
        check(&[], &[], &[NONE]);
        check(&[&[("bin/app", "")]], &[], &[NONE]);
        check(&[&[("var/lib/rpm/rpmdb.sqlite", "")]], &[], &["its packages are in a database of RPM"]);
        check(
            &[&[("var/lib/dpkg/status", "?")]],
            &[],
            &["`var/lib/dpkg/status` cannot be read: it is no list of packages"],
        );
        check(&[&[("lib/apk/db/installed", "-> /x")]], &[], &["`lib/apk/db/installed` cannot be read: it is a link"]);
    }

    #[test]
    fn the_system_is_named() {
        assert_eq!(system("NAME=x\nID=alpine\nVERSION_ID=\"3.22\"\n"), Some(("alpine".to_owned(), "3.22".to_owned())));
        assert_eq!(system("ID=arch\n"), Some(("arch".to_owned(), String::new())));
        assert_eq!(system("NAME=x\n"), None);
    }
}
