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
pub struct Log {
    tell: Arc<Tell>,
    requests: bool,
}

/// What takes a line.
type Tell = dyn Fn(Level, &str) + Send + Sync;

impl Log {
    /// Hands every line to a function, which must not wait.
    pub fn new(tell: impl Fn(Level, &str) + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), requests: true }
    }

    /// The same without a line for each request.
    #[must_use]
    pub fn without_requests(self) -> Self {
        Self { requests: false, ..self }
    }

    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_, _| ()).without_requests()
    }

    /// One request; its line is made only where somebody reads it.
    pub(crate) fn request(&self, line: impl FnOnce() -> String) {
        if self.requests {
            (self.tell)(Level::Request, &line());
        }
    }

    pub(crate) fn info(&self, line: &str) {
        (self.tell)(Level::Info, line);
    }

    pub(crate) fn error(&self, line: &str) {
        (self.tell)(Level::Error, line);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Log")
    }
}
