//! Where verbs are performed.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lucid_core::{Result, SessionId};
use lucid_runtime::{Forgotten, Runtime, Store};

use crate::dreams::{Dreams, DreamsHere};
use crate::run::list::Runs;

/// A workspace that is open, and what goes on around it.
#[derive(Clone)]
pub struct Stage {
    /// The workspace.
    pub runtime: Runtime,
    around: Arc<dyn Around>,
}

impl Stage {
    /// A workspace whose folder the command line itself opened: nothing goes on around it.
    #[must_use]
    pub fn alone(runtime: Runtime) -> Self {
        let around = Arc::new(Nothing::new(runtime.clone()));
        Self { runtime, around }
    }

    /// A workspace that something else holds open.
    #[must_use]
    pub fn within(runtime: Runtime, around: Arc<dyn Around>) -> Self {
        Self { runtime, around }
    }

    /// The workspace's store.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.runtime.store.as_ref()
    }

    /// Whether somebody runs a session: here, or another process.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn is_run(&self, id: &SessionId) -> Result<bool> {
        Ok(self.around.works_on(id) || self.runtime.is_running(id).await?)
    }

    /// Whether another process runs a session.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn is_run_elsewhere(&self, id: &SessionId) -> Result<bool> {
        Ok(!self.around.works_on(id) && self.runtime.is_running(id).await?)
    }

    /// What goes on around it.
    #[must_use]
    pub fn around(&self) -> &dyn Around {
        self.around.as_ref()
    }
}

/// One's turn to change something, for as long as this is held.
pub type Turn = Box<dyn Any + Send>;

/// What differs by place: in a server, sessions are worked on, and more is kept of them than
/// their logs and folders.
#[async_trait]
pub trait Around: Send + Sync {
    /// Whether whoever asks sits at this machine: the files that they name are its files.
    fn is_here(&self) -> bool;

    /// What runs dreams.
    fn dreams(&self) -> &dyn Dreams;

    /// The runs that go on behind the back of whoever asked for them.
    fn runs(&self) -> &Runs;

    /// Where the mission lies that somebody names.
    ///
    /// # Errors
    /// Invalid, when nobody may name it here.
    fn mission(&self, named: &Path) -> Result<PathBuf>;

    /// How the mission is named that lies there; none where it has no name here.
    fn mission_at(&self, path: &Path) -> Option<String>;

    /// Tells whoever runs this place what whoever asks is not told.
    fn log(&self, line: &str);

    /// Somebody wrote into a session, or wants it to go on; `from` is the number of the first
    /// event that is new. Returns at once.
    fn wake(&self, id: &SessionId, from: u32);

    /// Whether a session was woken here and does not rest yet.
    fn works_on(&self, id: &SessionId) -> bool;

    /// Waits until nobody else changes a session here: what is checked is still so when it is
    /// written.
    async fn turn(&self, id: &SessionId) -> Turn;

    /// Puts a session away.
    ///
    /// # Errors
    /// As `Runtime::archive`.
    async fn archive(&self, id: &SessionId) -> Result<()>;

    /// Removes a session, and says what became of the dreams that read it.
    ///
    /// # Errors
    /// As `Runtime::forget_session`.
    async fn delete(&self, id: &SessionId) -> Result<Forgotten>;
}

/// Nothing goes on: whoever asks goes on with a session themselves.
struct Nothing {
    runtime: Runtime,
    dreams: DreamsHere,
    runs: Runs,
}

impl Nothing {
    fn new(runtime: Runtime) -> Self {
        let dreams = DreamsHere::new(runtime.clone());
        Self { runtime, dreams, runs: Runs::default() }
    }
}

#[async_trait]
impl Around for Nothing {
    fn is_here(&self) -> bool {
        true
    }

    fn dreams(&self) -> &dyn Dreams {
        &self.dreams
    }

    fn runs(&self) -> &Runs {
        &self.runs
    }

    fn mission(&self, named: &Path) -> Result<PathBuf> {
        // Whoever asks has all that this process has.
        Ok(named.to_owned())
    }

    fn mission_at(&self, _path: &Path) -> Option<String> {
        None
    }

    fn log(&self, _line: &str) {}

    fn wake(&self, _id: &SessionId, _from: u32) {}

    fn works_on(&self, _id: &SessionId) -> bool {
        false
    }

    async fn turn(&self, _id: &SessionId) -> Turn {
        // Nobody else is in this process; of others, the store keeps the order.
        Box::new(())
    }

    async fn archive(&self, id: &SessionId) -> Result<()> {
        self.runtime.archive(id).await
    }

    async fn delete(&self, id: &SessionId) -> Result<Forgotten> {
        self.runtime.forget_session(id).await
    }
}
