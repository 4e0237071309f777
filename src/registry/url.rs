//! Addresses: which server one belongs to, and where a `Location` leads.

use std::net::IpAddr;

/// `https://registry.example.com:5000` of an address; all of it where it is no address.
pub fn origin(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..scheme.len() + 3 + end).unwrap_or(url)
}

/// Without its query, which may hold a secret.
pub fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// Where `location`, said by a server at `base`, leads (RFC 3986, section 5, as far as servers use it).
pub fn resolve(base: &str, location: &str) -> String {
    let has_scheme = location
        .split_once("://")
        .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if has_scheme {
        return location.to_owned();
    }
    let origin = origin(base);
    if let Some(rest) = location.strip_prefix("//") {
        let scheme = origin.split_once("://").map_or("https", |(scheme, _)| scheme);
        return format!("{scheme}://{rest}");
    }
    if location.starts_with('/') {
        return format!("{origin}{location}");
    }
    let path = without_query(base);
    let folder = path.rfind('/').filter(|at| *at >= origin.len()).and_then(|at| path.get(..at));
    format!("{}/{location}", folder.unwrap_or(origin))
}

/// Whether a registry, `HOST` or `HOST:PORT`, is on this machine.
pub fn is_loopback(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A text as part of a query.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_lead_where_servers_mean() {
        let base = "https://a.example:5000/v2/b/blobs/uploads/?x=/y";
        let check = |location: &str, expect: &str| assert_eq!(resolve(base, location), expect);
        check("http://c/d", "http://c/d");
        check("//c/d", "https://c/d");
        check("/v2/e?f=http://g", "https://a.example:5000/v2/e?f=http://g");
        check("e", "https://a.example:5000/v2/b/blobs/uploads/e");
        assert_eq!(resolve("https://a", "b"), "https://a/b");
        assert_eq!(origin(base), "https://a.example:5000");
        assert_eq!(origin("https://a?b"), "https://a");
        assert_eq!(escape("repository:a/b:pull,push"), "repository%3Aa%2Fb%3Apull%2Cpush");
        assert!(is_loopback("127.0.0.1:5000") && is_loopback("localhost") && !is_loopback("127.0.0.1.example.com:1"));
    }
}
