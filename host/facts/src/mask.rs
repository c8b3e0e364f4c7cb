//! Takes out what must not become memory: keys, passwords, and what points at a person.
//!
//! Looked for are shapes that are known, values that a label calls secret, and long tokens
//! that look drawn at random. What looks so and is none stays: ids with a known prefix,
//! UUIDs, digests in hexadecimal, paths, slugs, public keys, certificates and embedded data
//! such as pictures; a digest or a UUID goes only where a label calls it secret. Masked too
//! much is a nuisance, masked too little is a leak, so a label or a known shape decides at
//! once, and only the look of a token alone has to be beyond doubt.

mod keys;
mod labelled;
mod personal;
mod random;

use std::ops::Range;

/// Every kind of what is masked.
pub const KINDS: [&str; 21] = [
    "anthropic-key",
    "aws-key",
    "card",
    "email",
    "github-token",
    "gitlab-token",
    "google-key",
    "iban",
    "jwt",
    "npm-token",
    "openai-key",
    "password",
    "phone",
    "private-key",
    "provider-key",
    "pypi-token",
    "secret",
    "slack-token",
    "stripe-key",
    "token",
    "url-credentials",
];
/// What stands where something was.
const OPEN: &str = "[masked ";
const CLOSE: char = ']';
/// What is left when something is taken out is looked at again, so often.
const ROUNDS: usize = 8;

/// Something that was masked; never the thing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Masked {
    /// Where it began, in bytes of the text that was given.
    pub start: usize,
    /// How long it was, in bytes.
    pub bytes: usize,
    /// What it is: one of [`KINDS`].
    pub kind: &'static str,
}

/// The text with `[masked KIND]` for secrets and personal data, and what was masked, in
/// order. Masking twice is the same as once.
///
/// ```
/// use lucid_facts::mask;
/// let (text, found) = mask("Ask ann@a.test; PASSWORD=hunter2x");
/// assert_eq!(text, "Ask [masked email]; PASSWORD=[masked password]");
/// assert_eq!((found[0].start, found[0].bytes, found[0].kind), (4, 10, "email"));
/// ```
#[must_use]
pub fn mask(text: &str) -> (String, Vec<Masked>) {
    let mut found = Vec::new();
    let mut open = between(text);
    // Each part is read by itself, just as it would be between two marks. What was next to
    // something that is gone may look different then.
    for round in 0..=ROUNDS {
        let mut next = Vec::new();
        for part in open {
            let spans = scan(text.get(part.clone()).unwrap_or_default());
            if spans.is_empty() {
                continue;
            }
            if round == ROUNDS {
                found.push(Masked { start: part.start, bytes: part.len(), kind: "token" });
                continue;
            }
            let mut start = part.start;
            for Span { range, kind } in spans {
                next.push(start..part.start + range.start);
                let bytes = range.len();
                found.push(Masked { start: part.start + range.start, bytes, kind });
                start = part.start + range.end;
            }
            next.push(start..part.end);
        }
        open = next;
    }
    found.sort_unstable();
    (replaced(text, &found), found)
}

fn replaced(text: &str, found: &[Masked]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Masked { start, bytes, kind } in found {
        out.push_str(text.get(at..*start).unwrap_or_default());
        out.push_str(OPEN);
        out.push_str(kind);
        out.push(CLOSE);
        at = start + bytes;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// What stands between the marks of an earlier masking.
fn between(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(OPEN) {
        let rest = text.get(at + OPEN.len()..).unwrap_or_default();
        let kind = KINDS
            .iter()
            .find(|kind| rest.strip_prefix(*kind).is_some_and(|rest| rest.starts_with(CLOSE)));
        if let Some(kind) = kind {
            parts.push(start..at);
            start = at + OPEN.len() + kind.len() + CLOSE.len_utf8();
        }
    }
    parts.push(start..text.len());
    parts
}

/// A place that has to be masked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    range: Range<usize>,
    kind: &'static str,
}

/// The places of a part, in order, none over another.
fn scan(part: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    if part.is_empty() {
        return spans;
    }
    keys::find(part, &mut spans);
    labelled::find(part, &mut spans);
    personal::find(part, &mut spans);
    random::find(part, &mut spans);
    spans.retain(|span| !span.range.is_empty());
    // Of two at one place the longer counts, then the one that was looked for first.
    spans.sort_by_key(|span| (span.range.start, usize::MAX - span.range.end));
    let mut apart: Vec<Span> = Vec::new();
    for span in spans {
        match apart.last_mut().filter(|last| span.range.start < last.range.end) {
            Some(last) => last.range.end = last.range.end.max(span.range.end),
            None => apart.push(span),
        }
    }
    apart
}

/// The end of the run of bytes from `start` on that fit; at most `limit` of them.
fn run(text: &str, start: usize, limit: usize, fits: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    start + bytes.iter().take(limit).take_while(|byte| fits(**byte)).count()
}

/// Whether the byte before a place fits. Letters of scripts without spaces do not count as
/// a part of a word, so only ASCII is asked for.
fn follows(text: &str, at: usize, fits: impl Fn(u8) -> bool) -> bool {
    at.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_some_and(|byte| fits(*byte))
}

/// So many bytes before a place, or a few less where that would cut a character.
fn before(text: &str, at: usize, bytes: usize) -> &str {
    let mut from = at.saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..at).unwrap_or_default()
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
