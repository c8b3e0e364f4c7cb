//! Sessions, and what their logs say of them.

use lucid_core::{Event, EventRecord, Session, SessionId, SessionStatus, SessionSummary};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter};

use super::error::{Outcome, or_exists};
use super::values::{bound, from_json, millis, named, time, to_json};
use super::{digests, events, leases};
use crate::rules;
use crate::store::SessionFilter;

const SESSION: &str = "SELECT id, title, agent, metadata, created_at FROM sessions WHERE id = ?1";

/// The type of the last event that says where a session stands. The index holds these
/// events only, and SQLite takes it where its condition is repeated word for word.
const STATUS: &str = "
(SELECT type FROM events INDEXED BY events_of_status WHERE session_id = s.id
    AND (type = 'session.status_running' OR type = 'session.status_idle'
        OR type = 'session.status_rescheduled' OR type = 'session.status_terminated')
    ORDER BY seq DESC LIMIT 1)";

/// One row for each session, with a look-up each in three indexes of its log.
fn summaries() -> String {
    format!(
        "SELECT s.id, s.title, s.agent, s.metadata, s.created_at, s.head_seq,
    (SELECT created_at FROM events WHERE session_id = s.id AND seq = s.head_seq - 1),
    {STATUS},
    (SELECT CASE WHEN json_valid(body) THEN CAST(json_extract(body, '$.result') AS TEXT) END
        FROM events WHERE session_id = s.id AND seq =
            (SELECT max(seq) FROM events INDEXED BY events_of_outcome
                WHERE session_id = s.id AND type = 'span.outcome_evaluation_end'))
FROM sessions s"
    )
}

pub(super) fn create(connection: &Connection, session: &Session) -> Outcome<()> {
    let insert = connection
        .prepare_cached(
            "INSERT INTO sessions (id, title, agent, metadata, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            session.id.as_str(),
            session.title,
            session.agent,
            to_json(&session.metadata)?,
            millis(session.created_at)?,
        ]);
    or_exists(insert, rules::session_exists(&session.id))?;
    add_metadata(connection, session)
}

/// Changes what is not in a session's log.
pub(super) fn change(connection: &Connection, session: &Session) -> Outcome<()> {
    let id = session.id.as_str();
    let update = "UPDATE sessions SET title = ?2, agent = ?3, metadata = ?4 WHERE id = ?1";
    let row = params![id, session.title, session.agent, to_json(&session.metadata)?];
    if connection.prepare_cached(update)?.execute(row)? == 0 {
        return Err(rules::no_session(&session.id).into());
    }
    connection
        .prepare_cached("DELETE FROM session_metadata WHERE session_id = ?1")?
        .execute(params![id])?;
    add_metadata(connection, session)
}

fn add_metadata(connection: &Connection, session: &Session) -> Outcome<()> {
    let insert = "INSERT INTO session_metadata (key, value, session_id) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare_cached(insert)?;
    for (key, value) in &session.metadata {
        insert.execute(params![key, value, session.id.as_str()])?;
    }
    Ok(())
}

pub(super) fn read(connection: &Connection, id: &SessionId) -> Outcome<Option<Session>> {
    let mut statement = connection.prepare_cached(SESSION)?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(session).transpose()
}

pub(super) fn summary(connection: &Connection, id: &SessionId) -> Outcome<Option<SessionSummary>> {
    let mut statement = connection.prepare_cached(&format!("{} WHERE s.id = ?1", summaries()))?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(summarize).transpose()
}

