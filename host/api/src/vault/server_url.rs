//! URLs of MCP servers: one server has one spelling, by which its credential is found.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{ApiError, Result};

const URL_CHARACTERS_MAX: usize = 2048;
/// The longest name of a host, and of a part between its dots.
const NAME_CHARACTERS_MAX: usize = 253;
const LABEL_CHARACTERS_MAX: usize = 63;

/// The spelling of an MCP server's URL that all its spellings lead to: scheme and host in
/// small letters, without the scheme's own port, without slashes at the end; an address in its
/// shortest form, a name without a dot at its end. A credential is for the server whose key is
/// its own.
///
/// `plugin:NAME` is the server in a plugin, and has one spelling.
///
/// # Errors
/// Invalid, naming the field, for what is no URL of a server, and for a host that no request
/// can be sent to: its credential would never be used.
pub fn server_key(field: &str, url: &str) -> Result<String> {
    let wrong = |why: &str| ApiError::invalid(format!("{field}: {why}"));
    if url.chars().count() > URL_CHARACTERS_MAX {
        return Err(wrong(&format!("more than {URL_CHARACTERS_MAX} characters")));
    }
    if let Some(name) = url.strip_prefix("plugin:") {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let named = !name.is_empty() && name.bytes().all(plain);
        let key = || format!("plugin:{name}");
        return named.then(key).ok_or_else(|| wrong("behind `plugin:` is no plugin's name"));
    }
    let form = || wrong("not a URL such as `https://mcp.example.com/mcp`, or `plugin:NAME`");
    let (scheme, rest) = url.split_once("://").ok_or_else(form)?;
    let scheme = scheme.to_ascii_lowercase();
    let standard = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return Err(form()),
    };
    let printable = |c: char| !c.is_control() && !c.is_whitespace();
    if !rest.chars().all(printable) || rest.contains(['\\', '#']) {
        return Err(wrong("a URL of a server has no fragment, no space and no backslash"));
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or_else(form)?;
    if authority.contains('@') {
        return Err(wrong("no name or password may stand in it: give them as the credential"));
    }
    let authority = authority.to_ascii_lowercase();
    let (host, port) = split_port(&authority);
    let number = |port: &str| {
        let number = port.parse().ok().filter(|number: &u16| *number > 0);
        number.filter(|_| port.bytes().all(|b| b.is_ascii_digit())).ok_or_else(form)
    };
    let port = port.map(number).transpose()?;
    let host = spelled(host).ok_or_else(|| {
        wrong(
            "its host is neither an address nor a name of letters from a to z, digits and `-`; \
             others have a spelling with `xn--`",
        )
    })?;
    let port = port.filter(|port| *port != standard);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, q)| (path, Some(q)));
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("{scheme}://{host}{port}{}{query}", path.trim_end_matches('/')))
}

/// Whether a request to a URL goes to the server of a key: to its scheme, host and port, and
/// to its path or below that. `url` has scheme and host in small letters and no port that is
/// the scheme's own.
///
/// A path that servers may read in two ways is below none: `/mine/../yours` is not `/mine`.
#[must_use]
pub fn covers(key: &str, url: &str) -> bool {
    let split = |text: &str| {
        let (rest, query) = text.split_once('?').unwrap_or((text, ""));
        let host = rest.find("://").map_or(0, |at| at + 3);
        let path = rest.get(host..).and_then(|rest| rest.find('/')).map(|at| host + at);
        let (origin, path) = rest.split_at_checked(path.unwrap_or(rest.len()))?;
        Some((origin.to_owned(), path.to_owned(), query.to_owned()))
    };
    let (Some((key_origin, key_path, key_query)), Some((origin, path, query))) =
        (split(key), split(url))
    else {
        return false;
    };
    if key_origin != origin || !(key.starts_with("https://") || key.starts_with("http://")) {
        return false;
    }
    let lower = path.to_ascii_lowercase();
    let coded = ["%2e", "%2f", "%5c", "%25", "\\", ";"].iter().any(|code| lower.contains(code));
    let is_plain = !coded && !path.split('/').any(|part| part == "." || part == "..");
    let below = match path.strip_prefix(key_path.as_str()) {
        Some(rest) => {
            key_path.is_empty() || (is_plain && (rest.is_empty() || rest.starts_with('/')))
        }
        None => false,
    };
    let asked = match query.strip_prefix(key_query.as_str()) {
        Some(rest) => key_query.is_empty() || rest.is_empty() || rest.starts_with('&'),
        None => false,
    };
    below && asked
}

/// Splits `host:port`; a host in brackets keeps its colons.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// The one spelling of a host in small letters; none where it is no host that a request can
/// be sent to.
fn spelled(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or(name);
    // What ends in a number is an address, and has one form that all systems agree on.
    let is_number = match last.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if is_number {
        return name.parse().ok().map(|address: Ipv4Addr| address.to_string());
    }
    let fits = name.len() <= NAME_CHARACTERS_MAX && name.split('.').all(is_label);
    fits.then(|| name.to_owned())
}

