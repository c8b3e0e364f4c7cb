//! The fake host of a thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::marker::PhantomData;

use super::memory;
use super::session::{EPOCH_MS, Session};
use super::verdict::{Inputs, Ledger};
use crate::dream::{Dream, DreamError, Entry, Operation, Progress, Rejection, Request, Summary};
use crate::log::Level;
use crate::model::{self, Completion, ModelError};

/// From the start of one session to that of the next.
const SESSIONS_APART_MS: u64 = 3_600_000;

/// What a dream may propose unless a test says otherwise, as on the host.
const OPERATIONS_MAX: u32 = 10_000;
const NEW_BYTES_MAX: u32 = 256 << 10;

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

/// An operation that was proposed, and what the host said.
///
/// ```
/// # use lucid_sdk::{dream::Operation, testing::Host};
/// let host = Host::new();
/// let _ = Operation::add("/notes.md", "- Ask first.").because("I say so").propose();
///
/// let proposal = &host.proposals()[0];
/// assert_eq!(proposal.operation.reason, "I say so");
/// assert!(proposal.verdict.is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The operation.
    pub operation: Operation,
    /// Its number in the ledger, or why it was refused.
    pub verdict: Result<u32, Rejection>,
}

/// What the fake host has and what it was told.
pub(super) struct State {
    pub(super) logs: Vec<(Level, String)>,
    pub(super) sessions: Vec<Session>,
    pub(super) entries: Vec<Entry>,
    pub(super) progress: Vec<Progress>,
    pub(super) pages_read: usize,
    answers: VecDeque<Result<Completion, ModelError>>,
    requests: Vec<model::Request>,
    proposals: Vec<Proposal>,
    ledger: Ledger,
    operations_max: u32,
    new_bytes_max: u32,
}

impl State {
    fn new() -> Self {
        Self {
            logs: Vec::new(),
            sessions: Vec::new(),
            entries: Vec::new(),
            progress: Vec::new(),
            pages_read: 0,
            answers: VecDeque::new(),
            requests: Vec::new(),
            proposals: Vec::new(),
            ledger: Ledger::default(),
            operations_max: OPERATIONS_MAX,
            new_bytes_max: NEW_BYTES_MAX,
        }
    }

    pub(super) fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.summary.id == id)
    }

    pub(super) fn complete(&mut self, request: &model::Request) -> Result<Completion, ModelError> {
        self.requests.push(request.clone());
        let none = || Err(ModelError::Failed("the fake host was given no further answer".into()));
        self.answers.pop_front().unwrap_or_else(none)
    }

    pub(super) fn propose(&mut self, operation: &Operation) -> Result<u32, Rejection> {
        let sessions = &self.sessions;
        let event = |session_id: &str, event_id: &str| {
            let session = sessions.iter().find(|session| session.summary.id == session_id)?;
            session.events.iter().find(|event| event.id == event_id)
        };
        let inputs = Inputs {
            entries: &self.entries,
            event: &event,
            operations_max: self.operations_max,
            new_bytes_max: self.new_bytes_max,
        };
        let verdict = self.ledger.propose(operation, &inputs);
        let proposal = Proposal { operation: operation.clone(), verdict: verdict.clone() };
        self.proposals.push(proposal);
        verdict
    }
}

/// The state of this thread's host, where there is one.
pub(super) fn with_if_any<T>(use_state: impl FnOnce(&mut State) -> T) -> Option<T> {
    // None also while a thread ends.
    STATE.try_with(|state| state.borrow_mut().as_mut().map(use_state)).ok().flatten()
}

/// The state of this thread's host.
#[expect(clippy::panic, reason = "only tests come here, and a panic is how a test fails")]
pub(super) fn with<T>(function: &str, use_state: impl FnOnce(&mut State) -> T) -> T {
    with_if_any(use_state).unwrap_or_else(|| {
        panic!(
            "`{function}` needs a host: start the test with \
             `let host = lucid_sdk::testing::Host::new();`"
        )
    })
}

/// A fake host. It serves the thread that made it until it is dropped.
///
/// ```
/// use lucid_sdk::dream;
/// use lucid_sdk::testing::{Host, Session};
///
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").saying("Hello."));
/// host.add_memory("/notes.md", "- Ask first.\n");
/// assert_eq!((dream::sessions().len(), dream::entries().len()), (1, 1));
/// ```
pub struct Host {
    /// It belongs to its thread.
    not_send: PhantomData<*const ()>,
}

