//! Which header fields a guest may set, and which of an answer it gets.
//!
//! Where a message ends is said by `content-length` and `transfer-encoding`, and two servers
//! in a row that read them differently take one request for two. So the host writes what
//! frames a message. A guest may say how long its body will be; the host checks that it is,
//! and writes the field itself.

/// Fields that belong to one connection, not to a message.
const HOP_BY_HOP: [&str; 7] =
    ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"];

/// Fields that the host writes, or that ask a server to wait for more.
const OF_THE_HOST: [&str; 2] = ["host", "expect"];

/// Whether a guest may set a header field. The name may have capitals.
///
/// Fields of secrets are not listed here: a guest may set them, and what it set is replaced
/// where a secret is attached.
#[must_use]
pub fn header_allowed(name: &str) -> bool {
    // Servers that hand fields on as variables take `_` for `-`, so `transfer_encoding`
    // would come out as the other.
    let plain = name.to_ascii_lowercase().replace('_', "-");
    let disguised = name.contains('_') && plain == "content-length";
    !is_hop_by_hop(&plain) && !OF_THE_HOST.contains(&plain.as_str()) && !disguised
}

/// Whether a field, in lower case, belongs to the connection: it is not handed on, in either
/// direction.
#[must_use]
pub fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.contains(&name) || name.starts_with("proxy-")
}
