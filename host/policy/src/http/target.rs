//! Where one request goes, read from its URL by the strictest of readings.

use std::fmt;

use lucid_core::Denial;

use super::denied;
use super::host::{Host, HostFault, parse_port, split_port};

/// The longest URL that is sent, in bytes: what most servers take.
pub const URL_BYTES_MAX: usize = 8 << 10;

/// The longest method, in bytes: the registry's longest has 17.
const METHOD_BYTES_MAX: usize = 24;

/// Characters of a request that a denial repeats.
const SHOWN_CHARACTERS_MAX: usize = 100;

/// Where one request goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Whether it goes through TLS.
    pub secure: bool,
    /// To which host.
    pub host: Host,
    /// To which port.
    pub port: u16,
}

impl Target {
    /// Reads scheme and authority of a request.
    ///
    /// Capitals become small, one dot at the end of a name is left out, and a port that is
    /// not there is that of the scheme.
    ///
    /// # Errors
    /// The denial, naming the rule: for another scheme, for a user before the host, for what
    /// is no host, for a number that systems read differently, and for what is too long.
    pub fn parse(scheme: &str, authority: &str) -> Result<Self, Denial> {
        let refuse = |rule, hint: &str| Err(denied(shown(scheme, authority), rule, hint));
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => {
                return refuse("scheme", "only `http` and `https` are sent; no grant allows more");
            }
        };
        if authority.len() > URL_BYTES_MAX {
            return refuse("url_length", "a URL has at most 8,192 bytes; no grant allows more");
        }
        if authority.contains('@') {
            let hint = "no grant allows a user or password before the host: what stands there \
                        is mistaken for the host; send it in a header";
            return refuse("userinfo", hint);
        }
        let lower = authority.to_ascii_lowercase();
        let (host, port) = split_port(&lower);
        let (host, dotted) = match host.strip_suffix('.') {
            Some(host) => (host, true),
            None => (host, false),
        };
        let host = match Host::parse(host) {
            Ok(Host::Name(name)) => Host::Name(name),
            Ok(address) if !dotted => address,
            Ok(_) | Err(HostFault::Number) => {
                let hint = "write an IPv4 address as four decimal numbers, as in `192.0.2.7`; \
                            no grant allows another spelling";
                return refuse("number_form", hint);
            }
            Err(HostFault::Form) => {
                let hint = "write a name of letters, digits, hyphens and dots, or an address; \
                            no grant allows anything else";
                return refuse("host_form", hint);
            }
        };
        let port = match port.map(parse_port) {
            None => {
                if secure {
                    443
                } else {
                    80
                }
            }
            Some(Some(port)) => port,
            Some(None) => {
                let hint = "a port is a number from 1 to 65535; no grant allows anything else";
                return refuse("port_form", hint);
            }
        };
        Ok(Self { secure, host, port })
    }

    /// Checks what a request says to this target: its method and its path with query.
    ///
    /// # Errors
    /// The denial, naming the rule: for a method that makes a tunnel or an echo, and for a
    /// path that is a whole URL, or could end the line it stands in.
    pub fn check_line(&self, method: &str, path: &str) -> Result<(), Denial> {
        let is = |name: &str| method.eq_ignore_ascii_case(name);
        // CONNECT opens a tunnel, PRI begins HTTP/2, TRACE sends back what was attached.
        if method.is_empty()
            || method.len() > METHOD_BYTES_MAX
            || ["CONNECT", "TRACE", "TRACK", "PRI"].into_iter().any(is)
            || !method.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        {
            let hint = "no grant allows CONNECT, TRACE or what is no method; send GET, POST, …";
            return Err(denied(self, "method", hint));
        }
        if self.to_string().len() + path.len() > URL_BYTES_MAX {
            let hint = "a URL has at most 8,192 bytes; no grant allows more";
            return Err(denied(self, "url_length", hint));
        }
        let before_query = path.split('?').next().unwrap_or(path);
        let printable = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        // `http://other/` here would be sent to this host and be answered by another; so
        // would `//other/` by servers that put it behind a scheme.
        if !path.starts_with('/')
            || path.starts_with("//")
            || before_query.contains('\\')
            || !path.bytes().all(printable)
        {
            let hint = "a path begins with one `/` and has printable characters, others as \
                        `%XX`; no grant allows anything else";
            return Err(denied(self, "path_form", hint));
        }
        Ok(())
    }

    /// What names it in the header `host`: the port only where it is not the scheme's.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == if self.secure { 443 } else { 80 } {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The word before `://`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

/// `scheme://host:port`, the port always.
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}:{}", self.scheme(), self.host, self.port)
    }
}

/// What was asked for, as far as it may stand in a log: no user, no control characters.
fn shown(scheme: &str, authority: &str) -> String {
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => authority.to_owned(),
    };
    let text: String = format!("{scheme}://{host}").chars().take(SHOWN_CHARACTERS_MAX).collect();
    text.escape_debug().to_string()
}
