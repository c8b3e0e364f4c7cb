//! URLs of http and https, written in the one way that the host reads.
//!
//! Nothing is decided here: what stands before the path goes to the host as it is, and the host
//! refuses what could be read in two ways.

use std::fmt;

/// The longest URL that is asked for, in bytes: as much as the host sends.
pub const URL_BYTES_MAX: usize = 8 << 10;

/// Characters of a URL that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// What is wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It has another scheme than http or https: this one.
    Scheme(String),
    /// It is none, and why.
    Form(&'static str),
    /// It is longer than [`URL_BYTES_MAX`].
    Length,
}

/// A URL of http or https without its fragment, which no server is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Whether it goes through TLS.
    pub secure: bool,
    /// Host, and port where it is given.
    pub authority: String,
    /// The path, which begins with a slash.
    path: String,
    /// What stands behind the question mark.
    query: Option<String>,
}

impl Url {
    /// Reads a whole URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = plain(text);
        match scheme(&text) {
            Some((scheme, rest)) => Self::absolute(scheme, rest),
            None => Err(Fault::Form("it has no scheme: begin with https://")),
        }
    }

    /// Reads a reference that stands in an answer from this URL, such as `../next?page=2`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn join(&self, reference: &str) -> Result<Self, Fault> {
        let text = plain(reference);
        if let Some((scheme, rest)) = scheme(&text) {
            return Self::absolute(scheme, rest);
        }
        let (text, _) = split(&text, '#');
        let (path, query) = split(text, '?');
        let path = path.replace('\\', "/");
        if let Some(rest) = path.strip_prefix("//") {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            return Self::absolute(self.scheme(), &format!("//{rest}{query}"));
        }
        let path = if path.is_empty() {
            let query = query.map_or_else(|| self.query.clone(), |query| Some(encoded(query)));
            return Self { query, ..self.clone() }.checked();
        } else if path.starts_with('/') {
            path
        } else {
            let folder = self.path.rfind('/').and_then(|slash| self.path.get(..=slash));
            format!("{}{path}", folder.unwrap_or("/"))
        };
        Self { path: without_dots(&encoded(&path)), query: query.map(encoded), ..self.clone() }
            .checked()
    }

    /// Reads what follows `http:` or `https:`.
    fn absolute(scheme: &str, rest: &str) -> Result<Self, Fault> {
        let scheme = scheme.to_ascii_lowercase();
        let secure = match scheme.as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(Fault::Scheme(scheme)),
        };
        let (rest, _) = split(rest, '#');
        let (before, query) = split(rest, '?');
        let before = before.replace('\\', "/");
        let Some(before) = before.strip_prefix("//") else {
            return Err(Fault::Form("its scheme is not followed by two slashes"));
        };
        let (authority, path) = before.split_at(before.find('/').unwrap_or(before.len()));
        if authority.is_empty() {
            return Err(Fault::Form("it has no host"));
        }
        if !authority.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = "its host has a sign that no host has: other letters are written as xn--…";
            return Err(Fault::Form(why));
        }
        let authority = authority.to_ascii_lowercase();
        let (path, query) = (without_dots(&encoded(path)), query.map(encoded));
        Self { secure, authority, path, query }.checked()
    }

    fn checked(self) -> Result<Self, Fault> {
        if self.to_string().len() > URL_BYTES_MAX { Err(Fault::Length) } else { Ok(self) }
    }

    /// The word before `://`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Path and query, as a request has them.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The URL as far as an error repeats it: its beginning, and no user or password.
    #[must_use]
    pub fn shown(&self) -> String {
        let host = self.authority.rsplit_once('@').map(|(_, host)| format!("…@{host}"));
        let authority = host.unwrap_or_else(|| self.authority.clone());
        shown(&Self { authority, ..self.clone() }.to_string())
    }

    /// Where a link on a page leads to, fragment included; none for one that leads to no page:
    /// within this page, or to a script.
    #[must_use]
    pub fn link(&self, reference: &str) -> Option<String> {
        let text = plain(reference);
        let (before, fragment) = split(&text, '#');
        if before.is_empty() {
            return None;
        }
        match self.join(before) {
            Ok(url) => Some(match fragment {
                Some(fragment) if !fragment.is_empty() => format!("{url}#{}", encoded(fragment)),
                _ => url.to_string(),
            }),
            Err(Fault::Scheme(scheme)) if matches!(scheme.as_str(), "mailto" | "tel") => {
                Some(encoded(&text)).filter(|text| text.len() <= URL_BYTES_MAX)
            }
            Err(_) => None,
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}{}", self.scheme(), self.authority, self.path_and_query())
    }
}

/// A URL as far as an error repeats it.
#[must_use]
pub fn shown(url: &str) -> String {
    let mut text: String = url.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if text.len() < url.len() {
        text.push('…');
    }
    text
}

