//! How models behind a network are reached: over HTTP, recorded on the way, or from a
//! recording alone.

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use lucid_core::Result;
use lucid_model::Transport;
use lucid_model::cassette::{Pace, Player, Recorder, Tape};

use crate::mission::{TransportFactory, http_transport};

/// How models behind a network are reached.
#[derive(Clone)]
pub struct Transports {
    factory: Arc<TransportFactory>,
    offline: bool,
}

impl Default for Transports {
    fn default() -> Self {
        Self { factory: Arc::new(http_transport), offline: false }
    }
}

impl fmt::Debug for Transports {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transports").field("offline", &self.offline).finish()
    }
}

impl Transports {
    /// Reaches them over HTTP and writes all that passes into a file, which has to be empty;
    /// keys are left out.
    #[must_use]
    pub fn record(file: File) -> Self {
        let tape = Tape::begin(file);
        let factory = move |settings: &_| -> Result<Arc<dyn Transport>> {
            Ok(Arc::new(Recorder::new(http_transport(settings)?, tape.clone())))
        };
        Self { factory: Arc::new(factory), offline: false }
    }

    /// Answers every request from a recording; nothing leaves this machine and no key is
    /// needed.
    ///
    /// # Errors
    /// Invalid, when the text is no recording.
    pub fn replay(text: &str, pace: Pace) -> Result<Self> {
        let player: Arc<dyn Transport> = Arc::new(Player::open(text, pace)?);
        let factory = move |_: &_| -> Result<Arc<dyn Transport>> { Ok(player.clone()) };
        Ok(Self { factory: Arc::new(factory), offline: true })
    }

    pub(crate) fn factory(&self) -> &TransportFactory {
        self.factory.as_ref()
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }
}
