//! Redaction: what must not be read is replaced by stars, byte for byte.
//!
//! A server may send back what it was sent, and a secret with it. The length stays the same,
//! so that what a message says about its own length stays true. As a stream, only what could
//! be the beginning of a secret is held back, and what comes out does not depend on where the
//! chunks were cut.

use std::fmt;
use std::sync::Arc;

use crate::http::Secret;

/// Stands for each byte of a secret.
const MASK: u8 = b'*';

/// Words of a value shorter than this are too common to be masked by themselves.
const WORD_BYTES_MIN: usize = 8;

/// Masks secrets. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Redactor(
    /// What is masked: sorted, none twice and none empty.
    Arc<[Vec<u8>]>,
);

impl Redactor {
    /// Masks these texts, wherever they stand. Empty ones are left out.
    pub fn new<T: AsRef<[u8]>>(secrets: impl IntoIterator<Item = T>) -> Self {
        let mut secrets: Vec<Vec<u8>> = secrets
            .into_iter()
            .map(|secret| secret.as_ref().to_vec())
            .filter(|secret| !secret.is_empty())
            .collect();
        secrets.sort();
        secrets.dedup();
        Self(secrets.into())
    }

    /// Masks the values of secrets, and the words in them: of `Bearer abc…` a server sends
    /// back `abc…` alone.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let parts = secrets.into_iter().flat_map(|secret| {
            let words = secret.value().split(' ').filter(|word| word.len() >= WORD_BYTES_MIN);
            words.chain([secret.value()])
        });
        Self::new(parts)
    }

    /// Masks values of any form: also each line of one, and what stands for it within a text
    /// of JSON, where a line break is two characters.
    pub fn of_values<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Self {
        let mut parts = Vec::new();
        for value in values {
            let value = value.as_ref();
            let lines = value.split(['\t', '\r', '\n']).filter(|it| it.len() >= WORD_BYTES_MIN);
            parts.extend(lines.flat_map(|line| [line.to_owned(), quoted(line)]));
            parts.extend([value.to_owned(), quoted(value)]);
        }
        Self::new(parts)
    }

    /// Masks what this one masks, and what another does.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        // Mostly the same is sent again and again.
        if other.0.iter().all(|secret| self.0.binary_search(secret).is_ok()) {
            return self.clone();
        }
        Self::new(self.0.iter().chain(other.0.iter()))
    }

    /// Masks what any of these masks.
    pub fn of_all<'a>(others: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::new(others.into_iter().flat_map(|other| other.0.iter()))
    }

    /// Bytes of what it masks.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Whether there is nothing to mask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Masks a whole text.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        // What is masked are whole characters, so what is left is still text.
        String::from_utf8_lossy(&self.mask_bytes(text.as_bytes())).into_owned()
    }

    /// Masks whole bytes.
    #[must_use]
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.stream();
        let mut masked = stream.push(bytes);
        masked.extend(stream.finish());
        masked
    }

    /// Masks bytes as they come.
    #[must_use]
    pub fn stream(&self) -> RedactedStream {
        RedactedStream { redactor: self.clone(), held: Vec::new(), covered: 0 }
    }

    /// The end of the longest secret that begins where `bytes` do.
    fn matched(&self, bytes: &[u8]) -> Option<usize> {
        let mut within = bytes;
        loop {
            // They are sorted, so the longest that `within` begins with is the last of those
            // that are not behind it, or shorter than what that one has in common with it.
            let count = self.0.partition_point(|secret| secret.as_slice() <= within);
            let last = self.0.get(count.checked_sub(1)?)?;
            let common = last.iter().zip(within).take_while(|(one, other)| one == other).count();
            if common == last.len() {
                return Some(common);
            }
            within = within.get(..common)?;
        }
    }

    /// Whether `bytes` are the beginning of a secret and more of it could follow.
    fn could_begin(&self, bytes: &[u8]) -> bool {
        let next = self.0.partition_point(|secret| secret.as_slice() <= bytes);
        self.0.get(next).is_some_and(|secret| secret.starts_with(bytes))
    }
}

/// A value as it stands within a text of JSON.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            plain => quoted.push(plain),
        }
    }
    quoted
}

/// Says how much it masks and not what.
impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({} secrets)", self.0.len())
    }
}

/// Masks a stream of bytes.
pub struct RedactedStream {
    redactor: Redactor,
    /// The end of what came in, as it came: it could be the beginning of a secret.
    held: Vec<u8>,
    /// How much of the beginning of `held` belongs to a secret that began before.
    covered: usize,
}

impl RedactedStream {
    /// Takes the next bytes and gives those that are decided.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.redactor.is_empty() {
            return bytes.to_vec();
        }
        self.held.extend_from_slice(bytes);
        let redactor = self.redactor.clone();
        let longest = redactor.0.iter().map(Vec::len).max().unwrap_or(0);
        let near_end = self.held.len().saturating_sub(longest);
        let undecided = (near_end..self.held.len())
            .find(|at| redactor.could_begin(self.held.get(*at..).unwrap_or_default()));
        self.release(undecided.unwrap_or(self.held.len()))
    }

    /// Gives the rest: nothing follows that could complete a secret.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        self.release(self.held.len())
    }

    /// Masks and gives the first bytes that are held.
    fn release(&mut self, count: usize) -> Vec<u8> {
        let mut masked = Vec::with_capacity(count);
        let mut covered = self.covered;
        for at in 0..count {
            let rest = self.held.get(at..).unwrap_or_default();
            if let Some(length) = self.redactor.matched(rest) {
                covered = covered.max(at + length);
            }
            let plain = rest.first().copied().unwrap_or(MASK);
            masked.push(if at < covered { MASK } else { plain });
        }
        self.held.drain(..count);
        self.covered = covered.saturating_sub(count);
        masked
    }
}

