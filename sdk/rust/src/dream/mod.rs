//! Dream strategies: they read a memory store and past sessions and propose operations.
//!
//! ```
//! use lucid_sdk::dream::{self, Dream, DreamError, Operation, Request, Summary};
//! use lucid_sdk::log;
//!
//! /// Remembers every tool that failed.
//! pub struct Failures;
//!
//! impl Dream for Failures {
//!     fn dream(_request: &Request) -> Result<Summary, DreamError> {
//!         let mut sessions_read = 0;
//!         for session in dream::each_session() {
//!             sessions_read += 1;
//!             for event in dream::each_event(&session.id) {
//!                 let event = event?;
//!                 let Some(result) = event.tool_result().filter(|result| result.is_error) else {
//!                     continue;
//!                 };
//!                 let proposed = Operation::add("/playbook.md", format!("- {}", result.text))
//!                     .because("a tool said so")
//!                     .quoting(&event, &result.text)
//!                     .propose();
//!                 if let Err(rejection) = proposed {
//!                     log::warn(format!("refused: {rejection:?}"));
//!                 }
//!             }
//!         }
//!         Ok(Summary { text: "Done.".into(), sessions_read, hypotheses_tested: 0 })
//!     }
//! }
//!
//! lucid_sdk::export_dream!(Failures);
//!
//! # fn main() {
//! use lucid_sdk::testing::{Host, Session};
//! use serde_json::json;
//!
//! let host = Host::new();
//! host.add_session(Session::new("sesn_1").failing_call("move", json!({}), "it is stuck"));
//! host.dream::<Failures>("").unwrap();
//! assert_eq!(host.proposals()[0].verdict, Ok(0));
//! # }
//! ```

mod digest;
mod event;
mod operation;
mod pages;

pub use crate::bindings::dream::exports::lucid::plugin::dream_strategy::{
    DreamError, Request, Summary,
};
pub use crate::bindings::imports::lucid::plugin::digests::DigestError;
use crate::bindings::imports::lucid::plugin::{memories, proposals, transcripts};
use crate::host;
pub use digest::{EachDigest, digests, digests_as, keep_digest, kept_digests};
pub use event::{SessionEvent, ToolResult, ToolUse};
pub use memories::{Entry, EntryKind};
pub use pages::{EachEntry, EachEvent, EachSession, each_entry, each_event, each_session};
pub use proposals::{
    Addition, Change, Conflict, Draft, Evidence, Merge, Operation, Progress, Ratio, Rejection,
    RuleKind, Statistics, Supersede,
};
pub use transcripts::{Event, Label, Origin, SessionResult, SessionSummary, TranscriptError};

/// The host's largest page.
const PAGE: u32 = 1_000;

/// A dream strategy.
///
/// ```
/// use lucid_sdk::dream::{Dream, DreamError, Request, Summary};
///
/// pub struct Nothing;
///
/// impl Dream for Nothing {
///     fn dream(_request: &Request) -> Result<Summary, DreamError> {
///         let text = "Nothing was proposed.".to_owned();
///         Ok(Summary { text, sessions_read: 0, hypotheses_tested: 0 })
///     }
/// }
/// ```
pub trait Dream {
    /// Dreams: reads with [`each_session`], [`each_event`] and [`each_entry`], or reads only
    /// what is new with [`digests`]; proposes with [`Operation::propose`].
    ///
    /// # Errors
    /// A [`DreamError`] when the dream failed.
    fn dream(request: &Request) -> Result<Summary, DreamError>;
}

