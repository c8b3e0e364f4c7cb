//! What a scheduler could not do because the store failed, and does at its next look.

use std::pin::Pin;

use lucid_core::{Dream, DreamId, DreamStatus, Failure, FailureKind, Result, Schedule};

use super::note::{SchedulerNote, Tell};
use super::scheduler::Scheduler;

/// What a schedule is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owed {
    /// A look: it is due, as the store has it.
    Look,
    /// Its time: that was taken, and nothing came of it.
    Time,
    /// This dream, which is written down and has not begun.
    Dream(DreamId),
}

/// Whether something failed that may do well the next time: the store, or what that lies on.
pub(super) fn may_pass(failure: &Failure) -> bool {
    failure.kind == FailureKind::Failed
}

impl Scheduler {
    /// Leaves a schedule for the next look, and says why.
    pub(super) fn put_off(
        &mut self,
        schedule: &Schedule,
        owed: Owed,
        failure: &Failure,
        tell: Tell<'_>,
    ) {
        self.owed.insert(schedule.id.clone(), (schedule.clone(), owed));
        if self.is_news(Some(schedule), &format!("waits: {}", failure.message)) {
            tell(SchedulerNote::Waits { schedule: Some(&schedule.id), failure });
        }
    }

    /// The same for one whose time was taken for nothing.
    pub(super) async fn put_back(
        &mut self,
        schedule: &Schedule,
        failure: &Failure,
        tell: Tell<'_>,
    ) {
        let given = self.give_back(schedule).await;
        let owed = if matches!(given, Ok(true)) { Owed::Look } else { Owed::Time };
        self.put_off(schedule, owed, failure, tell);
    }

    /// Lets a schedule be due as it was before its time was taken, unless somebody paused or
    /// removed it; false, when somebody else changes it this moment.
    pub(super) async fn give_back(&self, schedule: &Schedule) -> Result<bool> {
        let store = &self.runtime.store;
        let now = store.schedule(&schedule.id).await?.filter(|now| !now.paused);
        let Some(now) = now else { return Ok(true) };
        let again = Schedule { next_run_at: schedule.next_run_at, ..now.clone() };
        store.change_schedule(&now, &again).await
    }

    /// Does what is owed, as far as the store lets it. Says whether it was stopped.
    pub(super) async fn settle(
        &mut self,
        mut stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> bool {
        let ids: Vec<_> = self.owed.keys().cloned().collect();
        for id in ids {
            let Some((schedule, owed)) = self.owed.remove(&id) else { continue };
            match owed {
                Owed::Look => {}
                Owed::Time => match self.give_back(&schedule).await {
                    Ok(true) => {}
                    Ok(false) | Err(_) => {
                        self.owed.insert(id, (schedule, Owed::Time));
                    }
                },
                Owed::Dream(dream) => {
                    if self.begin_again(&schedule, &dream, stop.as_mut(), tell).await {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Begins a dream that could not begin before. Says whether it was stopped.
    async fn begin_again(
        &mut self,
        schedule: &Schedule,
        id: &DreamId,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> bool {
        let waits = async {
            // One that began meanwhile is gone on with as any other.
            let waits = pending(self.runtime.store.dream(id).await?);
            if waits {
                self.place.check(&schedule.memory_store, schedule.policy).await?;
            }
            Ok(waits)
        };
        match waits.await {
            Ok(true) => self.begin(schedule, id, None, stop, tell).await,
            Ok(false) => false,
            Err(failure) if may_pass(&failure) => {
                self.put_off(schedule, Owed::Dream(id.clone()), &failure, tell);
                false
            }
            Err(failure) => {
                tell(SchedulerNote::Failed { schedule: &schedule.id, failure: &failure });
                false
            }
        }
    }

    /// Whether a dream that failed has not even begun; also where that cannot be read now: it is
    /// asked again before it is begun.
    pub(super) async fn never_began(&self, id: &DreamId) -> bool {
        match self.runtime.store.dream(id).await {
            Ok(found) => pending(found),
            Err(_) => true,
        }
    }

    /// Before it ends: what is owed is written down, or it is told that it cannot be. A dream
    /// that has not begun is found by whoever begins next.
    pub(super) async fn close(&mut self, tell: Tell<'_>) {
        for (id, (schedule, owed)) in std::mem::take(&mut self.owed) {
            if owed != Owed::Time {
                continue;
            }
            let why = match self.give_back(&schedule).await {
                Ok(true) => continue,
                Ok(false) => "somebody else changes it".to_owned(),
                Err(failure) => failure.message,
            };
            let time = schedule.next_run_at.unwrap_or_default();
            let failure = Failure::failed(format!(
                "its time of {time} is left out: it cannot be written down that it is due ({why})"
            ))
            .hint("dream now with `lucid dream start`, or wait for its next time");
            tell(SchedulerNote::Failed { schedule: &id, failure: &failure });
        }
    }
}

fn pending(dream: Option<Dream>) -> bool {
    dream.is_some_and(|dream| dream.status == DreamStatus::Pending)
}

#[cfg(test)]
mod tests;
