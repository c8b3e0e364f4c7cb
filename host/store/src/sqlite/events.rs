//! The event log.

use lucid_core::{EventId, EventRecord, SessionId, ThreadId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::{Outcome, or_exists};
use super::values::{millis, named, time, unsigned};
use crate::rules;

const COLUMNS: &str = "seq, id, type, thread_id, created_at, body";

pub(super) fn append(
    connection: &Connection,
    session_id: &SessionId,
    epoch: u64,
    events: &[EventRecord],
) -> Outcome<u32> {
    let session = session_id.as_str();
    let head = connection
        .prepare_cached("SELECT head_seq, lease_epoch FROM sessions WHERE id = ?1")?
        .query_row(params![session], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let (mut seq, current) = head.ok_or_else(|| rules::no_session(session_id))?;
    rules::check_epoch(session_id, epoch, unsigned(current)?)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO events (session_id, seq, id, type, thread_id, created_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for event in events {
        let thread_id = event.thread_id.as_ref().map(ThreadId::as_str);
        let created_at = millis(event.created_at)?;
        let id = event.id.as_str();
        let row = params![session, seq, id, event.kind, thread_id, created_at, event.body];
        or_exists(insert.execute(row), rules::event_exists(session_id, &event.id))?;
        seq = seq.checked_add(1).ok_or_else(|| rules::log_full(session_id))?;
    }
    connection
        .prepare_cached("UPDATE sessions SET head_seq = ?2 WHERE id = ?1")?
        .execute(params![session, seq])?;
    Ok(seq)
}

pub(super) fn list(
    connection: &Connection,
    session_id: &SessionId,
    after: Option<u32>,
    limit: u32,
) -> Outcome<Vec<(u32, EventRecord)>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE session_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let after = after.map_or(-1, i64::from);
    let mut rows = statement.query(params![session_id.as_str(), after, limit])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push((row.get(0)?, event(row)?));
    }
    Ok(events)
}

pub(super) fn read(
    connection: &Connection,
    session_id: &SessionId,
    id: &EventId,
) -> Outcome<Option<EventRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE session_id = ?1 AND id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![session_id.as_str(), id.as_str()])?;
    rows.next()?.map(event).transpose()
}

fn event(row: &Row<'_>) -> Outcome<EventRecord> {
    let thread_id: Option<String> = row.get(3)?;
    Ok(EventRecord {
        id: named(EventId::parse, &row.get::<_, String>(1)?)?,
        kind: row.get(2)?,
        thread_id: thread_id.map(|id| named(ThreadId::parse, &id)).transpose()?,
        created_at: time(row.get(4)?)?,
        body: row.get(5)?,
    })
}
