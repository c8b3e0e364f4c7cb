//! Sessions at work in the background: whoever writes to one wakes it, and it works until it
//! rests.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use lucid_core::{Failure, Result, SessionId, SessionState, SessionStatus};
use tokio::sync::{Semaphore, watch};

use crate::lease;
use crate::mission::Mission;
use crate::session::{Approval, Approver, Ask};
use crate::state::Runtime;
use crate::unattended::{Closed, Unattended};

/// Sessions that work at the same time; more wait for their turn.
const WORKING_MAX: usize = 256;

/// Missions kept loaded, of the sessions that worked last.
const LOADED_MAX: usize = 64;

/// How long is waited before a session is looked at again that somebody else has, or of which
/// nothing can be written down: a second, and twice as long each time, so many times.
const PAUSES: (Duration, u32) = (Duration::from_secs(1), 6);

/// Leaves every call to whoever talks to the session.
#[derive(Debug, Clone, Copy)]
pub struct LeavesCalls;

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
    /// Each session that is worked on or held, and whether somebody woke it since it last looked.
    working: Mutex<BTreeMap<SessionId, bool>>,
    /// Those that are looked at again after a while.
    later: Mutex<BTreeSet<SessionId>>,
    loaded: Mutex<Loaded>,
    permits: Arc<Semaphore>,
    /// Each task listens to it as long as it is there.
    stop: watch::Sender<bool>,
}

/// Missions that are loaded.
#[derive(Default)]
struct Loaded {
    missions: BTreeMap<SessionId, Arc<Mission>>,
    /// How often one was forgotten: what was being loaded then may be the old one.
    forgotten: u64,
}

impl Live {
    /// Nothing works yet. What goes wrong outside a session's log is told.
    #[must_use]
    pub fn new(runtime: Runtime, tell: Tell) -> Self {
        Self(Arc::new(Inner {
            runtime,
            tell,
            working: Mutex::default(),
            later: Mutex::default(),
            loaded: Mutex::default(),
            permits: Arc::new(Semaphore::new(WORKING_MAX)),
            stop: watch::Sender::new(false),
        }))
    }

    /// Sees to a session: somebody wrote to it. Returns at once. One that a run of this process
    /// left, because it was canceled, goes on by this alone, not by what was written before.
    pub fn wake(&self, id: &SessionId) {
        self.0.runtime.owner.take_up(id);
        self.begin(id, 0);
    }

    fn begin(&self, id: &SessionId, pauses: u32) {
        // Listened to before it is looked at: `stop` waits for whoever listens.
        let stop = self.0.stop.subscribe();
        if *stop.borrow() {
            return;
        }
        if let Some(working) = Working::begin(self, id) {
            tokio::spawn(self.clone().see_to(stop, working, pauses));
        }
    }

    /// Has a session for whoever changes what it is, so that it is not worked on here meanwhile:
    /// who wakes it by then is heard afterwards. None where it is worked on.
    #[must_use]
    pub fn hold(&self, id: &SessionId) -> Option<Held> {
        let mut working = lock(&self.0.working);
        if working.contains_key(id) {
            return None;
        }
        working.insert(id.clone(), false);
        Some(Held { _working: Working { live: self.clone(), id: id.clone(), held: true } })
    }

    /// Whether a session is worked on here now, or held.
    #[must_use]
    pub fn is_working(&self, id: &SessionId) -> bool {
        lock(&self.0.working).contains_key(id)
    }

