//! Appends a workload's events to a store, and says what it was told:
//! `lucid-crash-append DATABASE SEED SESSIONS APPENDS TIDY_EVERY AGAIN WAITS`.
//!
//! It opens the store twice, each time for half of the appends, and tidies up now and then.
//! A session whose append failed `AGAIN` times after the first is given up with all others;
//! the program itself ends well: it was told.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program for tests that cannot go on has failed"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use lucid_core::Failure;
use lucid_crash::{Said, Workload};
use lucid_store::{Durability, SqliteStore, Store as _};

/// One run of the program.
struct Run {
    workload: Workload,
    again: u32,
    durability: Durability,
    /// Events each session has, as far as is known.
    heads: Vec<AtomicU32>,
    appends: AtomicU32,
    stopped: AtomicBool,
}

fn say(said: &Said) {
    // One write for one line: the layer notes it in its place.
    std::io::stdout().lock().write_all(format!("{said}\n").as_bytes()).unwrap();
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let database = PathBuf::from(arguments.next().expect("a database"));
    let mut number = || arguments.next().expect("a number").parse().expect("a number");
    let seed = number();
    let mut small = || u32::try_from(number()).expect("a small number");
    let (sessions, appends, tidy_every) = (small(), small(), small());
    let workload = Workload { seed, sessions, appends, tidy_every };
    let run = Arc::new(Run {
        workload,
        again: small(),
        durability: if small() == 1 { Durability::Full } else { Durability::Normal },
        heads: (0..workload.sessions).map(|_| AtomicU32::new(0)).collect(),
        appends: AtomicU32::new(0),
        stopped: AtomicBool::new(false),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let half = workload.appends / 2;
    for (from, to) in [(0, half), (half, workload.appends)] {
        if let Err(failure) = runtime.block_on(part(&run, &database, from, to)) {
            say(&Said::Stopped(failure.to_string()));
            break;
        }
    }
    say(&Said::Ended);
}

async fn part(run: &Arc<Run>, database: &Path, from: u32, to: u32) -> Result<(), Failure> {
    if run.stopped.load(Ordering::Relaxed) {
        return Ok(());
    }
    let store = Arc::new(SqliteStore::open(database, run.durability)?);
    let sessions: Vec<_> = (0..run.workload.sessions)
        .map(|session| {
            let (run, store) = (Arc::clone(run), Arc::clone(&store));
            tokio::spawn(async move {
                if let Err(failure) = run.session(&store, session, from, to).await {
                    run.stopped.store(true, Ordering::Relaxed);
                    say(&Said::Stopped(failure.to_string()));
                }
            })
        })
        .collect();
    for session in sessions {
        session.await.unwrap();
    }
    Ok(())
}

impl Run {
    async fn session(
        &self,
        store: &SqliteStore,
        session: u32,
        from: u32,
        to: u32,
    ) -> Result<(), Failure> {
        let wanted = self.workload.session(session);
        if store.session(&wanted.id).await?.is_none() {
            store.create_session(&wanted).await?;
            say(&Said::Session(session));
        }
        for append in from..to {
            let mut tries = 0..=self.again;
            while tries.next().is_some() && !self.append(store, session, append).await? {
                if tries.is_empty() {
                    self.stopped.store(true, Ordering::Relaxed);
                }
            }
            if self.stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            let every = self.workload.tidy_every;
            if self.appends.fetch_add(1, Ordering::Relaxed) % every == every - 1
                && let Err(failure) = store.close().await
            {
                say(&Said::Stopped(failure.to_string()));
            }
        }
        Ok(())
    }

    /// Appends once, and says what came of it; whether it is done.
    async fn append(
        &self,
        store: &SqliteStore,
        session: u32,
        append: u32,
    ) -> Result<bool, Failure> {
        let head = self.heads[session as usize].load(Ordering::Relaxed);
        let count = self.workload.batch(session, append);
        let events = (head..head + count).map(|number| self.workload.event(session, number));
        let id = self.workload.session(session).id;
        match store.append_events(&id, 0, events.collect()).await {
            Ok(next) => {
                say(&Said::Acknowledged(session, next));
                self.heads[session as usize].store(next, Ordering::Relaxed);
                Ok(true)
            }
            Err(failure) => {
                let why = format!("{}: {failure}", failure.kind);
                say(&Said::Failed(session, head, count, why));
                // What failed is not to be seen.
                let there = store.events(&id, None, u32::MAX).await?;
                if there.len() != head as usize {
                    let why = format!("{} events for {head}", there.len());
                    say(&Said::Broken(session, why));
                }
                Ok(false)
            }
        }
    }
}
