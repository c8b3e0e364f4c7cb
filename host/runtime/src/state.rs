//! The facade: a folder of state, a store, an engine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use lucid_core::{
    Author, Failure, MemoryStore, MemoryStoreId, OutcomeResult, Result, Session, SessionId,
};
use lucid_engine::{CacheFolder, Compiler, Credentials, Engine, EngineOptions, Lender};
use lucid_model::Prices;
use lucid_store::{Durability, SqliteStore, Store};
use tokio::sync::broadcast;

use crate::ambient::SystemEntropy;
use crate::copies::Copies;
use crate::dream;
use crate::lenders::Lenders;
use crate::mission::{self, LimitChanges, Loading, Mission, VariableSource, Variables};
use crate::owner::Owner;
use crate::plugins::{Bundled, Loaded};
use crate::runs::{RunName, RunOptions, SessionStart};
use crate::session::{Heard, SessionEnd};
use crate::sessions::LOG_BYTES_MAX;
use crate::transports::Transports;
use crate::world::{Source, World};

/// What a runtime needs.
#[derive(Debug, Clone)]
pub struct RuntimeOptions {
    /// Where everything is kept.
    pub state: PathBuf,
    /// Where bundled plugins are looked for.
    pub bundled: Vec<PathBuf>,
    /// What the names begin with by which processes claim sessions.
    pub owner: String,
    /// Where plugins are compiled.
    pub compiler: Compiler,
    /// Where a mission's secrets that come from the environment are looked up.
    pub variables: VariableSource,
    /// Changes to the limits of every call; they win over what a mission says.
    pub limits: LimitChanges,
    /// How models behind a network are reached.
    pub transports: Transports,
    /// Bytes of events that a session's log has at most by what people say.
    pub log_bytes_max: u64,
}

impl RuntimeOptions {
    /// A runtime that keeps everything in a folder, knows no bundled plugins and no variables,
    /// compiles in its own process, and takes [`LOG_BYTES_MAX`] into a log.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self {
            state,
            bundled: Vec::new(),
            owner: "lucid".to_owned(),
            compiler: Compiler::Here,
            variables: VariableSource::default(),
            limits: LimitChanges::default(),
            transports: Transports::default(),
            log_bytes_max: LOG_BYTES_MAX,
        }
    }
}

/// Everything that is needed to run and read missions.
#[derive(Clone)]
pub struct Runtime {
    /// The event log and resources.
    pub store: Arc<dyn Store>,
    /// Runs components.
    pub engine: Engine,
    /// Finds bundled plugins.
    pub bundled: Bundled,
    pub(crate) state: PathBuf,
    pub(crate) owner: Owner,
    loaded: Loaded,
    variables: VariableSource,
    limits: LimitChanges,
    transports: Transports,
    /// Bytes of a log by what people say.
    pub(crate) log_bytes_max: u64,
    /// Where sessions find credentials; nobody has any unless somebody said so.
    lends: Arc<OnceLock<Lends>>,
    /// What lends them, and remembers what it lent.
    pub(crate) lenders: Arc<Lenders>,
    /// Where answers of models are heard while they come.
    pub(crate) previews: broadcast::Sender<Heard>,
    /// The files of memory stores that sessions see.
    pub(crate) copies: Copies,
}

/// Gives what a session that somebody talks to may use as its own.
pub type Lends = Arc<dyn Fn(&SessionId) -> Arc<dyn Credentials> + Send + Sync>;

/// Pieces of answers that wait for whoever reads along; who is slower misses some.
const HEARD_MAX: usize = 1_024;

/// The memory stores of a run: name in the mission and store.
pub(crate) type Stores = Vec<(String, MemoryStoreId)>;

impl Runtime {
    /// Opens the state folder; makes it when it is not there.
    ///
    /// # Errors
    /// Failed, when the folder cannot be used.
    pub fn open(options: RuntimeOptions) -> Result<Self> {
        let engine = Self::engine(&options)?;
        Self::with_engine(options, engine)
    }

    /// Loads a mission, and only then opens the state folder: a mission that does not load
    /// leaves nothing behind but compiled plugins.
    ///
    /// # Errors
    /// Those of [`Runtime::load`] and [`Runtime::open`].
    pub async fn open_for(options: RuntimeOptions, mission: &Path) -> Result<(Self, Mission)> {
        let engine = Self::engine(&options)?;
        let bundled = Bundled::new(options.bundled.clone());
        let RuntimeOptions { variables, limits, transports, .. } = &options;
        let loading = Loading {
            engine: &engine,
            bundled: &bundled,
            loaded: &Loaded::default(),
            variables,
            limits,
            transports: transports.factory(),
            offline: transports.is_offline(),
            prices: Prices::bundled(),
        };
        let mission = mission::load(mission, &loading).await?;
        Ok((Self::with_engine(options, engine)?, mission))
    }

    fn with_engine(options: RuntimeOptions, engine: Engine) -> Result<Self> {
        make_private(&options.state).map_err(|error| {
            Failure::failed(format!("state folder {}: {error}", options.state.display()))
                .hint("give another with `--state DIR`")
        })?;
        let owner = Owner::new(&options.state, &options.owner, &SystemEntropy)?;
        let store = SqliteStore::open(&options.state.join("lucid.db"), Durability::Full)?;
        Ok(Self {
            store: Arc::new(store),
            engine,
            bundled: Bundled::new(options.bundled),
            state: options.state,
            owner,
            loaded: Loaded::default(),
            variables: options.variables,
            limits: options.limits,
            transports: options.transports,
            log_bytes_max: options.log_bytes_max,
            lends: Arc::default(),
            lenders: Arc::default(),
            previews: broadcast::Sender::new(HEARD_MAX),
            copies: Copies::default(),
        })
    }

