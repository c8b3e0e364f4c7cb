//! Dreams: one document each, and what it takes to run it.

use lucid_core::{Dream, DreamId, EntryInterval, MemoryStoreId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::{Outcome, or_exists};
use super::values::{from_json, millis, named, to_json, to_word};
use super::{memories, old_dreams};
use crate::dream_store::{DreamChange, DreamJob};
use crate::rules;

pub(super) fn create(connection: &Connection, dream: &Dream, job: &DreamJob) -> Outcome<()> {
    let insert = connection
        .prepare_cached(
            "INSERT INTO dreams (id, status, created_at, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            dream.id.as_str(),
            to_word(&dream.status)?,
            millis(dream.created_at)?,
            to_json(dream)?
        ]);
    or_exists(insert, rules::dream_exists(&dream.id))?;
    put_job(connection, &dream.id, job)
}

pub(super) fn put(connection: &Connection, dream: &Dream) -> Outcome<()> {
    let status = to_word(&dream.status)?;
    connection
        .prepare_cached(
            "INSERT INTO dreams (id, status, created_at, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET
                 status = excluded.status, created_at = excluded.created_at, body = excluded.body",
        )?
        .execute(params![dream.id.as_str(), status, millis(dream.created_at)?, to_json(dream)?])?;
    Ok(())
}

fn put_job(connection: &Connection, id: &DreamId, job: &DreamJob) -> Outcome<()> {
    connection
        .prepare_cached(
            "INSERT INTO dream_jobs (dream_id, body) VALUES (?1, ?2)
             ON CONFLICT (dream_id) DO UPDATE SET body = excluded.body",
        )?
        .execute(params![id.as_str(), to_json(job)?])?;
    Ok(())
}

/// Changes a dream and what belongs to the change; runs inside one transaction.
pub(super) fn change(connection: &Connection, before: &Dream, change: &DreamChange) -> Outcome<()> {
    let DreamChange { after, job, job_before, new_store, versions, intervals, redact } = change;
    let id = &before.id;
    let now = read(connection, id)?.ok_or_else(|| rules::no_dream(id))?;
    rules::check_dream(before, &now, after)?;
    if let Some(was) = job_before
        && self::job(connection, id)?.as_ref() != Some(was)
    {
        return Err(rules::dream_changed(id).into());
    }
    if let Some(store) = new_store {
        memories::create_store(connection, store)?;
    }
    if let Some((store_id, versions)) = versions {
        memories::write(connection, store_id, versions)?;
    }
    if let Some((store_id, intervals)) = intervals {
        put_intervals(connection, store_id, id, intervals)?;
    }
    for version in redact {
        memories::redact(connection, version)?;
    }
    if let Some(job) = job {
        put_job(connection, id, job)?;
    }
    put(connection, after)
}

pub(super) fn read(connection: &Connection, id: &DreamId) -> Outcome<Option<Dream>> {
    let mut statement = connection.prepare_cached("SELECT body FROM dreams WHERE id = ?1")?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(|row| old_dreams::read(&row.get::<_, String>(0)?)).transpose()
}

pub(super) fn list(connection: &Connection) -> Outcome<Vec<Dream>> {
    let sql = "SELECT body FROM dreams ORDER BY created_at DESC, id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut dreams = Vec::new();
    while let Some(row) = rows.next()? {
        dreams.push(old_dreams::read(&row.get::<_, String>(0)?)?);
    }
    Ok(dreams)
}

/// The dreams without what is large in them, which SQLite leaves out before it is copied.
pub(super) fn list_in_short(connection: &Connection) -> Outcome<Vec<Dream>> {
    let sql = "SELECT json_set(body, '$.operations', json('[]'), '$.ledger', json('[]'))
               FROM dreams ORDER BY created_at DESC, id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut dreams = Vec::new();
    while let Some(row) = rows.next()? {
        let mut dream = old_dreams::read(&row.get::<_, String>(0)?)?;
        // Older versions kept what was refused elsewhere.
        dream.operations.clear();
        dreams.push(dream);
    }
    Ok(dreams)
}

pub(super) fn newest(connection: &Connection) -> Outcome<Option<DreamId>> {
    let sql = "SELECT id FROM dreams ORDER BY created_at DESC, id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let id: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    id.map(|id| named(DreamId::parse, &id)).transpose()
}

/// Ids stand in documents as JSON texts, and hold nothing that JSON would write otherwise; so
/// that they are found without the documents being read.
pub(super) fn naming(connection: &Connection, id: &str) -> Outcome<Vec<DreamId>> {
    let mut statement = connection.prepare_cached(
        "SELECT d.id FROM dreams d LEFT JOIN dream_jobs j ON j.dream_id = d.id
         WHERE instr(d.body, ?1) > 0 OR instr(j.body, ?1) > 0 ORDER BY d.created_at, d.id",
    )?;
    let mut rows = statement.query(params![format!("\"{id}\"")])?;
    let mut dreams = Vec::new();
    while let Some(row) = rows.next()? {
        dreams.push(named(DreamId::parse, &row.get::<_, String>(0)?)?);
    }
    Ok(dreams)
}

pub(super) fn job(connection: &Connection, id: &DreamId) -> Outcome<Option<DreamJob>> {
    let sql = "SELECT body FROM dream_jobs WHERE dream_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(|row| from_json(&row.get::<_, String>(0)?)).transpose()
}

pub(super) fn request_cancel(connection: &Connection, id: &DreamId, at: Timestamp) -> Outcome<()> {
    let changed = connection
        .prepare_cached(
            "UPDATE dream_jobs SET cancel_requested_at = coalesce(cancel_requested_at, ?2)
             WHERE dream_id = ?1",
        )?
        .execute(params![id.as_str(), millis(at)?])?;
    if changed == 0 { Err(rules::no_dream(id).into()) } else { Ok(()) }
}

pub(super) fn cancel_requested(connection: &Connection, id: &DreamId) -> Outcome<bool> {
    let sql = "SELECT cancel_requested_at IS NOT NULL FROM dream_jobs WHERE dream_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let requested = statement.query_row(params![id.as_str()], |row| row.get(0)).optional()?;
    Ok(requested.unwrap_or(false))
}

fn put_intervals(
    connection: &Connection,
    store_id: &MemoryStoreId,
    dream_id: &DreamId,
    intervals: &[EntryInterval],
) -> Outcome<()> {
    connection
        .prepare_cached("DELETE FROM entry_intervals WHERE memory_store_id = ?1 AND dream_id = ?2")?
        .execute(params![store_id.as_str(), dream_id.as_str()])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO entry_intervals (memory_store_id, dream_id, position, body)
         VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (position, interval) in (0_i64..).zip(intervals) {
        let body = to_json(interval)?;
        insert.execute(params![store_id.as_str(), dream_id.as_str(), position, body])?;
    }
    Ok(())
}

pub(super) fn intervals(
    connection: &Connection,
    store_id: &MemoryStoreId,
) -> Outcome<Vec<EntryInterval>> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM entry_intervals WHERE memory_store_id = ?1 ORDER BY dream_id, position",
    )?;
    let mut rows = statement.query(params![store_id.as_str()])?;
    let mut intervals = Vec::new();
    while let Some(row) = rows.next()? {
        intervals.push(from_json(&row.get::<_, String>(0)?)?);
    }
    Ok(intervals)
}
