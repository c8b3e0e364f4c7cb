//! What all requests share.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::Result;
use lucid_runtime::Runtime;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bodies::Bodies;
use crate::config;
use crate::keys::Keys;
use crate::limits;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::reach::Reach;
use crate::traces::Traces;
use crate::workspaces::Spaces;

/// What whoever runs the server decides.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The state folder, which is the default workspace's.
    pub state: PathBuf,
    /// What plugins and models that sessions name are granted: `[plugins.NAME]` and
    /// `[models."NAME"]` as in a mission, how dreams go: `[dreams]`, and the missions that
    /// clients may name: `[missions]`. The text of a TOML file.
    pub sections: String,
    /// The folder of that file, where the paths in it begin.
    pub folder: PathBuf,
    /// Whether only this machine can reach the server.
    pub loopback: bool,
    /// Whether webhooks may go to this machine, and credentials may be tried out at addresses
    /// of this machine and its networks, also where a key is needed. Where none is, they may.
    pub private_targets: bool,
    /// Where traces go.
    pub traces: Traces,
    /// Where lines for whoever runs it go.
    pub log: Log,
}

impl ServerOptions {
    /// A server for this machine alone that grants nothing and tells nobody.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self {
            state,
            sections: String::new(),
            folder: PathBuf::new(),
            loopback: true,
            private_targets: false,
            traces: Traces::off(),
            log: Log::silent(),
        }
    }
}

/// What all requests share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    pub(crate) options: ServerOptions,
    pub(crate) spaces: Spaces,
    pub(crate) keys: Arc<Keys>,
    /// Who reaches the server, and what it reaches.
    pub(crate) reach: Reach,
    pub(crate) metrics: Metrics,
    /// Done when the server begins to stop: streams end then.
    pub(crate) stopping: CancellationToken,
    /// Requests that go on whatever their clients do.
    pub(crate) requests: TaskTracker,
    /// As many of them as there may be at once.
    pub(crate) room: Arc<Semaphore>,
    /// As much of their bodies as is held at once.
    pub(crate) bodies: Bodies,
}

impl App {
    /// Opens the default workspace; the others are opened when they are first used.
    ///
    /// # Errors
    /// Invalid, when what is granted is no such TOML; failed, when the state folder cannot be
    /// used.
    pub async fn open(runtime: Runtime, options: ServerOptions) -> Result<Self> {
        config::read(&options.sections)?;
        let keys = Arc::new(Keys::new(runtime.store.clone(), &options.state)?);
        keys.any_now().await?;
        let reach = Reach::new(keys.clone(), &options);
        let stopping = CancellationToken::new();
        let metrics = Metrics::new();
        options.traces.begin(&options.log);
        let spaces = Spaces::open(runtime, &options, &reach, stopping.clone()).await?;
        let room = Arc::new(Semaphore::new(limits::CHANGES_MAX));
        let (requests, bodies) = (TaskTracker::new(), Bodies::default());
        let shared =
            Shared { options, spaces, keys, reach, metrics, stopping, requests, room, bodies };
        Ok(Self(Arc::new(shared)))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
