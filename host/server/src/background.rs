//! What goes on in a workspace without a request.

use std::sync::Arc;

use lucid_core::Result;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::sessions::{Looked, settle, sweep, wake_all};
use crate::space::Space;

/// What goes on in all workspaces, and how it ends. A clone is the same.
#[derive(Debug, Clone)]
pub(crate) struct Background {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Background {
    /// Nothing goes on yet; everything ends when the server stops.
    pub(crate) fn new(stopping: CancellationToken) -> Self {
        Self { stopping, tasks: TaskTracker::new() }
    }

    /// Begins what goes on in a workspace.
    pub(crate) fn start(&self, space: &Arc<Space>) {
        self.dropped_at_the_end(resume(space.clone()));
        self.dropped_at_the_end(crate::files::tidy(space.clone()));
        self.tasks.spawn(crate::webhooks::run(space.clone(), self.stopping.clone()));
        self.tasks.spawn(crate::deployments::run(space.clone(), self.stopping.clone()));
        self.tasks.spawn(crate::dreams::run_schedules(space.clone(), self.stopping.clone()));
    }

    /// Runs something that may be dropped at any moment when the server stops.
    fn dropped_at_the_end(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move { stopping.run_until_cancelled(work).await });
    }

    /// Waits until all of it has ended, which it does when the server stops.
    pub(crate) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// What was left half made is taken away. Sessions and dreams that were interrupted go on; and
/// sessions from then on, should any be left with something to do.
async fn resume(space: Arc<Space>) {
    let log = &space.log;
    let told = |what: &str, resumed: Result<usize>| match resumed {
        Ok(0) => {}
        Ok(count) => log.info(&format!("{count} {what} go on that were interrupted")),
        Err(failure) => log.error(&format!("{what} that were interrupted: {failure}")),
    };
    if let Err(failure) = space.runtime.tidy_half_made().await {
        log.error(&format!("sessions that were left half made: {failure}"));
    }
    settle(&space).await;
    let mut looked = Looked::default();
    told("sessions", wake_all(&space, &mut looked).await);
    told("dreams", crate::dreams::resume(&space).await);
    sweep(&space, looked).await;
}
