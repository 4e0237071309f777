//! The files of `charts-src/` and `schemas/`, embedded when the program is built: a path in, its text out.
//!
//! `charts-src/ADDON/objects.json` are the objects of `charts-src/ADDON/objects/*.yaml`, one after another, and
//! `charts-src/ADDON/exposed.json` what stands in `exposed.yaml` beside them.
//!
//! All of them are UTF-8, or the program does not compile; `const CONF: &str = assets::text("charts-src/...")` does
//! not compile either when there is no such file.

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The text of one file, such as `charts-src/gateway/nginx.conf.hbs`.
///
/// # Panics
///
/// When there is no such file; in a `const`, at compile time.
pub const fn text(path: &str) -> &'static str {
    let mut files = FILES;
    while let Some(((name, text), rest)) = files.split_first() {
        if same(name.as_bytes(), path.as_bytes()) {
            return text;
        }
        files = rest;
    }
    panic!("no embedded file has this path")
}

/// Paths and texts of the files below a folder, such as `schemas/`.
pub fn list(prefix: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(move |(name, _)| name.starts_with(prefix))
}

/// The chart `crds`, its version, which is this program's, and the name of its archive.
pub const CRDS_NAME: &str = "crds";
pub const CRDS_VERSION: &str = env!("CARGO_PKG_VERSION");
pub const CRDS_ARCHIVE: &str = concat!("crds-", env!("CARGO_PKG_VERSION"));

/// The packed chart `crds` with the CRDs of these add-ons, in the order `rook`, `metallb`, `cert-manager`; `None` when
/// there are none.
pub fn crds(addons: &[&str]) -> Option<&'static [u8]> {
    CRDS.iter().find(|(of, _)| *of == addons).map(|(_, archive)| *archive)
}

/// `==` of texts cannot be used in a `const` yet.
const fn same(mut one: &[u8], mut other: &[u8]) -> bool {
    loop {
        match (one.split_first(), other.split_first()) {
            (Some((a, one_rest)), Some((b, other_rest))) if *a == *b => (one, other) = (one_rest, other_rest),
            (None, None) => return true,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_add_ons_has_its_crds() {
        let sizes = [&["metallb"][..], &["rook", "cert-manager"], &["rook", "metallb", "cert-manager"]];
        let sizes = sizes.map(|addons| crds(addons).map_or(0, <[u8]>::len));
        assert!(sizes.is_sorted() && sizes[0] > 2000 && sizes[2] < 100_000, "{sizes:?}");
        assert_eq!((crds(&[]), crds(&["cluster-dns"])), (None, None));
    }

    #[test]
    fn every_file_is_found_by_its_path() {
        let names: Vec<&str> = list("").map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| name.starts_with("charts-src/") || name.starts_with("schemas/")));
        assert!(list("").all(|(name, content)| text(name) == content));
        assert!(std::panic::catch_unwind(|| text("charts-src/no/such.yaml")).is_err());
        assert!(same(b"ab", b"ab") && !same(b"ab", b"a") && !same(b"a", b"ab") && !same(b"ab", b"ac"));
    }
}