impl Host {
    /// Starts a host without sessions, memories and answers.
    ///
    /// # Panics
    /// When the thread has a host already.
    ///
    /// ```
    /// let host = lucid_sdk::testing::Host::new();
    /// assert!(host.logs().is_empty());
    /// ```
    #[expect(clippy::new_without_default, reason = "a host that nobody holds serves nobody")]
    pub fn new() -> Self {
        let before = STATE.with(|state| state.borrow_mut().replace(State::new()));
        assert!(before.is_none(), "this thread has a fake host already: one test has one");
        Self { not_send: PhantomData }
    }

    /// Adds a past session, an hour after the one before.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Hello."));
    /// assert_eq!(dream::events("sesn_1").unwrap().len(), 1);
    /// ```
    pub fn add_session(&self, session: Session) {
        self.state(|state| {
            let after = SESSIONS_APART_MS * state.sessions.len() as u64;
            state.sessions.push(session.starting_at(EPOCH_MS + after));
        });
    }

    /// Adds a memory, such as `/notes.md`, and splits its Markdown into entries.
    ///
    /// They are split at blank lines, headings, list items and fenced code: as the host does
    /// with ordinary text, and not in every corner of Markdown.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "# Notes\n\n- Ask first.\n- Lift slowly.\n");
    /// assert_eq!(dream::entries().len(), 3);
    /// ```
    pub fn add_memory(&self, path: &str, markdown: impl AsRef<str>) {
        self.state(|state| {
            state.entries.extend(memory::entries(path, markdown.as_ref(), EPOCH_MS));
            state
                .entries
                .sort_by(|one, other| (&one.path, one.index).cmp(&(&other.path, other.index)));
        });
    }

    /// Lets a dream propose less: at most so many operations, and bytes of new text.
    ///
    /// ```
    /// # use lucid_sdk::{dream::{self, Operation}, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "- Ask first.\n- Lift slowly.\n");
    /// host.allow(0, 0);
    /// assert!(Operation::drop(&dream::entries()[0]).because("it is old").propose().is_err());
    /// ```
    pub fn allow(&self, operations_max: u32, new_bytes_max: u32) {
        self.state(|state| {
            (state.operations_max, state.new_bytes_max) = (operations_max, new_bytes_max);
        });
    }

    /// Runs a dream strategy over the sessions and memories, with these instructions.
    ///
    /// # Errors
    /// The strategy's own.
    ///
    /// ```
    /// # use lucid_sdk::dream::{Dream, DreamError, Request, Summary};
    /// # use lucid_sdk::testing::Host;
    /// # pub struct Nothing;
    /// # impl Dream for Nothing {
    /// #     fn dream(request: &Request) -> Result<Summary, DreamError> {
    /// #         let text = request.instructions.clone();
    /// #         Ok(Summary { text, sessions_read: 0, hypotheses_tested: 0 })
    /// #     }
    /// # }
    /// let host = Host::new();
    /// let summary = host.dream::<Nothing>("keep everything").unwrap();
    /// assert_eq!(summary.sessions_read, 0);
    /// ```
    pub fn dream<D: Dream>(&self, instructions: &str) -> Result<Summary, DreamError> {
        let request = self.state(|state| Request {
            instructions: instructions.to_owned(),
            operations_max: state.operations_max,
            new_bytes_max: state.new_bytes_max,
            seed: 1,
            now_ms: EPOCH_MS + SESSIONS_APART_MS * (1 + state.sessions.len() as u64),
        });
        D::dream(&request)
    }

    /// Gives the model its next answer, for [`model::complete`](crate::model::complete).
    ///
    /// ```
    /// # use lucid_sdk::{model::{Completion, Request, complete}, testing::Host};
    /// let host = Host::new();
    /// host.answer(Completion::text("Four."));
    /// let question = Request::asking("What is two and two?");
    /// assert_eq!(complete(&question), Ok(Completion::text("Four.")));
    /// assert!(complete(&question).is_err());
    /// ```
    pub fn answer(&self, completion: Completion) {
        self.state(|state| state.answers.push_back(Ok(completion)));
    }

