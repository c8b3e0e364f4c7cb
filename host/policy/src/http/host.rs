//! The host of a URL: a name or an address, in the one spelling that all parsers agree on.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name DNS has, in characters.
const NAME_CHARACTERS_MAX: usize = 253;
/// The longest part of a name between dots.
const LABEL_CHARACTERS_MAX: usize = 63;
/// Names that mean this machine wherever they are looked up.
const LOCAL_NAMES: [&str; 4] =
    ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"];

/// A host, as it stands in a URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A name in lower case, without a dot at its end.
    Name(String),
    /// An address of four numbers.
    V4(Ipv4Addr),
    /// An address in brackets.
    V6(Ipv6Addr),
}

/// What is wrong with the text of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostFault {
    /// It is neither a name nor an address.
    Form,
    /// It is a number, or ends in one, and systems differ in which address that is.
    Number,
}

impl Host {
    /// Reads a host in lower case.
    pub(super) fn parse(text: &str) -> Result<Self, HostFault> {
        if let Some(rest) = text.strip_prefix('[') {
            let inner = rest.strip_suffix(']').ok_or(HostFault::Form)?;
            return inner.parse().map(Self::V6).map_err(|_| HostFault::Form);
        }
        // `127.1`, `0177.0.0.1`, `0x7f000001` and `2130706433` are 127.0.0.1 to some systems
        // and a name to others. Rust reads the one form that all agree on.
        if ends_in_number(text) {
            return text.parse().map(Self::V4).map_err(|_| HostFault::Number);
        }
        if text.len() <= NAME_CHARACTERS_MAX && text.split('.').all(is_label) {
            return Ok(Self::Name(text.to_owned()));
        }
        Err(HostFault::Form)
    }

    /// The address, where it is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::V4(address) => Some((*address).into()),
            Self::V6(address) => Some((*address).into()),
        }
    }

    /// Whether it is a name that means this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let Self::Name(name) = self else { return false };
        LOCAL_NAMES.contains(&name.as_str()) || name.ends_with(".localhost")
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(address),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::V4(address) => address.fmt(formatter),
            Self::V6(address) => write!(formatter, "[{address}]"),
        }
    }
}

/// Whether the last part is a number in some system's eyes, the rule by which URL parsers
/// take a host for an address.
fn ends_in_number(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or(text);
    match last.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_CHARACTERS_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Splits `host:port`. A host in brackets keeps its brackets.
pub(super) fn split_port(text: &str) -> (&str, Option<&str>) {
    let end_of_host = if text.starts_with('[') { text.find(']').unwrap_or(0) } else { 0 };
    match text.get(end_of_host..).and_then(|rest| rest.find(':')) {
        Some(colon) => {
            let (host, port) = text.split_at(end_of_host + colon);
            (host, port.get(1..))
        }
        None => (text, None),
    }
}

/// A port from 1 to 65,535 in digits alone; `+80` and `0080` are none.
pub(super) fn parse_port(text: &str) -> Option<u16> {
    let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
