//! Opening the file.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use lucid_core::{Failure, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Durability;
use super::error::{Error, Outcome};
use super::schema;

/// How many connections read.
const READERS: usize = 2;

/// How often a statement asks whether another process is done, and how often it does so: for
/// half a minute. SQLite's own waiting asks ten times a second, and between two commits of a
/// busy process there is less than a millisecond to be had.
const BUSY_GLANCE: Duration = Duration::from_millis(1);
const BUSY_GLANCES: i32 = 30_000;

/// The same, for tidying up, which can be left to others.
const TIDY_GLANCES: i32 = 500;

/// Pages of the write-ahead log that are gathered before they go into the database: 16 MiB. A
/// session's events go into the same page until it is full, which is written once for all of
/// them then; and a process that opens the file after a crash has no more than this to read.
const CHECKPOINT_PAGES: u32 = 4_096;

/// Prepared statements kept per connection: more than there are.
const STATEMENTS_MAX: usize = 128;

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
    // SQLite does not wait where waiting could be in vain, as for others that make the same
    // new file; nothing here is ever half done, so it is tried again instead.
    connection.busy_handler(None)?;
    let mut glances = 0;
    loop {
        match prepare(&connection, path, durability) {
            Err(error) if error.is_busy() && wait(glances) => glances += 1,
            outcome => break outcome?,
        }
    }
    connection.busy_handler(Some(wait))?;
    Ok(connection)
}

/// Makes the file one of this version.
fn prepare(connection: &Connection, path: &Path, durability: Durability) -> Outcome<()> {
    // Before anything is changed: the file may not be ours to change.
    schema::check(connection, path)?;
    // Run to its end: SQLite names the new mode first, and may fail to write it after that.
    let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
    let modes = statement.query_map([], |row| row.get(0))?;
    if modes.collect::<rusqlite::Result<Vec<String>>>()? != ["wal"] {
        let message = format!("database {} cannot have a write-ahead log", path.display());
        let hint = "choose a folder on a disk of this machine with `--state DIR`";
        return Err(Failure::failed(message).hint(hint).into());
    }
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    schema::migrate(connection, path)
}

pub(super) fn readers(path: &Path) -> Outcome<Vec<Connection>> {
    (0..READERS).map(|_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)).collect()
}

fn connect(path: &Path, access: OpenFlags) -> Outcome<Connection> {
    // A connection never leaves the one thread that uses it at the time.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // A statement is planned once: else SQLite plans those with a limit or a range anew
    // whenever their values are bound, which takes longer than most of them do.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_handler(Some(wait))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Waits for another process, while there is time.
fn wait(glances: i32) -> bool {
    std::thread::sleep(BUSY_GLANCE);
    glances < BUSY_GLANCES
}

/// Runs what may as well be left to another process that is busy.
pub(super) fn tidy<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Outcome<Option<T>> {
    connection.busy_handler(Some(|glances| wait(glances) && glances < TIDY_GLANCES))?;
    let outcome = work(connection);
    connection.busy_handler(Some(wait))?;
    match outcome.map_err(Error::from) {
        Err(error) if error.is_busy() => Ok(None),
        outcome => outcome.map(Some),
    }
}
