//! What a dream cannot begin with or come to is named, and the input is as it was.

use std::collections::BTreeMap;

use lucid_core::{DreamErrorKind, DreamStatus, Failure, FailureKind, MemoryStoreId, SessionId};
use lucid_runtime::{DreamAsked, DreamRun, SessionChoice};
use serde_json::json;

use super::told::{NOTES, Told, say_and_merge};

async fn refused(told: &Told, asked: DreamAsked) -> Failure {
    let failure = told.runtime.plan_dream(&asked).await.unwrap_err();
    assert!(told.runtime.store.dreams().await.unwrap().is_empty(), "nothing is written");
    assert_eq!(told.input().await["/notes.md"], NOTES);
    failure
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inputs_that_are_not_there_are_named_and_nothing_is_written() {
    let told = Told::new().await;
    let asked = || told.asked(&say_and_merge());
    let none = refused(&told, asked()).await;
    assert_eq!(none.kind, FailureKind::Invalid);
    assert!(none.message.contains("no sessions"), "{none}");
    let sessions = told.sessions(1, &["slow down"]).await;
    let unknown = SessionId::parse("sesn_01nobody").unwrap();
    let store = MemoryStoreId::parse("memstore_01nobody").unwrap();
    let these =
        |ids: &[&SessionId]| SessionChoice::These(ids.iter().map(|id| (*id).clone()).collect());
    let one = &sessions[0];
    let long = Some("x".repeat(4_097));
    for (asked, name) in [
        (DreamAsked { sessions: these(&[one, &unknown]), ..asked() }, "sesn_01nobody"),
        (DreamAsked { sessions: these(&[one, one]), ..asked() }, "twice"),
        (DreamAsked { sessions: these(&[]), ..asked() }, "no sessions"),
        (DreamAsked { memory_store: store, ..asked() }, "memstore_01nobody"),
        (DreamAsked { strategy: "no-such-strategy".to_owned(), ..asked() }, "no-such-strategy"),
        (DreamAsked { strategy: "/no/such.wasm".to_owned(), ..asked() }, "such"),
        (DreamAsked { strategy: "echo".to_owned(), ..asked() }, "echo"),
        (DreamAsked { instructions: Some(" ".to_owned()), ..asked() }, "instructions"),
        (DreamAsked { instructions: long, ..asked() }, "4097"),
        (DreamAsked { model: Some("nonsense:".to_owned()), ..asked() }, "nonsense"),
    ] {
        let failure = refused(&told, asked).await;
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
        assert!(failure.message.contains(name), "{name}: {failure}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dreams_own_session_is_no_input() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let dream = told.dream(&say_and_merge()).await;
    let own = dream.session_id.unwrap();
    let asked = DreamAsked {
        sessions: SessionChoice::These(vec![own.clone()]),
        ..told.asked(&say_and_merge())
    };
    let failure = told.runtime.plan_dream(&asked).await.unwrap_err();
    assert!(failure.message.contains(own.as_str()), "{failure}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_store_is_dreamt_over_and_one_too_large_is_not() {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "look left"]).await;
    let empty = told.runtime.import_memory_store("empty", "", BTreeMap::new()).await.unwrap();
    let asked = DreamAsked { memory_store: empty.id, ..told.asked(&say_and_merge()) };
    let dream = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    assert_eq!((dream.status, dream.operations.len()), (DreamStatus::Completed, 2));
    assert!(dream.ledger.is_empty() && told.output(&dream).await.is_empty());
    let text = "x".repeat(100_000);
    let texts = (0..400).map(|number| (format!("/{number}.md"), text.clone())).collect();
    let large = told.runtime.import_memory_store("large", "", texts).await.unwrap();
    let asked = DreamAsked { memory_store: large.id.clone(), ..told.asked(&say_and_merge()) };
    let failure = told.runtime.plan_dream(&asked).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Exceeded);
    assert!(failure.message.contains(large.id.as_str()), "{failure}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strategy_that_fails_ends_its_program_or_talks_nonsense_fails_the_dream() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    for (steps, name) in [
        (json!([{"step": "merge"}, {"step": "fail", "why": "out of ideas"}]), "out of ideas"),
        (json!([{"step": "exit"}]), "told-dream"),
        (json!([{"step": "no such step"}]), "told-dream"),
    ] {
        let dream = told.dream(&steps).await;
        assert_eq!(dream.status, DreamStatus::Failed);
        let error = dream.error.clone().unwrap();
        assert_eq!(error.kind, DreamErrorKind::InternalError);
        assert!(error.message.contains(name), "{error:?}");
        assert_eq!(told.input().await["/notes.md"], NOTES);
        assert_eq!(told.output(&dream).await, told.input().await, "a copy is what is left");
        assert!(told.events(&dream).await.len() >= 4, "its log says why");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strategy_that_went_missing_fails_the_dream_that_waits() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let planned = told.runtime.plan_dream(&told.asked(&say_and_merge())).await.unwrap();
    std::fs::remove_file(told.strategy()).unwrap();
    let dream = told.runtime.run_dream(&planned.id, &DreamRun::default()).await.unwrap();
    assert_eq!(dream.status, DreamStatus::Failed);
    assert!(dream.error.unwrap().message.contains("told-dream"));
    let unknown = lucid_core::DreamId::parse("drm_01nobody").unwrap();
    let failure = told.runtime.run_dream(&unknown, &DreamRun::default()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
}
