//! Sessions at a glance.

use lucid_core::{Failure, Result, SessionId, SessionSummary};
use lucid_runtime::SessionFilter;
use serde::{Deserialize, Serialize};

use crate::find::pick;
use crate::stage::Stage;
use crate::verb::Verb;

/// Sessions that one answer has at most; ask again behind the last for more.
pub const SESSIONS_MAX: u32 = 1_000;

/// Lists sessions, by the time they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListSessions {
    /// Only those of this mission.
    pub mission: Option<String>,
    /// Whether the list starts with the newest; else with the oldest.
    pub newest_first: bool,
    /// How many at most; never more than [`SESSIONS_MAX`].
    pub limit: Option<u32>,
    /// Start behind this session.
    pub after: Option<SessionId>,
}

impl Verb for ListSessions {
    const NAME: &'static str = "list_sessions";
    const CHANGES: bool = false;
    type Answer = Vec<SessionSummary>;

    /// # Errors
    /// Invalid, when the session to start behind does not exist.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { mission, newest_first, limit, after } = self;
        let metadata = mission.map(|name| ("lucid.mission".to_owned(), name));
        let filter = SessionFilter {
            metadata: metadata.into_iter().collect(),
            newest_first,
            limit: Some(limit.unwrap_or(SESSIONS_MAX).min(SESSIONS_MAX)),
            after,
            ..SessionFilter::default()
        };
        stage.store().sessions(&filter).await
    }
}

/// Finds a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindSession {
    /// Its id, the unique start of one, or `latest`.
    pub wanted: String,
}

impl Verb for FindSession {
    const NAME: &'static str = "find_session";
    const CHANGES: bool = false;
    type Answer = SessionSummary;

    /// # Errors
    /// Invalid, when none or several fit.
    async fn perform(self, stage: &Stage) -> Result<SessionSummary> {
        let id = find(stage, &self.wanted).await?;
        let found = stage.store().session_summary(&id).await?;
        found.ok_or_else(|| Failure::invalid(format!("no such session: `{id}`")))
    }
}

/// The session that is meant.
///
/// # Errors
/// Invalid, when none or several fit.
pub(crate) async fn find(stage: &Stage, wanted: &str) -> Result<SessionId> {
    let store = stage.store();
    if let Some(id) = SessionId::parse(wanted)
        && store.head(&id).await?.is_some()
    {
        return Ok(id);
    }
    let fitting = match wanted {
        "latest" => {
            let newest = SessionFilter { newest_first: true, limit: Some(1), ..Default::default() };
            let found = store.sessions(&newest).await?.into_iter();
            found.map(|found| found.session.id).collect()
        }
        // A second one says that there are several.
        _ => store.sessions_named(wanted, 2).await?,
    };
    pick(&fitting, SessionId::as_str, wanted, "session").cloned()
}
