//! How a server is told to stop.

use tokio_util::sync::CancellationToken;

/// Stops a server: in good order, or at once. A clone stops the same.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    begin: CancellationToken,
    at_once: CancellationToken,
}

impl Shutdown {
    /// Nothing stops yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops in good order the first time, and at once the second.
    pub fn signal(&self) {
        if self.begin.is_cancelled() {
            self.at_once.cancel();
        }
        self.begin.cancel();
    }

    /// Waits until the server is to stop.
    pub(crate) async fn begun(&self) {
        self.begin.cancelled().await;
    }

    /// Waits until the server is to stop at once.
    pub(crate) async fn at_once(&self) {
        self.at_once.cancelled().await;
    }
}
