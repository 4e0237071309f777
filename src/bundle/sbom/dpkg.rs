//! Debian's database of packages: `var/lib/dpkg/status` and the files of `status.d` in, packages out.

use crate::bundle::sbom::inventory::Package;
use crate::bundle::sbom::paragraphs::field;
use crate::bundle::sbom::paragraphs::paragraphs;

pub const STATUS: &str = "var/lib/dpkg/status";
/// Images without dpkg itself have a file for each package.
const FOLDER: &str = "var/lib/dpkg/status.d/";

/// Whether it is a file of that folder with a package in it; the sums beside them are none.
pub fn is_status_file(path: &str) -> bool {
    path.strip_prefix(FOLDER).is_some_and(|name| !name.contains('/') && !name.ends_with(".md5sums"))
}

/// The packages that are installed; those that were removed and left their configuration are not. `None` when the text is
/// no such database.
pub fn packages(text: &str) -> Option<Vec<Package>> {
    let mut packages = Vec::new();
    for paragraph in paragraphs(text) {
        let field = |name| field(paragraph, name);
        let (name, version) = (field("Package")?, field("Version"));
        // A third word says how far it got; without a status the folder holds what is installed.
        let is_installed = field("Status")
            .is_none_or(|status| !matches!(status.split(' ').nth(2), Some("not-installed" | "config-files")));
        if is_installed {
            packages.push(Package {
                kind: "deb",
                name: name.to_owned(),
                version: version?.to_owned(),
                architecture: field("Architecture").unwrap_or_default().to_owned(),
            });
        }
    }
    Some(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&[&str]>) {
        let found = packages(text);
        let found = found.map(|found| found.iter().map(Package::to_string).collect::<Vec<_>>());
        assert_eq!(found, expect.map(|expect| expect.iter().map(|line| (*line).to_owned()).collect()), "{text}");
    }

    #[test]
    fn installed_packages_are_listed() {
        check(
            "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u13\nDescription: GNU\n \
             Package: no\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: half\nStatus: install \
             reinstreq half-installed\nVersion: 1:2\nArchitecture: all\n",
            Some(&["deb libc6 2.36-9+deb12u13 amd64", "deb half 1:2 all"]),
        );
        check("Package: tzdata\nVersion: 2026a\nArchitecture: all", Some(&["deb tzdata 2026a all"]));
        check("", Some(&[]));
        check("<html>", None);
        check("Package: a\nStatus: install ok installed\n", None);
    }

    #[test]
    fn files_of_the_folder() {
        assert!(is_status_file("var/lib/dpkg/status.d/base-files"));
        for other in ["var/lib/dpkg/status.d/base.md5sums", "var/lib/dpkg/status.d/a/b", "var/lib/dpkg/status"] {
            assert!(!is_status_file(other), "{other}");
        }
    }
}
