//! The host's functions, natively: those of the fake host of this thread.

use super::state as host;
use crate::dream::{
    DigestError, Entry, Event, Operation, Progress, Rejection, SessionSummary, TranscriptError,
};
use crate::log::Level;
use crate::model::{Completion, ModelError, Request};

pub(crate) fn write(level: Level, message: &str) {
    // A plugin's own tests must not need a host because the plugin says something.
    host::with_if_any(|state| state.logs.push((level, message.to_owned())));
}

pub(crate) fn complete(request: &Request) -> Result<Completion, ModelError> {
    host::with("model::complete", |state| state.complete(request))
}

pub(crate) fn list_sessions(offset: u32, limit: u32) -> Vec<SessionSummary> {
    host::with("dream::each_session", |state| {
        let summaries = state.sessions.iter().map(|session| &session.summary);
        page(summaries, offset, limit)
    })
}

pub(crate) fn list_entries(offset: u32, limit: u32) -> Vec<Entry> {
    host::with("dream::each_entry", |state| {
        state.entries_listed = true;
        page(state.entries.iter(), offset, limit)
    })
}

pub(crate) fn get_digests(offset: u32, limit: u32) -> Vec<Option<Vec<u8>>> {
    host::with("dream::digests", |state| state.get_digests(offset as usize, limit as usize))
}

pub(crate) fn put_digest(session_id: &str, digest: &[u8]) -> Result<(), DigestError> {
    host::with("dream::digests", |state| state.put_digest(session_id, digest))
}

pub(crate) fn emit(operation: &Operation) -> Result<u32, Rejection> {
    host::with("dream::propose", |state| state.propose(operation))
}

pub(crate) fn report(progress: &Progress) {
    host::with("dream::report", |state| state.progress.push(progress.clone()));
}

pub(crate) fn open(session_id: &str) -> Result<Transcript, TranscriptError> {
    let known = host::with("dream::each_event", |state| {
        let known = state.session(session_id).is_some();
        state.sessions_read.extend(known.then(|| session_id.to_owned()));
        known
    });
    match known {
        true => Ok(Transcript(session_id.to_owned())),
        false => Err(TranscriptError::UnknownSession(session_id.to_owned())),
    }
}

/// One session's events, by its id.
pub(crate) struct Transcript(String);

impl Transcript {
    pub(crate) fn read(&self, sequence: u32, limit: u32) -> Result<Vec<Event>, TranscriptError> {
        host::with("dream::each_event", |state| {
            state.pages_read += 1;
            let session = state.session(&self.0);
            let session = session.ok_or_else(|| TranscriptError::UnknownSession(self.0.clone()))?;
            Ok(page(session.events.iter(), sequence, limit))
        })
    }
}

fn page<'a, T: Clone + 'a>(all: impl Iterator<Item = &'a T>, offset: u32, limit: u32) -> Vec<T> {
    all.skip(offset as usize).take(limit as usize).cloned().collect()
}
