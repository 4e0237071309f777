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

#[cfg(test)]
mod tests {
    use super::*;

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
