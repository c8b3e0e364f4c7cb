//! Long tokens that look drawn at random, where nothing else tells what they are.

use super::{Span, before, run};

/// Shorter tokens are as likely to be words.
const TOKEN_BYTES_MIN: usize = 24;
/// Longer ones are data.
const TOKEN_BYTES_MAX: usize = 256;
/// A slug has a separator after so many characters at most.
const SLUG_BYTES_MAX: usize = 12;
/// Of a hundred neighbours so many at least are of different kinds.
const CHANGES_MIN: usize = 38;
/// The same where there are no capitals.
const PLAIN_CHANGES_MIN: usize = 30;
/// Beginnings of ids, which name things and open nothing.
const IDS: [&str; 30] = [
    "sesn", "sevt", "sthr", "outc", "memstore", "mem", "memver", "dream", "drm", "dop", "dsch",
    "agent", "env", "file", "msg", "toolu", "srvtoolu", "req", "call", "chatcmpl", "resp", "evt",
    "run", "thread", "asst", "batch", "skill", "span", "trace", "job",
];
/// Words that say of a token that it is a digest or public.
const PUBLIC: [&str; 18] = [
    "sha",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "md5",
    "blake3",
    "hash",
    "digest",
    "checksum",
    "integrity",
    "commit",
    "etag",
    "fingerprint",
    "ssh-rsa",
    "ssh-ed25519",
    "sri",
    "cid",
];

/// Finds tokens that look drawn at random.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut at = 0;
    // So many tokens that are no line of one end a certificate whose end is missing.
    let mut certificate = 0;
    while at < text.len() {
        let end = run(text, at, usize::MAX, is_part);
        let token = text.get(at..end).unwrap_or_default();
        // Certificates and public keys stand between such lines.
        if token.starts_with("-----BEGIN") || token.starts_with("-----END") {
            certificate = if token.starts_with("-----BEGIN") { 6 } else { 0 };
        } else if token.len() < TOKEN_BYTES_MIN {
            certificate -= i32::from(!token.is_empty() && certificate > 0);
        } else if certificate == 0 && !is_public(text, at) && drawn(token) {
            spans.push(Span { range: at..end, kind: "token" });
        }
        at = end.max(at + 1);
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=')
}

/// Whether what stands before a token says that it is a digest, data or public.
fn is_public(text: &str, at: usize) -> bool {
    let before = before(text, at, 40).to_lowercase();
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.ends_with("base64,") || line.ends_with("://") {
        return true;
    }
    line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .any(|word| PUBLIC.contains(&word))
}

/// Whether a token looks drawn at random.
fn drawn(token: &str) -> bool {
    let token = token.trim_matches(['=', '-', '_', '/', '+']);
    let is_id = token.split_once('_').is_some_and(|(kind, body)| {
        IDS.contains(&kind) && body.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let words: Vec<&str> = token.split(['-', '_', '=', '+', '/']).collect();
    let longest = words.iter().map(|word| word.len()).max().unwrap_or_default();
    // `sha256-…` and the like, whatever stands before.
    let digest = words.first().is_some_and(|word| PUBLIC.contains(&word.to_lowercase().as_str()));
    let slug = longest <= SLUG_BYTES_MAX && !token.contains(['+', '/']);
    let outside = !(TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&token.len());
    if outside || is_id || digest || slug || is_hexadecimal(token) || is_ulid(token) {
        return false;
    }
    let (mut changes, mut pairs, mut kinds) = (0_usize, 0_usize, [0_usize; 3]);
    let mut before = None;
    for byte in token.bytes() {
        let kind = match byte {
            b'0'..=b'9' => Some(0),
            b'a'..=b'z' => Some(1),
            b'A'..=b'Z' => Some(2),
            _ => None,
        };
        if let Some(kind) = kind {
            if let Some(count) = kinds.get_mut(kind) {
                *count += 1;
            }
            if let Some(before) = before {
                pairs += 1;
                changes += usize::from(before != kind);
            }
        }
        before = kind;
    }
    let [digits, small, capital] = kinds;
    let least = if small > 0 && capital > 0 { CHANGES_MIN } else { PLAIN_CHANGES_MIN };
    // Names in camel case have hardly any digits, drawn ones one in six.
    let mixed = digits * 16 >= token.len()
        && small + capital > 0
        && ((small > 0 && capital > 0) || digits >= 5);
    mixed && changes * 100 >= pairs * least && distinct(token) >= 12
}

/// An id of 26 digits and capitals that begins with its time.
fn is_ulid(token: &str) -> bool {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    token.len() == 26 && token.starts_with('0') && token.bytes().all(fits)
}

fn distinct(token: &str) -> usize {
    let mut bytes: Vec<u8> = token.bytes().collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

/// Digests, UUIDs and numbers: they name something more often than they open it.
fn is_hexadecimal(token: &str) -> bool {
    token.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