/// Without what browsers leave out: space around it, line breaks and tabs inside.
fn plain(text: &str) -> String {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

/// The scheme and what follows its colon.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let letter = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    (letter && scheme.bytes().all(plain)).then_some((scheme, rest))
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Everything as `%XX` that a request's line cannot hold. What is encoded stays so.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A path without the parts `.` and `..`, which climb no higher than its start.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut open = path.is_empty();
    for part in path.strip_prefix('/').unwrap_or(path).split('/') {
        let lower = part.to_ascii_lowercase().replace("%2e", ".");
        open = matches!(lower.as_str(), "." | "..");
        match lower.as_str() {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let mut out = format!("/{}", parts.join("/"));
    if open && !out.ends_with('/') {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_url_is_written_in_one_way() {
        let cases = [
            ("https://example.org", "https://example.org/"),
            ("HTTPS://Example.ORG/A?b#c", "https://example.org/A?b"),
            ("  http://a.example:81/x y\n", "http://a.example:81/x%20y"),
            ("http://a.example/é?ü=\"1\"", "http://a.example/%C3%A9?%C3%BC=%221%22"),
            ("http://a.example/%7e/%zz", "http://a.example/%7e/%zz"),
            ("http://a.example/b/../c/./d/..", "http://a.example/c/"),
            ("http://a.example/../../x/%2E%2e/y", "http://a.example/y"),
            ("http://a.example\\x\\y?z=\\", "http://a.example/x/y?z=%5C"),
            ("http://a.example?q#f?g", "http://a.example/?q"),
            ("http://[2001:db8::7]:81/", "http://[2001:db8::7]:81/"),
        ];
        for (text, expected) in cases {
            assert_eq!(url(text).to_string(), expected, "{text}");
            assert_eq!(url(expected).to_string(), expected, "again");
        }
    }

    #[test]
    fn what_stands_before_a_host_is_left_to_the_host_to_refuse() {
        assert_eq!(url("http://good.example@bad.example/").authority, "good.example@bad.example");
        assert_eq!(url("http://good.example\\@bad.example/").authority, "good.example");
        assert_eq!(url("http://u:pass@a.example/x").shown(), "http://…@a.example/x");
    }

    #[test]
    fn what_is_no_url_says_why() {
        let form = |text: &str| matches!(Url::parse(text), Err(Fault::Form(_)));
        assert!(
            ["", "a.example/x", "//a.example", "http:a", "http:///a", "1http://a"]
                .into_iter()
                .all(form)
        );
        assert!(form("http://bücher.example/") && form("http://a b/"));
        for other in ["ftp://a", "javascript:alert(1)", "data:text/html,x", "mailto:a@b"] {
            assert!(matches!(Url::parse(other), Err(Fault::Scheme(_))), "{other}");
        }
        let long = format!("http://a.example/{}", "é".repeat(URL_BYTES_MAX / 6));
        assert_eq!(Url::parse(&long), Err(Fault::Length));
        assert_eq!(shown(&"é".repeat(300)), format!("{}…", "é".repeat(200)));
    }

    #[test]
    fn references_are_read_as_rfc_3986_has_them() {
        let base = url("http://a.example/b/c/d;p?q");
        let cases = [
            ("g", "http://a.example/b/c/g"),
            ("./g", "http://a.example/b/c/g"),
            ("g/", "http://a.example/b/c/g/"),
            ("/g", "http://a.example/g"),
            ("//g", "http://g/"),
            ("//g?y", "http://g/?y"),
            ("?y", "http://a.example/b/c/d;p?y"),
            ("g?y", "http://a.example/b/c/g?y"),
            ("#s", "http://a.example/b/c/d;p?q"),
            ("g#s", "http://a.example/b/c/g"),
            (";x", "http://a.example/b/c/;x"),
            ("", "http://a.example/b/c/d;p?q"),
            (".", "http://a.example/b/c/"),
            ("..", "http://a.example/b/"),
            ("../g", "http://a.example/b/g"),
            ("../../g", "http://a.example/g"),
            ("../../../g", "http://a.example/g"),
            ("g;x=1/../y", "http://a.example/b/c/y"),
            ("https://other.example", "https://other.example/"),
            ("HTTP://other.example/x", "http://other.example/x"),
        ];
        for (reference, expected) in cases {
            assert_eq!(base.join(reference).unwrap().to_string(), expected, "{reference}");
        }
        assert!(matches!(base.join("ftp://a"), Err(Fault::Scheme(_))));
    }

    #[test]
    fn a_link_leads_to_a_page_or_nowhere() {
        let base = url("https://a.example/b/");
        let link = |reference: &str| base.link(reference);
        assert_eq!(link("c#part two").as_deref(), Some("https://a.example/b/c#part%20two"));
        assert_eq!(link("mailto:x@a.example").as_deref(), Some("mailto:x@a.example"));
        for nowhere in ["", "#top", "javascript:void(0)", "data:text/plain,x", "java\nscript:x"] {
            assert_eq!(link(nowhere), None, "{nowhere}");
        }
    }
}
