//! Where the sessions run: a runtime, and missions that are written for them.

use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{Failure, IdleReason, Result, SessionState};
use lucid_model::{Prices, RemoteSettings, Transport};
use lucid_store::{Durability, SqliteStore};

use super::model::LAST_WORD;
use crate::mission::{self, LimitChanges, Loading, Mission, VariableSource};
use crate::plugins::Loaded;
use crate::runs::RunOptions;
use crate::state::{Runtime, RuntimeOptions};
use crate::world::World;

/// How agents name the lead's model, and that of the others.
const LEAD: &str = "openai:lead";
const MEMBER: &str = "openai:member";

/// The agent that the lead can start threads of.
pub(super) const MEMBER_AGENT: &str = "member";

/// What sessions run on.
pub(super) struct Ground {
    pub(super) runtime: Runtime,
    pub(super) folder: PathBuf,
}

impl Ground {
    pub(super) fn open(options: RuntimeOptions) -> Result<Self> {
        let folder = options.state.clone();
        Ok(Self { runtime: Runtime::open(options)?, folder })
    }

    /// The same with a log of its own that does not wait for the disk.
    pub(super) fn without_disk(&self) -> Result<Self> {
        let file = self.folder.join("without-disk.db");
        let mut runtime = self.runtime.clone();
        runtime.store = Arc::new(SqliteStore::open(&file, Durability::Normal)?);
        Ok(Self { runtime, folder: self.folder.clone() })
    }

    /// A mission of a lead, whose tool this is, and as many members as it starts.
    pub(super) async fn mission(
        &self,
        tool: Option<&str>,
        threads: u32,
        lead: Arc<dyn Transport>,
        member: Arc<dyn Transport>,
    ) -> Result<Mission> {
        let tools = tool.map(|tool| format!("{tool:?}")).unwrap_or_default();
        // A plugin that asks for files does not load without them.
        let plugin = tool.and_then(|tool| tool.split_once('.')).map(|(plugin, _)| plugin);
        let plugin = plugin.map(|plugin| format!("[plugins.{plugin}]\nfiles = \"read-write\""));
        let plugin = plugin.unwrap_or_default();
        let text = format!(
            r#"
name = "bench"
lead = "lead"
message = "Begin."

[session]
threads = {threads}

[models."{MEMBER}"]
idle_timeout_ms = "10 min"

{plugin}

[agents.lead]
model = "{LEAD}"
system = "You lead a team and call tools."
tools = [{tools}]
view = {{ "/workspace" = "rw" }}
roster = ["{MEMBER_AGENT}"]

[agents.{MEMBER_AGENT}]
model = "{MEMBER}"
system = "You do what the lead tells you."
"#
        );
        let file = self.folder.join("mission.toml");
        std::fs::write(&file, text)
            .map_err(|error| Failure::failed(format!("{}: {error}", file.display())))?;
        let transports = move |settings: &RemoteSettings| -> Result<Arc<dyn Transport>> {
            let is_lead = settings.name.to_string() == LEAD;
            Ok(if is_lead { lead.clone() } else { member.clone() })
        };
        let loading = Loading {
            engine: &self.runtime.engine,
            bundled: &self.runtime.bundled,
            loaded: &Loaded::default(),
            variables: &VariableSource::default(),
            limits: &LimitChanges::default(),
            transports: &transports,
            offline: true,
            prices: Prices::bundled(),
        };
        Box::pin(mission::load(&file, &loading)).await
    }

    /// Runs one session to its end, which has to be a good one, and gives what it came to.
    pub(super) async fn session(&self, mission: &Mission) -> Result<SessionState> {
        let options = RunOptions::default();
        let world = World::real();
        let running = self.runtime.run_once(mission, 1, &world, &options);
        let (session, end) = Box::pin(running).await?;
        if end.idle != IdleReason::EndTurn || end.last_text != LAST_WORD {
            let (idle, said) = (end.idle, end.last_text);
            return Err(Failure::bug(format!(
                "a measured session ended {idle:?}, saying {said:?}"
            )));
        }
        self.runtime.session_state(&session.id).await
    }
}
