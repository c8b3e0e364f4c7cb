//! Sessions that nobody works on: those that a process left, and those that cannot go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use lucid_core::{Failure, Result, SessionId, SessionState, SessionStatus};
use lucid_store::SessionFilter;

use crate::ambient::{SystemClock, SystemEntropy};
use crate::lease::Claim;
use crate::managed::is_own_mission;
use crate::session::{SessionLog, Start, has_work};
use crate::state::Runtime;

/// What became of a session that cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Nothing is open in it any more.
    Done,
    /// Somebody else has it now.
    Elsewhere,
    /// It was deleted.
    Gone,
}

/// Sessions that have something to do and that nobody works on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unattended {
    /// Which.
    pub sessions: Vec<SessionId>,
    /// Why the first of those could not be read that could not be: they are left out.
    pub unread: Option<Failure>,
}

impl Runtime {
    /// The sessions of this kind that have something to do and that nobody works on: those
    /// that a process left while they worked, and those to which somebody wrote just before
    /// it ended. Those that a mission began are left to whoever runs missions.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn unattended(&self) -> Result<Unattended> {
        self.newly_unattended(&mut BTreeMap::new()).await
    }

    /// The same for whoever asks again and again: a session that was read and had nothing to do
    /// is in `looked`, with how many events it had, and is read again when it has more.
    ///
    /// # Errors
    /// As [`Runtime::unattended`].
    pub async fn newly_unattended(
        &self,
        looked: &mut BTreeMap<SessionId, u32>,
    ) -> Result<Unattended> {
        let (mut left, mut still) = (Unattended::default(), BTreeMap::new());
        for status in [SessionStatus::Running, SessionStatus::Rescheduling, SessionStatus::Idle] {
            let idle = status == SessionStatus::Idle;
            let filter =
                SessionFilter { status: Some(status), restless: idle, ..Default::default() };
            for found in self.store.sessions(&filter).await? {
                let (id, events) = (found.session.id, found.events);
                if looked.get(&id) == Some(&events) {
                    still.insert(id, events);
                    continue;
                }
                let state = match self.state_at_rest(&id).await {
                    Ok(Some(state)) => state,
                    Ok(None) => continue,
                    // One that was deleted meanwhile needs nobody.
                    Err(_) if matches!(self.store.session(&id).await, Ok(None)) => continue,
                    // The others are seen to all the same.
                    Err(failure) => {
                        left.unread.get_or_insert(failure.about(&id));
                        continue;
                    }
                };
                if (!idle || has_work(&state)) && self.is_talked_to(&id, &state) {
                    left.sessions.push(id);
                } else {
                    still.insert(id, events);
                }
            }
        }
        *looked = still;
        Ok(left)
    }

    /// What a session is now, by its log; none where somebody works on it: then it is not read.
    async fn state_at_rest(&self, id: &SessionId) -> Result<Option<SessionState>> {
        if self.is_running(id).await? {
            return Ok(None);
        }
        self.session_state(id).await.map(Some)
    }

    /// Whether somebody can talk to a session here: it has a mission of its own, and its files.
    /// A log that was imported may say what it likes, and stays as it is.
    fn is_talked_to(&self, id: &SessionId, state: &SessionState) -> bool {
        let start = Start::read(state.start.as_ref());
        start.is_ok_and(|start| is_own_mission(id, &start) && start.fixed.is_none())
            && self.session_folder(id).is_dir()
    }

    /// Writes down that a session cannot go on, so that nobody waits for it, and closes all
    /// that is open in it. The log of a deterministic session is left as it is.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub(crate) async fn cannot_go_on(&self, id: &SessionId, failure: &Failure) -> Result<Closed> {
        let claim = match Claim::try_take(self.store.clone(), &self.owner, id).await {
            Ok(Ok(claim)) => claim,
            Ok(Err(_)) => return Ok(Closed::Elsewhere),
            Err(_) if self.store.session(id).await?.is_none() => return Ok(Closed::Gone),
            Err(failure) => return Err(failure),
        };
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        let (store, epoch) = (self.store.clone(), claim.epoch());
        let mut log = SessionLog::new(store, id.clone(), epoch, clock, entropy);
        log.catch_up().await?;
        let start = Start::read(log.state().start.as_ref());
        if !start.is_ok_and(|start| start.fixed.is_some()) {
            log.cannot_go_on(failure).await?;
        }
        claim.give_back().await?;
        Ok(Closed::Done)
    }
}
