//! What a scheduler tells of.

use lucid_core::{Dream, DreamId, Failure, Result, Schedule, ScheduleId, Timestamp};

/// What a scheduler tells of.
#[derive(Debug)]
pub enum SchedulerNote<'a> {
    /// It runs.
    Started {
        /// Schedules that are not paused.
        schedules: u32,
        /// When the first of them is due.
        next: Option<Timestamp>,
    },
    /// It goes on with a dream that a process left when it ended.
    WentOn {
        /// The dream.
        dream: &'a DreamId,
    },
    /// A schedule waits until another dream of its store has ended.
    Busy {
        /// The schedule.
        schedule: &'a Schedule,
    },
    /// A schedule leaves this time out: too little is new.
    NothingNew {
        /// The schedule.
        schedule: &'a Schedule,
        /// Sessions that are new.
        found: u32,
        /// When it looks again.
        next: Option<Timestamp>,
    },
    /// A schedule begins to dream.
    Began {
        /// The schedule.
        schedule: &'a Schedule,
        /// The dream.
        dream: &'a DreamId,
        /// How long after the time that was written down, in milliseconds.
        late_ms: u64,
    },
    /// A dream ended.
    Ended {
        /// The dream.
        dream: &'a Dream,
    },
    /// The store failed. What is due stays so, and is tried again at the next look; told once
    /// for each reason.
    Waits {
        /// The schedule; none, when not even that can be read which is due.
        schedule: Option<&'a ScheduleId>,
        /// Why.
        failure: &'a Failure,
    },
    /// A schedule could not do what it is for. It tries again when it is due next.
    Failed {
        /// The schedule.
        schedule: &'a ScheduleId,
        /// Why.
        failure: &'a Failure,
    },
    /// It ends.
    Stopped,
}

/// Hears what a scheduler tells of. Must not block.
pub type Tell<'a> = &'a (dyn Fn(SchedulerNote<'_>) + Send + Sync);

/// What is told when a scheduler begins.
pub(super) fn started(schedules: &[Schedule]) -> SchedulerNote<'static> {
    let active = || schedules.iter().filter(|one| !one.paused);
    SchedulerNote::Started {
        schedules: u32::try_from(active().count()).unwrap_or(u32::MAX),
        next: active().filter_map(|one| one.next_run_at).min(),
    }
}

/// Tells how a dream ended, or why it could not be run to its end.
pub(super) fn tell_end(schedule: &ScheduleId, ended: &Result<Dream>, tell: Tell<'_>) {
    match ended {
        Ok(dream) => tell(SchedulerNote::Ended { dream }),
        Err(failure) => tell(SchedulerNote::Failed { schedule, failure }),
    }
}
