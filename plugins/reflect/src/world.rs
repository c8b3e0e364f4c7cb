//! What the strategy can see and do: the host's world, or that of a test.

use crate::question::Question;
use crate::types::{Entry, Event, Operation, Session};

/// Everything outside of the strategy.
pub trait World {
    /// The sessions the dream may read, in any order.
    fn sessions(&mut self) -> Vec<Session>;

    /// What was kept of each session by an earlier dream, in the order of `sessions`, from
    /// this place on. As many as it likes; none at the end.
    fn digests(&mut self, offset: usize) -> Vec<Option<Vec<u8>>>;

    /// The events of a session, in order.
    ///
    /// # Errors
    /// Why they cannot be read.
    fn events(&mut self, session_id: &str) -> Result<Vec<Event>, String>;

    /// Keeps what was made of a session for later dreams. Not after `entries` was called.
    ///
    /// # Errors
    /// Why it was not kept; the dream goes on.
    fn keep(&mut self, session_id: &str, digest: &[u8]) -> Result<(), String>;

    /// The entries of the memory store, in any order.
    fn entries(&mut self) -> Vec<Entry>;

    /// Asks the model, in a conversation that has nothing before it.
    ///
    /// # Errors
    /// Why there is no answer.
    fn ask(&mut self, question: &Question) -> Result<Reply, Unanswered>;

    /// Proposes an operation.
    ///
    /// # Errors
    /// Why it was refused; the dream goes on.
    fn propose(&mut self, operation: &Operation) -> Result<(), String>;

    /// Says how far the dream is, and which session it reads. `total` is 0 when not known.
    fn report(&mut self, phase: &str, done: usize, total: usize, session_id: Option<&str>);

    /// Says that something is not as it should be.
    fn warn(&mut self, message: &str);
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A text that came to its end.
    Text(String),
    /// It does not want to answer.
    Refusal,
    /// Something else: why, in words for people.
    Other(&'static str),
}

/// Why a model does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// The budget of tokens or money is used up: there will be no more answers.
    Budget(String),
    /// It has too much to do just now.
    Overloaded(String),
    /// Anything else.
    Failed(String),
}
