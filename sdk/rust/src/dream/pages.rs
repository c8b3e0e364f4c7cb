//! What the host gives in pages, one after the other.

use std::rc::Rc;
use std::vec;

use super::{Entry, Event, PAGE, SessionEvent, SessionSummary, TranscriptError};
use crate::host::{self, Transcript};

/// An event may be large, and few are looked at for long.
const EVENTS_PAGE: u32 = 200;

/// One page at a time, until an empty one.
pub(super) struct Pages<T> {
    page: vec::IntoIter<T>,
    offset: u32,
    ended: bool,
}

impl<T> Pages<T> {
    pub(super) fn new() -> Self {
        Self { page: Vec::new().into_iter(), offset: 0, ended: false }
    }

    pub(super) fn next<E>(
        &mut self,
        read: impl FnOnce(u32) -> Result<Vec<T>, E>,
    ) -> Option<Result<T, E>> {
        if let Some(item) = self.page.next() {
            return Some(Ok(item));
        }
        if self.ended {
            return None;
        }
        let page = match read(self.offset) {
            Ok(page) => page,
            Err(error) => {
                self.ended = true;
                return Some(Err(error));
            }
        };
        self.ended = page.is_empty();
        self.offset = self.offset.saturating_add(u32::try_from(page.len()).unwrap_or(u32::MAX));
        self.page = page.into_iter();
        self.page.next().map(Ok)
    }
}

/// The sessions of a dream, read while they are asked for; [`each_session`] makes it.
pub struct EachSession(Pages<SessionSummary>);

/// The sessions this dream may read, ordered by start, then by id.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// use lucid_sdk::dream::SessionResult;
///
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").succeeded());
/// host.add_session(Session::new("sesn_2").failed());
///
/// let failed = dream::each_session().find(|session| session.outcome == SessionResult::Failed);
/// assert_eq!(failed.unwrap().id, "sesn_2");
/// ```
pub fn each_session() -> EachSession {
    EachSession(Pages::new())
}

impl Iterator for EachSession {
    type Item = SessionSummary;

    fn next(&mut self) -> Option<SessionSummary> {
        sure(self.0.next(|offset| Ok(host::list_sessions(offset, PAGE))))
    }
}

/// The entries of a memory store, read while they are asked for; [`each_entry`] makes it.
pub struct EachEntry(Pages<Entry>);

/// The entries of the input store, ordered by path, then by place.
///
/// ```
/// # use lucid_sdk::{dream, testing::Host};
/// use lucid_sdk::dream::EntryKind;
///
/// let host = Host::new();
/// host.add_memory("/notes.md", "# Notes\n\n- The door opens to the left.\n");
///
/// let item = dream::each_entry().find(|entry| entry.kind == EntryKind::Item).unwrap();
/// assert_eq!(item.text, "- The door opens to the left.");
/// assert_eq!(item.headings, ["Notes"]);
/// ```
pub fn each_entry() -> EachEntry {
    EachEntry(Pages::new())
}

impl Iterator for EachEntry {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        sure(self.0.next(|offset| Ok(host::list_entries(offset, PAGE))))
    }
}

/// What was read without an error, as it has to be.
pub(super) fn sure<T>(item: Option<Result<T, std::convert::Infallible>>) -> Option<T> {
    item.map(|Ok(item)| item)
}

/// The events of a session, read while they are asked for; [`each_event`] makes it.
pub struct EachEvent {
    session_id: Rc<str>,
    transcript: Option<Transcript>,
    pages: Pages<Event>,
}

/// The events of a session, in order.
///
/// A session that is none of the dream's inputs, or that cannot be read, is an error once;
/// nothing follows it.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// use lucid_sdk::dream::DreamError;
///
/// fn calls(session_id: &str) -> Result<Vec<String>, DreamError> {
///     let mut names = Vec::new();
///     for event in dream::each_event(session_id) {
///         names.extend(event?.tool_use().map(|call| call.name));
///     }
///     Ok(names)
/// }
///
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").calling("move", serde_json::json!({}), "moved"));
/// assert_eq!(calls("sesn_1").unwrap(), ["move"]);
/// assert!(calls("sesn_2").is_err());
/// ```
pub fn each_event(session_id: &str) -> EachEvent {
    EachEvent { session_id: session_id.into(), transcript: None, pages: Pages::new() }
}

impl Iterator for EachEvent {
    type Item = Result<SessionEvent, TranscriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (session_id, transcript) = (&self.session_id, &mut self.transcript);
        let event = self.pages.next(|sequence| {
            let transcript = match transcript {
                Some(transcript) => transcript,
                None => transcript.insert(host::open(session_id)?),
            };
            transcript.read(sequence, EVENTS_PAGE)
        })?;
        Some(event.map(|event| SessionEvent::new(session_id.clone(), event)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Host, Session};

    #[test]
    fn every_page_is_read_and_nothing_twice() {
        let host = Host::new();
        for number in 0..1_001 {
            host.add_session(Session::new(format!("sesn_{number:04}")));
        }
        let ids: Vec<_> = each_session().map(|session| session.id).collect();
        assert_eq!(
            (ids.len(), ids[0].as_str(), ids[1_000].as_str()),
            (1_001, "sesn_0000", "sesn_1000")
        );
        host.add_memory("/a.md", "- a\n".repeat(1_001));
        assert_eq!(
            each_entry().map(|entry| entry.index).collect::<Vec<_>>(),
            (0..1_001).collect::<Vec<_>>()
        );
        let session = (0..401).fold(Session::new("sesn_x"), |session, _| session.saying("a"));
        host.add_session(session);
        let sequences = each_event("sesn_x").map(|event| event.unwrap().sequence);
        assert_eq!(sequences.collect::<Vec<_>>(), (0..401).collect::<Vec<_>>());
    }

    #[test]
    fn only_what_is_asked_for_is_read() {
        let host = Host::new();
        host.add_session((0..400).fold(Session::new("s"), |session, _| session.saying("a")));
        let mut events = each_event("s");
        assert_eq!(host.pages_read(), 0);
        events.next().unwrap().unwrap();
        assert_eq!(host.pages_read(), 1);
        assert_eq!(events.count(), 399);
        assert_eq!(host.pages_read(), 3);
    }

    #[test]
    fn an_error_ends_the_events() {
        let _host = Host::new();
        let mut events = each_event("sesn_of_nobody");
        let error = events.next().unwrap().unwrap_err();
        assert_eq!(error, TranscriptError::UnknownSession("sesn_of_nobody".into()));
        assert!(events.next().is_none());
    }
}
