//! Dream strategies: they read a memory store and past sessions and propose operations.

pub use crate::bindings::dream::exports::lucid::plugin::dream_strategy::{
    DreamError, Request, Summary,
};
use crate::bindings::imports::lucid::plugin::{memories, proposals, transcripts};
pub use memories::{Entry, EntryKind};
pub use proposals::{
    Addition, Change, Conflict, Draft, Evidence, Merge, Operation, Ratio, Rejection, Supersede,
    Support,
};
pub use transcripts::{Event, Label, SessionResult, SessionSummary, TranscriptError, Trust};

/// The host's largest page.
const PAGE: u32 = 1_000;

/// A dream strategy.
pub trait Dream {
    /// Dreams: reads with [`sessions`], [`events`] and [`entries`], proposes with
    /// [`propose`].
    ///
    /// # Errors
    /// A [`DreamError`] when the dream failed.
    fn dream(request: &Request) -> Result<Summary, DreamError>;
}

/// Lists the sessions this dream may read, ordered by start, then by id.
pub fn sessions() -> Vec<SessionSummary> {
    let mut all = Vec::new();
    loop {
        let page = transcripts::list_sessions(u32::try_from(all.len()).unwrap_or(u32::MAX), PAGE);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Reads all events of one session.
///
/// # Errors
/// A [`TranscriptError`] when the session is not among the inputs or cannot be read.
pub fn events(session_id: &str) -> Result<Vec<Event>, TranscriptError> {
    let transcript = transcripts::open(session_id)?;
    let mut all = Vec::new();
    loop {
        let from = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let page = transcript.read(from, PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Lists the entries of the input store, ordered by path, then by place.
pub fn entries() -> Vec<Entry> {
    let mut all = Vec::new();
    loop {
        let page = memories::list_entries(u32::try_from(all.len()).unwrap_or(u32::MAX), PAGE);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Proposes one operation and gives its number in the ledger.
///
/// # Errors
/// A [`Rejection`] when the host refused it; the dream may go on without it.
pub fn propose(operation: &Operation) -> Result<u32, Rejection> {
    proposals::emit(operation)
}

/// Says how far the dream is; `total` is 0 when not known.
pub fn report(phase: &str, done: u32, total: u32) {
    proposals::report(&proposals::Progress { phase: phase.to_owned(), done, total });
}

/// Exports a plugin of kind `dream`: a type that implements [`Dream`](crate::dream::Dream).
#[macro_export]
macro_rules! export_dream {
    ($dream:ty) => {
        const _: () = {
            struct Plugin;
            impl $crate::bindings::dream::exports::lucid::plugin::dream_strategy::Guest for Plugin {
                fn dream(
                    request: $crate::dream::Request,
                ) -> ::std::result::Result<$crate::dream::Summary, $crate::dream::DreamError>
                {
                    <$dream as $crate::dream::Dream>::dream(&request)
                }
            }
            $crate::generated! {
                $crate::bindings::dream::export_dream!(
                    Plugin with_types_in $crate::bindings::dream
                );
            }
        };
    };
}
