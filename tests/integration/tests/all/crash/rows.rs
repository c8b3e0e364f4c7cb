//! The event log as another process sees it while it is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row as Columns};
use serde_json::Value;

/// How often the log is looked at.
const GLANCE: Duration = Duration::from_millis(4);

/// One event as it is stored: all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) session: String,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) thread: Option<String>,
    pub(super) created_at: i64,
    pub(super) body: String,
}

impl Row {
    fn of(columns: &Columns<'_>) -> rusqlite::Result<(u32, Self)> {
        let row = Self {
            session: columns.get(1)?,
            id: columns.get(2)?,
            kind: columns.get(3)?,
            thread: columns.get(4)?,
            created_at: columns.get(5)?,
            body: columns.get(6)?,
        };
        Ok((columns.get(0)?, row))
    }

    /// The event as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The log of the one session of a state folder, by number.
pub(super) type Rows = BTreeMap<u32, Row>;

/// Opens the database of a state folder to read it. It is never the last to close it in a
/// way that tidies up after a process that was killed.
fn open(state: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(state.join("lucid.db"), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn from(connection: &Connection, first: u32) -> rusqlite::Result<Vec<(u32, Row)>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, session_id, id, type, thread_id, created_at, body FROM events
         WHERE seq >= ?1 ORDER BY seq",
    )?;
    statement.query_map([first], Row::of)?.collect()
}

/// The log as it is now; empty where there is no database yet, or none with tables.
pub(super) fn rows(state: &Path) -> Rows {
    let read = || from(&open(state)?, 0);
    read().map(Rows::from_iter).unwrap_or_default()
}

/// The session of a state folder, where there is one.
pub(super) fn session(state: &Path) -> Option<String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let connection = open(state)?;
        let mut statement = connection.prepare("SELECT id FROM sessions")?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    let mut ids = read().unwrap_or_default();
    assert!(ids.len() <= 1, "one mission that runs once has the sessions {ids:?}");
    ids.pop()
}

/// Reads the log as it grows.
pub(super) struct Tail {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<Rows>,
}

impl Tail {
    pub(super) fn start(state: PathBuf) -> Self {
        let stopped = Arc::<AtomicBool>::default();
        let stop = stopped.clone();
        let thread = std::thread::spawn(move || {
            let (mut connection, mut seen) = (None, Rows::new());
            while !stop.load(Ordering::Acquire) {
                connection = connection.or_else(|| open(&state).ok());
                let next = seen.last_key_value().map_or(0, |(last, _)| last + 1);
                if let Some(Ok(more)) = connection.as_ref().map(|open| from(open, next)) {
                    seen.extend(more);
                }
                std::thread::sleep(GLANCE);
            }
            seen
        });
        Self { stopped, thread }
    }

    /// What it saw: events that somebody else can read are acknowledged, all of them.
    pub(super) fn end(self) -> Rows {
        self.stopped.store(true, Ordering::Release);
        self.thread.join().unwrap()
    }
}
