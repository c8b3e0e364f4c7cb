//! The dream of a schedule whose time has come: planned, begun, attended to its end.

use std::path::PathBuf;
use std::pin::Pin;

use lucid_core::{Clock as _, Dream, DreamId, DreamStatus, Result, Schedule, Timestamp};

use super::due;
use super::note::{SchedulerNote, Tell, tell_end};
use super::owed::{Owed, may_pass};
use super::scheduler::Scheduler;
use crate::{DreamAsked, DreamRun, SessionChoice};

impl Scheduler {
    /// Dreams as a schedule says. Says whether it was stopped.
    pub(super) async fn dream(
        &mut self,
        schedule: &Schedule,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> bool {
        let (id, now) = (&schedule.id, self.clock.now());
        let next = match due::next(schedule, now) {
            Ok(next) => next.map(|next| next.at),
            Err(failure) => {
                self.leave_out(schedule, now, &failure, tell).await;
                return false;
            }
        };
        // Before it dreams, so that a process which is killed does not begin anew each time: it
        // leaves a dream to go on with, or, killed before there is one, waits for the next time.
        let claimed = self.runtime.store.claim_schedule(id, schedule.last_run_at, now, next).await;
        match claimed {
            Ok(true) => {}
            Ok(false) => return false,
            Err(failure) => {
                self.put_off(schedule, Owed::Look, &failure, tell);
                return false;
            }
        }
        let planned = match self.runtime.plan_dream(&asked(schedule)).await {
            Ok(planned) => planned,
            Err(failure) if may_pass(&failure) => {
                self.put_back(schedule, &failure, tell).await;
                return false;
            }
            Err(failure) => {
                self.failed(schedule, &failure, tell);
                return false;
            }
        };
        let late_ms = schedule.next_run_at.map_or(0, |due| since(due, now));
        self.begin(schedule, &planned.id, Some(late_ms), stop, tell).await
    }

    /// Runs a dream that a schedule asked for; `late_ms` is told, where it is tried for the
    /// first time. Says whether it was stopped.
    pub(super) async fn begin(
        &mut self,
        schedule: &Schedule,
        dream: &DreamId,
        late_ms: Option<u64>,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> bool {
        let taken = match self.place.take(dream).await {
            Ok(Some(taken)) => taken,
            // Somebody may have had it run since it was written down.
            Ok(None) => return false,
            Err(failure) => {
                self.put_off(schedule, Owed::Dream(dream.clone()), &failure, tell);
                return false;
            }
        };
        if let Some(late_ms) = late_ms {
            tell(SchedulerNote::Began { schedule, dream, late_ms });
        }
        let (ended, stopped) = self.attend(dream, stop).await;
        taken(ended.as_ref().err().cloned());
        if let Err(failure) = &ended
            && may_pass(failure)
            && self.never_began(dream).await
        {
            self.put_off(schedule, Owed::Dream(dream.clone()), failure, tell);
            return stopped;
        }
        self.said.remove(&Some(schedule.id.clone()));
        tell_end(&schedule.id, &ended, tell);
        let canceled = ended.is_ok_and(|dream| dream.status == DreamStatus::Canceled);
        // Nobody but the end of this process stopped it. What cannot be written down now is
        // tried once more before it ends.
        if stopped && canceled && !matches!(self.give_back(schedule).await, Ok(true)) {
            self.owed.insert(schedule.id.clone(), (schedule.clone(), Owed::Time));
        }
        stopped
    }

    /// Runs a dream to its end, and cancels it when it is to stop. Says whether it was.
    async fn attend(
        &self,
        id: &DreamId,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> (Result<Dream>, bool) {
        let how = DreamRun::default();
        let mut run = Box::pin(self.runtime.run_dream(id, &how));
        tokio::select! {
            // One that is to stop by now does not begin.
            biased;
            () = stop => {}
            ended = run.as_mut() => return (ended, false),
        }
        // One that has ended meanwhile cannot be canceled, and need not be.
        let canceled = self.runtime.cancel_dream(id).await.ok();
        let canceled = canceled.filter(|dream| dream.status == DreamStatus::Canceled);
        let ended = run.await;
        // One that had not begun by then never does, which is no failure.
        (canceled.map_or(ended, Ok), true)
    }
}

/// What a schedule asks for.
fn asked(schedule: &Schedule) -> DreamAsked {
    let sessions = schedule.last_n.map_or(SessionChoice::All, SessionChoice::Last);
    let instructions = Some(schedule.instructions.clone()).filter(|text| !text.is_empty());
    DreamAsked {
        instructions,
        policy: schedule.policy,
        mission: schedule.mission.as_ref().map(PathBuf::from),
        ..DreamAsked::new(&schedule.strategy, schedule.memory_store.clone(), sessions)
    }
}

fn since(then: Timestamp, now: Timestamp) -> u64 {
    now.as_millis().saturating_sub(then.as_millis())
}