    /// Opens another state folder beside this one: with everything of its own but the engine,
    /// the plugins, and where secrets and models are found.
    ///
    /// # Errors
    /// As [`Runtime::open`].
    pub fn beside(&self, state: PathBuf) -> Result<Self> {
        make_private(&state).map_err(|error| {
            Failure::failed(format!("state folder {}: {error}", state.display()))
                .hint("see that the folder above it can be written")
        })?;
        let owner = Owner::new(&state, self.owner.prefix(), &SystemEntropy)?;
        let store = SqliteStore::open(&state.join("lucid.db"), Durability::Full)?;
        let (store, previews) = (Arc::new(store), broadcast::Sender::new(HEARD_MAX));
        let (lends, lenders) = (Arc::default(), Arc::default());
        Ok(Self { store, state, owner, previews, lends, lenders, ..self.clone() })
    }

    /// The engine alone, for what needs no state.
    ///
    /// # Errors
    /// Failed, when the machine cannot run components.
    pub fn engine(options: &RuntimeOptions) -> Result<Engine> {
        let folder = options.state.join("cache");
        let cache = CacheFolder { folder, entropy: Arc::new(SystemEntropy) };
        let compiler = options.compiler.clone();
        Engine::new(EngineOptions { cache: Some(cache), compiler, ..EngineOptions::standard() })
    }

    /// Loads a mission; nothing runs and nothing is written.
    ///
    /// # Errors
    /// Invalid or denied, saying what, where and what to do.
    pub async fn load(&self, path: &Path) -> Result<Mission> {
        mission::load(path, &self.loading()).await
    }

    /// Listens to what the models of primary threads say, while they say it.
    #[must_use]
    pub fn previews(&self) -> broadcast::Receiver<Heard> {
        self.previews.subscribe()
    }

    /// Says where sessions find credentials for what their plugins send. Said once: what is
    /// said later has no effect. A runtime to which nobody says it sends without.
    pub fn lend(&self, lends: Lends) {
        let _ = self.lends.set(lends);
    }

    /// Who lends credentials to a session while it works.
    pub(crate) fn lender(&self, id: &SessionId) -> Option<Arc<Lender>> {
        let lends = self.lends.get()?;
        Some(self.lenders.of(id, || lends(id)))
    }

    /// What missions and graders are loaded with.
    pub(crate) fn loading(&self) -> Loading<'_> {
        let Self { engine, bundled, loaded, variables, limits, transports, .. } = self;
        let (offline, prices) = (transports.is_offline(), Prices::bundled());
        let transports = transports.factory();
        Loading { engine, bundled, loaded, variables, limits, transports, offline, prices }
    }

    /// Runs a mission once, or goes on with the newest run of it.
    ///
    /// # Errors
    /// Failed, when the store or the disk fails; invalid, when there is no run to go on with.
    pub async fn run_once(
        &self,
        mission: &Mission,
        seed: u64,
        world: &World,
        options: &RunOptions,
    ) -> Result<(Session, SessionEnd)> {
        let run = &self.name_run(mission, world, &format!("once, seed {seed}"), options).await?;
        let source = world.part();
        let stores = &self.stores(mission, &source, run, options).await?;
        let variables = Variables::from([
            ("task".to_owned(), "1".to_owned()),
            ("seed".to_owned(), seed.to_string()),
            ("session_seed".to_owned(), seed.to_string()),
        ]);
        let started_at = world.next_start(&source);
        let title = mission.name.clone();
        let memory = &self.mount_memory(stores).await?;
        let phase = "run";
        let iterations = None;
        let start =
            SessionStart { title, variables, started_at, phase, memory, stores, run, iterations };
        self.run_session(mission, source, start, options).await
    }

    /// The memory stores that a run begins with.
    pub(crate) async fn stores(
        &self,
        mission: &Mission,
        source: &Source,
        run: &RunName,
        options: &RunOptions,
    ) -> Result<Stores> {
        // Ids of a deterministic run are the same every time: they find what is there.
        if options.resume
            && source.fixed.is_none()
            && let Some(stores) = self.stores_of(mission, run).await?
        {
            return Ok(stores);
        }
        self.import_memory(mission, source).await
    }

    /// Makes the memory stores of a mission from its files, those that are not there.
    async fn import_memory(&self, mission: &Mission, source: &Source) -> Result<Stores> {
        let (clock, entropy) = (source.clock.as_ref(), source.entropy.as_ref());
        let mut stores = Vec::new();
        for (name, memory) in &mission.memory {
            let store = MemoryStore {
                id: MemoryStoreId::new(clock, entropy),
                name: name.clone(),
                description: memory.description.clone(),
                created_at: clock.now(),
                dreamt_from: None,
            };
            let author = Author::User { user_id: format!("mission {}", mission.name) };
            let texts = memory.memories.clone();
            let versions = dream::first_versions(&store.id, texts, &author, clock, entropy);
            dream::make_store(self.store.as_ref(), &store, versions).await?;
            stores.push((name.clone(), store.id));
        }
        Ok(stores)
    }
}

/// Makes a folder for its owner only: logs and memories are nobody else's.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether an outcome counts as success.
pub(crate) fn succeeded(outcome: Option<OutcomeResult>) -> Option<bool> {
    outcome.map(|result| result == OutcomeResult::Satisfied)
}
