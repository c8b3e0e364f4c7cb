//! Memory stores, memories and their versions.

use lucid_core::{
    Memory, MemoryId, MemoryOperation, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId,
    sha256_hex,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::{Outcome, or_exists};
use super::values::{from_json, from_word, millis, named, time, to_json, to_word};
use crate::rules;

const VERSIONS: &str =
    "SELECT id, memory_id, memory_store_id, operation, path, content, created_by,
    created_at FROM memory_versions";
const STORES: &str = "SELECT id, name, description, created_at, dreamt_from FROM memory_stores";

pub(super) fn create_store(connection: &Connection, store: &MemoryStore) -> Outcome<()> {
    let insert = connection
        .prepare_cached(
            "INSERT INTO memory_stores (id, name, description, created_at, dreamt_from)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            store.id.as_str(),
            store.name,
            store.description,
            millis(store.created_at)?,
            store.dreamt_from.as_ref().map(MemoryStoreId::as_str),
        ]);
    or_exists(insert, rules::memory_store_exists(&store.id))
}

pub(super) fn store(connection: &Connection, id: &MemoryStoreId) -> Outcome<Option<MemoryStore>> {
    let mut statement = connection.prepare_cached(&format!("{STORES} WHERE id = ?1"))?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(store_of).transpose()
}

pub(super) fn stores(connection: &Connection) -> Outcome<Vec<MemoryStore>> {
    let mut statement = connection.prepare_cached(&format!("{STORES} ORDER BY created_at, id"))?;
    let mut rows = statement.query([])?;
    let mut stores = Vec::new();
    while let Some(row) = rows.next()? {
        stores.push(store_of(row)?);
    }
    Ok(stores)
}

fn store_of(row: &Row<'_>) -> Outcome<MemoryStore> {
    let dreamt_from: Option<String> = row.get(4)?;
    Ok(MemoryStore {
        id: named(MemoryStoreId::parse, &row.get::<_, String>(0)?)?,
        name: row.get(1)?,
        description: row.get(2)?,
        created_at: time(row.get(3)?)?,
        dreamt_from: dreamt_from.map(|id| named(MemoryStoreId::parse, &id)).transpose()?,
    })
}

pub(super) fn write(
    connection: &Connection,
    store_id: &MemoryStoreId,
    versions: &[MemoryVersion],
) -> Outcome<()> {
    let mut known = connection.prepare_cached("SELECT 1 FROM memory_stores WHERE id = ?1")?;
    if !known.exists(params![store_id.as_str()])? {
        return Err(rules::no_memory_store(store_id).into());
    }
    for version in versions {
        let content = rules::check_version(store_id, version)?;
        let seq = insert_version(connection, version)?;
        move_head(connection, version, content, seq)?;
    }
    let count: usize = connection
        .prepare_cached("SELECT count(*) FROM memories WHERE memory_store_id = ?1")?
        .query_row(params![store_id.as_str()], |row| row.get::<_, u32>(0))
        .map(|count| count as usize)?;
    if count > lucid_core::MEMORIES_MAX {
        return Err(rules::too_many_memories(store_id).into());
    }
    Ok(())
}

fn insert_version(connection: &Connection, version: &MemoryVersion) -> Outcome<i64> {
    let insert = connection
        .prepare_cached(
            "INSERT INTO memory_versions (id, memory_id, memory_store_id, operation, path,
                 content, created_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            version.id.as_str(),
            version.memory_id.as_str(),
            version.memory_store_id.as_str(),
            to_word(&version.operation)?,
            version.path,
            version.content,
            to_json(&version.created_by)?,
            millis(version.created_at)?,
        ]);
    or_exists(insert, rules::version_exists(version))?;
    Ok(connection.last_insert_rowid())
}

fn move_head(
    connection: &Connection,
    version: &MemoryVersion,
    content: Option<&str>,
    seq: i64,
) -> Outcome<()> {
    let store_id = version.memory_store_id.as_str();
    let id = version.memory_id.as_str();
    let hash = sha256_hex(content.unwrap_or_default().as_bytes());
    let now = millis(version.created_at)?;
    let changed = match version.operation {
        MemoryOperation::Created => {
            let mut known = connection.prepare_cached("SELECT 1 FROM memories WHERE id = ?1")?;
            if known.exists(params![id])? {
                return Err(rules::memory_exists(version).into());
            }
            check_way(connection, version)?;
            connection
                .prepare_cached(
                    "INSERT INTO memories (id, memory_store_id, version_seq, path,
                         content_sha256, created_at, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
                )?
                .execute(params![id, store_id, seq, version.path, hash, now])
        }
        MemoryOperation::Modified => {
            let mut same =
                connection.prepare_cached("SELECT 1 FROM memories WHERE id = ?1 AND path = ?2")?;
            if !same.exists(params![id, version.path])? {
                check_way(connection, version)?;
            }
            connection
                .prepare_cached(
                    "UPDATE memories
                     SET version_seq = ?3, path = ?4, content_sha256 = ?5, updated_at = ?6
                     WHERE id = ?1 AND memory_store_id = ?2",
                )?
                .execute(params![id, store_id, seq, version.path, hash, now])
        }
        MemoryOperation::Deleted => connection
            .prepare_cached("DELETE FROM memories WHERE id = ?1 AND memory_store_id = ?2")?
            .execute(params![id, store_id]),
    };
    if matches!(changed, Ok(0)) {
        return Err(rules::no_memory(version).into());
    }
    or_exists(changed, rules::path_taken(version))
}

