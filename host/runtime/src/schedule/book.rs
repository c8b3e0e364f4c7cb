//! The schedules of a state folder: added, paused, removed.

#![allow(clippy::disallowed_methods, reason = "finds files that people name, no guest does")]

use std::path::{Path, PathBuf};

use lucid_core::{
    Clock as _, Failure, MemoryStoreId, Result, ReviewPolicy, Schedule, ScheduleId, Timestamp,
};

use super::due;
use super::timing::{JITTER_MS_MAX, Timing};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::state::Runtime;

/// Schedules of one state folder, as the Managed Agents API has them at most.
const SCHEDULES_MAX: usize = 1_000;

/// Characters of instructions, as the Managed Agents API has them at most.
const INSTRUCTIONS_MAX: usize = 4_096;

/// What a schedule is asked for.
#[derive(Debug, Clone)]
pub struct ScheduleAsked {
    /// The store that is dreamt over.
    pub memory_store: MemoryStoreId,
    /// A bundled strategy's name, or the file of one (`….wasm`).
    pub strategy: String,
    /// 1 to 4,096 characters; none = the strategy's own way.
    pub instructions: Option<String>,
    /// Five fields of cron, or `@hourly`, `@nightly`, `@weekly`.
    pub cron: String,
    /// The name of a time zone, such as `Europe/Berlin`.
    pub time_zone: String,
    /// What is accepted without a person.
    pub policy: ReviewPolicy,
    /// The mission whose `[dream]` counts: its folder, or its `mission.toml`.
    pub mission: Option<PathBuf>,
    /// How many of the newest sessions are read; all of them, when none.
    pub last_n: Option<u32>,
    /// How many sessions have to be new, so that it dreams; 0 = it always does.
    pub min_new: u32,
    /// How much later than its time it may begin, in milliseconds; at most an hour.
    pub jitter_ms: u64,
}

impl Runtime {
    /// Writes a schedule down. It runs when a [`Scheduler`](super::Scheduler) does.
    ///
    /// # Errors
    /// Invalid, when there is no such store, strategy, mission or time zone, the time cannot be
    /// read or never comes, or the instructions are empty or too long; exceeded, when there are
    /// 1,000 schedules.
    pub async fn add_schedule(&self, asked: &ScheduleAsked) -> Result<Schedule> {
        let timing = Timing::parse(&asked.cron, &asked.time_zone)?;
        check(asked)?;
        if self.store.memory_store(&asked.memory_store).await?.is_none() {
            let message = format!("no such memory store: {}", asked.memory_store);
            return Err(Failure::invalid(message).hint("`lucid memory list` shows those there are"));
        }
        if self.store.schedules().await?.len() >= SCHEDULES_MAX {
            return Err(Failure::exceeded(format!("there are {SCHEDULES_MAX} schedules"))
                .hint("remove one with `lucid dream schedule remove ID`"));
        }
        let mission = asked.mission.as_deref().map(whole).transpose()?;
        let strategy = self.strategy_named(&asked.strategy, mission.as_deref()).await?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let id = ScheduleId::new(&clock, &entropy);
        let next = timing.occurrence(id.as_str(), asked.jitter_ms, clock.now());
        let schedule = Schedule {
            id,
            memory_store: asked.memory_store.clone(),
            strategy,
            instructions: asked.instructions.clone().unwrap_or_default(),
            cron: asked.cron.trim().to_owned(),
            time_zone: asked.time_zone.clone(),
            policy: asked.policy,
            mission,
            last_n: asked.last_n,
            min_new: asked.min_new,
            paused: false,
            jitter_ms: asked.jitter_ms,
            last_run_at: None,
            next_run_at: next.map(|next| next.at),
        };
        self.store.put_schedule(&schedule).await?;
        Ok(schedule)
    }

