//! The fake host of a thread.

use std::marker::PhantomData;

use super::memory;
use super::session::{EPOCH_MS, Session};
use super::state::{Proposal, STATE, State, with};
use crate::dream::{Dream, DreamError, Progress, Request, Summary};
use crate::log::Level;
use crate::model::{self, Completion, ModelError};

/// From the start of one session to that of the next.
const SESSIONS_APART_MS: u64 = 3_600_000;

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
            let last = state.sessions.last().map(|session| session.summary.started_at_ms);
            let start = last.map_or(EPOCH_MS, |last| last + SESSIONS_APART_MS);
            state.sessions.push(session.starting_at(start));
        });
    }

    /// Takes a past session away, with what was kept of it, as when a person deletes it.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Hello."));
    /// host.remove_session("sesn_1");
    /// assert!(dream::sessions().is_empty());
    /// ```
    pub fn remove_session(&self, id: &str) {
        self.state(|state| {
            state.sessions.retain(|session| session.summary.id != id);
            state.digests.remove(id);
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

    /// Runs a dream strategy over the sessions and memories, with these instructions. What an
    /// earlier dream proposed is forgotten; what it kept of sessions is there.
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
        let request = self.state(|state| {
            state.begin();
            let last = state.sessions.last().map(|session| session.summary.started_at_ms);
            Request {
                instructions: instructions.to_owned(),
                operations_max: state.operations_max,
                new_bytes_max: state.new_bytes_max,
                seed: 1,
                now_ms: last.map_or(EPOCH_MS, |last| last + SESSIONS_APART_MS) + SESSIONS_APART_MS,
            }
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

    /// The sessions whose events were read, in order, since the last [`dream`](Self::dream)
    /// began.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Hello."));
    /// dream::events("sesn_1").unwrap();
    /// assert_eq!(host.sessions_read(), ["sesn_1"]);
    /// ```
    pub fn sessions_read(&self) -> Vec<String> {
        self.state(|state| state.sessions_read.clone())
    }

    /// What is kept of sessions, by their ids.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1"));
    /// dream::keep_digest("sesn_1", b"3 calls").unwrap();
    /// assert_eq!(host.digests(), [("sesn_1".to_owned(), b"3 calls".to_vec())]);
    /// ```
    pub fn digests(&self) -> Vec<(String, Vec<u8>)> {
        self.state(|state| state.digests.clone()).into_iter().collect()
    }

    /// Forgets what is kept of sessions: the next dream reads them all.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1"));
    /// dream::keep_digest("sesn_1", b"3 calls").unwrap();
    /// host.forget_digests();
    /// assert_eq!(dream::kept_digests(0, 10), [None]);
    /// ```
    pub fn forget_digests(&self) {
        self.state(|state| state.digests.clear());
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

    /// Forgets which sessions were read.
    #[cfg(test)]
    pub(crate) fn forget_sessions_read(&self) {
        self.state(|state| state.sessions_read.clear());
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
