//! Alpine's database of packages: `lib/apk/db/installed` in, packages out.

use crate::bundle::sbom::inventory::Package;
use crate::bundle::sbom::paragraphs::field;
use crate::bundle::sbom::paragraphs::paragraphs;

/// Where it is, before and since Alpine 3.22.
pub const DATABASES: [&str; 2] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// The packages, each a paragraph of lines `LETTER:VALUE`. `None` when the text is no such database.
pub fn packages(text: &str) -> Option<Vec<Package>> {
    let mut packages = Vec::new();
    for paragraph in paragraphs(text) {
        let field = |name| field(paragraph, name);
        packages.push(Package {
            kind: "apk",
            name: field("P")?.to_owned(),
            version: field("V")?.to_owned(),
            architecture: field("A").unwrap_or_default().to_owned(),
        });
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
    fn packages_are_listed() {
        check(
            "C:Q1abc=\nP:musl\nV:1.2.5-r10\nA:x86_64\nL:MIT\nF:lib\nR:libc.so\nZ:Q1=\n\nP:busybox\nV:1.37.0-r19\n",
            Some(&["apk musl 1.2.5-r10 x86_64", "apk busybox 1.37.0-r19 "]),
        );
        check("", Some(&[]));
        check("P:musl\n", None);
        check("<html>", None);
    }
}
