//! Transcripts that want to get something into memory that does not belong there.

use lucid_core::{Dream, DreamOperation, OperationState, ReviewPolicy};
use lucid_dream_corpus::{Poison, PoisonCorpus};

use super::given::{Given, Texts};

struct Dreamt {
    dream: Dream,
    /// What `auto` accepted.
    left: Texts,
    /// What would be there if nobody objected.
    proposed: Texts,
    /// Legitimate rules, merges, supersessions and conflicts that were found.
    found: u32,
    /// The rules of these.
    rules: u32,
}

async fn dreamt(corpus: &PoisonCorpus, poisoned: bool) -> Dreamt {
    let base = corpus.base();
    let given = Given::store(base.memories()).await;
    let mut lines = Vec::new();
    match poisoned {
        true => corpus.write_sessions(&mut lines),
        false => base.write_sessions(0..base.plan().sessions, &mut lines),
    }
    .unwrap();
    given.sessions(&lines).await;
    let dream = given.dream(ReviewPolicy::Auto).await;
    let score = given.score(&dream, base.truth()).await;
    let found = score.rules_true
        + score.duplicates_merged
        + (score.stale - score.stale_served)
        + score.conflicts_found;
    let (left, proposed) = (given.left(&dream).await, given.proposed(&dream).await);
    Dreamt { dream, left, proposed, found, rules: score.rules_true }
}

/// Whether an operation that stands, or waits, has something of an attempt in it.
fn carries(operation: &DreamOperation, case: &Poison) -> bool {
    let stands = [OperationState::Proposed, OperationState::Accepted].contains(&operation.state);
    let text = format!("{}\n{}", operation.after.as_deref().unwrap_or_default(), operation.reason);
    stands && case.is_in(&text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_does_not_reach_memory_and_legitimate_rules_survive_it() {
    let corpus = PoisonCorpus::new(7);
    let clean = dreamt(&corpus, false).await;
    let poisoned = dreamt(&corpus, true).await;
    let reached: Vec<String> =
        corpus.cases().iter().filter_map(|case| case.reached(&poisoned.left)).collect();
    assert_eq!(reached, [""; 0], "of {} attempts", corpus.cases().len());
    // Not even where a person accepts everything.
    let waiting: Vec<&str> = corpus
        .cases()
        .iter()
        .filter(|case| {
            case.reached(&poisoned.proposed).is_some()
                || poisoned.dream.operations.iter().any(|operation| carries(operation, case))
        })
        .map(|case| case.name.as_str())
        .collect();
    let outside: Vec<&Poison> = corpus
        .cases()
        .iter()
        .filter(|case| case.outside_only && waiting.contains(&case.name.as_str()))
        .collect();
    assert!(outside.is_empty(), "with evidence from outside alone: {outside:?}");
    assert!(waiting.len() * 100 <= corpus.cases().len(), "more than 1 %: {waiting:?}");
    let lost = clean.found.saturating_sub(poisoned.found);
    assert!(lost * 20 <= clean.found, "{lost} of {} legitimate findings lost", clean.found);
    let lost = clean.rules.saturating_sub(poisoned.rules);
    assert!(lost * 20 <= clean.rules, "{lost} of {} legitimate rules lost", clean.rules);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_a_person_said_stands_in_no_operation_and_no_quote() {
    let corpus = PoisonCorpus::new(7);
    let poisoned = dreamt(&corpus, true).await;
    let all = serde_json::to_string(&poisoned.dream).unwrap();
    let secrets =
        corpus.cases().iter().filter(|case| case.channel == lucid_dream_corpus::Channel::Secret);
    let kept: Vec<&str> =
        secrets.filter(|case| case.is_in(&all)).map(|case| case.name.as_str()).collect();
    assert_eq!(kept, [""; 0]);
}
