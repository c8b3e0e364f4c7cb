//! `lucid dream schedule` and `lucid dream scheduler`.

use lucid_core::{Clock as _, Result};
use lucid_runtime::{RuntimeOptions, Scheduler, SchedulerNote, SystemClock};
use lucid_verbs::{AddSchedule, ListSchedules, PauseSchedule, RemoveSchedule, ScheduleShown};
use serde_json::json;

use crate::args::{AddArgs, ScheduleCommand};
use crate::commands::interrupt;
use crate::failure::{self, Ended};
use crate::home;
use crate::place::Place;
use crate::show::{dream as text, print, print_json, print_list, print_live};

pub(super) async fn run(place: &Place, command: ScheduleCommand, json: bool) -> Result<()> {
    match command {
        ScheduleCommand::Add(args) => show(&place.ask(added(args)).await?, json),
        ScheduleCommand::List => list(place, json).await,
        ScheduleCommand::Pause { id } => {
            show(&place.ask(PauseSchedule { id, paused: true }).await?, json)
        }
        ScheduleCommand::Resume { id } => {
            show(&place.ask(PauseSchedule { id, paused: false }).await?, json)
        }
        ScheduleCommand::Remove { id } => {
            let id = place.ask(RemoveSchedule { id }).await?;
            match json {
                true => print_json(&json!({"id": id, "type": "dream_schedule_deleted"})),
                false => print(&format!("{id} is removed\n")),
            }
        }
    }
}

/// What stands on the line; it wins over what the mission says.
fn added(args: AddArgs) -> AddSchedule {
    AddSchedule {
        memory: args.memory,
        cron: args.cron,
        time_zone: args.time_zone,
        own_time_zone: home::time_zone(),
        strategy: args.strategy,
        instructions: args.instructions,
        policy: args.policy.said(),
        mission: args.mission,
        last_n: args.last,
        min_new: args.min_new,
        jitter_ms: args.jitter,
    }
}

async fn list(place: &Place, json: bool) -> Result<()> {
    let all = place.ask(ListSchedules {}).await?;
    let document = |one: &ScheduleShown| text::schedule_document(&one.schedule, &one.upcoming);
    match json {
        true => print_list(all.iter().map(document)),
        false if all.is_empty() => print("no schedules; `lucid dream schedule add` makes one\n"),
        false => print(&text::schedules(&all)),
    }
}

fn show(shown: &ScheduleShown, json: bool) -> Result<()> {
    let ScheduleShown { schedule, upcoming } = shown;
    match json {
        true => print_json(&text::schedule_document(schedule, upcoming)),
        false => print(&text::schedule(schedule, upcoming)),
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
