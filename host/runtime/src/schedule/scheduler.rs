//! Running schedules: one scheduler for each state folder, one dream at a time.

#![allow(clippy::disallowed_methods, reason = "locks a file in the state folder, no guest's")]

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{
    Clock as _, Dream, DreamId, DreamStatus, Failure, Result, Schedule, ScheduleId, Timestamp,
};

use super::due::{self, Due, Known};
use super::note::{SchedulerNote, Tell, started, tell_end};
use super::place::{Alone, SchedulerPlace};
use crate::ambient::SystemClock;
use crate::state::Runtime;
use crate::{DreamAsked, DreamRun, SessionChoice};

/// How often the schedules are looked at: one that is added, paused or resumed meanwhile is
/// seen, and a machine that slept notices what it missed.
const POLL: Duration = Duration::from_secs(5);

/// Runs the schedules of a state folder. There is at most one: it holds the lock of a file, and
/// the system lets go of that when the process ends, however it ends.
pub struct Scheduler {
    runtime: Runtime,
    place: Arc<dyn SchedulerPlace>,
    clock: SystemClock,
    /// What was said about a schedule last, so that it is said once.
    said: BTreeMap<ScheduleId, String>,
    _lock: File,
}

impl Scheduler {
    /// Becomes the scheduler of a runtime's state folder, in a process that does nothing else.
    ///
    /// # Errors
    /// As [`Scheduler::within`].
    pub fn new(runtime: &Runtime) -> Result<Self> {
        Self::within(runtime, Arc::new(Alone))
    }

