//! The tables, and how a database of an older version becomes one of this.

use std::path::Path;

use lucid_core::Failure;
use rusqlite::Connection;

use super::error::{Error, Outcome};

/// Each migration brings a database from the version that is its place to the next. What
/// was released is never changed, only added to.
const MIGRATIONS: &[&str] = &[
    "
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
",
    "
-- What a session is now is looked up among the few events that say it. The index of all
-- types, which these two replace, cost every event a place in it.
DROP INDEX events_by_type;
CREATE INDEX events_of_status ON events (session_id, seq, type)
    WHERE type = 'session.status_running' OR type = 'session.status_idle'
        OR type = 'session.status_rescheduled' OR type = 'session.status_terminated';
CREATE INDEX events_of_outcome ON events (session_id, seq)
    WHERE type = 'span.outcome_evaluation_end';
-- Ids begin with the time they were made, so the newest ones of all sessions stand side by
-- side: a commit writes one page of this index and not one for each session.
DROP INDEX events_by_id;
CREATE UNIQUE INDEX events_by_id ON events (id, session_id);
-- To delete a session without reading the metadata of all.
CREATE INDEX session_metadata_by_session ON session_metadata (session_id);
",
    "
-- What it takes to run a dream, and since when somebody wants it to stop.
CREATE TABLE dream_jobs (
    dream_id TEXT NOT NULL PRIMARY KEY REFERENCES dreams (id),
    body TEXT NOT NULL,
    cancel_requested_at INTEGER
) STRICT;

-- The entries that a dream superseded in a store, with when they held.
CREATE TABLE entry_intervals (
    memory_store_id TEXT NOT NULL REFERENCES memory_stores (id),
    dream_id TEXT NOT NULL REFERENCES dreams (id),
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (memory_store_id, dream_id, position)
) STRICT, WITHOUT ROWID;

-- Chained over the first `head_seq` events, so that a log that grew is read from there on.
CREATE TABLE session_hashes (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id),
    head_seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a strategy's component keeps of a session; `key` is a hash of all it was shown of it.
CREATE TABLE digests (
    component TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (component, session_id)
) STRICT;
CREATE INDEX digests_by_session ON digests (session_id);

CREATE TABLE schedules (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- Whether its text and path were taken out; that it was there is all that is left then.
ALTER TABLE memory_versions ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;
",
    "
-- The API's resources. `body` is exact JSON text; what they are found by stands beside it. A
-- parent need not be a document.
CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    parent TEXT,
    key TEXT,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX documents_by_time ON documents (kind, created_at, id);
-- The parent first, so that all that belongs to it is found, whatever it is.
CREATE INDEX documents_by_parent ON documents (parent, kind, created_at, id)
    WHERE parent IS NOT NULL;
CREATE UNIQUE INDEX documents_by_key ON documents (kind, key, coalesce(parent, ''))
    WHERE key IS NOT NULL AND archived_at IS NULL;

-- What a document was at versions before the one it has.
CREATE TABLE document_versions (
    document_id TEXT NOT NULL REFERENCES documents (id),
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    key TEXT,
    archived_at INTEGER,
    body TEXT NOT NULL,
    UNIQUE (document_id, version)
) STRICT;
",
];

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
    // Both in one statement: another process may make the tables right now.
    let sql = "SELECT (SELECT count(*) FROM sqlite_schema), user_version FROM pragma_user_version";
    let (tables, version): (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let known = usize::try_from(version).ok().filter(|version| *version <= MIGRATIONS.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A database as the first `version` migrations left it.
    fn of_version(version: usize) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for migration in &MIGRATIONS[..version] {
            connection.execute_batch(migration).unwrap();
        }
        connection.pragma_update(None, "user_version", version as i64).unwrap();
        connection
    }

    fn objects(connection: &Connection) -> Vec<(String, Option<String>)> {
        let sql = "SELECT name, sql FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn a_database_of_any_version_becomes_one_of_this_with_all_it_holds() {
        let now = of_version(MIGRATIONS.len());
        for version in 1..MIGRATIONS.len() {
            let connection = of_version(version);
            let rows = "
INSERT INTO sessions (id, title, agent, metadata, created_at, head_seq, lease_epoch)
    VALUES ('sesn_01a', 't', 'a', '{}', 5, 2, 7);
INSERT INTO events VALUES ('sesn_01a', 0, 'sevt_01a', 'user.message', NULL, 6, 'one');
INSERT INTO events VALUES ('sesn_01a', 1, 'sevt_01b', 'session.status_running', NULL, 7, 'two');
INSERT INTO session_metadata VALUES ('k', 'v', 'sesn_01a');
INSERT INTO memory_stores VALUES ('memstore_01a', 'n', '', 5, NULL);
INSERT INTO memory_versions (id, memory_id, memory_store_id, operation, path, content, created_by,
    created_at)
    VALUES ('memver_01a', 'mem_01a', 'memstore_01a', 'created', '/a.md', 'text', '{}', 6);
INSERT INTO dreams VALUES ('drm_01a', 'completed', 7, 'old');
";
            connection.execute_batch(rows).unwrap();
            migrate(&connection, Path::new("x")).unwrap();
            assert_eq!(objects(&connection), objects(&now), "from version {version}");
            let bodies = "SELECT group_concat(body ORDER BY seq) FROM events";
            let bodies: String = connection.query_row(bodies, [], |row| row.get(0)).unwrap();
            assert_eq!(bodies, "one,two");
            let kept = "SELECT content || (SELECT body FROM dreams) FROM memory_versions
                WHERE redacted = 0";
            let kept: String = connection.query_row(kept, [], |row| row.get(0)).unwrap();
            assert_eq!(kept, "textold");
            let check = "PRAGMA integrity_check";
            let check: String = connection.query_row(check, [], |row| row.get(0)).unwrap();
            assert_eq!(check, "ok");
        }
    }
}
