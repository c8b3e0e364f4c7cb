//! Dreams: one document each.

use lucid_core::{Dream, DreamId};
use rusqlite::{Connection, params};

use super::error::Outcome;
use super::values::{from_json, millis, to_json, to_word};

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

pub(super) fn read(connection: &Connection, id: &DreamId) -> Outcome<Option<Dream>> {
    let mut statement = connection.prepare_cached("SELECT body FROM dreams WHERE id = ?1")?;
    let mut rows = statement.query(params![id.as_str()])?;
    rows.next()?.map(|row| from_json(&row.get::<_, String>(0)?)).transpose()
}

pub(super) fn list(connection: &Connection) -> Outcome<Vec<Dream>> {
    let sql = "SELECT body FROM dreams ORDER BY created_at DESC, id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut dreams = Vec::new();
    while let Some(row) = rows.next()? {
        dreams.push(from_json(&row.get::<_, String>(0)?)?);
    }
    Ok(dreams)
}
