//! Watching a run that goes on behind the back of whoever asked for it, and stopping it.

use std::time::Duration;

use lucid_core::{Result, RunId};
use serde::{Deserialize, Serialize};

use crate::events::WAIT_MS_MAX;
use crate::run::list::RunSeen;
use crate::stage::Stage;
use crate::verb::Verb;

/// Looks at a run, and waits for news of it where nothing is there yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchRun {
    /// The run: an id, the unique start of one, or `latest`.
    pub id: String,
    /// The number of the note to begin behind; 0 for all that are kept.
    pub after: u64,
    /// How long to wait, in milliseconds; never longer than [`WAIT_MS_MAX`].
    pub wait_ms: u32,
}

impl Verb for WatchRun {
    const NAME: &'static str = "watch_run";
    const CHANGES: bool = false;
    type Answer = RunSeen;

    /// # Errors
    /// Invalid, when there is no such run here, or it is not remembered any more.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let runs = stage.around().runs();
        let id = runs.find(&self.id)?;
        let wait = Duration::from_millis(u64::from(self.wait_ms.min(WAIT_MS_MAX)));
        runs.await_news(&id, self.after, wait).await
    }
}

/// Stops a run where it stands, and waits until it has stopped. What its sessions did stays; each
/// goes on when somebody says something into it from then on, or the run is resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelRun {
    /// The run.
    pub id: RunId,
}

impl Verb for CancelRun {
    const NAME: &'static str = "cancel_run";
    const CHANGES: bool = true;
    /// Whether it went on until then.
    type Answer = bool;

    /// # Errors
    /// Invalid, when there is no such run here, or it is not remembered any more.
    async fn perform(self, stage: &Stage) -> Result<bool> {
        stage.around().runs().cancel(&self.id).await
    }
}
