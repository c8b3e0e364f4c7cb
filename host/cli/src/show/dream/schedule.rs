//! Schedules, and what a scheduler tells of.

use lucid_core::{Dream, Failure, OperationState, ReviewPolicy, Schedule, Timestamp};
use lucid_runtime::SchedulerNote;
use lucid_verbs::ScheduleShown;
use serde_json::{Value, json};

use crate::show::{plain, short, table, team};

/// Schedules, one line each, with when each runs next.
pub(crate) fn schedules(all: &[ScheduleShown]) -> String {
    let header = ["id", "when", "time zone", "store", "strategy", "policy", "last", "next"];
    let mut rows = table::table(&header);
    for ScheduleShown { schedule, upcoming } in all {
        let next = match (schedule.paused, upcoming.first()) {
            (true, _) => "paused".to_owned(),
            (false, Some(next)) => next.to_string(),
            (false, None) => "never".to_owned(),
        };
        rows.add_row(vec![
            schedule.id.to_string(),
            schedule.cron.clone(),
            schedule.time_zone.clone(),
            schedule.memory_store.to_string(),
            short(&schedule.strategy, 24),
            policy(schedule.policy).to_owned(),
            schedule.last_run_at.map_or("-".to_owned(), |last| last.to_string()),
            next,
        ]);
    }
    table::text(&rows)
}

/// One schedule: what it does, and when it runs next.
pub(crate) fn schedule(schedule: &Schedule, upcoming: &[Timestamp]) -> String {
    let mut text = format!(
        "{}  {} {} with {}, {}\n  {}\n",
        schedule.id,
        schedule.cron,
        schedule.time_zone,
        short(&schedule.strategy, 60),
        match schedule.policy {
            ReviewPolicy::Auto => "taking what its class has earned",
            ReviewPolicy::Review => "for review",
        },
        schedule.memory_store,
    );
    let sessions = match schedule.last_n {
        Some(n) => format!("the newest {n} sessions"),
        None => "all sessions".to_owned(),
    };
    text.push_str(&format!("  reads {sessions} when {} are new\n", schedule.min_new));
    if schedule.paused {
        text.push_str("  paused\n");
        return text;
    }
    for (number, time) in upcoming.iter().enumerate() {
        let word = if number == 0 { "next" } else { "then" };
        text.push_str(&format!("  {word}  {time}\n"));
    }
    text.push_str("a server of this state runs it, or `lucid dream scheduler`\n");
    text
}

/// A schedule as `--json` prints it.
pub(crate) fn schedule_document(schedule: &Schedule, upcoming: &[Timestamp]) -> Value {
    let mut document = json!({"id": schedule.id, "type": "dream_schedule"});
    if let (Value::Object(fields), Value::Object(all)) = (&mut document, json!(schedule)) {
        fields.extend(all);
        fields.insert("upcoming_runs_at".to_owned(), json!(upcoming));
    }
    document
}

fn policy(policy: ReviewPolicy) -> &'static str {
    match policy {
        ReviewPolicy::Auto => "auto",
        ReviewPolicy::Review => "review",
    }
}

/// What a scheduler tells of, as a line of a log.
pub(crate) fn note(at: Timestamp, note: &SchedulerNote<'_>) -> String {
    let said = match note {
        SchedulerNote::Started { schedules, next } => {
            let next = next.map_or("nothing is due".to_owned(), |next| format!("next at {next}"));
            format!("started    {schedules} schedules, {next}")
        }
        SchedulerNote::WentOn { dream } => {
            format!("goes on    {dream}, whose process ended")
        }
        SchedulerNote::Busy { schedule } => {
            format!("waits      {}: another dream of {} runs", schedule.id, schedule.memory_store)
        }
        SchedulerNote::NothingNew { schedule, found, next } => {
            let next = next.map_or("never again".to_owned(), |next| format!("next at {next}"));
            format!(
                "leaves out {}: {found} new sessions of {} that it needs, {next}",
                schedule.id, schedule.min_new
            )
        }
        SchedulerNote::Began { schedule, dream, late_ms } => {
            let late = match *late_ms {
                0..60_000 => String::new(),
                late => format!(", {} late", team::lasted(late)),
            };
            format!("dreams     {dream} of {} by {}{late}", schedule.memory_store, schedule.id)
        }
        SchedulerNote::Ended { dream } => ended(dream),
        SchedulerNote::Waits { schedule, failure } => {
            let which = schedule.map_or("all schedules", |schedule| schedule.as_str());
            format!("tries on   {which}: {}", failed(failure))
        }
        SchedulerNote::Failed { schedule, failure } => {
            format!("failed     {schedule}: {}", failed(failure))
        }
        SchedulerNote::Stopped => "stopped".to_owned(),
    };
    format!("{at}  {}\n", plain(&said).replace('\n', " "))
}

fn failed(failure: &Failure) -> String {
    let hint = failure.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
    format!("{}{hint}", failure.message)
}

fn ended(dream: &Dream) -> String {
    let waiting = dream.in_state(OperationState::Proposed).count();
    let taken = dream.in_state(OperationState::Accepted).count();
    let what = match &dream.error {
        Some(error) => error.message.clone(),
        None => format!("{taken} taken, {waiting} wait"),
    };
    let (status, ms) = (dream.status.as_str(), team::lasted(dream.ms));
    format!("{status:<10} {} in {ms}: {what}", dream.id)
}

/// The same for programs.
pub(crate) fn note_document(at: Timestamp, note: &SchedulerNote<'_>) -> Value {
    match note {
        SchedulerNote::Started { schedules, next } => {
            json!({"type": "started", "at": at, "schedules": schedules, "next_run_at": next})
        }
        SchedulerNote::WentOn { dream } => json!({"type": "went_on", "at": at, "dream_id": dream}),
        SchedulerNote::Busy { schedule } => {
            json!({"type": "busy", "at": at, "schedule_id": schedule.id})
        }
        SchedulerNote::NothingNew { schedule, found, next } => json!({
            "type": "nothing_new", "at": at, "schedule_id": schedule.id, "new_sessions": found,
            "next_run_at": next,
        }),
        SchedulerNote::Began { schedule, dream, late_ms } => json!({
            "type": "began", "at": at, "schedule_id": schedule.id, "dream_id": dream,
            "late_ms": late_ms,
        }),
        SchedulerNote::Ended { dream } => json!({
            "type": "ended", "at": at, "dream_id": dream.id, "status": dream.status,
            "memory_store_out": dream.memory_store_out, "error": dream.error, "ms": dream.ms,
        }),
        SchedulerNote::Waits { schedule, failure } => json!({
            "type": "waits", "at": at, "schedule_id": schedule, "error": failure,
        }),
        SchedulerNote::Failed { schedule, failure } => json!({
            "type": "failed", "at": at, "schedule_id": schedule, "error": failure,
        }),
        SchedulerNote::Stopped => json!({"type": "stopped", "at": at}),
    }
}
