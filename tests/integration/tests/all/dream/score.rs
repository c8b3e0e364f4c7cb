//! What a dream comes to on the corpus that the repository makes.

use lucid_core::ReviewPolicy;
use lucid_dream_corpus::{Corpus, Plan};

use super::given::Given;

/// The corpus that SPECIFICATION.md has the scores of.
fn corpus() -> Corpus {
    Corpus::new(Plan::new(7))
}

async fn given(corpus: &Corpus) -> Given {
    let given = Given::store(corpus.memories()).await;
    let mut lines = Vec::new();
    corpus.write_sessions(0..corpus.plan().sessions, &mut lines).unwrap();
    given.sessions(&lines).await;
    given
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consolidate_keeps_its_score_on_the_corpus() {
    let corpus = corpus();
    let given = given(&corpus).await;
    let dream = given.dream(ReviewPolicy::Auto).await;
    let score = given.score(&dream, corpus.truth()).await;
    let problems = score.problems.join("\n");
    // What must never be.
    assert_eq!((score.wrong_merges, score.wrong_supersessions), (0, 0), "{problems}");
    assert_eq!((score.lost, score.ledger_violations), (0, 0), "{problems}");
    assert_eq!((score.rules_false, score.superstitions), (0, 0), "{problems}");
    assert_eq!(score.tokens, 0, "no model is asked");
    // What is to be found: SPECIFICATION.md has the figures.
    assert!(score.duplicates_missed * 7 <= score.duplicates, "{problems}");
    assert_eq!(score.stale_served, 0, "{problems}");
    assert_eq!((score.conflicts_found, score.conflicts_false), (score.conflicts, 0), "{problems}");
    assert_eq!(score.rules_true, score.rules, "{problems}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auto_takes_duplicates_and_stale_facts_and_leaves_rules_to_people() {
    let corpus = corpus();
    let given = given(&corpus).await;
    let dream = given.dream(ReviewPolicy::Auto).await;
    let left = given.left(&dream).await;
    for rule in corpus.truth().rules.iter().filter(|rule| rule.required) {
        let stated = left
            .values()
            .flat_map(|text| text.lines())
            .any(|line| lucid_dream_corpus::truth::is_stated(line, rule));
        assert!(!stated, "{}: nobody has taken it", rule.id);
    }
    let stale: Vec<&String> = corpus.truth().facts.iter().flat_map(|fact| &fact.stale).collect();
    let served = stale
        .iter()
        .filter(|line| left.values().any(|text| text.lines().any(|other| other == line.as_str())));
    assert_eq!(served.count(), 0, "of {}", stale.len());
}