/// Refuses a path that would be a file and a folder. What stands so already stays.
fn check_way(connection: &Connection, version: &MemoryVersion) -> Outcome<()> {
    let (store, id, path) =
        (version.memory_store_id.as_str(), version.memory_id.as_str(), &version.path);
    // `0` comes right behind `/`: all that begins with the path and a `/` is between the two.
    let below: Option<String> = connection
        .prepare_cached(
            "SELECT path FROM memories WHERE memory_store_id = ?1 AND id != ?2
                 AND path >= ?3 AND path < ?4 ORDER BY path LIMIT 1",
        )?
        .query_row(params![store, id, format!("{path}/"), format!("{path}0")], |row| row.get(0))
        .optional()?;
    if let Some(other) = below {
        return Err(rules::path_in_the_way(version, &other).into());
    }
    let mut stands = connection.prepare_cached(
        "SELECT 1 FROM memories WHERE memory_store_id = ?1 AND id != ?2 AND path = ?3",
    )?;
    for folder in rules::folders(path) {
        if stands.exists(params![store, id, folder])? {
            return Err(rules::path_in_the_way(version, folder).into());
        }
    }
    Ok(())
}

pub(super) fn list(connection: &Connection, store_id: &MemoryStoreId) -> Outcome<Vec<Memory>> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, v.id, m.path, v.content, m.content_sha256, m.created_at, m.updated_at
         FROM memories m JOIN memory_versions v ON v.seq = m.version_seq
         WHERE m.memory_store_id = ?1 ORDER BY m.path",
    )?;
    let mut rows = statement.query(params![store_id.as_str()])?;
    let mut memories = Vec::new();
    while let Some(row) = rows.next()? {
        memories.push(Memory {
            id: named(MemoryId::parse, &row.get::<_, String>(0)?)?,
            memory_store_id: store_id.clone(),
            memory_version_id: named(MemoryVersionId::parse, &row.get::<_, String>(1)?)?,
            path: row.get(2)?,
            content: row.get(3)?,
            content_sha256: row.get(4)?,
            created_at: time(row.get(5)?)?,
            updated_at: time(row.get(6)?)?,
        });
    }
    Ok(memories)
}

pub(super) fn versions(
    connection: &Connection,
    store_id: &MemoryStoreId,
    path: Option<&str>,
) -> Outcome<Vec<MemoryVersion>> {
    let mut statement = connection.prepare_cached(&format!(
        "{VERSIONS} WHERE memory_store_id = ?1 AND (?2 IS NULL OR path = ?2) ORDER BY seq DESC"
    ))?;
    let mut rows = statement.query(params![store_id.as_str(), path])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(version_of(row)?);
    }
    Ok(versions)
}

pub(super) fn version(
    connection: &Connection,
    id: &MemoryVersionId,
) -> Outcome<Option<MemoryVersion>> {
    let mut statement = connection.prepare_cached(&format!("{VERSIONS} WHERE id = ?1"))?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(version_of).transpose()
}

fn version_of(row: &Row<'_>) -> Outcome<MemoryVersion> {
    Ok(MemoryVersion {
        id: named(MemoryVersionId::parse, &row.get::<_, String>(0)?)?,
        memory_id: named(MemoryId::parse, &row.get::<_, String>(1)?)?,
        memory_store_id: named(MemoryStoreId::parse, &row.get::<_, String>(2)?)?,
        operation: from_word(row.get(3)?)?,
        path: row.get(4)?,
        content: row.get(5)?,
        created_by: from_json(&row.get::<_, String>(6)?)?,
        created_at: time(row.get(7)?)?,
    })
}

/// Takes the text and the path out of a version; false when they were taken out before.
pub(super) fn redact(connection: &Connection, id: &MemoryVersionId) -> Outcome<bool> {
    let found: Option<(i64, bool)> = connection
        .prepare_cached("SELECT seq, redacted FROM memory_versions WHERE id = ?1")?
        .query_row(params![id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (seq, redacted) = found.ok_or_else(|| rules::no_version(id))?;
    if redacted {
        return Ok(false);
    }
    let mut stands = connection.prepare_cached("SELECT 1 FROM memories WHERE version_seq = ?1")?;
    if stands.exists(params![seq])? {
        return Err(rules::version_stands(id).into());
    }
    connection
        .prepare_cached(
            "UPDATE memory_versions SET content = NULL, path = '', redacted = 1 WHERE seq = ?1",
        )?
        .execute(params![seq])?;
    Ok(true)
}