    /// Becomes the scheduler of a runtime's state folder, in a place that has a say in it.
    ///
    /// # Errors
    /// Failed, when another process is, or the folder cannot be used.
    pub fn within(runtime: &Runtime, place: Arc<dyn SchedulerPlace>) -> Result<Self> {
        let path = runtime.state.join("scheduler.lock");
        let failed =
            |error: std::io::Error| Failure::failed(format!("file {}: {error}", path.display()));
        let open = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = open.map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let state = runtime.state.display();
                Failure::failed(format!("another process runs the schedules of {state}"))
                    .hint("one is enough: `lucid dream schedule list` shows when each is due")
            }
            TryLockError::Error(error) => failed(error),
        })?;
        let (clock, said) = (SystemClock::default(), BTreeMap::new());
        Ok(Self { runtime: runtime.clone(), place, clock, said, _lock: lock })
    }

    /// Runs what is due until `stop` comes, or once. When it is stopped while a dream runs that
    /// a schedule began, it cancels the dream and waits for that; the schedule is due again when
    /// a scheduler starts. One that it only went on with it leaves, for whoever starts next.
    ///
    /// # Errors
    /// Failed, when the store fails. What goes wrong with one schedule is told, and the others
    /// go on.
    pub async fn run(
        &mut self,
        once: bool,
        stop: impl Future<Output = ()> + Send,
        tell: Tell<'_>,
    ) -> Result<()> {
        let mut stop = pin!(stop);
        let schedules = self.runtime.store.schedules().await?;
        tell(started(&schedules));
        let mut stopped = self.go_on(&schedules, stop.as_mut(), tell).await?;
        while !stopped {
            if let Some(schedule) = self.look(tell).await? {
                stopped = self.dream(&schedule, stop.as_mut(), tell).await?;
            } else if once {
                break;
            } else {
                tokio::select! {
                    () = tokio::time::sleep(POLL) => {}
                    () = stop.as_mut() => stopped = true,
                }
            }
        }
        tell(SchedulerNote::Stopped);
        Ok(())
    }

    /// Dreams what a process left when it ended, of stores that have a schedule. Says whether
    /// it was stopped: what it dreams then stays as it is, since no schedule would ask for it
    /// again.
    async fn go_on(
        &self,
        schedules: &[Schedule],
        mut stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> Result<bool> {
        for (schedule, dream) in self.left(schedules).await? {
            let id = &dream.id;
            let Some(taken) = self.place.take(id).await? else { continue };
            // Somebody may have run it since it was found.
            if !self.runtime.waits_to_run(id).await? {
                taken(None);
                continue;
            }
            if let Err(failure) = self.place.check(&dream.memory_store_in, dream.policy).await {
                tell(SchedulerNote::Failed { schedule: &schedule, failure: &failure });
                taken(None);
                continue;
            }
            tell(SchedulerNote::WentOn { dream: id });
            let how = DreamRun::default();
            let ended = tokio::select! {
                ended = Box::pin(self.runtime.run_dream(id, &how)) => ended,
                () = stop.as_mut() => return Ok(true),
            };
            tell_end(&schedule, &ended, tell);
            taken(ended.err());
        }
        Ok(false)
    }

    /// The dreams that nobody runs, of stores that have a schedule: those that began, and those
    /// that a schedule asked for, and its process ended before they could begin.
    async fn left(&self, schedules: &[Schedule]) -> Result<Vec<(ScheduleId, Dream)>> {
        let interrupted = self.runtime.interrupted_dreams().await?;
        let mut left = Vec::new();
        for dream in self.runtime.store.dreams_in_short().await? {
            let is_left = |one: &&Schedule| match dream.status {
                DreamStatus::Pending => has_asked_for(one, &dream),
                _ => one.memory_store == dream.memory_store_in && interrupted.contains(&dream.id),
            };
            if let Some(schedule) = schedules.iter().find(is_left) {
                left.push((schedule.id.clone(), dream));
            }
        }
        Ok(left)
    }

    /// The schedule that dreams now, if one does; what the others do is told.
    async fn look(&mut self, tell: Tell<'_>) -> Result<Option<Schedule>> {
        let mut schedules = self.runtime.store.schedules().await?;
        // Who waits longest comes first.
        schedules.sort_by(|a, b| (a.next_run_at, &a.id).cmp(&(b.next_run_at, &b.id)));
        for schedule in schedules {
            let now = self.clock.now();
            if !due::has_come(&schedule, now) {
                continue;
            }
            let known = match self.known(&schedule).await {
                Ok(known) => known,
                Err(failure) => {
                    self.failed(&schedule, &failure, tell);
                    self.move_on(&schedule, now).await?;
                    continue;
                }
            };
            match due::due(&schedule, known, now) {
                Due::Later => {}
                Due::Now => return Ok(Some(schedule)),
                Due::Busy => {
                    if self.is_news(&schedule, "busy") {
                        tell(SchedulerNote::Busy { schedule: &schedule });
                    }
                }
                Due::NothingNew => {
                    let next = self.move_on(&schedule, now).await?;
                    let found = known.new_sessions;
                    tell(SchedulerNote::NothingNew { schedule: &schedule, found, next });
                }
            }
        }
        Ok(None)
    }

    /// What is known of a schedule's store, where it may be dreamt over.
    async fn known(&self, schedule: &Schedule) -> Result<Known> {
        let store = &schedule.memory_store;
        self.place.check(store, schedule.policy).await?;
        let mut is_dreaming = false;
        for dream in self.runtime.store.dreams_in_short().await? {
            let runs = matches!(dream.status, DreamStatus::Pending | DreamStatus::Running);
            if runs && dream.memory_store_in == *store {
                is_dreaming |= self.runtime.is_dreaming(&dream.id).await?;
            }
        }
        let (strategy, theme) = (name_of(&schedule.strategy), &schedule.instructions);
        let new_sessions = self.runtime.new_sessions(store, strategy, theme).await?;
        Ok(Known { new_sessions, is_dreaming })
    }

    /// Writes down when a schedule looks again, without having dreamt.
    async fn move_on(&self, schedule: &Schedule, now: Timestamp) -> Result<Option<Timestamp>> {
        let next = due::next(schedule, now).ok().flatten().map(|next| next.at);
        // As it is now: somebody may have paused or removed it since.
        let current = self.runtime.store.schedule(&schedule.id).await?;
        if let Some(current) = current.filter(|current| !current.paused) {
            let moved = Schedule { next_run_at: next, ..current.clone() };
            // Where somebody was faster, the next look sees what they want.
            self.runtime.store.change_schedule(&current, &moved).await?;
        }
        Ok(next)
    }

    /// Dreams as a schedule says. Says whether it was stopped.
    async fn dream(
        &mut self,
        schedule: &Schedule,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> Result<bool> {
        let (id, now) = (&schedule.id, self.clock.now());
        let next = match due::next(schedule, now) {
            Ok(next) => next.map(|next| next.at),
            Err(failure) => {
                self.failed(schedule, &failure, tell);
                self.move_on(schedule, now).await?;
                return Ok(false);
            }
        };
        // Before it dreams, so that a process which is killed does not begin anew each time: it
        // leaves a dream to go on with, or, killed before there is one, waits for the next time.
        let store = self.runtime.store.clone();
        if !store.claim_schedule(id, schedule.last_run_at, now, next).await? {
            return Ok(false);
        }
        let planned = match self.runtime.plan_dream(&asked(schedule)).await {
            Ok(planned) => planned,
            Err(failure) => {
                self.failed(schedule, &failure, tell);
                return Ok(false);
            }
        };
        // Somebody may have had it run since it was written down.
        let Some(taken) = self.place.take(&planned.id).await? else { return Ok(false) };
        self.said.remove(id);
        let late_ms = schedule.next_run_at.map_or(0, |due| since(due, now));
        tell(SchedulerNote::Began { schedule, dream: &planned.id, late_ms });
        let (ended, stopped) = self.attend(&planned.id, stop).await;
        tell_end(id, &ended, tell);
        taken(ended.as_ref().err().cloned());
        let canceled = ended.is_ok_and(|dream| dream.status == DreamStatus::Canceled);
        if !(stopped && canceled) {
            return Ok(stopped);
        }
        if let Some(current) = store.schedule(id).await?.filter(|current| !current.paused) {
            // Nobody but the end of this process stopped it.
            let again = Schedule { next_run_at: schedule.next_run_at, ..current.clone() };
            store.change_schedule(&current, &again).await?;
        }
        Ok(stopped)
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
            ended = run.as_mut() => return (ended, false),
            () = stop => {}
        }
        // One that has ended meanwhile cannot be canceled, and need not be.
        let canceled = self.runtime.cancel_dream(id).await.ok();
        let canceled = canceled.filter(|dream| dream.status == DreamStatus::Canceled);
        let ended = run.await;
        // One that had not begun by then never does, which is no failure.
        (canceled.map_or(ended, Ok), true)
    }

    fn failed(&mut self, schedule: &Schedule, failure: &Failure, tell: Tell<'_>) {
        if self.is_news(schedule, &failure.message) {
            tell(SchedulerNote::Failed { schedule: &schedule.id, failure });
        }
    }

    /// Whether something was not what was said about a schedule last, for the same time.
    fn is_news(&mut self, schedule: &Schedule, what: &str) -> bool {
        let time = schedule.next_run_at.unwrap_or_default();
        let news = format!("{time} {what}");
        self.said.insert(schedule.id.clone(), news.clone()).is_none_or(|said| said != news)
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

/// Whether a dream is one that a schedule asked for when it ran last.
fn has_asked_for(schedule: &Schedule, dream: &Dream) -> bool {
    schedule.memory_store == dream.memory_store_in
        && name_of(&schedule.strategy) == dream.strategy
        && schedule.instructions == dream.instructions
        && schedule.policy == dream.policy
        && schedule.last_run_at.is_some_and(|last| last <= dream.created_at)
}

/// What dreams with a strategy call it: of a file, its name without what follows the dot.
fn name_of(strategy: &str) -> &str {
    let file = Path::new(strategy);
    let stem = file.file_stem().filter(|_| strategy.ends_with(".wasm"));
    stem.and_then(|stem| stem.to_str()).unwrap_or(strategy)
}

fn since(then: Timestamp, now: Timestamp) -> u64 {
    now.as_millis().saturating_sub(then.as_millis())
}
