//! A version of K3s as text in, its numbers out, and the range that the platform set of this program supports.

use semver::Version;

/// The oldest minor version of Kubernetes: `PreferSameNode` is there since 1.34.
pub const OLDEST: u64 = 34;

/// The newest one that every built-in add-on supports (Rook 1.20).
pub const NEWEST: u64 = 36;

/// The version of Kubernetes in `vMAJOR.MINOR.PATCH[-rcN]+k3sN`; `None` when it is no such version.
pub fn of_k3s(text: &str) -> Option<Version> {
    let version = Version::parse(text.strip_prefix('v')?).ok()?;
    let build = version.build.as_str().strip_prefix("k3s")?;
    let is_number = !build.is_empty() && build.bytes().all(|byte| byte.is_ascii_digit());
    (version.major == 1 && is_number).then_some(version)
}

/// Whether an add-on cannot go from one version to the other in one step: backwards, or past a minor version of Rook
/// (`rook.io/docs`, "Rook Upgrades": one minor version after the other).
pub fn skips(addon: &str, from: &str, to: &str) -> bool {
    let read = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    let (Some(from), Some(to)) = (read(from), read(to)) else { return false };
    let next = from.major == to.major && to.minor <= from.minor + 1;
    to < from || (addon == "rook" && !next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_are_too_long_are_found() {
        let check = |addon, from, to, expect| assert_eq!(skips(addon, from, to), expect, "{addon} {from} {to}");
        check("rook", "v1.19.4", "v1.20.6", false);
        check("rook", "v1.20.6", "v1.20.6", false);
        check("rook", "v1.18.9", "v1.20.6", true);
        check("rook", "v1.20.7", "v1.20.6", true);
        check("metallb", "v0.13.0", "v0.16.1", false);
        check("metallb", "v0.17.0", "v0.16.1", true);
        check("rook", "main", "v1.20.6", false);
    }

    #[test]
    fn versions_of_k3s_are_read() {
        let check = |text: &str, minor: Option<u64>| assert_eq!(of_k3s(text).map(|found| found.minor), minor, "{text}");
        check("v1.36.4+k3s1", Some(36));
        check("v1.36.4-rc1+k3s2", Some(36));
        check("1.36.4+k3s1", None);
        check("v1.36.4", None);
        check("v1.36+k3s1", None);
        check("v1.36.4+k3s", None);
        check("v1.36.4+rke2r1", None);
        check("latest", None);
    }
}