/// Whether this may stand between the dots of a name.
fn is_label(label: &str) -> bool {
    (1..=LABEL_CHARACTERS_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether secrets may go to a URL: through TLS, or without leaving this machine.
pub(super) fn is_safe(key: &str) -> bool {
    let Some(rest) = key.strip_prefix("http://") else { return key.starts_with("https://") };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, _) = split_port(authority);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(url: &str) -> Result<String> {
        server_key("url", url)
    }

    #[test]
    fn one_server_has_one_key() {
        let spellings = [
            "https://mcp.example.com/Mcp",
            "HTTPS://MCP.Example.COM/Mcp",
            "https://mcp.example.com:443/Mcp",
            "https://mcp.example.com/Mcp//",
            "https://mcp.example.com./Mcp",
        ];
        for url in spellings {
            assert_eq!(key(url).unwrap(), "https://mcp.example.com/Mcp", "{url}");
        }
        let others = [
            "https://mcp.example.com/mcp",
            "http://mcp.example.com/Mcp",
            "https://mcp.example.com:80/Mcp",
            "https://mcp.example.com:8443/Mcp",
            "https://mcp.example.com/Mcp?x=/",
        ];
        for url in others {
            assert_eq!(key(url).unwrap(), url);
        }
        assert_eq!(key("http://[::1]:80/?a=b").unwrap(), "http://[::1]?a=b");
        assert_eq!(key("http://[0:0::1]:8080/").unwrap(), "http://[::1]:8080");
        assert_eq!(key("plugin:web-fetch").unwrap(), "plugin:web-fetch");
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused() {
        let wrong = [
            "",
            "mcp",
            "https://",
            "https:///x",
            "ftp://h/",
            "https://u:p@h/",
            "https://h/#x",
            "https://h:/",
            "https://h:99999/",
            "https://h:+1/",
            "https://h /",
            "https://h\\x",
            "https://[::1/",
            "https://a:b:1/",
            "plugin:",
            "plugin:../x",
            "file:///etc/passwd",
            "https://h\n/",
            "https://mcp..example.com/",
            "https://mcp.example.com../",
            "https://mcp_1.example.com/",
            "https://-mcp.example.com/",
            "https://bücher.example/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://1.2.3.4.5/",
        ];
        for url in wrong {
            assert_eq!(key(url).unwrap_err().status, 400, "{url:?}");
        }
        assert!(key(&format!("https://h/{}", "x".repeat(2048))).is_err());
    }

    #[test]
    fn a_request_goes_to_a_server_at_its_path_or_below() {
        let covered = [
            ("https://a.test", "https://a.test/"),
            ("https://a.test", "https://a.test/x/../y?z"),
            ("https://a.test/mcp", "https://a.test/mcp"),
            ("https://a.test/mcp", "https://a.test/mcp/"),
            ("https://a.test/mcp", "https://a.test/mcp/x?y=1"),
            ("https://a.test/mcp?team=1", "https://a.test/mcp?team=1"),
            ("https://a.test/mcp?team=1", "https://a.test/mcp/x?team=1&y=2"),
            ("http://[::1]:8080/mcp", "http://[::1]:8080/mcp"),
        ];
        for (key, url) in covered {
            assert!(covers(key, url), "{key} {url}");
        }
        let others = [
            ("https://a.test/mcp", "https://a.test/"),
            ("https://a.test/mcp", "https://a.test/mcpx"),
            ("https://a.test/mcp", "https://a.test/Mcp"),
            ("https://a.test/mcp", "http://a.test/mcp"),
            ("https://a.test/mcp", "https://a.test:8443/mcp"),
            ("https://a.test/mcp", "https://b.test/mcp"),
            ("https://a.test", "https://a.test.evil.example/"),
            ("https://a.test", "https://a.test:8443/"),
            ("https://a.test/mcp", "https://a.test/mcp/../other"),
            ("https://a.test/mcp", "https://a.test/mcp/%2E%2e/other"),
            ("https://a.test/mcp", "https://a.test/mcp/..%2fother"),
            ("https://a.test/mcp", "https://a.test/mcp/%252e%252e/other"),
            ("https://a.test/mcp", "https://a.test/mcp/%25252E./other"),
            ("https://a.test/mcp", "https://a.test/mcp/..;/other"),
            ("https://a.test/mcp", "https://a.test/x?/mcp"),
            ("https://a.test/mcp?team=1", "https://a.test/mcp?team=12"),
            ("https://a.test/mcp?team=1", "https://a.test/mcp"),
            ("plugin:web-fetch", "plugin:web-fetch"),
        ];
        for (key, url) in others {
            assert!(!covers(key, url), "{key} {url}");
        }
    }

    #[test]
    fn secrets_go_through_tls_or_stay_on_this_machine() {
        for safe in ["https://h/x", "http://127.0.0.1:8080/x", "http://[::1]", "http://localhost/"]
        {
            assert!(is_safe(&key(safe).unwrap()), "{safe}");
        }
        for open in ["http://h/x", "http://127.0.0.1.example.com/", "plugin:x"] {
            assert!(!is_safe(&key(open).unwrap()), "{open}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(url in "(https?://)?[a-zA-Z0-9.:/?#@é\\[\\] -]{0,40}") {
            if let Ok(once) = key(&url) {
                prop_assert_eq!(key(&once).unwrap(), once);
            }
        }
    }
}
