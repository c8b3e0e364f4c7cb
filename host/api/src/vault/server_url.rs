//! URLs of MCP servers: one server has one spelling, by which its credential is found.

use crate::error::{ApiError, Result};

const URL_CHARACTERS_MAX: usize = 2048;

/// The spelling of an MCP server's URL that all its spellings lead to: scheme and host in
/// small letters, without the scheme's own port, without slashes at the end. A credential is
/// for the server whose key is its own.
///
/// `plugin:NAME` is the server in a plugin, and has one spelling.
///
/// # Errors
/// Invalid, naming the field, for what is no URL of a server.
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
    if host.is_empty() || !is_host(host) {
        return Err(form());
    }
    let port = port.filter(|port| *port != standard);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, q)| (path, Some(q)));
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("{scheme}://{host}{port}{}{query}", path.trim_end_matches('/')))
}

/// Splits `host:port`; a host in brackets keeps its colons.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').unwrap_or_default();
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.contains([':', '[', ']', '%'])
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
        ];
        for url in wrong {
            assert_eq!(key(url).unwrap_err().status, 400, "{url:?}");
        }
        assert!(key(&format!("https://h/{}", "x".repeat(2048))).is_err());
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
