//! Names and texts in, whether they look like a password, a token or a private key out: rather too few than too many.

/// Parts of names that say so, between `_`, `-` or `.`.
const SECRET: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "TOKEN",
    "SECRET",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATEKEY",
];

/// Words before `KEY` that make it a secret one.
const KEYS: &[&str] = &["API", "SECRET", "PRIVATE", "ACCESS", "ENCRYPTION", "SIGNING", "MASTER", "AUTH"];

/// Last parts of names of something about a credential: where it is, how long it lives.
const ABOUT: &[&str] = &[
    "FILE",
    "PATH",
    "DIR",
    "URL",
    "URI",
    "NAME",
    "HOST",
    "PORT",
    "ISSUER",
    "ENDPOINT",
    "TYPE",
    "HEADER",
    "FIELD",
    "ID",
    "TTL",
    "EXPIRY",
    "EXPIRES",
    "EXPIRATION",
    "LIFETIME",
    "TIMEOUT",
    "AGE",
    "LENGTH",
    "POLICY",
    "ALGORITHM",
    "HASH",
    "ENABLED",
    "DISABLED",
    "REQUIRED",
    "MODE",
    "ENV",
    "PREFIX",
    "STORE",
    "BACKEND",
    "COUNT",
    "LIMIT",
    "MIN",
    "MAX",
];

/// Whether a name says that its value is secret, and the value is one that a person would have made up or been given.
pub fn is_named_so(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let parts: Vec<&str> = name.split(['_', '-', '.']).filter(|part| !part.is_empty()).collect();
    let is_about = parts.last().is_some_and(|last| ABOUT.contains(last));
    let is_key = parts.windows(2).any(|pair| matches!(pair, [word, "KEY"] if KEYS.contains(word)));
    let is_secret = parts.iter().any(|part| SECRET.contains(part)) || is_key;
    is_secret && !is_about && is_made_up(value)
}

/// No path, address, number, word for yes or no, or reference to something else.
fn is_made_up(value: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "none", "null", "auto", "disabled", "enabled"];
    value.len() >= 4
        && !words.iter().any(|word| value.eq_ignore_ascii_case(word))
        && value.parse::<f64>().is_err()
        && !value.starts_with(['/', '.', '$', '{', '<'])
        && !value.contains("://")
        && !value.contains("$(")
}

/// Whether a text is or holds a private key, or a URL with a password.
pub fn is_in(text: &str) -> bool {
    let has_key = text.split("-----BEGIN ").skip(1).any(|rest| {
        rest.split_once("-----").is_some_and(|(what, _)| what.ends_with("PRIVATE KEY") && !what.contains('\n'))
    });
    has_key || text.split_once("://").is_some_and(|(_, rest)| has_password(rest))
}

/// `USER:PASSWORD@HOST`, where the password is no reference to a variable.
fn has_password(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#', ' ', '\n']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['$', '{', '<']))
}

/// Whether an argument is `--NAME=VALUE` with a secret value, or holds a credential.
pub fn is_argument(text: &str) -> bool {
    let named = text.strip_prefix('-').and_then(|rest| rest.trim_start_matches('-').split_once('='));
    named.is_some_and(|(name, value)| is_named_so(name, value)) || is_in(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_from_their_surroundings() {
        let check =
            |name: &str, value: &str, expect: bool| assert_eq!(is_named_so(name, value), expect, "{name}={value}");
        check("DB_PASSWORD", "hunter2", true);
        check("API_KEY", "0f3b5d", true);
        check("app-token", "abcdefg", true);
        check("SECRET_KEY_BASE", "a long one", true);
        check("DB_PASSWORD_FILE", "/run/secrets/db", false);
        check("DB_PASSWORD", "/run/secrets/db", false);
        check("DB_PASSWORD", "$(FROM_SECRET)", false);
        check("TOKEN_TTL", "3600s", false);
        check("DISABLE_TOKEN", "true", false);
        check("SECRET_NAME", "web-tls", false);
        check("TOKENIZER", "unigram", false);
        check("KEYBOARD", "german", false);
        check("SORT_KEY", "name", false);
        check("MAX_TOKENS", "4096", false);
        check("BYPASS", "nothing", false);
        check("PASSWORD", "", false);
    }

    #[test]
    fn texts_are_searched() {
        let check = |text: &str, expect: bool| assert_eq!(is_in(text), expect, "{text}");
        check("-----BEGIN RSA PRIVATE KEY-----\nMII", true);
        check("-----BEGIN CERTIFICATE-----\nMII", false);
        check("postgres://web:hunter2@db:5432/web", true);
        check("postgres://web:$(DB_PASSWORD)@db/web", false);
        check("postgres://web@db/web", false);
        check("https://example.com/a:b@c", false);
        assert!(is_argument("--password=hunter2") && is_argument("-token=abcdef"));
        assert!(
            !is_argument("--password-file=/run/x") && !is_argument("password=hunter2") && !is_argument("--port=80")
        );
    }
}
