//! Secrets: header fields that the host adds to requests to one origin, and that no guest
//! sees.

use std::fmt;

use lucid_core::{Failure, Result};

use super::header::header_allowed;
use super::host::Host;
use super::target::Target;

/// The longest value of a secret, in bytes.
const VALUE_BYTES_MAX: usize = 8 << 10;
/// The longest name of a header field, in bytes.
const HEADER_BYTES_MAX: usize = 64;

/// Scheme, host and port, all three: what a secret belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether it is reached through TLS.
    pub secure: bool,
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
}

impl Origin {
    /// Reads `https://api.example.org` or `https://api.example.org:8443`.
    ///
    /// # Errors
    /// Invalid, for what is no origin, and for `http` to anything but an address of this
    /// machine: on the way to it anybody could read along.
    pub fn parse(text: &str) -> Result<Self> {
        let shown: String = text.chars().take(100).collect();
        let wrong = |why: &str| {
            Failure::invalid(format!("`{}` is not an origin: {why}", shown.escape_debug()))
                .hint("write scheme and host, such as `https://api.example.org`; no path")
        };
        let (scheme, authority) = text.split_once("://").ok_or_else(|| wrong("it has no `://`"))?;
        let Target { secure, host, port } = Target::parse(scheme, authority)
            .map_err(|denial| wrong(&format!("rule `{}`", denial.rule)))?;
        let here = host.address().is_some_and(|address| address.is_loopback());
        if !secure && !here {
            return Err(wrong("a secret is sent through `https` alone"));
        }
        Ok(Self { secure, host, port })
    }

    /// Whether a request goes there.
    #[must_use]
    pub fn is_of(&self, target: &Target) -> bool {
        (self.secure, &self.host, self.port) == (target.secure, &target.host, target.port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secure, host, port } = self.clone();
        let target = Target { secure, host, port };
        write!(formatter, "{}://{}", target.scheme(), target.authority())
    }
}

/// A header field with a value that only the host and one origin know.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    origin: Origin,
    header: String,
    value: String,
}

impl Secret {
    /// Makes a secret: this value, in this header field, for this origin.
    ///
    /// # Errors
    /// Invalid, for a name that is no header field or one that the host writes, and for a
    /// value that is empty, longer than 8 KiB, or has anything but printable ASCII in it. The
    /// value is not repeated.
    pub fn new(origin: Origin, header: &str, value: &str) -> Result<Self> {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        let header = header.to_ascii_lowercase();
        let framing = ["content-length", "accept-encoding"].contains(&header.as_str());
        if header.is_empty()
            || header.len() > HEADER_BYTES_MAX
            || !header.bytes().all(token)
            || !header_allowed(&header)
            || framing
        {
            let shown: String = header.chars().take(HEADER_BYTES_MAX).collect();
            return Err(Failure::invalid(format!(
                "`{}` is not a header field for a secret",
                shown.escape_debug()
            ))
            .hint("name one such as `authorization` or `x-api-key`"));
        }
        let printable = |b: u8| b.is_ascii_graphic() || b == b' ';
        let unfit = value.len() > VALUE_BYTES_MAX || !value.bytes().all(printable);
        if value.trim().is_empty() || value.trim() != value || unfit {
            return Err(Failure::invalid(format!(
                "the secret for {origin} is empty, too long, or not plain text"
            ))
            .hint("give 1 to 8,192 printable ASCII characters, no space around them"));
        }
        Ok(Self { origin, header, value: value.to_owned() })
    }

    /// Where it is sent, and nowhere else.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The header field, in lower case.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The value. Only what sends it or masks it has a use for it.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Secret")
            .field("origin", &self.origin.to_string())
            .field("header", &self.header)
            .field("value", &"[redacted]")
            .finish()
    }
}

/// The secrets that belong to where a request goes.
pub fn attach<'a>(
    secrets: &'a [Secret],
    target: &'a Target,
) -> impl Iterator<Item = &'a Secret> + use<'a> {
    secrets.iter().filter(|secret| secret.origin.is_of(target))
}
