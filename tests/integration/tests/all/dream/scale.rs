//! Many sessions, and then a few more. How long that takes in seconds is in SPECIFICATION.md.

use lucid_core::{Dream, ReviewPolicy};
use lucid_dream_corpus::{Corpus, Plan};
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

async fn take_in(given: &Given, corpus: &Corpus, first: u32, behind: u32) {
    for start in (first..behind).step_by(PART as usize) {
        let mut lines = Vec::new();
        corpus.write_sessions(start..(start + PART).min(behind), &mut lines).unwrap();
        given.sessions(&lines).await;
    }
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
async fn a_hundred_sessions_more_take_a_part_of_the_time_and_give_what_a_full_dream_gives() {
    let plan = plan();
    let corpus = Corpus::new(plan);
    let given = Given::store(corpus.memories()).await;
    take_in(&given, &corpus, 0, plan.sessions - NEW).await;
    let first = given.dream(ReviewPolicy::Auto).await;
    take_in(&given, &corpus, plan.sessions - NEW, plan.sessions).await;
    let incremental = given.dream(ReviewPolicy::Auto).await;
    assert!(incremental.ms * 2 < first.ms, "{} ms after {} ms", incremental.ms, first.ms);
    // In a folder that has no digests, everything is read anew.
    let anew = Given::store(corpus.memories()).await;
    take_in(&anew, &corpus, 0, plan.sessions).await;
    let full = anew.dream(ReviewPolicy::Auto).await;
    assert_eq!(given.left(&incremental).await, anew.left(&full).await);
    assert_eq!(given.proposed(&incremental).await, anew.proposed(&full).await);
    assert!(content(&incremental) == content(&full), "operations, evidence and ledger too");
}
