//! Looking into a store, and holding it against what it should hold.

use std::collections::BTreeMap;
use std::path::Path;

use lucid_core::{EventRecord, Failure};
use lucid_store::{Durability, SessionFilter, SqliteStore, Store as _};
use rusqlite::Connection;

use crate::{Acknowledged, DATABASE, Expected, Workload};

/// What is in a store: sessions by number, with their numbered events.
pub type Found = BTreeMap<u32, Vec<(u32, EventRecord)>>;

/// Reads a whole store.
///
/// # Errors
/// The store's own.
pub fn found(folder: &Path) -> Result<Found, Failure> {
    runtime().block_on(async {
        let store = SqliteStore::open(&folder.join(DATABASE), Durability::Full)?;
        read(&store).await
    })
}

async fn read(store: &SqliteStore) -> Result<Found, Failure> {
    let mut found = Found::new();
    for summary in store.sessions(&SessionFilter::default()).await? {
        let id = &summary.session.id;
        // What nobody made has a number that nobody has.
        let number = Workload::number_of(id).unwrap_or(u32::MAX);
        found.insert(number, store.events(id, None, u32::MAX).await?);
    }
    Ok(found)
}

/// What is not right with a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Something that was acknowledged is not there; the store itself is in order.
    Lost(String),
    /// Anything else.
    Damaged(String),
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Self::Damaged(what)
    }
}

/// Checks what is in a store: all that was acknowledged is there, byte for byte and under its
/// number; there is nothing that was never written, and no half of an append; the database
/// is in order; and it can be written to. Gives what is there.
///
/// # Errors
/// What is not right.
pub fn check(
    folder: &Path,
    expected: &Expected,
    acknowledged: &Acknowledged,
) -> Result<Found, Wrong> {
    let found = runtime().block_on(async {
        let store = SqliteStore::open(&folder.join(DATABASE), Durability::Full)
            .map_err(|failure| format!("it does not open: {failure}"))?;
        let found = read(&store).await.map_err(|failure| format!("not readable: {failure}"))?;
        for (session, events) in &found {
            log(expected, *session, events)?;
        }
        writable(&store, &expected.workload, &found).await?;
        Ok::<_, String>(found)
    })?;
    in_order(&folder.join(DATABASE))?;
    for (session, count) in &acknowledged.sessions {
        let events = found.get(session).map(Vec::len);
        if events.is_none_or(|events| events < *count as usize) {
            let lost = format!("session {session} had {count} events, and {events:?} are there");
            return Err(Wrong::Lost(lost));
        }
    }
    Ok(found)
}

fn log(expected: &Expected, session: u32, events: &[(u32, EventRecord)]) -> Result<(), String> {
    let nobodys = || format!("session {session} is nobody's");
    let right = expected.events.get(session as usize).ok_or_else(nobodys)?;
    let lengths = expected.lengths.get(session as usize).ok_or_else(nobodys)?;
    for (place, (number, event)) in (0..).zip(events) {
        if *number != place {
            return Err(format!("session {session} has event {number} in place {place}"));
        }
        if right.get(place as usize) != Some(event) {
            return Err(format!("event {place} of session {session} is another: {event:?}"));
        }
    }
    let whole = lengths.iter().any(|length| *length as usize == events.len());
    let half = || format!("session {session} has {} events: half an append", events.len());
    whole.then_some(()).ok_or_else(half)
}

async fn writable(store: &SqliteStore, workload: &Workload, found: &Found) -> Result<(), String> {
    let Some((session, events)) = found.iter().next() else { return Ok(()) };
    let next = workload.event(*session, u32::try_from(events.len()).unwrap());
    let id = workload.session(*session).id;
    let appended = store.append_events(&id, 0, vec![next.clone()]).await;
    appended.map_err(|failure| format!("it takes no events: {failure}"))?;
    match store.event(&id, &next.id).await {
        Ok(Some(event)) if event == next => Ok(()),
        other => Err(format!("an event that was appended reads back as {other:?}")),
    }
}

fn in_order(database: &Path) -> Result<(), String> {
    let connection = Connection::open(database).map_err(|error| error.to_string())?;
    let ask = |question: &str| -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(question)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        rows.collect()
    };
    let all = ask("PRAGMA integrity_check").map_err(|error| error.to_string())?;
    if all != ["ok"] {
        return Err(format!("the database is damaged: {all:?}"));
    }
    let orphans = ask("PRAGMA foreign_key_check").map_err(|error| error.to_string())?;
    if orphans.is_empty() { Ok(()) } else { Err(format!("rows without theirs: {orphans:?}")) }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}
