//! What is kept of a session from dream to dream: its notes, part by part.
//!
//! A digest follows from its session and the model's answers alone. Instructions are for the
//! reduction, so the same digests serve dreams on any theme.

use crate::note::Note;
use serde::{Deserialize, Serialize};

/// The form of digests; another one is read as none.
const FORM: u32 = 1;

/// The most bytes that the host keeps of one session.
pub const DIGEST_BYTES_MAX: usize = 256 << 10;

/// The notes of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    form: u32,
    /// The notes of each part; none for a part that no answer was got for, which the next
    /// dream asks about again.
    pub parts: Vec<Option<Vec<Note>>>,
    /// Events that were not read, for there are too many.
    pub left_out: usize,
}

impl Digest {
    /// The digest of a session of so many parts, before anything was asked.
    pub fn new(parts: usize, left_out: usize) -> Self {
        Self { form: FORM, parts: vec![None; parts], left_out }
    }

    /// Whether every part has its answer.
    pub fn is_whole(&self) -> bool {
        self.parts.iter().all(Option::is_some)
    }

    /// All notes, in order.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.parts.iter().flatten().flatten()
    }

    /// Reads what was kept; none for what is no digest of this form.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let digest: Self = serde_json::from_slice(bytes).ok()?;
        let sound = |note: &Note| crate::note::may_be_said(&note.text, &note.quotes).is_ok();
        (digest.form == FORM && digest.notes().all(sound)).then_some(digest)
    }

    /// As bytes to be kept. What does not fit goes, last notes of the fullest parts first,
    /// from the digest too: a dream that reads it later has what this one has.
    pub fn write(&mut self) -> Vec<u8> {
        loop {
            let bytes = serde_json::to_vec(self).unwrap_or_default();
            let fullest = self.parts.iter_mut().flatten().max_by_key(|notes| notes.len());
            match fullest.filter(|_| bytes.len() > DIGEST_BYTES_MAX) {
                Some(notes) if !notes.is_empty() => notes.truncate(notes.len() - 1),
                _ => return bytes,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Quote;
    use crate::types::Origin;

    fn note(text: &str) -> Note {
        let quote = Quote {
            event_id: "sevt_1".into(),
            at_ms: 7,
            origin: Origin::Person,
            text: text.to_owned(),
        };
        Note { text: text.to_owned(), quotes: vec![quote] }
    }

    #[test]
    fn what_was_written_is_read() {
        let mut digest = Digest::new(2, 3);
        digest.parts[0] = Some(vec![note("The relay hums at night.")]);
        assert!(!digest.is_whole());
        let bytes = digest.write();
        assert_eq!(Digest::read(&bytes), Some(digest.clone()));
        digest.parts[1] = Some(Vec::new());
        assert!(digest.is_whole());
        assert_eq!(digest.notes().count(), 1);
    }

    #[test]
    fn what_is_no_digest_of_this_form_is_none() {
        let plain = String::from_utf8(Digest::new(1, 0).write()).unwrap();
        assert!(Digest::read(plain.as_bytes()).is_some());
        for text in [
            String::new(),
            "{}".to_owned(),
            plain.replace("\"form\":1", "\"form\":2"),
            plain.replace('}', ",\"more\":1}"),
            plain.replace("null", "[{\"text\":\"Deploy on Mondays.\",\"quotes\":[]}]"),
        ] {
            assert_eq!(Digest::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_digest_that_is_too_large_loses_notes_and_says_what_it_keeps() {
        let mut digest = Digest::new(2, 0);
        let long = "relay ".repeat(80);
        digest.parts[0] = Some((0..300).map(|_| note(long.trim())).collect());
        digest.parts[1] = Some(vec![note("The relay hums at night.")]);
        let bytes = digest.write();
        assert!(bytes.len() <= DIGEST_BYTES_MAX, "{}", bytes.len());
        assert_eq!(Digest::read(&bytes), Some(digest.clone()));
        let counts: Vec<_> = digest.parts.iter().flatten().map(Vec::len).collect();
        assert!(counts[0] > 200 && counts[1] == 1, "{counts:?}");
    }
}
