//! Single memories: lists without texts, and writes over what was read.

use async_trait::async_trait;
use lucid_core::{
    Memory, MemoryId, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId, Result,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::Outcome;
use super::starts::Table;
use super::values::{from_json, from_word, named, time, unsigned};
use super::{SqliteStore, memories};
use crate::memory_keeper::MemoryKeeper;
use crate::rules;

#[async_trait]
impl MemoryKeeper for SqliteStore {
    async fn change_memory_store(&self, store: &MemoryStore) -> Result<()> {
        let store = store.clone();
        self.writer.write(move |connection| change(connection, &store)).await
    }

    async fn delete_memory_store(&self, id: &MemoryStoreId) -> Result<()> {
        let id = id.clone();
        self.writer.write(move |connection| delete(connection, &id)).await
    }

    async fn memory_stores_named(&self, start: &str, limit: u32) -> Result<Vec<MemoryStoreId>> {
        let start = start.to_owned();
        self.readers
            .read(move |connection| {
                Table::MemoryStores.starting(connection, MemoryStoreId::parse, &start, limit)
            })
            .await
    }

    async fn memory(&self, id: &MemoryId) -> Result<Option<Memory>> {
        let id = id.clone();
        self.readers.read(move |connection| memory(connection, &id)).await
    }

    async fn memories_in_short(&self, store_id: &MemoryStoreId) -> Result<Vec<(Memory, u64)>> {
        let id = store_id.clone();
        self.readers.read(move |connection| in_short(connection, &id)).await
    }

    async fn memory_versions_in_short(
        &self,
        store_id: &MemoryStoreId,
    ) -> Result<Vec<MemoryVersion>> {
        let id = store_id.clone();
        self.readers.read(move |connection| versions_in_short(connection, &id)).await
    }

    async fn newest_memory_version(
        &self,
        store_id: &MemoryStoreId,
    ) -> Result<Option<MemoryVersionId>> {
        let id = store_id.clone();
        self.readers.read(move |connection| newest(connection, &id)).await
    }

    async fn write_memories_after(
        &self,
        store_id: &MemoryStoreId,
        newest: Option<&MemoryVersionId>,
        versions: Vec<MemoryVersion>,
    ) -> Result<bool> {
        let (id, known) = (store_id.clone(), newest.cloned());
        self.writer
            .write(move |connection| {
                if self::newest(connection, &id)? != known {
                    return Ok(false);
                }
                memories::write(connection, &id, &versions).map(|()| true)
            })
            .await
    }
}

fn change(connection: &Connection, store: &MemoryStore) -> Outcome<()> {
    let changed = connection
        .prepare_cached("UPDATE memory_stores SET name = ?2, description = ?3 WHERE id = ?1")?
        .execute(params![store.id.as_str(), store.name, store.description])?;
    if changed == 0 { Err(rules::no_memory_store(&store.id).into()) } else { Ok(()) }
}

fn delete(connection: &Connection, id: &MemoryStoreId) -> Outcome<()> {
    // What stands on others first.
    for table in ["entry_intervals", "memories", "memory_versions"] {
        connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE memory_store_id = ?1"))?
            .execute(params![id.as_str()])?;
    }
    let deleted = connection
        .prepare_cached("DELETE FROM memory_stores WHERE id = ?1")?
        .execute(params![id.as_str()])?;
    if deleted == 0 { Err(rules::no_memory_store(id).into()) } else { Ok(()) }
}

fn newest(connection: &Connection, id: &MemoryStoreId) -> Outcome<Option<MemoryVersionId>> {
    let newest: Option<String> = connection
        .prepare_cached(
            "SELECT id FROM memory_versions WHERE seq =
                 (SELECT max(seq) FROM memory_versions WHERE memory_store_id = ?1)",
        )?
        .query_row(params![id.as_str()], |row| row.get(0))
        .optional()?;
    newest.map(|id| named(MemoryVersionId::parse, &id)).transpose()
}

/// A memory without its text, from the first seven columns.
fn head_of(row: &Row<'_>) -> Outcome<Memory> {
    Ok(Memory {
        id: named(MemoryId::parse, &row.get::<_, String>(0)?)?,
        memory_store_id: named(MemoryStoreId::parse, &row.get::<_, String>(1)?)?,
        memory_version_id: named(MemoryVersionId::parse, &row.get::<_, String>(2)?)?,
        path: row.get(3)?,
        content: String::new(),
        content_sha256: row.get(4)?,
        created_at: time(row.get(5)?)?,
        updated_at: time(row.get(6)?)?,
    })
}

fn memory(connection: &Connection, id: &MemoryId) -> Outcome<Option<Memory>> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.memory_store_id, v.id, m.path, m.content_sha256, m.created_at,
             m.updated_at, v.content
         FROM memories m JOIN memory_versions v ON v.seq = m.version_seq WHERE m.id = ?1",
    )?;
    let mut rows = statement.query(params![id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Memory { content: row.get(7)?, ..head_of(row)? }))
}

fn in_short(connection: &Connection, id: &MemoryStoreId) -> Outcome<Vec<(Memory, u64)>> {
    // How long a text is stands before it: the text itself is not read.
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.memory_store_id, v.id, m.path, m.content_sha256, m.created_at,
             m.updated_at, octet_length(v.content)
         FROM memories m JOIN memory_versions v ON v.seq = m.version_seq
         WHERE m.memory_store_id = ?1 ORDER BY m.path",
    )?;
    let mut rows = statement.query(params![id.as_str()])?;
    let mut memories = Vec::new();
    while let Some(row) = rows.next()? {
        memories.push((head_of(row)?, unsigned(row.get(7)?)?));
    }
    Ok(memories)
}

fn versions_in_short(connection: &Connection, id: &MemoryStoreId) -> Outcome<Vec<MemoryVersion>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, memory_id, operation, path, created_by, created_at FROM memory_versions
         WHERE memory_store_id = ?1 ORDER BY seq DESC",
    )?;
    let mut rows = statement.query(params![id.as_str()])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(MemoryVersion {
            id: named(MemoryVersionId::parse, &row.get::<_, String>(0)?)?,
            memory_id: named(MemoryId::parse, &row.get::<_, String>(1)?)?,
            memory_store_id: id.clone(),
            operation: from_word(row.get(2)?)?,
            path: row.get(3)?,
            content: None,
            created_by: from_json(&row.get::<_, String>(4)?)?,
            created_at: time(row.get(5)?)?,
        });
    }
    Ok(versions)
}