/// Where a session stands.
pub(super) fn status(connection: &Connection, id: &SessionId) -> Outcome<SessionStatus> {
    let sql = format!("SELECT {STATUS} FROM sessions s WHERE s.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let kind: Option<String> = statement.query_row(params![id.as_str()], |row| row.get(0))?;
    Ok(kind.and_then(|kind| Event::session_status(&kind)).unwrap_or(SessionStatus::Idle))
}

/// Removes a session and all that is of it.
pub(super) fn delete(connection: &Connection, id: &SessionId, epoch: u64) -> Outcome<()> {
    leases::fenced(connection, id, epoch)?;
    digests::forget(connection, id)?;
    for sql in [
        "DELETE FROM events WHERE session_id = ?1",
        "DELETE FROM session_metadata WHERE session_id = ?1",
        "DELETE FROM sessions WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute(params![id.as_str()])?;
    }
    Ok(())
}

/// Adds whole sessions, and gives how many events each one has.
pub(super) fn import(
    connection: &Connection,
    sessions: &[(Session, Vec<EventRecord>)],
) -> Outcome<Vec<(SessionId, u32)>> {
    let mut heads = Vec::with_capacity(sessions.len());
    for (session, events) in sessions {
        create(connection, session)?;
        heads.push((session.id.clone(), events::add(connection, &session.id, 0, events)?));
    }
    Ok(heads)
}

pub(super) fn list(
    connection: &Connection,
    filter: &SessionFilter,
) -> Outcome<Vec<SessionSummary>> {
    let mut sql = format!("{} WHERE true", summaries());
    let mut values: Vec<Value> = Vec::new();
    for (key, value) in &filter.metadata {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM session_metadata
                 WHERE key = ? AND value = ? AND session_id = s.id)",
        );
        values.extend([key.clone().into(), value.clone().into()]);
    }
    // Before the status: of most sessions it is not looked for then.
    if filter.restless {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM events
                 WHERE session_id = s.id AND seq = s.head_seq - 1 AND type NOT IN (?, ?))",
        );
        values.extend(rules::AT_REST.map(|kind| kind.to_owned().into()));
    }
    if let Some(status) = filter.status {
        // A session whose log says nothing yet is idle.
        let idle = rules::status_kind(SessionStatus::Idle);
        sql.push_str(&format!(" AND coalesce({STATUS}, '{idle}') = ?"));
        values.push(rules::status_kind(status).to_owned().into());
    }
    for (compare, limit) in [(">=", filter.from), ("<", filter.until)] {
        if let Some(limit) = limit {
            sql.push_str(&format!(" AND s.created_at {compare} ?"));
            values.push(bound(limit).into());
        }
    }
    let (order, behind) = if filter.newest_first { ("DESC", "<") } else { ("ASC", ">") };
    if let Some(after) = &filter.after {
        let created_at = created_at(connection, after)?;
        sql.push_str(&format!(" AND (s.created_at, s.id) {behind} (?, ?)"));
        values.extend([created_at.into(), after.as_str().to_owned().into()]);
    }
    sql.push_str(&format!(" ORDER BY s.created_at {order}, s.id {order} LIMIT ?"));
    // Less than none is no limit.
    values.push(filter.limit.map_or(-1, i64::from).into());
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut summaries = Vec::new();
    while let Some(row) = rows.next()? {
        summaries.push(summarize(row)?);
    }
    Ok(summaries)
}

fn created_at(connection: &Connection, id: &SessionId) -> Outcome<i64> {
    let mut statement =
        connection.prepare_cached("SELECT created_at FROM sessions WHERE id = ?")?;
    let created_at = statement.query_row(params![id.as_str()], |row| row.get(0)).optional()?;
    created_at.ok_or_else(|| rules::no_session(id).into())
}

fn session(row: &Row<'_>) -> Outcome<Session> {
    Ok(Session {
        id: named(SessionId::parse, &row.get::<_, String>(0)?)?,
        title: row.get(1)?,
        agent: row.get(2)?,
        metadata: from_json(&row.get::<_, String>(3)?)?,
        created_at: time(row.get(4)?)?,
    })
}

fn summarize(row: &Row<'_>) -> Outcome<SessionSummary> {
    let session = session(row)?;
    let updated_at: Option<i64> = row.get(6)?;
    let status: Option<String> = row.get(7)?;
    let result: Option<String> = row.get(8)?;
    Ok(SessionSummary {
        status: status.and_then(|kind| Event::session_status(&kind)).unwrap_or(SessionStatus::Idle),
        updated_at: updated_at.map_or(Ok(session.created_at), time)?,
        outcome: result.and_then(|result| rules::outcome(&result)),
        events: row.get(5)?,
        session,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::schema;

    fn plan(sql: &str) -> Vec<String> {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, Path::new("x")).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect()
    }

    #[test]
    fn a_summary_never_reads_a_whole_log() {
        let steps = plan(&summaries());
        let of_events: Vec<_> = steps.iter().filter(|step| step.contains("events")).collect();
        assert_eq!(of_events.len(), 4, "{steps:#?}");
        for step in &of_events {
            let by_status = step.contains("INDEX events_of_status (session_id=?)");
            let by_outcome = step.contains("INDEX events_of_outcome (session_id=?)");
            let by_seq = step.contains("PRIMARY KEY (session_id=? AND seq=?)");
            assert!(by_status || by_outcome || by_seq, "{step} of {steps:#?}");
        }
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
    }

    #[test]
    fn deleting_a_session_reads_nothing_of_others() {
        for table in ["events", "session_metadata"] {
            let steps = plan(&format!("DELETE FROM {table} WHERE session_id = 'x'"));
            assert!(steps.iter().all(|step| step.contains("(session_id=?)")), "{steps:#?}");
        }
    }
}
