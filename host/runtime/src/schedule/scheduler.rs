//! Running schedules: one scheduler for each state folder, one dream at a time.

#![allow(clippy::disallowed_methods, reason = "locks a file in the state folder, no guest's")]

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{
    Clock as _, Dream, DreamStatus, Failure, Result, Schedule, ScheduleId, Timestamp,
};

use super::due::{self, Due, Known};
use super::note::{SchedulerNote, Tell, started, tell_end};
use super::owed::{Owed, may_pass};
use super::place::{Alone, SchedulerPlace};
use crate::DreamRun;
use crate::ambient::SystemClock;
use crate::state::Runtime;

/// How often the schedules are looked at: one that is added, paused or resumed meanwhile is
/// seen, and a machine that slept notices what it missed.
const POLL: Duration = Duration::from_secs(5);

/// Runs the schedules of a state folder. There is at most one: it holds the lock of a file, and
/// the system lets go of that when the process ends, however it ends.
pub struct Scheduler {
    pub(super) runtime: Runtime,
    pub(super) place: Arc<dyn SchedulerPlace>,
    pub(super) clock: SystemClock,
    /// How long it waits from one look to the next.
    pub(super) poll: Duration,
    /// What was said about a schedule last, or about all, so that it is said once.
    pub(super) said: BTreeMap<Option<ScheduleId>, String>,
    /// Those that are not looked at before the next look, because the store failed.
    pub(super) owed: BTreeMap<ScheduleId, (Schedule, Owed)>,
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
        let (runtime, clock) = (runtime.clone(), SystemClock::default());
        let (said, owed) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { runtime, place, clock, poll: POLL, said, owed, _lock: lock })
    }

    /// Runs what is due until `stop` comes, or once. When it is stopped while a dream runs that
    /// a schedule began, it cancels the dream and waits for that; the schedule is due again when
    /// a scheduler starts. One that it only went on with it leaves, for whoever starts next.
    ///
    /// Where the store fails meanwhile, what is due stays so, and is tried again at the next look.
    ///
    /// # Errors
    /// Failed, when the store fails as it begins, or at its only look. What goes wrong with one
    /// schedule is told, and the others go on.
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
        let mut ended = Ok(());
        while !stopped {
            match self.turn(stop.as_mut(), tell).await {
                Ok(Some(was_stopped)) => stopped = was_stopped,
                Ok(None) if once => break,
                Err(failure) if once || !may_pass(&failure) => {
                    ended = Err(failure);
                    break;
                }
                rests => {
                    if let Err(failure) = rests
                        && self.is_news(None, &failure.message)
                    {
                        tell(SchedulerNote::Waits { schedule: None, failure: &failure });
                    }
                    tokio::select! {
                        () = tokio::time::sleep(self.poll) => {
                            stopped = self.settle(stop.as_mut(), tell).await;
                        }
                        () = stop.as_mut() => stopped = true,
                    }
                }
            }
        }
        self.close(tell).await;
        tell(SchedulerNote::Stopped);
        ended
    }

    /// Dreams what is due first, if something is. Says whether it was stopped; none when nothing
    /// is due.
    pub(super) async fn turn(
        &mut self,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        tell: Tell<'_>,
    ) -> Result<Option<bool>> {
        let Some(schedule) = self.look(tell).await? else { return Ok(None) };
        Ok(Some(self.dream(&schedule, stop, tell).await))
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
        self.said.remove(&None);
        // Who waits longest comes first.
        schedules.sort_by(|a, b| (a.next_run_at, &a.id).cmp(&(b.next_run_at, &b.id)));
        for schedule in schedules {
            let now = self.clock.now();
            if self.owed.contains_key(&schedule.id) || !due::has_come(&schedule, now) {
                continue;
            }
            let known = match self.known(&schedule).await {
                Ok(known) => known,
                Err(failure) if may_pass(&failure) => {
                    self.put_off(&schedule, Owed::Look, &failure, tell);
                    continue;
                }
                Err(failure) => {
                    self.leave_out(&schedule, now, &failure, tell).await;
                    continue;
                }
            };
            match due::due(&schedule, known, now) {
                Due::Later => {}
                Due::Now => return Ok(Some(schedule)),
                Due::Busy => {
                    if self.is_news(Some(&schedule), "busy") {
                        tell(SchedulerNote::Busy { schedule: &schedule });
                    }
                }
                Due::NothingNew => match self.move_on(&schedule, now).await {
                    Ok(next) => {
                        let found = known.new_sessions;
                        tell(SchedulerNote::NothingNew { schedule: &schedule, found, next });
                    }
                    Err(failure) => self.put_off(&schedule, Owed::Look, &failure, tell),
                },
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

    /// Leaves a time of a schedule out, and says why.
    pub(super) async fn leave_out(
        &mut self,
        schedule: &Schedule,
        now: Timestamp,
        failure: &Failure,
        tell: Tell<'_>,
    ) {
        match self.move_on(schedule, now).await {
            Ok(_) => self.failed(schedule, failure, tell),
            Err(worse) => self.put_off(schedule, Owed::Look, &worse, tell),
        }
    }

    pub(super) fn failed(&mut self, schedule: &Schedule, failure: &Failure, tell: Tell<'_>) {
        if self.is_news(Some(schedule), &failure.message) {
            tell(SchedulerNote::Failed { schedule: &schedule.id, failure });
        }
    }

    /// Whether something was not what was said last, about a schedule and the same time of it, or
    /// about all.
    pub(super) fn is_news(&mut self, schedule: Option<&Schedule>, what: &str) -> bool {
        let time = schedule.and_then(|one| one.next_run_at).unwrap_or_default();
        let news = format!("{time} {what}");
        let about = schedule.map(|one| one.id.clone());
        self.said.insert(about, news.clone()).is_none_or(|said| said != news)
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
