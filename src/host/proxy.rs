//! The proxy that the environment names for a server, read as curl and Go read it.

use std::net::IpAddr;

use ipnet::IpNet;

type Variable<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The proxy's address for URLs of this scheme; `None` without one.
pub(super) fn address(scheme: &str, variable: &Variable) -> Option<String> {
    // `HTTP_PROXY` in capitals may come from a request where a web server starts us: no such server does.
    [format!("{scheme}_proxy"), "all_proxy".to_owned()].iter().find_map(|name| either(name, variable))
}

/// Whether a host is asked without a proxy.
pub(super) fn is_direct(host: &str, variable: &Variable) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let address = host.parse::<IpAddr>().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    let exceptions = either("no_proxy", variable).unwrap_or_default();
    exceptions.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        let entry =
            entry.rsplit_once(':').filter(|(host, _)| !host.contains(':')).map_or(entry.as_str(), |(host, _)| host);
        match (entry, address) {
            ("*", _) => true,
            (entry, Some(address)) => {
                entry.parse::<IpNet>().is_ok_and(|net| net.contains(&address))
                    || entry.parse::<IpAddr>().is_ok_and(|entry| entry == address)
            }
            (entry, None) => {
                let domain = entry.trim_start_matches('*').trim_start_matches('.');
                host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    })
}

fn either(name: &str, variable: &Variable) -> Option<String> {
    let found = variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
    found.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_domains_addresses_and_networks() {
        let check = |exceptions: &str, host: &str, expect: bool| {
            let found = is_direct(host, &|name| (name == "NO_PROXY").then(|| exceptions.to_owned()));
            assert_eq!(found, expect, "{exceptions}: {host}");
        };
        check("", "localhost", true);
        check("", "127.0.0.2", true);
        check("", "[::1]", true);
        check("", "example.com", false);
        check("example.com", "a.Example.com", true);
        check("a, .example.com", "a.example.com", true);
        check("*.example.com:443", "example.com", true);
        check("example.com", "anexample.com", false);
        check("10.0.0.0/8", "10.1.2.3", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("*", "example.com", true);
        let set = |wanted: &'static str| move |name: &str| (name == wanted).then(|| "http://proxy:3128".to_owned());
        assert!(address("https", &set("HTTPS_PROXY")).is_some() && address("http", &set("https_proxy")).is_none());
        assert!(address("http", &set("all_proxy")).is_some());
    }
}
