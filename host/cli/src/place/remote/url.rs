//! Which URLs a server may have.

use std::net::IpAddr;

use lucid_core::{Failure, Result};
use reqwest::Url;

/// Checks a server's URL, and gives it without a slash at its end.
///
/// # Errors
/// Invalid, when it is none of a server, holds a password, or what is said would go in the
/// clear to another machine and that is not wanted.
pub(super) fn checked(url: &str, insecure: bool) -> Result<String> {
    // What is wrong is not repeated: it may hold a password.
    let wrong = |why: &str| {
        Failure::invalid(format!("the server's URL {why}"))
            .hint("write it like `https://lucid.example.com` or `http://127.0.0.1:8000`")
    };
    let parsed = Url::parse(url.trim()).map_err(|error| wrong(&format!("is none: {error}")))?;
    if !["http", "https"].contains(&parsed.scheme()) {
        return Err(wrong("begins neither with `https://` nor with `http://`"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(wrong("has a name or a password in it; a key comes from LUCID_API_KEY"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(wrong("has something behind `?` or `#`"));
    }
    if parsed.scheme() == "http" && !insecure && !is_this_machine(&parsed) {
        let host = parsed.host_str().unwrap_or_default();
        return Err(Failure::invalid(format!(
            "{host} is asked without TLS: everybody on the way would see the key and what is said"
        ))
        .hint("give an `https://` URL, or allow it with `--insecure`"));
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

/// Whether nothing leaves this machine.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_a_plain_url() {
        for (url, base) in [
            ("https://lucid.example.com/", "https://lucid.example.com"),
            ("https://example.com/lucid/", "https://example.com/lucid"),
            ("http://localhost:8000", "http://localhost:8000"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
        ] {
            assert_eq!(checked(url, false).as_deref(), Ok(base));
        }
        for url in ["", "example.com", "ftp://x", "https://", "https://x/?a=1", "https://x/#a"] {
            assert!(checked(url, true).unwrap_err().hint.is_some(), "{url}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        for url in ["https://me:tell-no-one@x", "https://me:tell-no-one@", "me:tell-no-one@x"] {
            let failure = checked(url, true).unwrap_err();
            assert!(!format!("{failure:?}").contains("tell-no-one"), "{failure:?}");
        }
    }

    #[test]
    fn without_tls_only_this_machine_is_asked_unless_it_is_said_so() {
        for url in [
            "http://example.com",
            "http://10.0.0.1",
            "http://[2001:db8::1]",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(checked(url, false).unwrap_err().hint.unwrap().contains("--insecure"), "{url}");
            assert!(checked(url, true).is_ok(), "{url}");
        }
        assert!(checked("http://[::ffff:127.0.0.1]", false).is_ok());
    }
}
