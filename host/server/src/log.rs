//! What the server has to say to whoever runs it. It never prints: it tells.

use std::fmt;
use std::sync::Arc;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// One request and its answer.
    Request,
    /// What goes on.
    Info,
    /// Something failed.
    Error,
}

/// Where lines go to.
#[derive(Clone)]
pub struct Log(Arc<Tell>);

/// What takes a line.
type Tell = dyn Fn(Level, &str) + Send + Sync;

impl Log {
    /// Hands every line to a function, which must not wait.
    pub fn new(tell: impl Fn(Level, &str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_, _| ())
    }

    pub(crate) fn request(&self, line: &str) {
        (self.0)(Level::Request, line);
    }

    pub(crate) fn info(&self, line: &str) {
        (self.0)(Level::Info, line);
    }

    pub(crate) fn error(&self, line: &str) {
        (self.0)(Level::Error, line);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Log")
    }
}
