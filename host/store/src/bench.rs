//! How fast appends are when each one waits for the disk, beside a bare loop on the same
//! disk at the same time.
#![expect(clippy::disallowed_methods, reason = "a rate is measured in wall time")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lucid_core::{
    EventId, EventRecord, Failure, Result, SeededEntropy, Session, SessionId, StepClock, Timestamp,
};
use rusqlite::{Connection, params};
use serde::Serialize;

use crate::{Durability, SqliteStore, Store};

/// Sessions that append at once, and events in one transaction of the bare loop.
const SESSIONS: usize = 25;

/// Events that each session appends in a round, one at a time.
const EVENTS: usize = 40;

/// The text of an event, in bytes.
const BODY_BYTES: usize = 500;

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AppendFigures {
    /// Events a second that 25 sessions append through the store, each of them one by one
    /// and waiting for the disk each time; the median of the rounds.
    pub store_events_per_s: f64,
    /// Events a second of a bare loop of SQL in one thread that writes as many, 25 in one
    /// transaction, into two tables without further indexes; the median of the rounds.
    pub bare_events_per_s: f64,
    /// The store's rate over the bare one in the same round; the median of the rounds.
    pub ratio: f64,
    /// How long one append takes through the store, in milliseconds: the median.
    pub p50_ms: f64,
    /// The same, for the slowest of a hundred.
    pub p99_ms: f64,
    /// How many rounds there were.
    pub rounds: u32,
}

/// Measures appends in files that it makes in `folder`, which has to be empty and on the
/// disk that matters. A round is 1,000 events each way; the two take turns in going first.
///
/// # Errors
/// Failed, when a file cannot be written; invalid, when there are no rounds to measure.
pub async fn measure_appends(folder: &Path, rounds: u32) -> Result<AppendFigures> {
    if rounds == 0 {
        return Err(Failure::invalid("no rounds to measure").hint("ask for 1 or more"));
    }
    let mut bare = Bare::open(folder)?;
    let mut through = Through::open(folder).await?;
    // The files get their first pages, and the statements are compiled.
    bare = bare.round().await?.0;
    through.round().await?;
    through.waits.clear();
    let (mut of_store, mut of_bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (store_rate, bare_rate);
        if round % 2 == 0 {
            store_rate = through.round().await?;
            (bare, bare_rate) = bare.round().await?;
        } else {
            (bare, bare_rate) = bare.round().await?;
            store_rate = through.round().await?;
        }
        of_store.push(store_rate);
        of_bare.push(bare_rate);
        ratios.push(store_rate / bare_rate);
    }
    let mut waits: Vec<f64> = through.waits.iter().map(|w| w.as_secs_f64() * 1_000.0).collect();
    Ok(AppendFigures {
        store_events_per_s: quantile(&mut of_store, 0.5),
        bare_events_per_s: quantile(&mut of_bare, 0.5),
        ratio: quantile(&mut ratios, 0.5),
        p50_ms: quantile(&mut waits, 0.5),
        p99_ms: quantile(&mut waits, 0.99),
        rounds,
    })
}

/// The value that a part of them is not above.
fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    // A share of an index is an index.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
    let place = (last as f64 * part).round() as usize;
    values.get(place).copied().unwrap_or_default()
}

fn rate(start: Instant) -> f64 {
    (SESSIONS * EVENTS) as f64 / start.elapsed().as_secs_f64()
}

