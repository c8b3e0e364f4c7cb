//! Who reaches the server, and what it reaches for whoever asks.
//!
//! Keys may be made while the server runs, so both are found out when they matter, and never
//! once and for all at the start.

use std::fmt;
use std::sync::Arc;

use lucid_core::Result;

use crate::app::ServerOptions;
use crate::keys::Keys;

/// Who reaches the server, and what it reaches. A clone is the same.
#[derive(Clone)]
pub(crate) struct Reach {
    keys: Arc<Keys>,
    loopback: bool,
    private_targets: bool,
}

impl fmt::Debug for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Reach")
    }
}

impl Reach {
    /// What whoever runs the server decided, and the keys that there are.
    pub(crate) fn new(keys: Arc<Keys>, options: &ServerOptions) -> Self {
        let ServerOptions { loopback, private_targets, .. } = *options;
        Self { keys, loopback, private_targets }
    }

    /// Whether everybody who reaches the server may ask everything: only this machine reaches
    /// it, and no key was ever made.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn is_open(&self) -> Result<bool> {
        Ok(self.loopback && !self.keys.any().await?)
    }

    /// Whether what the server asks for somebody may be on this machine or in its networks: it
    /// was allowed, or whoever asks is at this machine anyway.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn private_targets(&self) -> Result<bool> {
        Ok(self.private_targets || self.is_open().await?)
    }
}

#[cfg(test)]
mod tests {
    use crate::keys::{self, NewKey};
    use crate::testing::TestServer;

    #[tokio::test]
    async fn this_machines_networks_are_asked_for_nobody_who_has_a_key_unless_that_is_allowed() {
        for allowed in [false, true] {
            let server = TestServer::with(|options| options.private_targets = allowed).await;
            let reach = &server.app.reach;
            assert!(reach.private_targets().await.unwrap());
            let (runtime, state) = (&server.app.spaces.default.runtime, &server.app.options.state);
            keys::create(runtime, state, NewKey::default()).await.unwrap();
            assert_eq!(reach.private_targets().await.unwrap(), allowed);
        }
        let server = TestServer::with(|options| options.loopback = false).await;
        assert!(!server.app.reach.private_targets().await.unwrap());
    }
}
