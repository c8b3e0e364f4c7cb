//! Dreaming of a store again and again.

use std::path::{Path, PathBuf};

use lucid_core::{Result, ReviewPolicy, Schedule, ScheduleId, Timestamp};
use lucid_runtime::ScheduleAsked;
use serde::{Deserialize, Serialize};

use crate::dream::files::check_strategy;
use crate::dream::start::{instructions, planned, strategy};
use crate::find::pick;
use crate::hidden::told;
use crate::memory::find_store;
use crate::stage::Stage;
use crate::verb::Verb;

/// Times of a schedule that are shown.
const UPCOMING: usize = 3;

/// When a schedule runs where nobody says.
const NIGHTLY: &str = "@nightly";

/// A schedule, with when it runs next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleShown {
    /// The schedule.
    pub schedule: Schedule,
    /// Its next times, of which there may be none.
    pub upcoming: Vec<Timestamp>,
}

/// Adds a schedule. What is none here is as the mission says, else as usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddSchedule {
    /// The memory store: an id, the unique start of one, or `latest`.
    pub memory: String,
    /// When: `@hourly`, `@nightly`, `@weekly`, or five fields of cron; usually `@nightly`.
    pub cron: Option<String>,
    /// By the wall clock of which place.
    pub time_zone: Option<String>,
    /// The place where neither says one: that of whoever asks.
    pub own_time_zone: String,
    /// A bundled strategy, or, where the folder is, the file of one; usually `consolidate`.
    pub strategy: Option<String>,
    /// What it is to look for, 1 to 4,096 characters.
    pub instructions: Option<String>,
    /// Who decides about its operations; usually a person.
    pub policy: Option<ReviewPolicy>,
    /// The mission whose `[dream]` counts: over a server its name there; where the folder is, a
    /// path.
    pub mission: Option<PathBuf>,
    /// How many of the newest sessions are read; none for all.
    pub last_n: Option<u32>,
    /// It dreams only when so many sessions are new; usually 1.
    pub min_new: Option<u32>,
    /// How much later than its time it may begin, in milliseconds; at most an hour.
    pub jitter_ms: u64,
}

impl Verb for AddSchedule {
    const NAME: &'static str = "add_schedule";
    const CHANGES: bool = true;
    type Answer = ScheduleShown;

    /// # Errors
    /// Invalid, when there is no such store, strategy, mission or time zone, the time cannot be
    /// read or never comes, something is of another machine, or a server has archived the
    /// store; exceeded, when there are too many; denied, when the strategy asks for more than it
    /// is granted, or whoever runs the server wants a person to decide.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        check_strategy(stage.around().is_here(), self.strategy.as_deref())?;
        let planned = planned(stage, self.mission.as_deref()).await?;
        let plan = planned.as_ref().map(|planned| &planned.plan);
        let times = plan.and_then(|plan| plan.schedule.as_ref());
        let memory_store = find_store(stage, &self.memory).await?.id;
        let policy = self.policy.or(plan.map(|plan| plan.policy)).unwrap_or_default();
        stage.around().dreams().check_asked(&memory_store, policy).await?;
        let asked = ScheduleAsked {
            memory_store,
            strategy: strategy(self.strategy.as_deref(), plan).to_owned(),
            instructions: instructions(self.instructions, plan),
            cron: self
                .cron
                .or_else(|| times.map(|times| times.cron.clone()))
                .unwrap_or_else(|| NIGHTLY.to_owned()),
            time_zone: self
                .time_zone
                .or_else(|| times.map(|times| times.time_zone.clone()))
                .unwrap_or(self.own_time_zone),
            policy,
            mission: planned.as_ref().map(|planned| planned.mission.clone()),
            last_n: self.last_n,
            min_new: self.min_new.or(times.map(|times| times.min_new)).unwrap_or(1),
            jitter_ms: self.jitter_ms,
        };
        // What could not run is said now, and not at night.
        if plan.is_none_or(|plan| plan.strategy.name != asked.strategy) {
            stage.runtime.check_strategy(&asked.strategy).await?;
        }
        let added = stage.runtime.add_schedule(&asked).await;
        let schedule = added.map_err(|failure| match &asked.mission {
            Some(folder) => told(stage, failure, folder),
            None => failure,
        })?;
        shown(stage, schedule)
    }
}

/// Lists the schedules, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSchedules {}

impl Verb for ListSchedules {
    const NAME: &'static str = "list_schedules";
    const CHANGES: bool = false;
    type Answer = Vec<ScheduleShown>;

    /// # Errors
    /// Failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let all = stage.runtime.schedules().await?.into_iter();
        let shown = all.map(|schedule| {
            // One whose time zone is not known any more is listed all the same.
            let upcoming = stage.runtime.upcoming(&schedule, UPCOMING).unwrap_or_default();
            ScheduleShown { schedule: named(stage, schedule), upcoming }
        });
        Ok(shown.collect())
    }
}

/// Leaves a schedule out, or goes on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseSchedule {
    /// The schedule: an id, the unique start of one, or `latest`.
    pub id: String,
    /// Whether it is left out from now on; else it goes on from its next time on.
    pub paused: bool,
}

impl Verb for PauseSchedule {
    const NAME: &'static str = "pause_schedule";
    const CHANGES: bool = true;
    type Answer = ScheduleShown;

    /// # Errors
    /// Invalid, when there is no such schedule, or its time zone is not known any more.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let id = find(stage, &self.id).await?;
        let schedule = match self.paused {
            true => stage.runtime.pause_schedule(&id).await?,
            false => stage.runtime.resume_schedule(&id).await?,
        };
        shown(stage, schedule)
    }
}

/// Removes a schedule; its dreams stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveSchedule {
    /// The schedule: an id, the unique start of one, or `latest`.
    pub id: String,
}

impl Verb for RemoveSchedule {
    const NAME: &'static str = "remove_schedule";
    const CHANGES: bool = true;
    type Answer = ScheduleId;

    /// # Errors
    /// Invalid, when there is no such schedule.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let id = find(stage, &self.id).await?;
        stage.runtime.remove_schedule(&id).await?;
        Ok(id)
    }
}

async fn find(stage: &Stage, wanted: &str) -> Result<ScheduleId> {
    let mut all = stage.runtime.schedules().await?;
    all.reverse();
    pick(&all, |schedule| schedule.id.as_str(), wanted, "schedule")
        .map(|schedule| schedule.id.clone())
        .map_err(|failure| failure.hint("`lucid dream schedule list` shows those there are"))
}

fn shown(stage: &Stage, schedule: Schedule) -> Result<ScheduleShown> {
    let upcoming = stage.runtime.upcoming(&schedule, UPCOMING)?;
    Ok(ScheduleShown { schedule: named(stage, schedule), upcoming })
}

/// A schedule as whoever asks may be told it: on a server its mission has a name, and where it
/// or a strategy lies is not told.
fn named(stage: &Stage, mut schedule: Schedule) -> Schedule {
    if stage.around().is_here() {
        return schedule;
    }
    schedule.mission = schedule.mission.map(|mission| {
        let named = stage.around().mission_at(Path::new(&mission));
        named.unwrap_or_else(|| "a mission of the server's folder".to_owned())
    });
    let strategy = Path::new(&schedule.strategy);
    if strategy.is_absolute() {
        let file = strategy.file_name().unwrap_or_default();
        schedule.strategy = file.to_string_lossy().into_owned();
    }
    schedule
}