    /// How many sessions are worked on here now, or held.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.0.working).len()
    }

    /// Forgets a loaded mission, because it was changed, or its session deleted.
    pub fn reload(&self, id: &SessionId) {
        let mut loaded = lock(&self.0.loaded);
        loaded.missions.remove(id);
        loaded.forgotten += 1;
    }

    /// Takes away what was left half made, and wakes every session that has something to do
    /// and that nobody works on.
    ///
    /// # Errors
    /// Failed, when the store or the disk fails.
    pub async fn wake_all(&self) -> Result<usize> {
        self.0.runtime.tidy_half_made().await?;
        let Unattended { sessions, unread } = self.0.runtime.unattended().await?;
        sessions.iter().for_each(|id| self.wake(id));
        unread.map_or(Ok(sessions.len()), Err)
    }

    /// Stops all work where it stands, gives the sessions back, and begins nothing more. What
    /// is on disk is gone on with by whoever wakes them next.
    pub async fn stop(&self) {
        self.0.stop.send_replace(true);
        self.0.stop.closed().await;
    }

    async fn see_to(self, mut stop: watch::Receiver<bool>, mut working: Working, pauses: u32) {
        loop {
            let ended = tokio::select! {
                ended = Box::pin(self.attend(&working.id)) => Some(ended),
                _ = stop.wait_for(|stop| *stop) => None,
            };
            let Some(ended) = ended else {
                let Runtime { store, owner, .. } = &self.0.runtime;
                // One that stays is taken over when this process has ended.
                let _ = lease::let_go(store.as_ref(), owner, &working.id).await;
                return;
            };
            if working.rests() {
                if ended == Ended::Elsewhere {
                    self.look_later(&working.id, pauses);
                }
                return;
            }
        }
    }

    /// Looks at a session again after a while, unless everything stops before.
    fn look_later(&self, id: &SessionId, pauses: u32) {
        let mut stop = self.0.stop.subscribe();
        if *stop.borrow() || !lock(&self.0.later).insert(id.clone()) {
            return;
        }
        let (live, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            let pause = PAUSES.0 * 2_u32.saturating_pow(pauses.min(PAUSES.1));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            lock(&live.0.later).remove(&id);
            live.begin(&id, pauses.saturating_add(1));
        });
    }

    /// Works on a session until it rests, or its log says why it cannot go on.
    async fn attend(&self, id: &SessionId) -> Ended {
        let failure = match AssertUnwindSafe(self.work(id)).catch_unwind().await {
            Ok(Ok(ended)) => return ended,
            Ok(Err(failure)) => failure,
            Err(_) => Failure::bug(format!("working on session {id} panicked")),
        };
        match self.0.runtime.cannot_go_on(id, &failure).await {
            Ok(Closed::Done) => {
                (self.0.tell)(id, &failure);
                Ended::Rests
            }
            // Nobody misses what was deleted.
            Ok(Closed::Gone) => Ended::Rests,
            Ok(Closed::Elsewhere) => Ended::Elsewhere,
            Err(worse) => {
                (self.0.tell)(id, &failure);
                (self.0.tell)(id, &worse);
                Ended::Elsewhere
            }
        }
    }

    async fn work(&self, id: &SessionId) -> Result<Ended> {
        let _permit = self.0.permits.acquire().await;
        if self.0.runtime.owner.is_left(id) {
            return Ok(Ended::Rests);
        }
        let state = self.0.runtime.session_state(id).await?;
        if state.status == SessionStatus::Terminated {
            return Ok(Ended::Rests);
        }
        let mission = self.mission(id, &state).await?;
        let worked = self.0.runtime.work_on(&mission, id, &state).await?;
        Ok(if worked.is_ok() { Ended::Rests } else { Ended::Elsewhere })
    }

    /// The mission of a session, loaded once for as long as it works now and then.
    async fn mission(&self, id: &SessionId, state: &SessionState) -> Result<Arc<Mission>> {
        let forgotten = {
            let loaded = lock(&self.0.loaded);
            if let Some(mission) = loaded.missions.get(id) {
                return Ok(mission.clone());
            }
            loaded.forgotten
        };
        let mission = Arc::new(self.0.runtime.can_go_on(id, state).await?);
        let mut loaded = lock(&self.0.loaded);
        if loaded.forgotten == forgotten {
            if loaded.missions.len() >= LOADED_MAX {
                // Ids begin with the time they were made: the oldest session goes.
                loaded.missions.pop_first();
            }
            loaded.missions.insert(id.clone(), mission.clone());
        }
        Ok(mission)
    }
}

/// How looking after a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Nothing is left to do.
    Rests,
    /// Somebody else has it, or nothing can be written now.
    Elsewhere,
}

/// A session that is not worked on as long as this is there.
pub struct Held {
    _working: Working,
}

/// A session that is worked on, as long as this is there, however the work ends.
struct Working {
    live: Live,
    id: SessionId,
    held: bool,
}

impl Working {
    /// None where it is worked on already: that is told that somebody woke it again.
    fn begin(live: &Live, id: &SessionId) -> Option<Self> {
        let mut working = lock(&live.0.working);
        if let Some(again) = working.get_mut(id) {
            *again = true;
            return None;
        }
        working.insert(id.clone(), false);
        Some(Self { live: live.clone(), id: id.clone(), held: true })
    }

    /// Lets go of the session, unless somebody woke it meanwhile.
    fn rests(&mut self) -> bool {
        let mut working = lock(&self.live.0.working);
        if working.get_mut(&self.id).is_some_and(std::mem::take) {
            return false;
        }
        working.remove(&self.id);
        self.held = false;
        true
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if !self.held {
            return;
        }
        let again = lock(&self.live.0.working).remove(&self.id);
        if again == Some(true) && tokio::runtime::Handle::try_current().is_ok() {
            self.live.begin(&self.id, 0);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
