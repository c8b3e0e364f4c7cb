//! Documents, and what they were.

mod writes;

use async_trait::async_trait;
use lucid_core::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::SqliteStore;
use super::error::Outcome;
use super::values::{bound, time, to_json};
use crate::documents::{Document, DocumentChange, DocumentFilter, DocumentStore, DocumentWrite};

const COLUMNS: &str = "id, kind, parent, key, created_at, archived_at, version, revision, body";

/// A document with its versions below some number, newest first.
const VERSIONS: &str = "
SELECT id, kind, parent, key, created_at, archived_at, version, revision, body
    FROM documents WHERE id = ?1 AND version < ?2
UNION ALL
SELECT d.id, d.kind, d.parent, v.key, d.created_at, v.archived_at, v.version, v.revision, v.body
    FROM document_versions v JOIN documents d ON d.id = v.document_id
    WHERE v.document_id = ?1 AND v.version < ?2
ORDER BY version DESC LIMIT ?3";

/// Above all versions.
const ALL_VERSIONS: i64 = 1 << 32;

#[async_trait]
impl DocumentStore for SqliteStore {
    async fn write_documents(&self, changes: Vec<DocumentChange>) -> Result<DocumentWrite> {
        self.writer.write(move |connection| writes::write(connection, changes)).await
    }

    async fn document(&self, id: &str) -> Result<Option<Document>> {
        let id = id.to_owned();
        self.readers.look(move |connection| read(connection, &id)).await
    }

    async fn document_version(&self, id: &str, version: u32) -> Result<Option<Document>> {
        let (id, below) = (id.to_owned(), i64::from(version).saturating_add(1));
        let newest = self.readers.read(move |connection| versions(connection, &id, below, 1)).await;
        Ok(newest?.pop().filter(|document| document.version == version))
    }

    async fn document_versions(
        &self,
        id: &str,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<Document>> {
        let (id, below) = (id.to_owned(), before.map_or(ALL_VERSIONS, i64::from));
        self.readers.read(move |connection| versions(connection, &id, below, limit)).await
    }

    async fn documents(&self, filter: &DocumentFilter) -> Result<Vec<Document>> {
        let filter = filter.clone();
        // One that is found by its key is read like one by its id.
        if filter.limit == Some(1) {
            return self.readers.look(move |connection| list(connection, &filter)).await;
        }
        self.readers.read(move |connection| list(connection, &filter)).await
    }
}

fn read(connection: &Connection, id: &str) -> Outcome<Option<Document>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id])?;
    rows.next()?.map(document).transpose()
}

fn versions(connection: &Connection, id: &str, below: i64, limit: u32) -> Outcome<Vec<Document>> {
    let mut statement = connection.prepare_cached(VERSIONS)?;
    let mut rows = statement.query(params![id, below, limit])?;
    let mut documents = Vec::new();
    while let Some(row) = rows.next()? {
        documents.push(document(row)?);
    }
    Ok(documents)
}

fn list(connection: &Connection, filter: &DocumentFilter) -> Outcome<Vec<Document>> {
    let (sql, values) = query(filter)?;
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut documents = Vec::new();
    while let Some(row) = rows.next()? {
        documents.push(document(row)?);
    }
    Ok(documents)
}

/// What a list is read by. SQLite cannot know that a parent has few of a kind's documents, and
/// a key one; all but the key's give the order of the list as well.
fn index(filter: &DocumentFilter) -> &'static str {
    match filter {
        DocumentFilter { ids, .. } if !ids.is_empty() => "",
        DocumentFilter { key: Some(_), archived: false, .. } => "INDEXED BY documents_by_key",
        DocumentFilter { parent: Some(_), .. } => "INDEXED BY documents_by_parent",
        _ => "INDEXED BY documents_by_time",
    }
}

fn query(filter: &DocumentFilter) -> Outcome<(String, Vec<Value>)> {
    // A plus keeps a condition from choosing the index: ids are looked up one by one.
    let plus = if filter.ids.is_empty() { "" } else { "+" };
    let index = index(filter);
    let mut sql = format!("SELECT {COLUMNS} FROM documents {index} WHERE {plus}kind = ?");
    let mut values: Vec<Value> = vec![filter.kind.clone().into()];
    for (column, wanted) in [("parent", &filter.parent), ("key", &filter.key)] {
        if let Some(wanted) = wanted {
            sql.push_str(&format!(" AND {plus}{column} = ?"));
            values.push(wanted.clone().into());
        }
    }
    if !filter.ids.is_empty() {
        sql.push_str(" AND id IN (SELECT value FROM json_each(?))");
        values.push(to_json(&filter.ids)?.into());
    }
    if !filter.archived {
        sql.push_str(" AND archived_at IS NULL");
    }
    for (compare, limit) in [(">=", filter.from), ("<", filter.until)] {
        if let Some(limit) = limit {
            sql.push_str(&format!(" AND created_at {compare} ?"));
            values.push(bound(limit).into());
        }
    }
    let (order, behind) = if filter.newest_first { ("DESC", "<") } else { ("ASC", ">") };
    if let Some((created_at, id)) = &filter.after {
        sql.push_str(&format!(" AND (created_at, id) {behind} (?, ?)"));
        values.extend([bound(*created_at).into(), id.clone().into()]);
    }
    sql.push_str(&format!(" ORDER BY created_at {order}, id {order} LIMIT ?"));
    // Less than none is no limit.
    values.push(filter.limit.map_or(-1, i64::from).into());
    Ok((sql, values))
}

fn document(row: &Row<'_>) -> Outcome<Document> {
    let archived_at: Option<i64> = row.get(5)?;
    Ok(Document {
        id: row.get(0)?,
        kind: row.get(1)?,
        parent: row.get(2)?,
        key: row.get(3)?,
        created_at: time(row.get(4)?)?,
        archived_at: archived_at.map(time).transpose()?,
        version: row.get(6)?,
        revision: row.get(7)?,
        body: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lucid_core::Timestamp;

    use super::*;
    use crate::sqlite::schema;

    fn plan(sql: &str, values: Vec<Value>) -> String {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, Path::new("x")).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let values = params_from_iter(values);
        let steps = statement.query_map(values, |row| row.get::<_, String>(3)).unwrap();
        steps.map(|step| step.unwrap() + "\n").collect()
    }

    #[test]
    fn a_page_is_read_from_an_index_in_its_order() {
        let parent = || Some("vlt_1".to_owned());
        let after = Some((Timestamp(5), "agent_1".to_owned()));
        let (from, until) = (Some(Timestamp(1)), Some(Timestamp(9)));
        let plain = DocumentFilter { kind: "agent".to_owned(), ..Default::default() };
        let paged = DocumentFilter { after, from, until, newest_first: true, ..plain.clone() };
        for filter in [plain.clone(), paged.clone()] {
            for (parent, index) in [(None, "documents_by_time"), (parent(), "documents_by_parent")]
            {
                let (sql, values) = query(&DocumentFilter { parent, ..filter.clone() }).unwrap();
                let plan = plan(&sql, values);
                assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
            }
        }
        let keyed = DocumentFilter { key: Some("k".to_owned()), ..plain.clone() };
        let named = DocumentFilter { ids: vec!["agent_1".to_owned()], ..plain };
        for (filter, index) in [(keyed, "documents_by_key"), (named, "(id=?)")] {
            let (sql, values) = query(&filter).unwrap();
            let plan = plan(&sql, values);
            assert!(plan.contains(index), "{sql}: {plan}");
        }
    }
}
