//! Planned locations and logins in, the words of their nginx blocks out.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::objects::nginx::LOGINS;
use crate::objects::nginx::Zones;
use crate::objects::nginx_words::Word;
use crate::plan::gateways::GatewayPlan;
use crate::plan::logins::AskedService;
use crate::plan::logins::Login;
use crate::plan::routes::Location;
use crate::values::route::Backend;
use crate::values::route::RateLimit;

/// A header, or another pair of words.
#[derive(Clone, Serialize)]
pub struct Header {
    name: Word,
    value: Word,
}

/// A location. A path other than `/` needs two: one for itself, one for what is below it.
#[derive(Clone, Serialize)]
pub struct LocationView<'a> {
    at: Word,
    protocol: &'static str,
    pass: String,
    /// Empty where those of the whole gateway do.
    request_headers: Vec<Header>,
    allow: &'a [String],
    limit: Option<Limit>,
    login: Option<AskedView>,
    basic: Option<Basic>,
    hide: Vec<&'a str>,
    set: Vec<Header>,
    replace: Vec<Header>,
    snippet: Option<&'a str>,
}

#[derive(Clone, Serialize)]
struct Limit {
    zone: String,
    burst: u32,
}

#[derive(Clone, Serialize)]
struct AskedView {
    name: String,
    signin: bool,
    answers: Vec<Answer>,
}

#[derive(Clone, Serialize)]
struct Answer {
    variable: String,
    source: String,
}

#[derive(Clone, Serialize)]
struct Basic {
    realm: Word,
    file: Word,
}

/// The location that asks a service about a request.
#[derive(Serialize)]
pub struct LoginView {
    name: String,
    pass: Word,
    host: Word,
    signin: Option<Word>,
}

/// The headers that every request to a service has; those that logins set are taken away.
pub fn request_headers(login_headers: &BTreeSet<String>, backend: Backend) -> Vec<Header> {
    let of_http = [("Host", "$host$port_of_host"), ("Upgrade", "$http_upgrade"), ("Connection", "$connection_upgrade")];
    let of_all = [
        ("X-Real-IP", "$remote_addr"),
        // What a client says about others is not passed on: it could be a lie.
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Host", "$host$port_of_host"),
        ("X-Forwarded-Port", "$client_port"),
        ("X-Forwarded-Proto", "$client_scheme"),
        ("Forwarded", "\"\""),
    ];
    let http = of_http.into_iter().filter(|_| backend != Backend::Grpc);
    let known = http.chain(of_all).map(|(name, value)| Header { name: Word::known(name), value: Word::known(value) });
    let logins = login_headers.iter().map(|name| Header { name: Word::known(name), value: Word::known("\"\"") });
    known.chain(logins).collect()
}

/// The nginx locations of a planned one.
pub fn locations<'a>(plan: &'a GatewayPlan, location: &'a Location, zones: &mut Zones) -> Vec<LocationView<'a>> {
    let (login, basic) = match location.login.as_ref().and_then(|name| Some((name, plan.logins.get(name)?))) {
        Some((name, Login::Request(asked))) => (Some((name.as_str(), asked)), None),
        Some((name, Login::Basic { secret })) => (
            None,
            Some(Basic { realm: Word::literal(name), file: Word::literal(&format!("{LOGINS}/{secret}/htpasswd")) }),
        ),
        None => (None, None),
    };
    let (protocol, scheme) = match location.backend {
        Backend::Http => ("proxy", "http"),
        Backend::Https => ("proxy", "https"),
        Backend::Grpc => ("grpc", "grpc"),
    };
    let set = location.set_headers.iter();
    let replaced = location.set_headers.keys().filter(|name| !location.hide_headers.contains(name));
    let view = LocationView {
        at: Word::literal(&location.path),
        protocol,
        pass: format!("{scheme}://{}", location.upstream),
        request_headers: own_request_headers(plan, location, login),
        allow: &location.allow,
        limit: location.rate_limit.as_ref().map(|rate| Limit { zone: zones.add(rate), burst: burst(rate) }),
        login: login.map(|(name, asked)| AskedView {
            name: name.to_owned(),
            signin: asked.signin.is_some(),
            answers: answers(name, asked),
        }),
        basic,
        hide: location.hide_headers.iter().chain(replaced).map(String::as_str).collect(),
        set: set.map(|(name, text)| Header { name: Word::known(name), value: Word::header(text) }).collect(),
        replace: location
            .replace
            .iter()
            .map(|(from, to)| Header { name: Word::text(from), value: Word::text(to) })
            .collect(),
        snippet: location.snippet.as_deref(),
    };
    if location.path == "/" {
        return vec![view];
    }
    let below = LocationView { at: Word::literal(&format!("{}/", location.path)), ..view.clone() };
    let itself = LocationView { at: Word::known(format!("= {}", view.at)), ..view };
    vec![itself, below]
}

/// Nginx takes headers over from the outside only where a location sets none: one that sets any sets them all. A snippet
/// may set some.
fn own_request_headers(plan: &GatewayPlan, location: &Location, login: Option<(&str, &AskedService)>) -> Vec<Header> {
    let headers = login.map(|(_, asked)| asked.headers.as_slice()).unwrap_or_default();
    let replaces = !location.replace.is_empty();
    if headers.is_empty() && !replaces && location.snippet.is_none() {
        return Vec::new();
    }
    let others = plan.login_headers.iter().filter(|name| !headers.iter().any(|own| own.eq_ignore_ascii_case(name)));
    let mut all = request_headers(&others.cloned().collect(), location.backend);
    let answer = |header: &String| Header {
        name: Word::known(header),
        value: Word::known(login.map(|(name, _)| variable(name, header)).unwrap_or_default()),
    };
    all.extend(headers.iter().map(answer));
    if replaces {
        // A compressed body would not hold the text.
        all.push(Header { name: Word::known("Accept-Encoding"), value: Word::known("\"\"") });
    }
    all
}

/// A second's, or a minute's, requests may come at once: a page is more than one.
fn burst(rate: &RateLimit) -> u32 {
    rate.as_str().split('r').next().and_then(|count| count.parse().ok()).unwrap_or(1)
}

fn answers(name: &str, asked: &AskedService) -> Vec<Answer> {
    let of = |header: &String| Answer {
        variable: variable(name, header),
        source: format!("$upstream_http_{}", underscored(header)),
    };
    let cookie = Answer { variable: "$login_set_cookie".to_owned(), source: "$upstream_http_set_cookie".to_owned() };
    asked.headers.iter().map(of).chain([cookie]).collect()
}

fn variable(login: &str, header: &str) -> String {
    format!("$login_{}__{}", underscored(login), underscored(header))
}

fn underscored(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// The location that asks; `None` for a login that asks nobody.
pub fn login(name: &str, login: &Login) -> Option<LoginView> {
    let Login::Request(asked) = login else { return None };
    let scheme = if asked.tls { "https" } else { "http" };
    let wanted = "rd=$client_scheme://$host$port_of_host$wanted_uri";
    let signin = |url: &String| Word::text_and(url, &format!("{}{wanted}", if url.contains('?') { "&" } else { "?" }));
    Some(LoginView {
        name: name.to_owned(),
        pass: Word::text(&format!("{scheme}://{}{}", asked.name, asked.path)),
        host: asked.host.as_ref().map_or_else(|| Word::known("$host$port_of_host"), |host| Word::text(host)),
        signin: asked.signin.as_ref().map(signin),
    })
}