    /// Lets the model fail when it is asked next.
    ///
    /// ```
    /// # use lucid_sdk::{model::{ModelError, Request, complete}, testing::Host};
    /// let host = Host::new();
    /// host.fail(ModelError::Overloaded("try again later".into()));
    /// assert!(matches!(complete(&Request::asking("Why?")), Err(ModelError::Overloaded(_))));
    /// ```
    pub fn fail(&self, error: ModelError) {
        self.state(|state| state.answers.push_back(Err(error)));
    }

    /// What the model was asked, in order.
    ///
    /// ```
    /// # use lucid_sdk::{model::{Request, complete}, testing::Host};
    /// let host = Host::new();
    /// let _ = complete(&Request::asking("Why?"));
    /// assert_eq!(host.requests()[0].first_user_text().as_deref(), Some("Why?"));
    /// ```
    pub fn requests(&self) -> Vec<model::Request> {
        self.state(|state| state.requests.clone())
    }

    /// What was logged, in order.
    ///
    /// ```
    /// # use lucid_sdk::{log::{self, Level}, testing::Host};
    /// let host = Host::new();
    /// log::info("12 headings");
    /// assert_eq!(host.logs(), [(Level::Info, "12 headings".to_owned())]);
    /// ```
    pub fn logs(&self) -> Vec<(Level, String)> {
        self.state(|state| state.logs.clone())
    }

    /// What was proposed, in order, and what the host said to each.
    ///
    /// ```
    /// # use lucid_sdk::{dream::{self, Operation}, testing::Host};
    /// let host = Host::new();
    /// host.add_memory("/notes.md", "- Ask first.\n- Lift slowly.\n");
    /// Operation::drop(&dream::entries()[0]).because("it is old").propose().unwrap();
    /// assert_eq!(host.proposals()[0].verdict, Ok(0));
    /// ```
    pub fn proposals(&self) -> Vec<Proposal> {
        self.state(|state| state.proposals.clone())
    }

    /// What a dream said of how far it was.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::Host};
    /// let host = Host::new();
    /// dream::report("proposing", 1, 2);
    /// assert_eq!((host.progress()[0].done, host.progress()[0].total), (1, 2));
    /// ```
    pub fn progress(&self) -> Vec<Progress> {
        self.state(|state| state.progress.clone())
    }

    /// How many pages of events were read.
    #[cfg(test)]
    pub(crate) fn pages_read(&self) -> usize {
        self.state(|state| state.pages_read)
    }

    fn state<T>(&self, use_state: impl FnOnce(&mut State) -> T) -> T {
        with("testing::Host", use_state)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // A thread that ends has none any more.
        let _ = STATE.try_with(|state| state.borrow_mut().take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dream, log};

    #[test]
    fn a_host_serves_its_thread_until_it_is_dropped() {
        log::info("before");
        let host = Host::new();
        log::info("during");
        std::thread::spawn(|| log::info("elsewhere")).join().unwrap();
        assert_eq!(host.logs(), [(Level::Info, "during".to_owned())]);
        drop(host);
        assert!(Host::new().logs().is_empty());
    }

    #[test]
    #[should_panic(expected = "`dream::each_session` needs a host: start the test with")]
    fn without_a_host_the_panic_says_how_to_start_one() {
        dream::sessions();
    }

    #[test]
    #[should_panic(expected = "has a fake host already")]
    fn a_thread_has_one_host() {
        let _host = Host::new();
        let _other = Host::new();
    }

    #[test]
    fn memories_and_sessions_are_in_order() {
        let host = Host::new();
        host.add_memory("/b.md", "- x\n- y\n");
        host.add_memory("/a.md", "- z\n");
        host.add_session(Session::new("sesn_b").saying("a"));
        host.add_session(Session::new("sesn_a").saying("b"));
        let texts: Vec<_> = dream::each_entry().map(|entry| entry.text).collect();
        assert_eq!(texts, ["- z", "- x", "- y"]);
        let starts: Vec<_> = dream::each_session().map(|session| session.started_at_ms).collect();
        assert_eq!(starts, [EPOCH_MS, EPOCH_MS + SESSIONS_APART_MS]);
    }
}
