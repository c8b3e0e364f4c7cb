//! Sessions, digests and entries as the host gives them.

use crate::cite::Source;
use crate::digest::{Digest, Origin, Reader, Seen};
use crate::fold::{Corpus, Fold};
use crate::model::{Entry, EntryKind, Session};
use lucid_sdk::dream::{self, DreamError, SessionResult, SessionSummary};
use lucid_sdk::log;

/// What was read of all sessions.
#[derive(Default)]
pub(super) struct Read {
    /// Folded.
    pub(super) corpus: Corpus,
    /// Their ids in the host's order.
    pub(super) listed: Vec<String>,
}

/// Reads every session: its digest where one is kept, else its events.
pub(super) fn read() -> Result<Read, DreamError> {
    let mut fold = Fold::default();
    let mut listed = Vec::new();
    let mut unreadable = None;
    let mut read = 0_usize;
    for session in dream::digests(|session| digested(&session.id)) {
        // The errors come in the host's order too, so that a number names one session.
        let number = u32::try_from(listed.len()).unwrap_or(u32::MAX);
        let (summary, bytes) = match session {
            Ok(found) => found,
            Err(error) => {
                log::warn(format!("a session cannot be read: {error:?}"));
                listed.push(String::new());
                unreadable = Some(error);
                continue;
            }
        };
        listed.push(summary.id.clone());
        // Bytes of an older form: the session is read again.
        let digest = match Digest::read(&bytes) {
            Some(digest) => digest,
            None => match again(&summary.id) {
                Ok(digest) => digest,
                Err(error) => {
                    log::warn(format!("session {} cannot be read: {error:?}", summary.id));
                    unreadable = Some(error);
                    continue;
                }
            },
        };
        read += 1;
        fold.push(number, self::session(summary), &digest);
    }
    let total = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    dream::report("reading sessions", total, total);
    let corpus = fold.finish();
    if corpus.skipped > 0 {
        log::warn(format!("{} events could not be parsed and were skipped", corpus.skipped));
    }
    match unreadable {
        Some(error) if read == 0 => Err(error),
        _ => Ok(Read { corpus, listed }),
    }
}

/// The digest of a session as bytes, from its events.
fn digested(id: &str) -> Result<Vec<u8>, DreamError> {
    let mut reader = Reader::default();
    for event in dream::each_event(id) {
        let event = event?;
        reader.event(&Seen {
            id: &event.id,
            kind: &event.kind,
            thread: event.thread_id.as_deref(),
            origin: origin(event.origin),
            at_ms: event.at_ms,
            body: &event.body_json,
        });
    }
    Ok(reader.finish().bytes())
}

/// Reads a session again and keeps its digest.
fn again(id: &str) -> Result<Digest, DreamError> {
    let bytes = digested(id)?;
    if let Err(error) = dream::keep_digest(id, &bytes) {
        log::warn(format!("the digest of {id} is not kept: {error:?}"));
    }
    let damaged = || DreamError::Failed(format!("the digest of {id} cannot be read back"));
    Digest::read(&bytes).ok_or_else(damaged)
}

fn origin(origin: dream::Origin) -> Origin {
    match origin {
        dream::Origin::Person => Origin::Person,
        dream::Origin::Agent => Origin::Agent,
        dream::Origin::Tool => Origin::Tool,
        dream::Origin::Outside => Origin::Outside,
        dream::Origin::Dream => Origin::Dream,
    }
}

fn session(summary: SessionSummary) -> Session {
    let labels = summary.labels.into_iter().map(|label| (label.name, label.value));
    Session {
        id: summary.id,
        title: summary.title,
        started_at_ms: summary.started_at_ms,
        labels: labels.collect(),
        principal: summary.principal,
        succeeded: match summary.outcome {
            SessionResult::Succeeded => Some(true),
            SessionResult::Failed => Some(false),
            SessionResult::Unknown => None,
        },
    }
}

/// An entry as plain types have it.
pub(super) fn entry(entry: dream::Entry) -> Entry {
    Entry {
        id: entry.id,
        path: entry.path,
        index: entry.index,
        headings: entry.headings,
        kind: match entry.kind {
            dream::EntryKind::Heading => EntryKind::Heading,
            dream::EntryKind::Item => EntryKind::Item,
            dream::EntryKind::Paragraph => EntryKind::Paragraph,
            dream::EntryKind::Block => EntryKind::Block,
        },
        text: entry.text,
        updated_at_ms: entry.updated_at_ms,
    }
}

/// The digests that the host keeps; what it did not keep is made again.
pub(super) struct Kept<'a> {
    /// The ids in the host's order.
    pub(super) sessions: &'a [String],
}

impl Source for Kept<'_> {
    fn digest(&mut self, number: u32) -> Option<Digest> {
        let kept = dream::kept_digests(number, 1).into_iter().next().flatten();
        let id = self.sessions.get(number as usize)?;
        kept.and_then(|bytes| Digest::read(&bytes)).or_else(|| Digest::read(&digested(id).ok()?))
    }
}