/// Lists the sessions this dream may read, ordered by start, then by id.
///
/// All at once; [`each_session`] gives one after the other.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1"));
/// assert_eq!(dream::sessions().len(), 1);
/// ```
pub fn sessions() -> Vec<SessionSummary> {
    let mut all = Vec::new();
    loop {
        let page = host::list_sessions(u32::try_from(all.len()).unwrap_or(u32::MAX), PAGE);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Reads all events of one session.
///
/// All at once; [`each_event`] gives one after the other.
///
/// # Errors
/// A [`TranscriptError`] when the session is not among the inputs or cannot be read.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").saying("Hello."));
/// assert_eq!(dream::events("sesn_1").unwrap()[0].kind, "user.message");
/// assert!(dream::events("sesn_2").is_err());
/// ```
pub fn events(session_id: &str) -> Result<Vec<Event>, TranscriptError> {
    let transcript = host::open(session_id)?;
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
///
/// All at once; [`each_entry`] gives one after the other.
///
/// ```
/// # use lucid_sdk::{dream, testing::Host};
/// let host = Host::new();
/// host.add_memory("/notes.md", "# Notes\n\n- The door opens to the left.\n");
/// assert_eq!(dream::entries()[1].text, "- The door opens to the left.");
/// ```
pub fn entries() -> Vec<Entry> {
    let mut all = Vec::new();
    loop {
        let page = host::list_entries(u32::try_from(all.len()).unwrap_or(u32::MAX), PAGE);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Proposes one operation and gives its number: [`Operation::propose`].
///
/// # Errors
/// A [`Rejection`] when the host refused it; the dream may go on without it.
///
/// ```
/// # use lucid_sdk::{dream::{self, Operation}, testing::Host};
/// let host = Host::new();
/// host.add_memory("/notes.md", "One.\n\nTwo.\n");
/// let operation = Operation::drop(&dream::entries()[0]).because("it is out of date");
/// assert_eq!(dream::propose(&operation), Ok(0));
/// ```
pub fn propose(operation: &Operation) -> Result<u32, Rejection> {
    host::emit(operation)
}

/// Says how far the dream is; `total` is 0 when not known.
///
/// ```
/// # use lucid_sdk::{dream, testing::Host};
/// let host = Host::new();
/// dream::report("reading sessions", 3, 12);
/// assert_eq!(host.progress()[0].phase, "reading sessions");
/// ```
pub fn report(phase: &str, done: u32, total: u32) {
    host::report(&Progress { phase: phase.to_owned(), done, total, session_id: None });
}

/// As [`report`], with the session that is read.
///
/// ```
/// # use lucid_sdk::{dream, testing::Host};
/// let host = Host::new();
/// dream::report_session("reading sessions", 3, 12, "sesn_4");
/// assert_eq!(host.progress()[0].session_id.as_deref(), Some("sesn_4"));
/// ```
pub fn report_session(phase: &str, done: u32, total: u32, session_id: &str) {
    let session_id = Some(session_id.to_owned());
    host::report(&Progress { phase: phase.to_owned(), done, total, session_id });
}

/// So that `?` works on what [`each_event`] gives.
///
/// ```
/// use lucid_sdk::dream::{DreamError, TranscriptError};
///
/// let error = DreamError::from(TranscriptError::Failed("the log is damaged".into()));
/// assert!(matches!(error, DreamError::UnreadableInput(_)));
/// ```
impl From<TranscriptError> for DreamError {
    fn from(error: TranscriptError) -> Self {
        Self::UnreadableInput(match error {
            TranscriptError::UnknownSession(id) => format!("session {id} is none of the inputs"),
            TranscriptError::Failed(message) => message,
        })
    }
}

/// Exports a plugin of kind `dream`: a type that implements [`Dream`](crate::dream::Dream).
///
/// ```
/// # use lucid_sdk::dream::{Dream, DreamError, Request, Summary};
/// pub struct Nothing;
///
/// impl Dream for Nothing {
///     fn dream(_request: &Request) -> Result<Summary, DreamError> {
///         let text = "Nothing was proposed.".to_owned();
///         Ok(Summary { text, sessions_read: 0, hypotheses_tested: 0 })
///     }
/// }
///
/// lucid_sdk::export_dream!(Nothing);
/// # fn main() {}
/// ```
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
