//! Against browsers that are made to ask for somebody else.
//!
//! Where no key is needed, what keeps others out is that only this machine reaches the server.
//! A web page that is open on this machine could reach it, too: under a name of its own that
//! it lets point here (DNS rebinding), or straight across sites. The first is known by the
//! `Host` header, the second by `Origin` and `Sec-Fetch-Site`, which no page can leave out or
//! make up. Where keys are needed, no page has one.
//!
//! A proxy on this machine would bring everybody who reaches it. Where no key is needed it is
//! refused, as far as it says that it is one.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};
use lucid_api::ApiError;

/// What proxies add to requests.
const FORWARDED: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/// Refuses what a page of another site asks, and what a proxy brings from elsewhere; for servers
/// that need no key.
///
/// # Errors
/// Forbidden, with the header that says so.
pub(crate) fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(HOST.as_str()).or_else(|| uri.authority().map(|host| host.as_str()));
    let host = host.unwrap_or_default();
    if !is_loopback(host) {
        return Err(ApiError::forbidden(
            "the Host header does not name this machine: without keys only requests to localhost \
             are answered; `lucid key create` makes a key",
        ));
    }
    if let Some(name) = FORWARDED.iter().find(|name| headers.contains_key(**name)) {
        return Err(ApiError::forbidden(format!(
            "the header `{name}` says that a proxy sends this for somebody else: without keys \
             only this machine is answered; `lucid key create` makes a key"
        )));
    }
    let foreign = || ApiError::forbidden("pages of other sites may not ask without a key");
    if let Some(origin) = text(ORIGIN.as_str())
        && origin != format!("http://{host}")
    {
        return Err(foreign());
    }
    match text("sec-fetch-site") {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(foreign()),
    }
}

/// Whether a host, with or without a port, is this machine and nothing else.
fn is_loopback(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let (address, port) = rest.split_once(']').unwrap_or(("", "x"));
        let address = address.parse::<Ipv6Addr>();
        return address.is_ok_and(|address| address.is_loopback()) && is_port(port);
    }
    let (name, port) = match host.find(':') {
        Some(at) => host.split_at(at),
        None => (host, ""),
    };
    let name = name.to_ascii_lowercase();
    let address = name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    (address || name == "localhost" || name.ends_with(".localhost")) && is_port(port)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn checked(pairs: &[(&'static str, &'static str)]) -> bool {
        let pairs = pairs.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), value.parse().unwrap())
        });
        check(&Uri::from_static("/v1/agents"), &pairs.collect()).is_ok()
    }

    #[test]
    fn what_a_proxy_brings_is_not_from_this_machine() {
        assert!(checked(&[("host", "localhost")]));
        for name in FORWARDED {
            for value in ["127.0.0.1", ""] {
                assert!(!checked(&[("host", "localhost"), (name, value)]), "{name}: {value}");
            }
        }
    }

    #[test]
    fn only_hosts_that_are_this_machine_are_answered() {
        for host in ["localhost", "LocalHost:4747", "127.0.0.1:1", "127.9.9.9", "[::1]:80", "[::1]"]
        {
            assert!(checked(&[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example:4747",
            "10.0.0.1",
            "[::2]",
            "[::1]x",
            "[::1",
            "localhost:x",
            "",
        ] {
            assert!(!checked(&[("host", host)]), "{host}");
        }
        assert!(!checked(&[]));
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let host = ("host", "localhost:4747");
        assert!(checked(&[host, ("origin", "http://localhost:4747")]));
        assert!(checked(&[host, ("sec-fetch-site", "same-origin")]));
        for origin in ["http://localhost:8080", "http://evil.example", "null", ""] {
            assert!(!checked(&[host, ("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(!checked(&[host, ("sec-fetch-site", site)]), "{site}");
        }
    }
}
