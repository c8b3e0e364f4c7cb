//! A memory store that is deleted, and the dreams that read it or made it.

use lucid_core::{FailureKind, ReviewPolicy};
use lucid_runtime::{Chosen, DreamAsked, DreamRun};

use super::told::{Told, say_and_merge};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_is_decided_about_and_forgets_also_when_what_it_read_is_deleted() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left"]).await;
    let input = told.input().await;
    let dream = told.dream(&say_and_merge()).await;
    told.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap();
    let accepted = told.output(&dream).await;
    assert_ne!(accepted, input);
    told.runtime.delete_memory_store(&told.store).await.unwrap();
    let store = &told.runtime.store;
    assert_eq!(store.memory_store(&told.store).await.unwrap(), None);
    assert!(store.memory_versions(&told.store, None).await.unwrap().is_empty());
    let again = told.runtime.delete_memory_store(&told.store).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Invalid);
    assert_eq!(told.output(&dream).await, accepted, "what was made of it stays");
    told.runtime.undo_dream(&dream.id, &Chosen::All).await.unwrap();
    assert_eq!(told.output(&dream).await, input, "undoing everything is the input again");
    told.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap();
    assert_eq!(told.output(&dream).await, accepted);
    let forgotten = told.runtime.forget_session(&sessions[1]).await.unwrap();
    assert_eq!(forgotten.dreams.len(), 1);
    let left = told.output(&dream).await;
    assert!(left["/playbook.md"].contains("slow down"));
    assert!(!left["/playbook.md"].contains("look left"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_whose_own_store_is_deleted_is_in_nobodys_way() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down"]).await;
    let asked = DreamAsked { policy: ReviewPolicy::Auto, ..told.asked(&say_and_merge()) };
    let first = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let output = first.memory_store_out.clone().unwrap();
    let asked = DreamAsked { memory_store: output.clone(), ..told.asked(&say_and_merge()) };
    let second = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let texts = told.output(&second).await;
    told.runtime.delete_memory_store(&output).await.unwrap();
    let first = told.runtime.store.dream(&first.id).await.unwrap().unwrap();
    assert_eq!(first.memory_store_out, None);
    let refused = told.runtime.undo_dream(&first.id, &Chosen::All).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid);
    told.runtime.forget_session(&sessions[0]).await.unwrap();
    let second = told.runtime.store.dream(&second.id).await.unwrap().unwrap();
    assert_eq!(told.output(&second).await.keys().next(), texts.keys().next());
}
