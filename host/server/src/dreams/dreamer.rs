//! Dreams that run in the background of one workspace.

use std::sync::Arc;

use lucid_api::dream::DreamMeta;
use lucid_core::{DreamId, DreamStatus, Failure, FailureKind, Result};
use lucid_runtime::{DreamRun, Runtime};
use lucid_store::DocumentFilter;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::DREAM;
use crate::log::Log;
use crate::space::Space;

/// Dreams that run at the same time; more wait for their turn.
const AT_ONCE: usize = 2;

/// Runs the dreams of one workspace, in the order they were asked for.
pub(crate) struct Dreamer {
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Default for Dreamer {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }
    }
}

impl Dreamer {
    /// Runs a dream when it is its turn. Returns at once.
    pub(crate) fn start(&self, runtime: &Runtime, log: &Log, id: DreamId) {
        let (runtime, log, turns) = (runtime.clone(), log.clone(), self.turns.clone());
        let stopping = self.stopping.clone();
        let run = async move {
            // Nobody closes it.
            let Ok(_turn) = turns.acquire_owned().await else { return };
            if let Err(failure) = run(&runtime, &id).await {
                log.error(&format!("dream {id}: {failure}"));
            }
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
