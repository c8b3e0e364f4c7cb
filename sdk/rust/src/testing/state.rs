//! What the fake host of a thread has, and what it was told.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use super::session::Session;
use super::verdict::{Inputs, Ledger};
use crate::dream::{DigestError, Entry, Operation, Progress, Rejection};
use crate::log::Level;
use crate::model::{self, Completion, ModelError};

/// What a dream may propose unless a test says otherwise, as on the host.
const OPERATIONS_MAX: u32 = 10_000;
const NEW_BYTES_MAX: u32 = 256 << 10;

/// As on the host: bytes of one digest, and of those in one page.
const DIGEST_BYTES_MAX: usize = 256 << 10;
const DIGESTS_PAGE_BYTES_MAX: usize = 8 << 20;

thread_local! {
    pub(super) static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
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
    /// Its number, or why it was refused.
    pub verdict: Result<u32, Rejection>,
}

/// What the fake host has and what it was told.
pub(super) struct State {
    pub(super) logs: Vec<(Level, String)>,
    pub(super) sessions: Vec<Session>,
    pub(super) entries: Vec<Entry>,
    pub(super) progress: Vec<Progress>,
    pub(super) pages_read: usize,
    /// Whether the dream may know what is in the memory.
    pub(super) entries_listed: bool,
    /// The sessions that were opened, in order, since the last dream began.
    pub(super) sessions_read: Vec<String>,
    /// By the id of the session.
    pub(super) digests: BTreeMap<String, Vec<u8>>,
    pub(super) answers: VecDeque<Result<Completion, ModelError>>,
    pub(super) requests: Vec<model::Request>,
    pub(super) proposals: Vec<Proposal>,
    ledger: Ledger,
    pub(super) operations_max: u32,
    pub(super) new_bytes_max: u32,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            logs: Vec::new(),
            sessions: Vec::new(),
            entries: Vec::new(),
            progress: Vec::new(),
            pages_read: 0,
            entries_listed: false,
            sessions_read: Vec::new(),
            digests: BTreeMap::new(),
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

    /// A dream begins: nothing is proposed or read yet. What was kept of sessions stays.
    pub(super) fn begin(&mut self) {
        self.proposals.clear();
        self.sessions_read.clear();
        self.entries_listed = false;
        self.ledger = Ledger::default();
    }

    pub(super) fn put_digest(&mut self, id: &str, digest: &[u8]) -> Result<(), DigestError> {
        if digest.len() > DIGEST_BYTES_MAX {
            return Err(DigestError::TooLarge(format!("a digest of {} bytes", digest.len())));
        }
        if self.entries_listed {
            return Err(DigestError::TooLate("entries were listed before".to_owned()));
        }
        if self.session(id).is_none() {
            return Err(DigestError::UnknownSession(id.to_owned()));
        }
        self.digests.insert(id.to_owned(), digest.to_vec());
        Ok(())
    }

    /// A page of what is kept, as many as fit.
    pub(super) fn get_digests(&self, offset: usize, limit: usize) -> Vec<Option<Vec<u8>>> {
        let page = self.sessions.iter().skip(offset).take(limit);
        let mut bytes = 0;
        page.map_while(|session| {
            let digest = self.digests.get(&session.summary.id);
            bytes += digest.map_or(0, Vec::len);
            (bytes <= DIGESTS_PAGE_BYTES_MAX).then(|| digest.cloned())
        })
        .collect()
    }

    pub(super) fn complete(&mut self, request: &model::Request) -> Result<Completion, ModelError> {
        self.requests.push(request.clone());
        let none = || Err(ModelError::Failed("the fake host was given no further answer".into()));
        self.answers.pop_front().unwrap_or_else(none)
    }

    pub(super) fn propose(&mut self, operation: &Operation) -> Result<u32, Rejection> {
        let inputs = Inputs {
            entries: &self.entries,
            sessions: &self.sessions,
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