/// Says nothing of what it holds.
impl fmt::Debug for RedactedStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedactedStream({:?})", self.redactor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts of few letters, so that secrets overlap, begin in each other and repeat.
    fn letters(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(b"aab".to_vec()), length)
    }

    fn secrets() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec(letters(0..6), 0..4)
    }

    /// Marks every byte of every occurrence, the slow and obvious way.
    fn by_definition(secrets: &[Vec<u8>], text: &[u8]) -> Vec<u8> {
        let mut masked = text.to_vec();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            for at in 0..text.len() {
                if text[at..].starts_with(secret) {
                    masked[at..at + secret.len()].fill(MASK);
                }
            }
        }
        masked
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_stream_cut_anywhere_gives_what_the_whole_gives(
            secrets in secrets(),
            chunks in prop::collection::vec(letters(0..9), 0..8),
        ) {
            let redactor = Redactor::new(&secrets);
            let mut stream = redactor.stream();
            let mut out: Vec<u8> = chunks.iter().flat_map(|chunk| stream.push(chunk)).collect();
            out.extend(stream.finish());
            let whole = chunks.concat();
            prop_assert_eq!(&out, &redactor.mask_bytes(&whole));
            prop_assert_eq!(out, by_definition(&secrets, &whole));
        }

        #[test]
        fn no_secret_survives_and_no_length_changes(secrets in secrets(), text in letters(0..60)) {
            let masked = Redactor::new(&secrets).mask_bytes(&text);
            prop_assert_eq!(masked.len(), text.len());
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                let there = masked.windows(secret.len()).any(|window| window == secret);
                prop_assert!(!there);
            }
        }

        #[test]
        fn without_secrets_nothing_changes_and_nothing_waits(text in any::<Vec<u8>>()) {
            prop_assert_eq!(Redactor::default().stream().push(&text), text);
        }

        #[test]
        fn a_masked_text_is_text(
            secrets in prop::collection::vec("\\PC{0,3}", 0..4),
            text in "\\PC{0,40}",
        ) {
            let masked = Redactor::new(&secrets).mask(&text);
            prop_assert_eq!(masked.len(), text.len());
            let broken = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
            prop_assert!(!broken(&masked) || broken(&text));
        }

        #[test]
        fn no_more_is_held_back_than_could_begin_a_secret(
            secrets in secrets(),
            chunk in letters(0..20),
        ) {
            let redactor = Redactor::new(&secrets);
            let mut stream = redactor.stream();
            let given = stream.push(&chunk).len();
            let held = &chunk[given..];
            let begins = |secret: &Vec<u8>| secret.len() > held.len() && secret.starts_with(held);
            prop_assert!(held.is_empty() || secrets.iter().any(begins));
        }
    }

    #[test]
    fn a_value_is_masked_with_and_without_the_word_before_it() {
        let origin = crate::http::Origin::parse("https://api.example.org").unwrap();
        let secret = Secret::new(origin, "authorization", "Bearer canary-7f3a").unwrap();
        let redactor = Redactor::of([&secret]);
        let echoed = r#"{"auth":"Bearer canary-7f3a","token":"canary-7f3a","Bearer":1}"#;
        assert_eq!(
            redactor.mask(echoed),
            r#"{"auth":"******************","token":"***********","Bearer":1}"#
        );
        let shown = format!("{redactor:?} {:?} {secret:?}", redactor.stream());
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_value_with_line_breaks_is_masked_in_json_and_line_by_line() {
        let value = "-----BEGIN KEY-----\r\ncanary\\\"one\ncanary-two\tx";
        let redactor = Redactor::of_values([value]);
        let json = r#"{"key":"-----BEGIN KEY-----\r\ncanary\\\"one\ncanary-two\tx","n":1}"#;
        let stars = "*".repeat(json.len() - r#"{"key":"","n":1}"#.len());
        assert_eq!(redactor.mask(json), format!(r#"{{"key":"{stars}","n":1}}"#));
        for echoed in [value, r#"["canary\\\"one", "canary-two"]"#, "1 canary\\\"one\n2 canary-two"]
        {
            let masked = redactor.mask(echoed);
            assert!(!masked.contains("canary"), "{masked}");
        }
        assert_eq!(redactor.mask("x: plain"), "x: plain");
    }

    #[test]
    fn what_is_masked_already_changes_nothing_and_what_is_new_is_masked_too() {
        let redactor = Redactor::new(["canary-b", "canary-a"]);
        let same = redactor.and(&Redactor::new(["canary-a"])).and(&Redactor::default());
        assert!(Arc::ptr_eq(&same.0, &redactor.0));
        let more = Redactor::default().and(&redactor).and(&Redactor::new(["canary-c"]));
        assert_eq!(more.mask("canary-a canary-b canary-c"), "******** ******** ********");
    }
}