    /// The schedules, oldest first.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn schedules(&self) -> Result<Vec<Schedule>> {
        self.store.schedules().await
    }

    /// Leaves a schedule out. Paused already is no error.
    ///
    /// # Errors
    /// Invalid, when there is no such schedule.
    pub async fn pause_schedule(&self, id: &ScheduleId) -> Result<Schedule> {
        self.change_schedule(id, |now| {
            Ok(Schedule { paused: true, next_run_at: None, ..now.clone() })
        })
        .await
    }

    /// Goes on with a schedule from its next time on; what was left out meanwhile is not made up
    /// for. One that is not paused stays as it is.
    ///
    /// # Errors
    /// Invalid, when there is no such schedule, or its time zone is not known any more.
    pub async fn resume_schedule(&self, id: &ScheduleId) -> Result<Schedule> {
        self.change_schedule(id, |now| {
            if !now.paused {
                return Ok(now.clone());
            }
            let next = due::next(now, SystemClock::default().now())?;
            let next_run_at = next.map(|next| next.at);
            Ok(Schedule { paused: false, next_run_at, ..now.clone() })
        })
        .await
    }

    /// Removes a schedule. Its dreams stay.
    ///
    /// # Errors
    /// Invalid, when there is no such schedule.
    pub async fn remove_schedule(&self, id: &ScheduleId) -> Result<()> {
        match self.store.delete_schedule(id).await? {
            true => Ok(()),
            false => Err(no_schedule(id)),
        }
    }

    /// The next times that a schedule runs, at most so many; those of a paused one as if it
    /// were resumed now.
    ///
    /// # Errors
    /// Invalid, when its cron or its time zone cannot be read.
    pub fn upcoming(&self, schedule: &Schedule, count: usize) -> Result<Vec<Timestamp>> {
        let timing = Timing::parse(&schedule.cron, &schedule.time_zone)?;
        let (id, jitter_ms) = (schedule.id.as_str(), schedule.jitter_ms);
        let now = SystemClock::default().now();
        let first = match schedule.next_run_at.filter(|next| !schedule.paused && *next > now) {
            Some(next) => Some(next),
            None => timing.occurrence(id, jitter_ms, now).map(|next| next.at),
        };
        let step = |last: &Timestamp| Some(timing.occurrence(id, jitter_ms, *last)?.at);
        Ok(std::iter::successors(first, step).take(count).collect())
    }

    /// Changes a schedule as it is when that is written: a scheduler moves it on meanwhile, and
    /// one that is removed stays so.
    async fn change_schedule(
        &self,
        id: &ScheduleId,
        change: impl Fn(&Schedule) -> Result<Schedule>,
    ) -> Result<Schedule> {
        loop {
            let now = self.schedule(id).await?;
            let after = change(&now)?;
            if after == now || self.store.change_schedule(&now, &after).await? {
                return Ok(after);
            }
        }
    }

    async fn schedule(&self, id: &ScheduleId) -> Result<Schedule> {
        self.store.schedule(id).await?.ok_or_else(|| no_schedule(id))
    }

    /// A strategy as a scheduler finds it, wherever that is run: the mission's own, a bundled
    /// name, or a whole path.
    async fn strategy_named(&self, strategy: &str, mission: Option<&str>) -> Result<String> {
        if let Some(mission) = mission {
            let plan = self.load(Path::new(mission)).await?.dream;
            if plan.is_some_and(|plan| plan.strategy.name == strategy) {
                return Ok(strategy.to_owned());
            }
        }
        if strategy.ends_with(".wasm") {
            return whole(Path::new(strategy));
        }
        self.bundled.read(strategy)?;
        Ok(strategy.to_owned())
    }
}

fn check(asked: &ScheduleAsked) -> Result<()> {
    if asked.jitter_ms > JITTER_MS_MAX {
        return Err(Failure::invalid(format!("a jitter of {} ms", asked.jitter_ms))
            .hint("give at most an hour"));
    }
    let characters = asked.instructions.as_ref().map(|text| text.chars().count());
    if characters.is_some_and(|count| !(1..=INSTRUCTIONS_MAX).contains(&count)) {
        return Err(Failure::invalid(format!(
            "instructions of {} characters",
            characters.unwrap_or_default()
        ))
        .hint("give 1 to 4,096, or leave them out"));
    }
    if asked.last_n == Some(0) {
        return Err(Failure::invalid("a schedule that reads no sessions")
            .hint("give how many are read, or leave it out to read all"));
    }
    Ok(())
}

/// The whole path of something that is there.
fn whole(path: &Path) -> Result<String> {
    let found = path.canonicalize().map_err(|error| {
        Failure::invalid(format!("{}: {error}", path.display()))
            .hint("give a file or folder that is there")
    })?;
    found.into_os_string().into_string().map_err(|path| {
        Failure::invalid(format!("{} is not text in UTF-8", Path::new(&path).display()))
            .hint("give it another name")
    })
}

fn no_schedule(id: &ScheduleId) -> Failure {
    Failure::invalid(format!("no such schedule: {id}"))
        .hint("`lucid dream schedule list` shows those there are")
}
