//! Putting sessions away, removing them and taking them in.

use lucid_core::{Result, SessionId};
use lucid_runtime::Forgotten;
use serde::{Deserialize, Serialize};

use crate::stage::Stage;
use crate::verb::Verb;

/// Puts a session away: it can be read, and nothing is added to it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveSession {
    /// The session.
    pub id: SessionId,
}

impl Verb for ArchiveSession {
    const NAME: &'static str = "archive_session";
    const CHANGES: bool = true;
    type Answer = ();

    /// # Errors
    /// Invalid, when it works; failed, when another process runs it.
    async fn perform(self, stage: &Stage) -> Result<()> {
        stage.around().archive(&self.id).await
    }
}

/// Removes a session, its events and its files, and what dreams made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteSession {
    /// The session.
    pub id: SessionId,
}

impl Verb for DeleteSession {
    const NAME: &'static str = "delete_session";
    const CHANGES: bool = true;
    type Answer = Forgotten;

    /// # Errors
    /// Invalid, when there is no such session or it works; failed, when another process runs
    /// it.
    async fn perform(self, stage: &Stage) -> Result<Forgotten> {
        Box::pin(stage.around().delete(&self.id)).await
    }
}

/// Takes in sessions, all of them or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportSessions {
    /// JSON lines, as sessions are exported.
    pub text: String,
}

impl Verb for ImportSessions {
    const NAME: &'static str = "import_sessions";
    const CHANGES: bool = true;
    /// Their ids.
    type Answer = Vec<SessionId>;

    /// # Errors
    /// Invalid, when a line makes no sense, or one of the sessions is there already.
    async fn perform(self, stage: &Stage) -> Result<Vec<SessionId>> {
        stage.runtime.import(&self.text).await
    }
}
