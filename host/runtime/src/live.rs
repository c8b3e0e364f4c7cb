//! Sessions at work in the background: whoever writes to one wakes it, and it works until it
//! rests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lucid_core::{Failure, Result, SessionId};
use tokio::sync::{Notify, Semaphore, watch};

use crate::mission::Mission;
use crate::session::{Approval, Approver, Ask};
use crate::state::Runtime;

/// Sessions that work at the same time; more wait for their turn.
const WORKING_MAX: usize = 256;

/// Missions kept loaded, of the sessions that worked last.
const LOADED_MAX: usize = 64;

/// Leaves every call to whoever talks to the session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeavesCalls;

#[async_trait]
impl Approver for LeavesCalls {
    async fn decide(&self, _ask: &Ask) -> Approval {
        Approval::Later
    }
}

/// What a session did that could not go on.
pub type Tell = Arc<dyn Fn(&SessionId, &Failure) + Send + Sync>;

/// Sessions at work in the background.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    runtime: Runtime,
    tell: Tell,
    /// Each session that is worked on, and whether somebody woke it since it last looked.
    working: Mutex<BTreeMap<SessionId, bool>>,
    loaded: Mutex<BTreeMap<SessionId, Arc<Mission>>>,
    permits: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    ended: Notify,
}

impl Live {
    /// Nothing works yet. What goes wrong outside a session's log is told.
    #[must_use]
    pub fn new(runtime: Runtime, tell: Tell) -> Self {
        Self(Arc::new(Inner {
            runtime,
            tell,
            working: Mutex::default(),
            loaded: Mutex::default(),
            permits: Arc::new(Semaphore::new(WORKING_MAX)),
            stop: watch::Sender::new(false),
            ended: Notify::new(),
        }))
    }

    /// Sees to a session: somebody wrote to it. Returns at once.
    pub fn wake(&self, id: &SessionId) {
        if *self.0.stop.borrow() {
            return;
        }
        let mut working = self.0.working();
        if let Some(again) = working.get_mut(id) {
            *again = true;
            return;
        }
        working.insert(id.clone(), false);
        drop(working);
        let (live, id) = (self.clone(), id.clone());
        tokio::spawn(async move { live.see_to(id).await });
    }

    /// Whether a session is worked on here now.
    #[must_use]
    pub fn is_working(&self, id: &SessionId) -> bool {
        self.0.working().contains_key(id)
    }

    /// How many sessions are worked on here now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.working().len()
    }

    /// Forgets a loaded mission, because it was changed.
    pub fn reload(&self, id: &SessionId) {
        self.0.loaded().remove(id);
    }

    /// Wakes every session that has something to do and that nobody works on.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn wake_all(&self) -> Result<usize> {
        let left = self.0.runtime.unattended().await?;
        left.iter().for_each(|id| self.wake(id));
        Ok(left.len())
    }

    /// Stops all work where it stands, gives the sessions back, and begins nothing more. What
    /// is on disk is gone on with by whoever wakes them next.
    pub async fn stop(&self) {
        self.0.stop.send_replace(true);
        loop {
            let ended = self.0.ended.notified();
            if self.0.working().is_empty() {
                return;
            }
            ended.await;
        }
    }

    async fn see_to(&self, id: SessionId) {
        let mut stop = self.0.stop.subscribe();
        loop {
            let worked = tokio::select! {
                worked = Box::pin(self.work(&id)) => worked,
                _ = stop.wait_for(|stop| *stop) => {
                    self.rested(&id);
                    return;
                }
            };
            if let Err(failure) = worked {
                (self.0.tell)(&id, &failure);
                if let Err(failure) = self.0.runtime.cannot_go_on(&id, &failure).await {
                    (self.0.tell)(&id, &failure);
                }
            }
            let mut working = self.0.working();
            match working.get_mut(&id) {
                Some(again) if *again => *again = false,
                _ => {
                    working.remove(&id);
                    drop(working);
                    self.0.ended.notify_waiters();
                    return;
                }
            }
        }
    }

    fn rested(&self, id: &SessionId) {
        self.0.working().remove(id);
        self.0.ended.notify_waiters();
    }

    async fn work(&self, id: &SessionId) -> Result<()> {
        let _permit = self.0.permits.acquire().await;
        let mission = self.mission(id).await?;
        self.0.runtime.work_on(&mission, id).await
    }

    /// The mission of a session, loaded once for as long as it works now and then.
    async fn mission(&self, id: &SessionId) -> Result<Arc<Mission>> {
        if let Some(mission) = self.0.loaded().get(id) {
            return Ok(mission.clone());
        }
        let state = self.0.runtime.session_state(id).await?;
        let mission = Arc::new(self.0.runtime.can_go_on(id, &state).await?);
        let mut loaded = self.0.loaded();
        if loaded.len() >= LOADED_MAX {
            // Ids begin with the time they were made: the oldest session goes.
            loaded.pop_first();
        }
        loaded.insert(id.clone(), mission.clone());
        Ok(mission)
    }
}

impl Inner {
    fn working(&self) -> MutexGuard<'_, BTreeMap<SessionId, bool>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loaded(&self) -> MutexGuard<'_, BTreeMap<SessionId, Arc<Mission>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
