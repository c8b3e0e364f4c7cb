//! `lucid dream schedule` and `lucid dream scheduler`.

use lucid_core::{Clock as _, Result, Schedule, Timestamp};
use lucid_runtime::{
    Runtime, RuntimeOptions, ScheduleAsked, Scheduler, SchedulerNote, SystemClock,
};
use serde_json::json;

use super::start::{find_store, instructions, open_with, strategy};
use crate::args::{AddArgs, ScheduleCommand, policy};
use crate::commands::interrupt;
use crate::commands::pick::pick;
use crate::failure::{self, Ended};
use crate::home;
use crate::show::{dream as text, print, print_json, print_list, print_live};

/// Times of a schedule that are shown.
const UPCOMING: usize = 3;

/// When a schedule runs where nobody says.
const NIGHTLY: &str = "@nightly";

pub(super) async fn run(
    options: RuntimeOptions,
    command: ScheduleCommand,
    json: bool,
) -> failure::Result {
    let (runtime, done) = match command {
        ScheduleCommand::Add(args) => add(options, args, json).await?,
        command => {
            let runtime = crate::commands::open(options)?;
            let done = on(&runtime, command, json).await;
            (runtime, done)
        }
    };
    runtime.store.close().await?;
    done?;
    Ok(Ended::Done)
}

async fn add(options: RuntimeOptions, args: AddArgs, json: bool) -> Result<(Runtime, Result<()>)> {
    let (runtime, plan) = open_with(options, args.mission.as_deref()).await?;
    let plan = plan.as_ref();
    // What stands on the line wins over what the mission says.
    let times = plan.and_then(|plan| plan.schedule.as_ref());
    let asked = ScheduleAsked {
        memory_store: find_store(runtime.store.as_ref(), &args.memory).await?.id,
        strategy: strategy(args.strategy.as_deref(), plan).to_owned(),
        instructions: instructions(args.instructions.as_ref(), plan),
        cron: args
            .cron
            .or_else(|| times.map(|times| times.cron.clone()))
            .unwrap_or_else(|| NIGHTLY.to_owned()),
        time_zone: args
            .time_zone
            .or_else(|| times.map(|times| times.time_zone.clone()))
            .unwrap_or_else(home::time_zone),
        policy: policy(args.auto, args.review).or(plan.map(|plan| plan.policy)).unwrap_or_default(),
        mission: args.mission,
        last_n: args.last,
        min_new: args.min_new.or(times.map(|times| times.min_new)).unwrap_or(1),
        jitter_ms: args.jitter,
    };
    let own = plan.filter(|plan| plan.strategy.name == asked.strategy);
    // What could not run is said now, and not at night.
    let can_run = match own {
        Some(_) => Ok(()),
        None => runtime.check_strategy(&asked.strategy).await,
    };
    let added = match can_run {
        Ok(()) => runtime.add_schedule(&asked).await,
        Err(failure) => Err(failure),
    };
    let done = added.and_then(|schedule| show(&runtime, &schedule, json));
    Ok((runtime, done))
}

async fn on(runtime: &Runtime, command: ScheduleCommand, json: bool) -> Result<()> {
    match command {
        ScheduleCommand::List => list(runtime, json).await,
        ScheduleCommand::Pause { id } => {
            let id = find(runtime, &id).await?.id;
            show(runtime, &runtime.pause_schedule(&id).await?, json)
        }
        ScheduleCommand::Resume { id } => {
            let id = find(runtime, &id).await?.id;
            show(runtime, &runtime.resume_schedule(&id).await?, json)
        }
        ScheduleCommand::Remove { id } => {
            let id = find(runtime, &id).await?.id;
            runtime.remove_schedule(&id).await?;
            match json {
                true => print_json(&json!({"id": id, "type": "dream_schedule_deleted"})),
                false => print(&format!("{id} is removed\n")),
            }
        }
        ScheduleCommand::Add(_) => Ok(()),
    }
}

async fn list(runtime: &Runtime, json: bool) -> Result<()> {
    let all = runtime.schedules().await?;
    let upcoming = |schedule: &Schedule| runtime.upcoming(schedule, UPCOMING).unwrap_or_default();
    let all: Vec<(Schedule, Vec<Timestamp>)> = all
        .into_iter()
        .map(|schedule| {
            let upcoming = upcoming(&schedule);
            (schedule, upcoming)
        })
        .collect();
    match json {
        true => print_list(all.iter().map(|(one, next)| text::schedule_document(one, next))),
        false if all.is_empty() => print("no schedules; `lucid dream schedule add` makes one\n"),
        false => print(&text::schedules(&all)),
    }
}

async fn find(runtime: &Runtime, wanted: &str) -> Result<Schedule> {
    let mut all = runtime.schedules().await?;
    all.reverse();
    pick(&all, |schedule| schedule.id.as_str(), wanted, "schedule")
        .cloned()
        .map_err(|failure| failure.hint("`lucid dream schedule list` shows those there are"))
}

fn show(runtime: &Runtime, schedule: &Schedule, json: bool) -> Result<()> {
    let upcoming = runtime.upcoming(schedule, UPCOMING)?;
    match json {
        true => print_json(&text::schedule_document(schedule, &upcoming)),
        false => print(&text::schedule(schedule, &upcoming)),
    }
}

/// Runs the schedules of the state folder, and writes a log of it.
pub(super) async fn scheduler(options: RuntimeOptions, once: bool, json: bool) -> failure::Result {
    let runtime = crate::commands::open(options)?;
    let mut scheduler = Scheduler::new(&runtime)?;
    let clock = SystemClock::default();
    let tell = |note: SchedulerNote<'_>| {
        let at = clock.now();
        let line = match json {
            true => format!("{}\n", text::note_document(at, &note)),
            false => text::note(at, &note),
        };
        // A log that nobody reads any more is no reason to stop dreaming.
        let _ = print_live(&line);
    };
    let ran = scheduler.run(once, interrupt::asked_to_end(), &tell).await;
    runtime.store.close().await?;
    ran?;
    Ok(Ended::Done)
}
