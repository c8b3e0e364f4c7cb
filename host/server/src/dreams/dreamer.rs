//! Dreams that run in the background of one workspace.

use std::sync::Arc;

use lucid_api::dream::DreamMeta;
use lucid_core::{Dream, DreamId, DreamStatus, Failure, FailureKind, Result};
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
use crate::memory::ensure;
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
    if !waits(runtime, id).await? {
        return Ok(());
    }
    // On the heap: a dream holds all it reads.
    let ran = Box::pin(runtime.run_dream(id, &DreamRun::default())).await;
    match ran {
        Ok(_) => Ok(()),
        // Somebody canceled it this moment, or another process was quicker.
        Err(failure) if failure.kind == FailureKind::Invalid => {
            if waits(runtime, id).await? {
                Err(failure)
            } else {
                Ok(())
            }
        }
        Err(failure) => Err(failure),
    }
}

/// Whether somebody has to run a dream.
async fn waits(runtime: &Runtime, id: &DreamId) -> Result<bool> {
    let Some(dream) = runtime.store.dream(id).await? else { return Ok(false) };
    Ok(match dream.status {
        DreamStatus::Pending => true,
        DreamStatus::Running => !runtime.is_dreaming(id).await?,
        _ => false,
    })
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
        if waits(&space.runtime, &id).await? {
            space.dreams.start(&space.runtime, &space.log, id);
            count = count.saturating_add(1);
        }
    }
    Ok(count)
}
