//! The address under which a web server will serve a folder in, the addresses of archives in it out.

use std::fmt;

/// `https://charts.example.com/stable`; without it an index names archives relative to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Absolute, HTTP or HTTPS, without a query; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let sound = !rest.is_empty()
            && !rest.starts_with('/')
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte));
        sound.then(|| Self(text.trim_end_matches('/').to_owned()))
    }

    /// The address of an archive by its path in the folder, with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }

    /// The path in the folder of an address below this one.
    pub fn strip<'a>(&self, url: &'a str) -> Option<&'a str> {
        url.strip_prefix(self.0.as_str())?.strip_prefix('/')
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_below_the_base() {
        let base = BaseUrl::read("https://example.com/charts/").unwrap();
        assert_eq!(base.join("a-1.0.0.tgz"), "https://example.com/charts/a-1.0.0.tgz");
        assert_eq!(base.strip("https://example.com/charts/a"), Some("a"));
        assert_eq!(base.strip("https://example.com/charts-2/a"), None);
        for wrong in ["", "example.com", "ftp://a", "https://", "https:///a", "http://a?b", "http://a#b", "http://a b"]
        {
            assert_eq!(BaseUrl::read(wrong), None, "{wrong}");
        }
    }
}
