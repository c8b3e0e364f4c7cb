//! Opening the file.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use lucid_core::{Failure, Result};
use rusqlite::{Connection, OpenFlags};

use super::Durability;
use super::error::Outcome;
use super::schema;

/// How many connections read.
const READERS: usize = 2;

/// How long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection: more than there are.
const STATEMENTS_MAX: usize = 64;

/// Makes the file, where there is none, for its owner only; SQLite gives the files beside
/// it the same permissions.
#[expect(clippy::disallowed_methods, reason = "the one file here, and a person named it")]
pub(super) fn make_file(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = format!("database {} cannot be opened: {error}", path.display());
            Err(Failure::failed(message).hint("choose another folder with `--state DIR`"))
        }
    }
}

pub(super) fn writer(path: &Path, durability: Durability) -> Outcome<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Before anything is changed: the file may not be ours to change.
    schema::check(&connection, path)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    schema::migrate(&connection, path)?;
    Ok(connection)
}

pub(super) fn readers(path: &Path) -> Outcome<Vec<Connection>> {
    (0..READERS).map(|_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)).collect()
}

fn connect(path: &Path, access: OpenFlags) -> Outcome<Connection> {
    // A connection never leaves the one thread that uses it at the time.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}
