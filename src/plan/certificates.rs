//! Hosts of routes in, the Certificates that cover them out; each is one Secret of the same name.

use sha2::Digest;
use sha2::Sha256;

use crate::model::Cluster;

/// The longest name of a Certificate: cert-manager writes it into labels.
const LONGEST: usize = 63;

/// The name of the Certificate, and of its Secret, that a gateway shows for a complete host. The longest domain with an
/// entry decides; `None` when there is none, or nobody who issues for it.
pub fn certificate_of(cluster: &Cluster, host: &str) -> Option<String> {
    coverage(cluster, host).map(|(name, _)| name)
}

/// Name and DNS names of the Certificate for a host. A wildcard domain is one Certificate for NAME and *.NAME; a deeper
/// host, or one of another domain, has its own, and so has a deeper `*.`.
fn coverage(cluster: &Cluster, host: &str) -> Option<(String, Vec<String>)> {
    let (domain, values) = cluster.domain_of(host)?;
    cluster.issuer_of(host)?;
    let domain = domain.as_str();
    let below = host.strip_suffix(domain).unwrap_or_default().trim_end_matches('.');
    if values.wildcard && !below.contains('.') {
        return Some((shortened(domain, "-wildcard"), vec![domain.to_owned(), format!("*.{domain}")]));
    }
    let name = match host.strip_prefix("*.") {
        Some(domain) => shortened(domain, "-wildcard"),
        None => shortened(host, "-tls"),
    };
    Some((name, vec![host.to_owned()]))
}

/// Host and suffix; a digest of the host stands for what is too long. Dots stay: no two hosts meet in one name.
fn shortened(host: &str, suffix: &str) -> String {
    if host.len() + suffix.len() <= LONGEST {
        return format!("{host}{suffix}");
    }
    let digest = hex::encode(Sha256::digest(host));
    let (digest, _) = digest.split_at(8);
    let start: String = host.chars().take(LONGEST - suffix.len() - 9).collect();
    format!("{}-{digest}{suffix}", start.trim_end_matches(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn the_longest_domain_decides() {
        let cluster = sample::cluster(
            "certificates: { issuers: { home: { ca: {} } },
               domains: { example.com: { wildcard: true }, in.example.com: {}, home.arpa: {} } }",
        );
        let check = |host: &str, expect: Option<&str>| {
            assert_eq!(certificate_of(&cluster, host).as_deref(), expect, "{host}");
        };
        check("example.com", Some("example.com-wildcard"));
        check("photos.example.com", Some("example.com-wildcard"));
        check("*.example.com", Some("example.com-wildcard"));
        check("a.photos.example.com", Some("a.photos.example.com-tls"));
        check("*.photos.example.com", Some("photos.example.com-wildcard"));
        check("git.in.example.com", Some("git.in.example.com-tls"));
        check("in.example.com", Some("in.example.com-tls"));
        check("nas.home.arpa", Some("nas.home.arpa-tls"));
        check("*.home.arpa", Some("home.arpa-wildcard"));
        check("myexample.com", None);
        check("example.org", None);
        let long = format!("{}.{}.home.arpa", "a".repeat(43), "b".repeat(40));
        let name = certificate_of(&cluster, &long).unwrap();
        assert!(name.len() <= LONGEST && name.starts_with(&"a".repeat(43)) && name.ends_with("-tls"), "{name}");
    }
}