fn body() -> String {
    let text = "x".repeat(BODY_BYTES);
    format!(r#"{{"type":"agent.message","content":[{{"type":"text","text":"{text}"}}]}}"#)
}

/// Appends through the store.
struct Through {
    store: Arc<SqliteStore>,
    sessions: Vec<Arc<Writer>>,
    waits: Vec<Duration>,
}

/// One session that appends.
struct Writer {
    id: SessionId,
    clock: StepClock,
    entropy: SeededEntropy,
}

impl Through {
    async fn open(folder: &Path) -> Result<Self> {
        let store = SqliteStore::open(&folder.join("store.db"), Durability::Full)?;
        let store = Arc::new(store);
        let mut sessions = Vec::new();
        for seed in 0..SESSIONS as u64 {
            let clock = StepClock::starting_at(Timestamp(1_000));
            let entropy = SeededEntropy::new(seed);
            let session = Session {
                id: SessionId::new(&clock, &entropy),
                title: String::new(),
                agent: String::new(),
                metadata: BTreeMap::new(),
                created_at: Timestamp(0),
            };
            store.create_session(&session).await?;
            sessions.push(Arc::new(Writer { id: session.id, clock, entropy }));
        }
        Ok(Self { store, sessions, waits: Vec::new() })
    }

    /// Gives the events a second.
    async fn round(&mut self) -> Result<f64> {
        let start = Instant::now();
        let appending = self.sessions.iter().map(|writer| {
            let (store, writer) = (Arc::clone(&self.store), Arc::clone(writer));
            tokio::spawn(async move { writer.append(&store).await })
        });
        let appending: Vec<_> = appending.collect();
        for task in appending {
            let waits = task.await.map_err(|_| Failure::bug("an append that panicked"))?;
            self.waits.extend(waits?);
        }
        Ok(rate(start))
    }
}

impl Writer {
    /// Gives how long each append took.
    async fn append(&self, store: &SqliteStore) -> Result<Vec<Duration>> {
        let mut waits = Vec::with_capacity(EVENTS);
        for _ in 0..EVENTS {
            let event = EventRecord {
                id: EventId::new(&self.clock, &self.entropy),
                kind: "agent.message".to_owned(),
                thread_id: None,
                created_at: Timestamp(0),
                body: body(),
            };
            let start = Instant::now();
            store.append_events(&self.id, 0, vec![event]).await?;
            waits.push(start.elapsed());
        }
        Ok(waits)
    }
}

/// The least that a log needs, in one thread.
struct Bare {
    connection: Connection,
    path: PathBuf,
}

const BARE: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE sessions (id TEXT NOT NULL PRIMARY KEY, head_seq INTEGER NOT NULL) STRICT;
CREATE TABLE events (
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    thread_id TEXT,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
) STRICT, WITHOUT ROWID;
";

impl Bare {
    fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("bare.db");
        let open = || {
            let connection = Connection::open(&path)?;
            connection.execute_batch(BARE)?;
            for session in 0..SESSIONS {
                connection.execute("INSERT INTO sessions VALUES (?1, 0)", [name(session)])?;
            }
            Ok(connection)
        };
        let connection = open().map_err(|error| failed(&path, &error))?;
        Ok(Self { connection, path })
    }

    /// Gives the events a second.
    async fn round(self) -> Result<(Self, f64)> {
        let running = tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            self.write().map_err(|error| failed(&self.path, &error))?;
            Ok((self, rate(start)))
        });
        running.await.map_err(|_| Failure::bug("a bare loop that panicked"))?
    }

    fn write(&self) -> rusqlite::Result<()> {
        let update = "UPDATE sessions SET head_seq = head_seq + 1 WHERE id = ?1";
        let insert = "INSERT INTO events VALUES
            (?1, (SELECT head_seq FROM sessions WHERE id = ?1), ?2, NULL, 0, ?3)";
        let (mut update, mut insert) =
            (self.connection.prepare_cached(update)?, self.connection.prepare_cached(insert)?);
        for _ in 0..EVENTS {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            for session in 0..SESSIONS {
                let id = name(session);
                update.execute(params![id])?;
                insert.execute(params![id, "agent.message", body()])?;
            }
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}

/// As long as an id is.
fn name(session: usize) -> String {
    format!("sesn_{session:024}")
}

fn failed(path: &Path, error: &rusqlite::Error) -> Failure {
    Failure::failed(format!("database {} failed: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_ways_of_appending_are_measured() {
        let folder = tempfile::tempdir().unwrap();
        let figures = measure_appends(folder.path(), 1).await.unwrap();
        assert!(figures.store_events_per_s > 0.0 && figures.bare_events_per_s > 0.0);
        assert!(figures.ratio > 0.0 && figures.p50_ms <= figures.p99_ms, "{figures:?}");
        assert_eq!(figures.rounds, 1);
        let count = |name: &str| -> u32 {
            let connection = Connection::open(folder.path().join(name)).unwrap();
            connection.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap()
        };
        // With the round that is not measured.
        assert_eq!((count("store.db"), count("bare.db")), (2_000, 2_000));
    }

    #[tokio::test]
    async fn no_rounds_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(measure_appends(folder.path(), 0).await.unwrap_err().hint.is_some());
    }

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut values: Vec<f64> = (1..=101).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), 51.0);
        assert_eq!(quantile(&mut values, 0.99), 100.0);
        assert_eq!(quantile(&mut [], 0.5), 0.0);
    }
}
