//! Measures how fast eight writers append when each append waits for the disk:
//! `cargo run --release -p lucid-store --example append_rate`.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures and tells")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use lucid_core::{EventId, EventRecord, SeededEntropy, Session, SessionId, StepClock, Timestamp};
use lucid_store::{Durability, SqliteStore, Store};

const WRITERS: u32 = 8;
const APPENDS: u32 = 200;
const EVENTS: u32 = 5;
const BODY_BYTES: usize = 500;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    for durability in [Durability::Full, Durability::Normal] {
        let folder = tempfile::tempdir()?;
        let store = SqliteStore::open(&folder.path().join("lucid.db"), durability)?;
        let store = Arc::new(store);
        let start = Instant::now();
        let writers: Vec<_> =
            (0..WRITERS).map(|seed| tokio::spawn(write(Arc::clone(&store), seed))).collect();
        for writer in writers {
            writer.await??;
        }
        let seconds = start.elapsed().as_secs_f64();
        let appends = f64::from(WRITERS * APPENDS) / seconds;
        let events = appends * f64::from(EVENTS);
        println!("{durability:?}: {appends:.0} appends/s, {events:.0} events/s");
    }
    Ok(())
}

async fn write(store: Arc<SqliteStore>, seed: u32) -> lucid_core::Result<()> {
    let clock = StepClock::starting_at(Timestamp(1_000));
    let entropy = SeededEntropy::new(seed.into());
    let session = Session {
        id: SessionId::new(&clock, &entropy),
        title: String::new(),
        agent: String::new(),
        metadata: BTreeMap::new(),
        created_at: Timestamp(0),
    };
    store.create_session(&session).await?;
    for _ in 0..APPENDS {
        let events = (0..EVENTS).map(|_| EventRecord {
            id: EventId::new(&clock, &entropy),
            kind: "agent.message".to_owned(),
            thread_id: None,
            created_at: Timestamp(0),
            body: "x".repeat(BODY_BYTES),
        });
        store.append_events(&session.id, 0, events.collect()).await?;
    }
    Ok(())
}
