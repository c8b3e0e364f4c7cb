//! Schedules: one document each.

use lucid_core::{Schedule, ScheduleId, Timestamp};
use rusqlite::{Connection, params};

use super::error::Outcome;
use super::values::{from_json, to_json};
use crate::rules;

pub(super) fn put(connection: &Connection, schedule: &Schedule) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO schedules (id, body) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )?
        .execute(params![schedule.id.as_str(), to_json(schedule)?])?;
    Ok(())
}

/// Changes one that is as it was; runs inside one transaction.
pub(super) fn change(
    connection: &Connection,
    before: &Schedule,
    after: &Schedule,
) -> Outcome<bool> {
    rules::check_schedule(before, after)?;
    if read(connection, &before.id)?.as_ref() != Some(before) {
        return Ok(false);
    }
    put(connection, after)?;
    Ok(true)
}

pub(super) fn read(connection: &Connection, id: &ScheduleId) -> Outcome<Option<Schedule>> {
    let mut statement = connection.prepare_cached("SELECT body FROM schedules WHERE id = ?1")?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(|row| from_json(&row.get::<_, String>(0)?)).transpose()
}

pub(super) fn list(connection: &Connection) -> Outcome<Vec<Schedule>> {
    let mut statement = connection.prepare_cached("SELECT body FROM schedules ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut schedules = Vec::new();
    while let Some(row) = rows.next()? {
        schedules.push(from_json(&row.get::<_, String>(0)?)?);
    }
    Ok(schedules)
}

pub(super) fn delete(connection: &Connection, id: &ScheduleId) -> Outcome<bool> {
    let mut statement = connection.prepare_cached("DELETE FROM schedules WHERE id = ?1")?;
    Ok(statement.execute(params![id.as_str()])? > 0)
}

/// What two processes that look at the same schedule agree on; runs inside one transaction.
pub(super) fn claim(
    connection: &Connection,
    id: &ScheduleId,
    last_run_at: Option<Timestamp>,
    at: Timestamp,
    next: Option<Timestamp>,
) -> Outcome<bool> {
    let Some(mut schedule) = read(connection, id)? else { return Ok(false) };
    if schedule.paused || schedule.last_run_at != last_run_at {
        return Ok(false);
    }
    schedule.last_run_at = Some(at);
    schedule.next_run_at = next;
    put(connection, &schedule)?;
    Ok(true)
}
