//! What goes on in a workspace without a request.

use std::sync::Arc;

use lucid_core::Result;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

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
        self.tasks.spawn(crate::webhooks::run(space.clone(), self.stopping.clone()));
        self.tasks.spawn(crate::deployments::run(space.clone(), self.stopping.clone()));
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

/// Sessions and dreams that were interrupted go on.
async fn resume(space: Arc<Space>) {
    let log = &space.log;
    let told = |what: &str, resumed: Result<usize>| match resumed {
        Ok(0) => {}
        Ok(count) => log.info(&format!("{count} {what} go on that were interrupted")),
        Err(failure) => log.error(&format!("{what} that were interrupted: {failure}")),
    };
    told("sessions", crate::sessions::wake_all(&space).await);
    told("dreams", crate::dreams::resume(&space).await);
}
