//! The tables, and how a database of an older version becomes one of this.

use std::path::Path;

use lucid_core::Failure;
use rusqlite::Connection;

use super::error::{Error, Outcome};

/// Each migration brings a database from the version that is its place to the next. What
/// was released is never changed, only added to.
const MIGRATIONS: &[&str] = &["
-- `head_seq` is how many events the session has. The epoch only ever grows, so a process
-- that lost its lease cannot append.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    agent TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    head_seq INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until INTEGER NOT NULL DEFAULT 0,
    lease_epoch INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sessions_by_time ON sessions (created_at, id);

CREATE TABLE session_metadata (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    PRIMARY KEY (key, value, session_id)
) STRICT, WITHOUT ROWID;

-- `body` is the event as exact text. It is never parsed and written again.
CREATE TABLE events (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    thread_id TEXT,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_id ON events (session_id, id);
CREATE INDEX events_by_type ON events (session_id, type, seq);

CREATE TABLE memory_stores (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    dreamt_from TEXT
) STRICT;

CREATE TABLE memory_versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    memory_id TEXT NOT NULL,
    memory_store_id TEXT NOT NULL REFERENCES memory_stores (id),
    operation TEXT NOT NULL,
    path TEXT NOT NULL,
    content TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX memory_versions_by_path ON memory_versions (memory_store_id, path, seq);

-- The memories that are there now; the text is in the version.
CREATE TABLE memories (
    id TEXT NOT NULL PRIMARY KEY,
    memory_store_id TEXT NOT NULL REFERENCES memory_stores (id),
    version_seq INTEGER NOT NULL REFERENCES memory_versions (seq),
    path TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (memory_store_id, path)
) STRICT;

CREATE TABLE dreams (
    id TEXT NOT NULL PRIMARY KEY,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX dreams_by_time ON dreams (created_at, id);
"];

/// Checks that a database is one of Lucid's, and not newer than this program.
pub(super) fn check(connection: &Connection, path: &Path) -> Outcome<()> {
    version(connection, path).map(|_| ())
}

/// Brings a database to this version.
pub(super) fn migrate(connection: &Connection, path: &Path) -> Outcome<()> {
    if version(connection, path)? == MIGRATIONS.len() {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    // Another process may have been faster; so the version is read again under the lock.
    let outcome = version(connection, path).and_then(|from| {
        for migration in MIGRATIONS.iter().skip(from) {
            connection.execute_batch(migration)?;
        }
        let to = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        connection.pragma_update(None, "user_version", to)?;
        Ok(connection.execute_batch("COMMIT")?)
    });
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    outcome
}

fn version(connection: &Connection, path: &Path) -> Outcome<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = usize::try_from(version).ok().filter(|version| *version <= MIGRATIONS.len());
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.prepare(tables)?.query_row([], |row| row.get(0))?;
    match known {
        Some(0) if tables > 0 => {
            let message = format!("{} is a database of another program", path.display());
            Err(Error::Refused(Failure::invalid(message)))
        }
        Some(version) => Ok(version),
        None => {
            let path = path.display();
            let message = format!("database {path} was written by a newer version of Lucid");
            let hint = "update Lucid, or choose another folder with `--state DIR`";
            Err(Error::Refused(Failure::failed(message).hint(hint)))
        }
    }
}
