//! What is taken away is taken away from dreams as well.

use lucid_core::{Dream, FailureKind, OperationState, ReviewPolicy};
use lucid_runtime::{Chosen, DreamAsked, DreamChange, DreamRun, Forgetting, SessionChoice};
use serde_json::json;

use super::told::{Told, say_and_merge};

async fn accepted(told: &Told) -> Dream {
    let dream = told.dream(&say_and_merge()).await;
    told.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_without_a_session_is_what_a_dream_is_that_never_saw_it() {
    let told = Told::new().await;
    let said = ["slow down", "slow down", "look left", "slow down"];
    let sessions = told.sessions(1, &said).await;
    let dream = accepted(&told).await;
    let forgotten = told.runtime.forget_session(&sessions[1]).await.unwrap();
    let [one] = forgotten.dreams.as_slice() else { panic!("{forgotten:?}") };
    assert_eq!((&one.dream_id, one.how), (&dream.id, Forgetting::Rescored));
    let after = told.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    let fresh = Told::new().await;
    fresh.sessions(1, &said[..1]).await;
    fresh.sessions(3, &said[2..]).await;
    let expected = accepted(&fresh).await;
    assert_eq!(told.output(&after).await, fresh.output(&expected).await);
    assert_eq!(after.operations, expected.operations);
    assert_eq!(after.input_session_ids, expected.input_session_ids);
    assert_ne!(after.session_id, dream.session_id, "its old log quoted it");
    let old = told.runtime.store.session(dream.session_id.as_ref().unwrap()).await.unwrap();
    assert_eq!(old, None);
    let store = after.memory_store_out.as_ref().unwrap();
    let versions = told.runtime.store.memory_versions(store, None).await.unwrap();
    let texts = versions.iter().filter_map(|version| version.content.as_deref());
    assert!(texts.clone().any(|text| text.contains("2 sessions say: slow down")));
    assert!(!texts.clone().any(|text| text.contains("3 sessions")), "not in older versions");
    let text = serde_json::to_string(&after).unwrap();
    assert!(!text.contains(sessions[1].as_str()), "nothing names it any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_one_session_said_goes_with_it() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left"]).await;
    let dream = accepted(&told).await;
    assert!(told.output(&dream).await["/playbook.md"].contains("look left"));
    told.runtime.delete(&sessions[1]).await.unwrap();
    let after = told.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    let output = told.output(&after).await;
    assert!(!output["/playbook.md"].contains("look left"));
    assert!(output["/playbook.md"].contains("slow down"));
    assert_eq!(after.in_state(OperationState::Accepted).count(), 2);
    told.runtime.undo_dream(&dream.id, &Chosen::All).await.unwrap();
    assert_eq!(told.output(&after).await, told.input().await, "undoing is as exact as before");
    let gone = told.runtime.forget_session(&sessions[1]).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::Invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_strategy_what_rested_on_a_session_is_taken_back() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left"]).await;
    let dream = accepted(&told).await;
    std::fs::remove_file(told.strategy()).unwrap();
    let forgotten = told.runtime.forget_session(&sessions[1]).await.unwrap();
    assert_eq!(forgotten.dreams[0].how, Forgetting::Retracted);
    assert_eq!(
        (forgotten.dreams[0].operations_before, forgotten.dreams[0].operations_after),
        (3, 2)
    );
    let after = told.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    let output = told.output(&after).await;
    assert!(!output["/playbook.md"].contains("look left"));
    assert!(output["/playbook.md"].contains("slow down"), "what others said stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_leaves_no_words_that_may_be_those_of_the_session() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "slow down", "look left"]).await;
    let dream = accepted(&told).await;
    assert!(!dream.summary.is_empty());
    std::fs::remove_file(told.strategy()).unwrap();
    told.runtime.forget_session(&sessions[1]).await.unwrap();
    let after = told.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    assert_eq!(after.summary, "");
    let output = told.output(&after).await;
    assert!(!output["/playbook.md"].contains("slow down"), "it was worded with that session");
    assert!(output["/playbook.md"].contains("look left"));
    assert_eq!(output["/notes.md"].lines().filter(|line| line.contains("ump")).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dreams_of_dreams_are_freed_too() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left"]).await;
    let first = accepted(&told).await;
    let later = told.sessions(3, &["mind the door"]).await;
    let steps = json!([{"step": "say", "path": "/doors.md", "quote": "mind the door"}]);
    let asked = DreamAsked {
        memory_store: first.memory_store_out.clone().unwrap(),
        sessions: SessionChoice::These(later),
        ..told.asked(&steps)
    };
    let second = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let second = told.runtime.accept_dream(&second.id, &Chosen::All).await.unwrap();
    assert!(told.output(&second).await["/playbook.md"].contains("look left"));
    let forgotten = told.runtime.forget_session(&sessions[1]).await.unwrap();
    let freed: Vec<_> = forgotten.dreams.iter().map(|dream| dream.dream_id.clone()).collect();
    assert_eq!(freed, [first.id, second.id.clone()]);
    let output = told.output(&second).await;
    assert!(!output["/playbook.md"].contains("look left"));
    assert!(output["/doors.md"].contains("mind the door"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_is_redacted_is_taken_back_where_it_was_read() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let asked = DreamAsked { policy: ReviewPolicy::Auto, ..told.asked(&say_and_merge()) };
    let first = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let output = first.memory_store_out.clone().unwrap();
    let asked = DreamAsked { memory_store: output.clone(), ..told.asked(&say_and_merge()) };
    let second = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let heads = told.runtime.store.memories(&output).await.unwrap();
    let stands = told.runtime.redact_memory_version(&heads[0].memory_version_id).await;
    assert_eq!(stands.unwrap_err().kind, FailureKind::Invalid, "it is what the memory is now");
    // The version that the second dream read is an older one by then.
    told.runtime.undo_dream(&first.id, &Chosen::All).await.unwrap();
    let forgotten = told.runtime.redact_memory_version(&heads[0].memory_version_id).await.unwrap();
    let freed: Vec<_> = forgotten.dreams.iter().map(|dream| dream.dream_id.clone()).collect();
    assert_eq!(freed, std::slice::from_ref(&second.id));
    let after = told.runtime.store.dream(&second.id).await.unwrap().unwrap();
    assert_eq!(told.output(&after).await, told.texts(&output).await);
    let again = told.runtime.redact_memory_version(&heads[0].memory_version_id).await.unwrap();
    assert!(again.dreams.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_left_before_a_dream_was_freed_is_gone_on_with() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left"]).await;
    let dream = accepted(&told).await;
    let store = &told.runtime.store;
    // As a process leaves it that dies between the two.
    let mut job = store.dream_job(&dream.id).await.unwrap().unwrap();
    job.forget.push(sessions[1].to_string());
    let change = DreamChange { job: Some(job), ..DreamChange::to(dream.clone()) };
    store.change_dream(&dream, change).await.unwrap();
    store.delete_session(&sessions[1], 0).await.unwrap();
    let after = told.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap();
    assert!(!told.output(&after).await["/playbook.md"].contains("look left"));
    assert!(store.dream_job(&dream.id).await.unwrap().unwrap().forget.is_empty());
}
