//! A challenge and a login in, the header `Authorization` out; for `Bearer` a token is fetched
//! (<https://distribution.github.io/distribution/spec/auth/token/>).

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::machine::Body;
use crate::machine::Http;
use crate::machine::Method;
use crate::machine::Request;
use crate::registry::Reason;
use crate::registry::backoff::retry_after;
use crate::registry::challenge::Challenge;
use crate::registry::client::all;
use crate::registry::client::said;
use crate::registry::credentials::Login;
use crate::registry::url::escape;

const LIMIT: u64 = 1 << 20;

/// What a login is for.
pub struct Wanted<'w> {
    pub registry: &'w str,
    /// The server that asks for it.
    pub home: &'w str,
    pub scope: &'w str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Token {
    token: String,
    access_token: String,
}

/// The value of the header.
pub fn authorization(
    http: &dyn Http,
    challenge: &Challenge,
    login: Option<Login>,
    wanted: &Wanted,
    now: u64,
) -> Result<String, Reason> {
    match (challenge, login) {
        (Challenge::Basic, Some(Login::Password { user, password })) => Ok(basic(&user, &password)),
        (Challenge::Basic, _) => Err(Reason::NoLogin { host: wanted.registry.to_owned() }),
        (Challenge::Bearer { realm, service, scope }, login) => {
            let is_plain = realm.starts_with("http://") && wanted.home.starts_with("http://");
            if !is_plain && !realm.starts_with("https://") {
                return Err(Reason::Downgrade(realm.clone()));
            }
            let service = service.iter().map(|service| format!("service={}", escape(service)));
            let scopes = scopes(wanted.scope, scope.as_deref().unwrap_or_default());
            let scopes = scopes.iter().map(|scope| format!("scope={}", escape(scope)));
            let query = service.chain(scopes).collect::<Vec<_>>().join("&");
            token(http, realm, &query, login, wanted, now).map(|token| format!("Bearer {token}"))
        }
    }
}

/// What is needed and what a registry asks for, each resource once. GHCR asks for `pull` also where something is pushed.
fn scopes(needed: &str, asked: &str) -> Vec<String> {
    let mut all: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for scope in std::iter::once(needed).chain(asked.split(' ')) {
        let Some((resource, actions)) = scope.rsplit_once(':') else { continue };
        let actions = actions.split(',').filter(|action| !action.is_empty());
        match all.iter_mut().find(|(known, _)| *known == resource) {
            Some((_, known)) => known.extend(actions),
            None => all.push((resource, actions.collect())),
        }
    }
    let text = |(resource, actions): (&str, BTreeSet<&str>)| {
        format!("{resource}:{}", actions.into_iter().collect::<Vec<_>>().join(","))
    };
    all.into_iter().map(text).collect()
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn token(
    http: &dyn Http,
    realm: &str,
    query: &str,
    login: Option<Login>,
    wanted: &Wanted,
    now: u64,
) -> Result<String, Reason> {
    let join = if realm.contains('?') { '&' } else { '?' };
    let mut headers = vec![("accept", "application/json".to_owned())];
    let (method, url, form) = match &login {
        Some(Login::Identity(token)) => {
            headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
            let form = format!("grant_type=refresh_token&client_id=helm-ha&{query}&refresh_token={}", escape(token));
            (Method::Post, realm.to_owned(), Some(form))
        }
        Some(Login::Password { user, password }) => {
            headers.push(("authorization", basic(user, password)));
            (Method::Get, format!("{realm}{join}account={}&{query}", escape(user)), None)
        }
        None => (Method::Get, format!("{realm}{join}{query}"), None),
    };
    let body = form.as_ref().map_or(Body::Nothing, |form| Body::Bytes(form.as_bytes()));
    let request = Request { method, url: &url, headers: &headers, body };
    let mut answer = http.send(request).map_err(Reason::Connection)?;
    match answer.status {
        200 => {}
        400 | 401 | 403 if login.is_none() => return Err(Reason::NoLogin { host: wanted.registry.to_owned() }),
        400 | 401 | 403 => {
            return Err(Reason::LoginRefused { host: wanted.registry.to_owned(), said: said(&mut answer) });
        }
        429 => {
            return Err(Reason::TooMany {
                seconds: answer.header("retry-after").and_then(|said| retry_after(said, now)),
            });
        }
        status => return Err(Reason::Status { status, said: format!("for a token at {realm}") }),
    }
    let garbage = || Reason::Garbage(format!("no token in the answer of {realm}"));
    let token: Token = serde_json::from_slice(&all(answer, LIMIT)?).map_err(|_| garbage())?;
    let token = if token.token.is_empty() { token.access_token } else { token.token };
    // What is no header would be refused later with words that nobody understands.
    let is_plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain { Ok(token) } else { Err(garbage()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_what_is_needed_and_for_what_is_asked() {
        let check = |needed: &str, asked: &str, expect: &[&str]| assert_eq!(scopes(needed, asked), expect);
        check("repository:a/b:pull", "", &["repository:a/b:pull"]);
        check("repository:a/b:pull,push", "repository:a/b:pull", &["repository:a/b:pull,push"]);
        check(
            "repository:a:pull",
            "repository:a:push repository:c:pull",
            &["repository:a:pull,push", "repository:c:pull"],
        );
        check("repository:a:pull", "garbage registry:catalog:*", &["repository:a:pull", "registry:catalog:*"]);
    }
}
