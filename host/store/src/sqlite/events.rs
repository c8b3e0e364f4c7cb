//! The event log.

use lucid_core::{EventId, EventRecord, SessionId, ThreadId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::{Outcome, or_exists};
use super::values::{millis, named, time};
use super::{leases, sessions};
use crate::rules;
use crate::store::PAGE_BYTES_MAX;

const COLUMNS: &str = "seq, id, type, thread_id, created_at, body";

/// Appends with a lease.
pub(super) fn append(
    connection: &Connection,
    session_id: &SessionId,
    epoch: u64,
    events: &[EventRecord],
) -> Outcome<u32> {
    let head = leases::fenced(connection, session_id, epoch)?;
    add(connection, session_id, head, events)
}

/// Appends without one.
pub(super) fn post(
    connection: &Connection,
    session_id: &SessionId,
    events: &[EventRecord],
) -> Outcome<u32> {
    let head = head(connection, session_id)?.ok_or_else(|| rules::no_session(session_id))?;
    rules::check_open(session_id, sessions::status(connection, session_id)?)?;
    add(connection, session_id, head, events)
}

/// How many events a session has.
pub(super) fn head(connection: &Connection, session_id: &SessionId) -> Outcome<Option<u32>> {
    let mut statement = connection.prepare_cached("SELECT head_seq FROM sessions WHERE id = ?1")?;
    Ok(statement.query_row(params![session_id.as_str()], |row| row.get(0)).optional()?)
}

/// Adds events behind the ones that are there; the head is read in the same transaction.
pub(super) fn add(
    connection: &Connection,
    session_id: &SessionId,
    head: u32,
    events: &[EventRecord],
) -> Outcome<u32> {
    let (session, mut seq) = (session_id.as_str(), head);
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
    let (mut events, mut bytes) = (Vec::new(), 0_usize);
    while bytes < PAGE_BYTES_MAX {
        let Some(row) = rows.next()? else { break };
        let record = event(row)?;
        bytes = bytes.saturating_add(record.body.len());
        events.push((row.get(0)?, record));
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
