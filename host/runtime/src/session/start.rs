//! How a session began: all that another process needs to go on with it, as its log has it.

use std::path::PathBuf;

use lucid_core::{Failure, MemoryStoreId, Result, Timestamp};
use lucid_engine::GuestTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mission::Variables;

/// How a session began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    /// The mission's folder on this machine.
    pub(crate) mission: PathBuf,
    /// A hash over what the mission was made of then.
    pub(crate) digest: String,
    /// What placeholders stand for.
    pub(crate) variables: Variables,
    /// The memory stores its agents see.
    pub(crate) memory: Vec<MemoryStoreId>,
    /// Those of them that its agents may write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) writable: Vec<MemoryStoreId>,
    /// The fixed clock and seed of its plugins, in a deterministic session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fixed: Option<Fixed>,
}

/// A clock that stands still, and a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fixed {
    /// The time.
    pub(crate) now: Timestamp,
    /// The seed.
    pub(crate) seed: u64,
}

impl Start {
    /// Reads what a log says.
    ///
    /// # Errors
    /// Invalid, when the session was not begun by Lucid.
    pub(crate) fn read(start: Option<&Value>) -> Result<Self> {
        let start = start.and_then(|start| serde_json::from_value(start.clone()).ok());
        start.ok_or_else(|| {
            Failure::invalid("the session does not say which mission it runs")
                .hint("only sessions that `lucid run` began can be gone on with")
        })
    }

    /// Clocks and random numbers of its plugins.
    pub(crate) fn time(&self) -> GuestTime {
        match self.fixed {
            Some(Fixed { now, seed }) => GuestTime::Fixed { now, seed },
            None => GuestTime::Real,
        }
    }
}
