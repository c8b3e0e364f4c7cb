//! Answers that are the same each time: what a document says, until it is changed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lucid_api::ApiError;
use lucid_store::Document;

use crate::answer::{Answer, Written};

/// Bytes of answers that are kept.
const BYTES_MAX: usize = 4 << 20;

/// The answers to what was asked last.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// By the document's id, with its revision.
    answers: BTreeMap<String, (u32, Written)>,
    bytes: usize,
}

impl Recent {
    /// The answer that a document gives; `write` makes it where it is not known.
    ///
    /// # Errors
    /// Those of `write`.
    pub(crate) fn of(
        &self,
        document: Document,
        write: impl FnOnce(Document) -> Result<Written, ApiError>,
    ) -> Answer {
        let revision = document.revision;
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, answer)) = lock().answers.get(&document.id)
            && *of == revision
        {
            return Ok(answer.clone());
        }
        let id = document.id.clone();
        let answer = write(document)?;
        let mut kept = lock();
        kept.bytes += answer.len();
        if let Some((_, old)) = kept.answers.insert(id, (revision, answer.clone())) {
            kept.bytes -= old.len();
        }
        while kept.bytes > BYTES_MAX {
            // Ids begin with the time they were made: the oldest goes.
            let Some((_, (_, old))) = kept.answers.pop_first() else { break };
            kept.bytes -= old.len();
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use lucid_core::Timestamp;

    use super::*;
    use crate::answer::answer;

    fn document(id: &str, revision: u32) -> Document {
        Document {
            id: id.to_owned(),
            kind: "agent".to_owned(),
            parent: None,
            key: None,
            created_at: Timestamp(1),
            archived_at: None,
            version: 1,
            revision,
            body: "{}".to_owned(),
        }
    }

    fn write(text: &str) -> Result<Written, ApiError> {
        Ok(answer(text).unwrap())
    }

    #[test]
    fn an_answer_is_that_of_the_newest_revision() {
        let recent = Recent::default();
        let ask = |revision, text: &str| recent.of(document("a", revision), |_| write(text));
        assert_eq!(ask(1, "one").unwrap(), write("one").unwrap());
        assert_eq!(ask(1, "never made").unwrap(), write("one").unwrap());
        assert_eq!(ask(2, "two").unwrap(), write("two").unwrap());
        let failed = recent.of(document("b", 1), |_| Err(ApiError::invalid("no")));
        assert!(failed.is_err());
        assert_eq!(recent.of(document("b", 1), |_| write("b")).unwrap(), write("b").unwrap());
    }

    #[test]
    fn no_more_than_so_many_bytes_are_kept() {
        let recent = Recent::default();
        let large = "x".repeat(BYTES_MAX / 4);
        for n in 0..20 {
            recent.of(document(&format!("{n:02}"), 1), |_| write(&large)).unwrap();
        }
        let kept = recent.0.lock().unwrap();
        assert!(kept.bytes <= BYTES_MAX && kept.answers.contains_key("19"));
        assert_eq!(
            kept.bytes,
            kept.answers.values().map(|(_, answer)| answer.len()).sum::<usize>()
        );
    }
}
