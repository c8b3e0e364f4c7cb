//! Schedules of dreams: the server is the scheduler of each of its workspaces, as `lucid dream
//! scheduler` is of a folder.
//!
//! The scheduler runs what a schedule asks for itself, one dream at a time, beside those that
//! wait for their turn with the server. Each is run by one of the two: who takes it first.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lucid_core::{DreamId, Failure, MemoryStoreId, Result, ReviewPolicy};
use lucid_runtime::{Scheduler, SchedulerNote, SchedulerPlace, Taken};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::dreamer::check_asked;
use crate::log::Log;
use crate::space::Space;

/// How long to wait before it tries again to be the scheduler: while another process is, and
/// after the store failed.
const AGAIN: Duration = Duration::from_secs(60);

/// Runs a workspace's schedules until the server stops, unless whoever runs it leaves them to
/// somebody else. A dream that a schedule began is canceled then, and the schedule is due again.
pub(crate) async fn run(space: Arc<Space>, stopping: CancellationToken) {
    if space.dreams.section.schedules {
        keep(space, stopping, AGAIN).await;
    }
}

/// Is the scheduler whenever nobody else is; tries again after a time.
async fn keep(space: Arc<Space>, stopping: CancellationToken, again: Duration) {
    // Why it is not, so that it is said once.
    let mut said = None;
    while !stopping.is_cancelled() {
        let began = Instant::now();
        let ran = match Scheduler::within(&space.runtime, Arc::new(Serving(space.clone()))) {
            Ok(scheduler) => {
                let ran = schedule(scheduler, &space, &stopping).await;
                // It was for a while: what was said before it is old.
                said = said.filter(|_| began.elapsed() < again);
                ran
            }
            Err(failure) => Err(failure),
        };
        if let Err(failure) = ran {
            if said.as_ref() != Some(&failure) {
                let again = "it is tried again every minute";
                space.log.error(&format!("schedules of dreams: {failure}; {again}"));
            }
            said = Some(failure);
        }
        tokio::select! {
            () = tokio::time::sleep(again) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Runs schedules until the server stops.
///
/// # Errors
/// Failed, when the store fails as it begins; a bug, when it breaks.
async fn schedule(
    mut scheduler: Scheduler,
    space: &Arc<Space>,
    stopping: &CancellationToken,
) -> Result<()> {
    let (log, stop) = (space.log.clone(), stopping.clone().cancelled_owned());
    // A task of its own: one that breaks does not end the schedules.
    let ran = tokio::spawn(async move {
        let tell = |note: SchedulerNote<'_>| tell(&log, note);
        scheduler.run(false, stop, &tell).await
    });
    ran.await.unwrap_or_else(|error| Err(Failure::bug(error.to_string())))
}

/// Tells whoever runs the server what happens, but not that nothing does.
fn tell(log: &Log, note: SchedulerNote<'_>) {
    match note {
        SchedulerNote::Started { schedules: 0, .. } | SchedulerNote::Stopped => {}
        SchedulerNote::Started { schedules, .. } => {
            log.info(&format!("{schedules} schedules of dreams"));
        }
        SchedulerNote::WentOn { dream } => {
            log.info(&format!("dream {dream} goes on that was interrupted"));
        }
        SchedulerNote::Busy { schedule } => {
            let (id, store) = (&schedule.id, &schedule.memory_store);
            log.info(&format!("schedule {id} waits for another dream of {store}"));
        }
        SchedulerNote::NothingNew { schedule, found, .. } => {
            let (id, least) = (&schedule.id, schedule.min_new);
            log.info(&format!("schedule {id}: {found} of {least} new sessions, nothing to do"));
        }
        SchedulerNote::Began { schedule, dream, .. } => {
            log.info(&format!("schedule {}: dream {dream} begins", schedule.id));
        }
        SchedulerNote::Ended { dream } => {
            log.info(&format!("dream {} is {}", dream.id, dream.status.as_str()));
        }
        SchedulerNote::Waits { schedule, failure } => {
            let which =
                schedule.map_or("schedules of dreams".to_owned(), |id| format!("schedule {id}"));
            log.error(&format!("{which}: {failure}; what is due is tried again"));
        }
        SchedulerNote::Failed { schedule, failure } => {
            log.error(&format!("schedule {schedule}: {failure}"));
        }
    }
}

/// A workspace whose schedules this server runs.
struct Serving(Arc<Space>);

#[async_trait]
impl SchedulerPlace for Serving {
    /// What may be asked for by a schedule, whoever wrote it down, is what may be asked for over
    /// the server.
    async fn check(&self, memory_store: &MemoryStoreId, policy: ReviewPolicy) -> Result<()> {
        check_asked(&self.0, memory_store, policy).await
    }

    async fn take(&self, id: &DreamId) -> Result<Option<Taken>> {
        // What was asked for over the server has its turn there, and goes on there.
        if self.0.runtime.store.document(id.as_str()).await?.is_some() {
            return Ok(None);
        }
        let turn = self.0.dreams.started.begin(id);
        Ok(turn.map(|turn| Box::new(|failure| turn.end(failure)) as Taken))
    }
}

#[cfg(test)]
mod tests;
