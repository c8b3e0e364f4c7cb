//! What was learned from a session goes with it.

use lucid_core::ReviewPolicy;
use lucid_dream_corpus::{Corpus, Plan};
use lucid_runtime::Chosen;

use super::given::Given;

/// Of 200 sessions: the one that is forgotten.
const FORGOTTEN: u32 = 11;

fn corpus() -> Corpus {
    Corpus::new(Plan { sessions: 200, notes: 200, ..Plan::new(7) })
}

async fn given(corpus: &Corpus, without: Option<u32>) -> Given {
    let given = Given::store(corpus.memories()).await;
    let numbers = (0..corpus.plan().sessions).filter(|number| Some(*number) != without);
    let lines: String = numbers.map(|number| corpus.session(number).lines).collect();
    given.sessions(lines.as_bytes()).await;
    given
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_a_session_gives_the_store_that_a_fresh_dream_without_it_gives() {
    let corpus = corpus();
    let fresh = given(&corpus, Some(FORGOTTEN)).await;
    let expected = fresh.dream(ReviewPolicy::Auto).await;
    let given = given(&corpus, None).await;
    let dream = given.dream(ReviewPolicy::Auto).await;
    let session = corpus.session(FORGOTTEN).id;
    let session = lucid_core::SessionId::parse(&session).unwrap();
    let forgotten = given.runtime.forget_session(&session).await.unwrap();
    assert_eq!(forgotten.dreams.len(), 1);
    assert_eq!(forgotten.dreams[0].dream_id, dream.id);
    let after = given.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    assert_eq!(given.left(&after).await, fresh.left(&expected).await);
    assert_eq!(given.proposed(&after).await, fresh.proposed(&expected).await);
    let text = serde_json::to_string(&after).unwrap();
    assert!(!text.contains(session.as_str()), "nothing names it any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_accepted_goes_with_the_sessions_it_rested_on() {
    let corpus = corpus();
    let given = given(&corpus, None).await;
    let dream = given.dream(ReviewPolicy::Review).await;
    let dream = given.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap();
    for number in 0..corpus.plan().sessions {
        let id = lucid_core::SessionId::parse(&corpus.session(number).id).unwrap();
        given.runtime.forget_session(&id).await.unwrap();
    }
    let after = given.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    let left = given.left(&after).await;
    let told = corpus.truth().facts.iter().filter_map(|fact| fact.told.as_ref());
    for value in told {
        assert!(!left.values().any(|text| text.contains(value.as_str())), "{value}");
    }
    let named = after.operations.iter().any(|operation| !operation.evidence.is_empty());
    assert!(!named, "no quote is left of sessions that are gone");
}
