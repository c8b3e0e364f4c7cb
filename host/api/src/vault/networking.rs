//! Where a secret of the environment may be put in: into requests to which hosts, and where
//! in them.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ApiError, Result};
use crate::read::value;

const HOSTS_MAX: usize = 16;
const HOST_CHARACTERS_MAX: usize = 253;
const LABEL_CHARACTERS_MAX: usize = 63;

/// The hosts that requests with the secret may go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Networking {
    /// All that the environment lets a session reach.
    Unrestricted {},
    /// These alone.
    Limited {
        /// Names, IPv4 addresses, and `*.example.com` for all names below one.
        allowed_hosts: Vec<String>,
    },
}

impl Networking {
    pub(super) fn check(&self) -> Result<()> {
        let Self::Limited { allowed_hosts } = self else { return Ok(()) };
        let field = "auth.networking.allowed_hosts";
        if allowed_hosts.len() > HOSTS_MAX {
            let has = allowed_hosts.len();
            return Err(ApiError::invalid(format!("{field}: {has} hosts, at most {HOSTS_MAX}")));
        }
        match allowed_hosts.iter().position(|host| !is_pattern(host)) {
            None => Ok(()),
            Some(at) => Err(ApiError::invalid(format!(
                "{field}[{at}]: a name such as `api.example.com`, an IPv4 address, or \
                 `*.example.com` may be here; no scheme, port, path or IPv6 address"
            ))),
        }
    }

    /// Whether the secret may be put into a request to a host.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let Self::Limited { allowed_hosts } = self else { return true };
        let host = host.to_ascii_lowercase();
        allowed_hosts.iter().any(|pattern| {
            let pattern = pattern.to_ascii_lowercase();
            match pattern.strip_prefix('*') {
                // With its dot, so that `badexample.com` is not below `example.com`.
                Some(end) => host.len() > end.len() && host.ends_with(end),
                None => host == pattern,
            }
        })
    }
}

fn is_pattern(host: &str) -> bool {
    let label = |label: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=LABEL_CHARACTERS_MAX).contains(&label.len()) && label.bytes().all(plain)
    };
    let name = host.strip_prefix("*.");
    let is_name = |name: &str| name.split('.').all(label);
    // What ends in a number is an address, and not all systems agree on which.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    host.len() <= HOST_CHARACTERS_MAX
        && match name {
            Some(name) => is_name(name) && !is_number,
            None if is_number => host.parse::<Ipv4Addr>().is_ok(),
            None => is_name(host),
        }
}

/// In which parts of a request the secret may be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InjectionLocation {
    /// The values of its header.
    pub header: bool,
    /// Its body.
    pub body: bool,
}

/// A change of it, and how a new one is written.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locations {
    header: Option<bool>,
    body: Option<bool>,
}

impl InjectionLocation {
    /// Reads that of a new credential: left out, it is both; given, what is not named is not.
    pub(super) fn new(given: Option<Value>) -> Result<Self> {
        match given {
            None => Ok(Self { header: true, body: true }),
            Some(given) => Self { header: false, body: false }.merged(Some(given)),
        }
    }

    /// Changes what is named.
    pub(super) fn merged(self, given: Option<Value>) -> Result<Self> {
        let Some(given) = given else { return Ok(self) };
        let wrong = |why: &str| ApiError::invalid(format!("auth.injection_location: {why}"));
        if given.is_null() {
            return Err(wrong("not null: leave it out, or name `header` or `body`"));
        }
        let Locations { header, body } =
            value(given).map_err(|_| wrong("`header` and `body` may be here, true or false"))?;
        let (header, body) = (header.unwrap_or(self.header), body.unwrap_or(self.body));
        if !header && !body {
            return Err(wrong(
                "the secret would be put nowhere: `header` or `body` has to be true",
            ));
        }
        Ok(Self { header, body })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hosts_are_names_addresses_or_all_below_a_name() {
        let right = ["api.example.com", "*.example.com", "192.0.2.1", "string", "a_b.example"];
        for host in right {
            assert!(is_pattern(host), "{host}");
        }
        let wrong = [
            "",
            "*",
            "*.",
            "https://h",
            "h:80",
            "h/x",
            "::1",
            "[::1]",
            "a..b",
            "*.*.com",
            "a.*",
            "127.1",
            "256.1.1.1",
            "*.1",
            "a b",
            "é.com",
            ".",
        ];
        for host in wrong {
            assert!(!is_pattern(host), "{host}");
        }
        let limited = |hosts: usize| Networking::Limited { allowed_hosts: vec!["h".into(); hosts] };
        assert!(limited(16).check().is_ok());
        assert!(limited(17).check().is_err());
    }

    #[test]
    fn a_host_below_a_name_is_no_host_that_ends_like_it() {
        let allowed_hosts = vec!["*.Example.com".into(), "api.test".into()];
        let networking = Networking::Limited { allowed_hosts };
        for (host, allowed) in [
            ("a.example.com", true),
            ("A.B.EXAMPLE.COM", true),
            ("API.test", true),
            ("example.com", false),
            ("badexample.com", false),
            (".example.com", false),
            ("x.api.test", false),
        ] {
            assert_eq!(networking.allows(host), allowed, "{host}");
        }
        assert!(Networking::Unrestricted {}.allows("anything"));
    }

    #[test]
    fn a_secret_is_put_somewhere() {
        let of = |header, body| InjectionLocation { header, body };
        let new = InjectionLocation::new;
        assert_eq!(new(None).unwrap(), of(true, true));
        assert_eq!(new(Some(json!({"header": true}))).unwrap(), of(true, false));
        let merged = of(true, false).merged(Some(json!({"body": true})));
        assert_eq!(merged.unwrap(), of(true, true));
        let wrong = [json!(null), json!({}), json!({"header": false}), json!({"path": true})];
        for given in wrong {
            assert!(new(Some(given.clone())).is_err(), "{given}");
        }
        assert!(of(true, false).merged(Some(json!({"header": false}))).is_err());
        assert!(of(true, false).merged(Some(json!(null))).is_err());
    }
}
