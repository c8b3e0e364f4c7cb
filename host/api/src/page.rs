//! Lists in pages, and the places between them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lucid_core::Timestamp;
use serde_json::{Value, json};

use crate::error::{ApiError, Result};

const PREFIX: &str = "page_";
/// A place may be a path of 1,024 bytes.
const CHARACTERS_MAX: usize = 2_048;

/// A place in a list: behind one thing. What is added or removed elsewhere moves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which list it is of, such as `agents` or `sessions desc`; a cursor is good for that one.
    pub list: String,
    /// When the thing it stands behind was made.
    pub at: Timestamp,
    /// Its id, or whatever else orders the list.
    pub id: String,
}

impl Cursor {
    /// The cursor as clients send it back.
    #[must_use]
    pub fn encode(&self) -> String {
        let text = format!("{}\n{}\n{}", self.list, self.at.as_millis(), self.id);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(text))
    }

    /// Reads a cursor of a list.
    ///
    /// # Errors
    /// Invalid, when it is none, or one of another list.
    pub fn decode(list: &str, text: &str) -> Result<Self> {
        let wrong = || {
            ApiError::invalid("page: not a cursor of this list; give the `next_page` of an answer")
        };
        let encoded = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= CHARACTERS_MAX);
        let decoded = URL_SAFE_NO_PAD.decode(encoded.ok_or_else(wrong)?).map_err(|_| wrong())?;
        let decoded = String::from_utf8(decoded).map_err(|_| wrong())?;
        let mut parts = decoded.splitn(3, '\n');
        let (of, at, id) = (parts.next(), parts.next(), parts.next());
        let at = at.and_then(|at| at.parse().ok()).ok_or_else(wrong)?;
        match (of, id) {
            (Some(of), Some(id)) if of == list => {
                Ok(Self { list: of.to_owned(), at: Timestamp(at), id: id.to_owned() })
            }
            _ => Err(wrong()),
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The objects.
    pub data: Vec<Value>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

impl Page {
    /// Makes a page of what was read, which is one more than asked for where there is more:
    /// `cursor` gives the place behind the last object that is shown.
    pub fn of<T>(
        mut read: Vec<T>,
        limit: usize,
        cursor: impl Fn(&T) -> Cursor,
        object: impl Fn(&T) -> Value,
    ) -> Self {
        let more = read.len() > limit;
        read.truncate(limit);
        let next = read.last().filter(|_| more).map(cursor);
        Self { data: read.iter().map(object).collect(), next }
    }

    /// The page as the API writes it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"data": self.data, "next_page": self.next.as_ref().map(Cursor::encode)})
    }
}

/// The answer to a deletion.
#[must_use]
pub fn deleted(id: &str, kind: &str) -> Value {
    json!({"id": id, "type": kind})
}

/// A span of time that a list is asked for: `created_at[gte]` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first millisecond in it.
    pub from: Option<Timestamp>,
    /// The first millisecond behind it.
    pub until: Option<Timestamp>,
}

impl Span {
    /// Whether a moment is in it.
    #[must_use]
    pub fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_list_alone() {
        let cursor = Cursor { list: "agents".into(), at: Timestamp(7), id: "agent_01\nx".into() };
        assert_eq!(Cursor::decode("agents", &cursor.encode()).unwrap(), cursor);
        assert!(Cursor::decode("vaults", &cursor.encode()).is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_cursor(text in ".{0,80}") {
            let _ = Cursor::decode("agents", &text);
            let _ = Cursor::decode("agents", &format!("page_{text}"));
        }
    }
}
