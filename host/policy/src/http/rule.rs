//! One entry of a list of hosts, in a manifest or in a grant.

use std::fmt;

use lucid_core::{Failure, Result};
use serde::{Deserialize, Serialize};

use super::address::special_address;
use super::host::{Host, HostFault, parse_port, split_port};
use super::target::Target;

/// The ports of an entry that names none.
const STANDARD_PORTS: [u16; 2] = [80, 443];

/// Hosts that requests may go to.
///
/// - `api.example.org`: ports 80 and 443 of that host;
/// - `api.example.org:8443`: that port only;
/// - `192.0.2.7`, `[2001:db8::7]:8080`: the same for addresses. An address of this machine or
///   of a private network has to be named with its port;
/// - `*`: in a grant every public host on ports 80 and 443, in a manifest whatever hosts are
///   granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostRule(Pattern);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Pattern {
    Any,
    Host { host: Host, port: Option<u16> },
}

impl HostRule {
    /// Every public host on ports 80 and 443.
    pub const ANY: Self = Self(Pattern::Any);

    /// Reads an entry.
    ///
    /// # Errors
    /// Invalid, with what to write instead, for everything that is not the one spelling of a
    /// host: capitals, a scheme, a path, a user, a wildcard inside, `127.1`.
    pub fn parse(text: &str) -> Result<Self> {
        if text == "*" {
            return Ok(Self::ANY);
        }
        let wrong = |why: &str, hint: String| {
            let shown: String = text.chars().take(100).collect();
            Failure::invalid(format!("`{}` is not a host: {why}", shown.escape_debug())).hint(hint)
        };
        let name = "write the host alone in lower case, such as `api.example.org` or \
                    `api.example.org:8443`; no scheme, path or wildcard, or `*` for all";
        let (host, port) = split_port(text);
        let host = Host::parse(host).map_err(|fault| match fault {
            HostFault::Form => wrong("it is neither a name nor an address", name.to_owned()),
            HostFault::Number => wrong(
                "it is a number that not all systems take for the same address",
                "write four decimal numbers, as in `192.0.2.7`".to_owned(),
            ),
        })?;
        let port = match port.map(parse_port) {
            None => None,
            Some(Some(port)) => Some(port),
            Some(None) => {
                return Err(wrong(
                    "its port is not a number from 1 to 65535",
                    format!("write `{host}:8443`, or `{host}` for ports 80 and 443"),
                ));
            }
        };
        if host.is_local() {
            let port = port.unwrap_or(8_080);
            return Err(wrong(
                "this machine is never reached by a name",
                format!("write its address and port: `127.0.0.1:{port}`"),
            ));
        }
        if port.is_none()
            && let Some(block) = host.address().and_then(special_address)
        {
            return Err(wrong(
                &format!("it is in {block}, and has no port"),
                format!("name the one port that is meant: `{host}:8080`"),
            ));
        }
        let rule = Self(Pattern::Host { host, port });
        // An IPv6 address has many spellings; with one, entries can be compared by eye.
        if rule.to_string() != text {
            return Err(wrong("it can be written shorter", format!("write `{rule}`")));
        }
        Ok(rule)
    }

    /// The entry that would allow a target.
    #[must_use]
    pub(super) fn for_target(target: &Target) -> Self {
        let port = Some(target.port).filter(|port| !STANDARD_PORTS.contains(port));
        Self(Pattern::Host { host: target.host.clone(), port })
    }

    /// Whether the entry is `*`.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0 == Pattern::Any
    }

    /// Whether everything that `other` allows is allowed by this entry, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Pattern::Any, Pattern::Any) => true,
            (Pattern::Any, Pattern::Host { host, port }) => {
                is_public(host) && port.is_none_or(|port| STANDARD_PORTS.contains(&port))
            }
            (Pattern::Host { .. }, Pattern::Any) => false,
            (
                Pattern::Host { host, port: None },
                Pattern::Host { host: theirs, port: their_port },
            ) => host == theirs && their_port.is_none_or(|port| STANDARD_PORTS.contains(&port)),
            (Pattern::Host { .. }, Pattern::Host { .. }) => self == other,
        }
    }

    /// Whether the entry allows a target, special addresses not considered.
    pub(super) fn allows(&self, target: &Target) -> bool {
        self.covers(&Self(Pattern::Host { host: target.host.clone(), port: Some(target.port) }))
    }

    /// Whether the entry names this address and this port, digit for digit.
    pub(super) fn is_literally(&self, host: &Host, port: u16) -> bool {
        matches!(&self.0, Pattern::Host { host: named, port: Some(at) }
            if named == host && *at == port && host.address().is_some())
    }
}

/// What `*` stands for. A name without a dot is completed by the machine's own network.
fn is_public(host: &Host) -> bool {
    match host {
        Host::Name(name) => name.contains('.') && !host.is_local(),
        Host::V4(_) | Host::V6(_) => host.address().and_then(special_address).is_none(),
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Pattern::Any => formatter.write_str("*"),
            Pattern::Host { host, port: None } => host.fmt(formatter),
            Pattern::Host { host, port: Some(port) } => write!(formatter, "{host}:{port}"),
        }
    }
}

impl TryFrom<String> for HostRule {
    type Error = Failure;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<HostRule> for String {
    fn from(rule: HostRule) -> Self {
        rule.to_string()
    }
}
