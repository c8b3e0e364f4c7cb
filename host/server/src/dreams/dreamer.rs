//! Dreams that run in the background of one workspace.

use std::sync::Arc;

use lucid_api::dream::DreamMeta;
use lucid_core::{Dream, DreamId, Failure, MemoryStoreId, Result, ReviewPolicy};
use lucid_runtime::{DreamRun, Runtime};
use lucid_store::DocumentFilter;
use lucid_verbs::DreamsStarted;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::DREAM;
use crate::app::ServerOptions;
use crate::config::{self, DreamSection};
use crate::documents::New;
use crate::log::Log;
use crate::lucid::failure;
use crate::memory::{ensure, shown};
use crate::space::Space;

/// Dreams that run at the same time; more wait for their turn.
const AT_ONCE: usize = 2;

/// Runs the dreams of one workspace, in the order they were asked for.
pub(crate) struct Dreamer {
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    /// Those that were started and have not ended.
    pub(crate) started: DreamsStarted,
    /// How whoever runs the server wants them.
    pub(crate) section: DreamSection,
}

impl Dreamer {
    /// Nothing runs yet.
    pub(crate) fn new(options: &ServerOptions) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            started: DreamsStarted::default(),
            // What was checked when the server began; else what is most careful.
            section: config::read(&options.sections).unwrap_or_default(),
        }
    }

    /// Runs a dream when it is its turn, unless it waits for that already. Returns at once.
    pub(crate) fn start(&self, runtime: &Runtime, log: &Log, id: DreamId) {
        let (runtime, log, turns) = (runtime.clone(), log.clone(), self.turns.clone());
        let stopping = self.stopping.clone();
        let Some(started) = self.started.begin(&id) else { return };
        let run = async move {
            // Nobody closes it.
            let Ok(_turn) = turns.acquire_owned().await else { return };
            let ran = run(&runtime, &id).await;
            if let Err(failure) = &ran {
                log.error(&format!("dream {id}: {failure}"));
            }
            started.end(ran.err());
        };
        // One that is stopped stays as it is, and is dreamt again by whoever starts next.
        self.tasks.spawn(async move { stopping.run_until_cancelled(run).await });
    }

    /// Stops what runs, so that it is gone on with by whoever starts next.
    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Checks that dreams over a memory store, of which a policy decides so much without a person,
/// may be asked for here, by the command line or a schedule.
///
/// # Errors
/// Invalid, when the store is not there or archived; denied, when whoever runs the server wants
/// a person to decide; failed, when the store fails.
pub(crate) async fn check_asked(
    space: &Space,
    memory_store: &MemoryStoreId,
    policy: ReviewPolicy,
) -> Result<()> {
    let store = shown(space, memory_store.as_str()).await.map_err(failure)?;
    store.check_open().map_err(failure)?;
    space.dreams.section.policy.check(policy)
}

/// Runs a dream that the command line asked for, and goes on with it whenever a server starts.
///
/// # Errors
/// Failed, when the store fails.
pub(crate) async fn start_asked(space: &Space, dream: &Dream) -> Result<()> {
    let (id, created_at) = (dream.id.as_str(), dream.created_at);
    let value = &DreamMeta::standard(dream);
    let noted = ensure(space, DREAM, New { id, parent: None, key: None, created_at, value }).await;
    noted.map_err(|error| Failure::failed(error.to_string()))?;
    space.dreams.start(&space.runtime, &space.log, dream.id.clone());
    Ok(())
}

/// Runs a dream that waits, or was left, to its end.
async fn run(runtime: &Runtime, id: &DreamId) -> Result<()> {
    if !runtime.waits_to_run(id).await? {
        return Ok(());
    }
    // On the heap: a dream holds all it reads.
    let ran = Box::pin(runtime.run_dream(id, &DreamRun::default())).await;
    match ran {
        Ok(_) => Ok(()),
        // Somebody canceled it this moment, or another process was quicker.
        Err(failure) if runtime.is_seen_to(id, &failure).await => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Goes on with the dreams that were asked for here and have not ended: those that a process
/// left, and those that never had their turn. Gives how many.
///
/// # Errors
/// Failed, when the store fails.
pub(crate) async fn resume(space: &Space) -> Result<usize> {
    let filter = DocumentFilter { kind: DREAM.name.to_owned(), ..DocumentFilter::default() };
    let noted = space.list::<DreamMeta>(&filter).await;
    let noted = noted.map_err(|error| Failure::failed(error.to_string()))?;
    let ids = noted.iter().filter_map(|one| DreamId::parse(&one.document.id));
    let mut count = 0_usize;
    for id in ids {
        if space.runtime.waits_to_run(&id).await? {
            space.dreams.start(&space.runtime, &space.log, id);
            count = count.saturating_add(1);
        }
    }
    Ok(count)
}
