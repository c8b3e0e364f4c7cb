//! Many sessions, and then a few more. How long that takes in seconds is in SPECIFICATION.md;
//! here is what it takes time for, which no other work of the machine changes.

use std::collections::BTreeSet;

use lucid_core::{Dream, Event, ReviewPolicy, SessionId};
use lucid_dream_corpus::{Corpus, Plan};
use lucid_tests::log;
use serde_json::Value;

use super::given::Given;

/// Sessions that are taken in at once.
const PART: u32 = 500;
/// Sessions that come later.
const NEW: u32 = 100;

/// All of it in the nightly setting, a twentieth else.
fn plan() -> Plan {
    let nightly = std::env::var_os("LUCID_NIGHTLY").is_some();
    let (sessions, bytes) = if nightly { (10_000, 1_000_000_000) } else { (1_000, 50_000_000) };
    Plan { sessions, bytes, ..Plan::new(7) }
}

async fn take_in(given: &Given, corpus: &Corpus, first: u32, behind: u32) -> BTreeSet<SessionId> {
    let mut taken = BTreeSet::new();
    for start in (first..behind).step_by(PART as usize) {
        let mut lines = Vec::new();
        corpus.write_sessions(start..(start + PART).min(behind), &mut lines).unwrap();
        taken.extend(given.sessions(&lines).await);
    }
    taken
}

/// The sessions that a dream read, as its log says: what takes its time.
async fn read(given: &Given, dream: &Dream) -> BTreeSet<SessionId> {
    let log = log(&given.runtime, dream.session_id.as_ref().unwrap()).await;
    let read = log.into_iter().filter_map(|(_, _, event)| match event {
        Event::DreamProgress { session_id, .. } => session_id,
        _ => None,
    });
    read.collect()
}

/// A dream without what differs from one to the next: ids and times.
fn content(dream: &Dream) -> Value {
    let mut value = serde_json::to_value(dream).unwrap();
    let fields = value.as_object_mut().unwrap();
    for name in ["id", "memory_store_in", "memory_store_out", "session_id", "ms", "created_at"] {
        fields.remove(name);
    }
    fields.remove("ended_at");
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_sessions_more_are_all_that_is_read_and_give_what_a_full_dream_gives() {
    let plan = plan();
    let corpus = Corpus::new(plan);
    let given = Given::store(corpus.memories()).await;
    let old = take_in(&given, &corpus, 0, plan.sessions - NEW).await;
    let first = given.dream(ReviewPolicy::Auto).await;
    assert_eq!(read(&given, &first).await, old);
    let new = take_in(&given, &corpus, plan.sessions - NEW, plan.sessions).await;
    let incremental = given.dream(ReviewPolicy::Auto).await;
    assert_eq!(read(&given, &incremental).await, new, "nothing that was read before");
    // In a folder that has no digests, everything is read anew.
    let anew = Given::store(corpus.memories()).await;
    take_in(&anew, &corpus, 0, plan.sessions).await;
    let full = anew.dream(ReviewPolicy::Auto).await;
    assert_eq!(given.left(&incremental).await, anew.left(&full).await);
    assert_eq!(given.proposed(&incremental).await, anew.proposed(&full).await);
    assert!(content(&incremental) == content(&full), "operations, evidence and ledger too");
}
