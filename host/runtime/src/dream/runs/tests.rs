//! Dreams that others see to.

use std::collections::BTreeMap;
use std::path::Path;

use lucid_core::{MemoryStoreId, Session, SessionId, Timestamp};
use lucid_store::StrategySource;

use super::*;
use crate::RuntimeOptions;
use crate::lease::Claim;

/// A process of a state folder, as far as claims go.
fn process(state: &Path) -> Runtime {
    Runtime::open(RuntimeOptions::new(state.to_owned())).unwrap()
}

/// A dream that is said to run in a session.
async fn dream(runtime: &Runtime, status: DreamStatus) -> (DreamId, SessionId) {
    let id = DreamId::new(&SystemClock::default(), &SystemEntropy);
    let session = SessionId::new(&SystemClock::default(), &SystemEntropy);
    let store = MemoryStoreId::parse("memstore_01in").unwrap();
    let read = vec![SessionId::parse("sesn_01in").unwrap()];
    let pending = Dream::pending(id.clone(), "nobody", store, read, Timestamp(5));
    let dream = Dream { status, session_id: Some(session.clone()), ..pending };
    let source = StrategySource::Named { strategy: "nobody".to_owned(), model: None };
    runtime.store.create_dream(&dream, &DreamJob::new(source, "", 0)).await.unwrap();
    let agent = "nobody".to_owned();
    let (title, metadata, created_at) = (String::new(), BTreeMap::new(), Timestamp(5));
    let of_it = Session { id: session.clone(), title, agent, metadata, created_at };
    runtime.store.create_session(&of_it).await.unwrap();
    (id, session)
}

#[tokio::test]
async fn a_dream_that_another_process_runs_is_seen_to_and_one_that_was_dropped_here_is_not() {
    let state = tempfile::tempdir().unwrap();
    let (here, other) = (process(state.path()), process(state.path()));
    let (id, session) = dream(&here, DreamStatus::Running).await;
    let claim = Claim::take(other.store.clone(), &other.owner, &session).await.unwrap();
    let refused = here.run_dream(&id, &DreamRun::default()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Failed, "{refused}");
    assert!(here.is_seen_to(&id, &refused).await);
    // Where its own claim is not given back yet, what went wrong is what went wrong.
    assert!(!other.is_seen_to(&id, &Failure::failed("the disk is full")).await);
    claim.give_back().await.unwrap();
    assert!(!here.is_seen_to(&id, &refused).await, "nobody runs it");
}

#[tokio::test]
async fn a_dream_that_has_ended_is_seen_to_unless_something_failed_behind_its_end() {
    let state = tempfile::tempdir().unwrap();
    let here = process(state.path());
    let (id, _) = dream(&here, DreamStatus::Completed).await;
    let refused = here.run_dream(&id, &DreamRun::default()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid, "{refused}");
    assert!(here.is_seen_to(&id, &refused).await);
    assert!(!here.is_seen_to(&id, &Failure::failed("the disk is full")).await);
}

#[tokio::test]
async fn a_dream_that_others_ended_before_it_could_begin_here_is_given_as_it_is() {
    let state = tempfile::tempdir().unwrap();
    let here = process(state.path());
    let store = here.store.as_ref();
    let slower = || Failure::failed("somebody else changed it");
    let (ended, _) = dream(&here, DreamStatus::Completed).await;
    let given = ended::by_others(store, &ended, slower()).await.unwrap();
    assert_eq!((given.id, given.status), (ended, DreamStatus::Completed));
    let (runs, _) = dream(&here, DreamStatus::Running).await;
    assert_eq!(ended::by_others(store, &runs, slower()).await.unwrap_err(), slower());
}
