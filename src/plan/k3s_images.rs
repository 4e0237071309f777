//! A version of K3s in; the images that K3s itself runs out, as far as anything here knows them.

use semver::Version;

use crate::plan::cluster_dns;

/// The sandbox of every pod, the same since 2021 (K3s `pkg/cli/cmds/agent.go`, `DefaultPauseImage`).
const PAUSE: &str = "docker.io/rancher/mirrored-pause:3.6";

/// Tags of metrics-server and local-path-provisioner (docs.k3s.io, release notes), by minor version and patch.
const TAGS: &[((u64, u64), &str, &str)] = &[
    ((35, 5), "v0.8.1", "v0.0.36"),
    ((35, 6), "v0.8.1", "v0.0.36"),
    ((36, 0), "v0.8.1", "v0.0.35"),
    ((36, 1), "v0.8.1", "v0.0.36"),
    ((36, 2), "v0.8.1", "v0.0.36"),
];

/// What no table of K3s' documentation has.
const NEVER_KNOWN: &[&str] = &[
    "docker.io/rancher/mirrored-library-busybox, which makes and empties volumes of the class local-path",
    "docker.io/rancher/klipper-helm, which installs HelmChart objects",
];

/// What K3s itself runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct K3sImages {
    /// Sorted.
    pub images: Vec<String>,
    /// What it runs besides, of which nothing here knows the tag. Sorted.
    pub unknown: Vec<String>,
}

/// What is known of this version (`v1.36.2+k3s1`). Without Traefik and K3s' own load balancer, which are switched off.
pub fn known(version: &str) -> K3sImages {
    let mut images = vec![cluster_dns::image(Some(version)), PAUSE.to_owned()];
    let mut unknown: Vec<String> = NEVER_KNOWN.iter().map(|text| (*text).to_owned()).collect();
    let parsed = version.strip_prefix('v').and_then(|text| Version::parse(text).ok());
    let found = parsed.and_then(|it| TAGS.iter().find(|(at, ..)| it.major == 1 && *at == (it.minor, it.patch)));
    for (repository, tag) in [
        ("docker.io/rancher/mirrored-metrics-server", found.map(|(_, tag, _)| tag)),
        ("docker.io/rancher/local-path-provisioner", found.map(|(_, _, tag)| tag)),
    ] {
        match tag {
            Some(tag) => images.push(format!("{repository}:{tag}")),
            None => unknown.push(repository.to_owned()),
        }
    }
    images.sort();
    unknown.sort();
    K3sImages { images, unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_named() {
        let found = known("v1.36.2+k3s1");
        let names = [
            "local-path-provisioner:v0.0.36",
            "mirrored-coredns-coredns:1.14.4",
            "mirrored-metrics-server:v0.8.1",
            "mirrored-pause:3.6",
        ];
        assert_eq!(found.images, names.map(|name| format!("docker.io/rancher/{name}")));
        assert_eq!(found.unknown.len(), 2);
        for version in ["v1.36.99+k3s1", "nonsense"] {
            let found = known(version);
            assert_eq!((found.images.len(), found.unknown.len()), (2, 4), "{version}");
        }
    }
}
