//! Changes of documents.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{COLUMNS, read};
use crate::documents::{Document, DocumentChange, DocumentWrite};
use crate::rules;
use crate::sqlite::error::Outcome;
use crate::sqlite::values::millis;

/// A document and all below it. `UNION` meets none of them twice, so it comes to an end.
const FAMILY: &str = "
WITH RECURSIVE family (id) AS (
    SELECT id FROM documents WHERE id = ?1
    UNION SELECT d.id FROM family JOIN documents d ON d.parent = family.id)";

/// Makes all changes or none; an error is taken back by who called.
pub(super) fn write(
    connection: &Connection,
    changes: Vec<DocumentChange>,
) -> Outcome<DocumentWrite> {
    let execute = |sql| connection.prepare_cached(sql)?.execute([]);
    execute("SAVEPOINT documents")?;
    let mut outcome = DocumentWrite::Done;
    for change in changes {
        outcome = apply(connection, change)?;
        if outcome != DocumentWrite::Done {
            execute("ROLLBACK TO documents")?;
            break;
        }
    }
    execute("RELEASE documents")?;
    Ok(outcome)
}

fn apply(connection: &Connection, change: DocumentChange) -> Outcome<DocumentWrite> {
    match change {
        DocumentChange::Create(document) => create(connection, document),
        DocumentChange::Put { before_revision, document } => {
            put(connection, before_revision, document)
        }
        DocumentChange::Delete { id } => delete(connection, id),
    }
}

fn create(connection: &Connection, document: Document) -> Outcome<DocumentWrite> {
    let sql = "SELECT count(*) FROM documents WHERE id = ?1";
    let there: u32 =
        connection.prepare_cached(sql)?.query_row(params![document.id], |row| row.get(0))?;
    if there > 0 {
        return Ok(DocumentWrite::Changed { id: document.id });
    }
    if let Some(id) = key_holder(connection, &document)? {
        return Ok(DocumentWrite::KeyTaken { id });
    }
    let sql =
        format!("INSERT INTO documents ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    connection.prepare_cached(&sql)?.execute(params![
        document.id,
        document.kind,
        document.parent,
        document.key,
        millis(document.created_at)?,
        document.archived_at.map(millis).transpose()?,
        document.version,
        rules::FIRST_REVISION,
        document.body,
    ])?;
    Ok(DocumentWrite::Done)
}

fn put(
    connection: &Connection,
    before_revision: u32,
    document: Document,
) -> Outcome<DocumentWrite> {
    let Some(before) = read(connection, &document.id)? else {
        return Ok(DocumentWrite::Missing { id: document.id });
    };
    if before.revision != before_revision {
        return Ok(DocumentWrite::Changed { id: document.id });
    }
    let document = rules::next_revision(&before, document)?;
    if let Some(id) = key_holder(connection, &document)? {
        return Ok(DocumentWrite::KeyTaken { id });
    }
    if before.version != document.version {
        let keep = "INSERT INTO document_versions
                (document_id, version, revision, key, archived_at, body)
            SELECT id, version, revision, key, archived_at, body FROM documents WHERE id = ?1";
        connection.prepare_cached(keep)?.execute(params![document.id])?;
    }
    let sql = "UPDATE documents
        SET key = ?2, archived_at = ?3, version = ?4, revision = ?5, body = ?6 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        document.id,
        document.key,
        document.archived_at.map(millis).transpose()?,
        document.version,
        document.revision,
        document.body,
    ])?;
    Ok(DocumentWrite::Done)
}

fn delete(connection: &Connection, id: String) -> Outcome<DocumentWrite> {
    let versions = format!("{FAMILY} DELETE FROM document_versions WHERE document_id IN family");
    connection.prepare_cached(&versions)?.execute(params![id])?;
    let documents = format!("{FAMILY} DELETE FROM documents WHERE id IN family");
    match connection.prepare_cached(&documents)?.execute(params![id])? {
        0 => Ok(DocumentWrite::Missing { id }),
        _ => Ok(DocumentWrite::Done),
    }
}

/// Another document that has the key of this one.
fn key_holder(connection: &Connection, document: &Document) -> Outcome<Option<String>> {
    let Some((kind, parent, key)) = rules::key_place(document) else { return Ok(None) };
    let sql = "SELECT id FROM documents WHERE kind = ?1 AND coalesce(parent, '') = ?2
        AND key = ?3 AND archived_at IS NULL AND id <> ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let holder = statement.query_row(params![kind, parent, key, document.id], |row| row.get(0));
    Ok(holder.optional()?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sqlite::schema;

    fn plan(sql: &str) -> String {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, Path::new("x")).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map(["x"], |row| row.get::<_, String>(3)).unwrap();
        steps.map(|step| step.unwrap() + "\n").collect()
    }

    #[test]
    fn deleting_a_document_reads_nothing_of_others() {
        for table in ["document_versions WHERE document_id", "documents WHERE id"] {
            let sql = format!("{FAMILY} DELETE FROM {table} IN family");
            let plan = plan(&sql);
            assert!(plan.contains("documents_by_parent (parent=?)"), "{plan}");
            assert!(!plan.contains("SCAN document") && !plan.contains("SCAN d\n"), "{plan}");
        }
    }
}
