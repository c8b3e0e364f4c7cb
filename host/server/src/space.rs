//! One workspace, and who asks something of it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use lucid_api::ApiError;
use lucid_core::{
    ApiKeyId, Author, Clock, Entropy, EnvironmentId, Failure, Result, SessionId, WorkId,
    WorkspaceId,
};
use lucid_runtime::{Live, Runtime, SystemClock, SystemEntropy};
use lucid_verbs::Runs;

use crate::app::ServerOptions;
use crate::config::Missions;
use crate::dreams::Dreamer;
use crate::log::Log;
use crate::reach::Reach;
use crate::seal::Sealer;
use crate::sessions::Sessions;
use crate::traces::Traces;
use crate::turns::Turns;
use crate::webhooks::Hooks;
use crate::work::Queues;
use crate::written::Recent;

/// One workspace: a store of its own (its own folder and database), so nothing of another can
/// be seen.
pub(crate) struct Space {
    /// Its id.
    pub(crate) id: WorkspaceId,
    /// Its sessions, dreams and store.
    pub(crate) runtime: Runtime,
    /// What is known of its sessions while the server runs.
    pub(crate) sessions: Sessions,
    /// Its sessions at work.
    pub(crate) live: Live,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Random numbers, for ids.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The folder of files' bytes.
    pub(crate) files: Dir,
    /// Seals secrets.
    pub(crate) seal: Sealer,
    /// Tells of what happens.
    pub(crate) hooks: Hooks,
    /// Seals what workers are given; the same in all workspaces.
    pub(crate) tokens: Arc<Sealer>,
    /// Its dreams that run in the background.
    pub(crate) dreams: Dreamer,
    /// The missions that clients may name; the same in all workspaces.
    pub(crate) missions: Missions,
    /// Its runs of them that go on in the background.
    pub(crate) runs: Runs,
    /// The queues of its environments' workers, as far as they are not stored.
    pub(crate) queues: Queues,
    /// Who is changing what consists of more than one document.
    pub(crate) turns: Turns,
    /// What was answered last.
    pub(crate) recent: Recent,
    /// Where traces go.
    pub(crate) traces: Traces,
    /// Where lines for whoever runs the server go.
    pub(crate) log: Log,
}

/// What all workspaces of a server have.
pub(crate) struct Ground<'a> {
    /// Seals what workers are given.
    pub(crate) tokens: Arc<Sealer>,
    /// Who reaches the server, and what it reaches.
    pub(crate) reach: Reach,
    /// The missions that clients may name.
    pub(crate) missions: Missions,
    /// What whoever runs it decides.
    pub(crate) options: &'a ServerOptions,
}

impl fmt::Debug for Space {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Space").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Space {
    /// Makes a workspace of a runtime that is open on its folder.
    ///
    /// # Errors
    /// Failed, when the folder cannot be used.
    pub(crate) fn new(
        id: WorkspaceId,
        runtime: Runtime,
        state: &Path,
        ground: Ground<'_>,
    ) -> Result<Self> {
        let Ground { tokens, reach, missions, options } = ground;
        let log = options.log.clone();
        let folder = open_folder(state)?;
        let failed = |error: std::io::Error| {
            Failure::failed(format!("folder of files in {}: {error}", state.display()))
        };
        folder.create_dir_all("files").map_err(failed)?;
        let files = folder.open_dir("files").map_err(failed)?;
        let told = log.clone();
        let live = Live::new(
            runtime.clone(),
            Arc::new(move |session, failure| told.error(&format!("session {session}: {failure}"))),
        );
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        Ok(Self {
            id,
            live,
            hooks: Hooks::new(clock.clone(), reach),
            clock,
            entropy: Arc::new(SystemEntropy),
            files,
            seal: Sealer::open(&folder)?,
            tokens,
            dreams: Dreamer::new(options),
            missions,
            runs: Runs::default(),
            sessions: Sessions::new(options),
            queues: Queues::default(),
            turns: Turns::default(),
            recent: Recent::default(),
            traces: options.traces.clone(),
            log,
            runtime,
        })
    }

    /// A new id, such as `space.new_id(FileId::new)`.
    pub(crate) fn new_id<T>(&self, make: impl FnOnce(&dyn Clock, &dyn Entropy) -> T) -> T {
        make(self.clock.as_ref(), self.entropy.as_ref())
    }
}

/// Opens a handle on a state folder, which is there.
pub(crate) fn open_folder(state: &Path) -> Result<Dir> {
    #[expect(clippy::disallowed_methods, reason = "the state folder, opened once")]
    let folder = Dir::open_ambient_dir(state, ambient_authority());
    folder.map_err(|error| Failure::failed(format!("state folder {}: {error}", state.display())))
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody at this machine, where no key was ever made.
    Local,
    /// Whoever has an API key.
    Key(ApiKeyId),
    /// A worker with the key of an environment.
    Environment(EnvironmentId),
    /// A worker with the token of one work item.
    Work {
        /// The item's environment.
        environment: EnvironmentId,
        /// The item.
        work: WorkId,
        /// The session it works for.
        session: SessionId,
    },
}

/// Who asks, and where: what every route takes first.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The workspace, the only one this request can see.
    pub(crate) space: Arc<Space>,
    /// Who asks.
    pub(crate) who: Who,
    /// The key that says so, where one does.
    pub(crate) key: Option<ApiKeyId>,
}

impl Caller {
    /// Who is noted beside what this request changes.
    pub(crate) fn author(&self) -> Author {
        let user_id = match &self.who {
            Who::Local => "local".to_owned(),
            Who::Key(id) => return Author::Api { api_key_id: id.to_string() },
            Who::Environment(id) => id.to_string(),
            Who::Work { session, .. } => {
                return Author::Session { session_id: session.clone() };
            }
        };
        Author::User { user_id }
    }

    /// Checks that no worker asks.
    ///
    /// # Errors
    /// Forbidden, for environment keys and work tokens.
    pub(crate) fn require_api_key(&self) -> Result<(), ApiError> {
        match self.who {
            Who::Local | Who::Key(_) => Ok(()),
            Who::Environment(_) | Who::Work { .. } => {
                Err(ApiError::forbidden("this needs an API key; what workers have does not do"))
            }
        }
    }
}
