//! Deciding about what a dream proposed: any part of it, and back again byte for byte.

use lucid_core::{
    Author, Change, Class, Dream, DreamStatus, FailureKind, MemoryOperation, OperationState,
    Rejection, ReviewPolicy,
};
use lucid_runtime::{Chosen, DiffOf, DreamAsked, DreamRun, EntryStanding, WaitsFor};
use serde_json::json;

use super::told::{NOTES, Told, say_and_merge};

/// What the notes are once their duplicates are one.
const MERGED: &str = "# Notes\n\n- The pump hums.\n- One door.\n";

async fn dreamt() -> (Told, Dream) {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "slow down", "look left"]).await;
    let dream = told.dream(&say_and_merge()).await;
    assert_eq!(dream.status, DreamStatus::Completed, "{:?}", dream.error);
    (told, dream)
}

fn these(ids: &[&str]) -> Chosen {
    Chosen::These(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn states(dream: &Dream) -> Vec<OperationState> {
    dream.operations.iter().map(|operation| operation.state).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_accepted_is_in_the_output_store_and_undoing_gives_the_input_byte_for_byte() {
    use OperationState::{Accepted, Proposed, Undone};
    let (told, dream) = dreamt().await;
    assert_eq!(states(&dream), [Proposed; 3]);
    let id = &dream.id;
    let one = told.runtime.accept_dream(id, &these(&["dop_2"])).await.unwrap();
    assert_eq!(states(&one), [Proposed, Accepted, Proposed]);
    let output = told.output(&one).await;
    assert_eq!(output["/notes.md"], NOTES);
    assert_eq!(output["/playbook.md"], "# Playbook\n\n- 2 sessions say: slow down\n");
    let all = told.runtime.accept_dream(id, &Chosen::All).await.unwrap();
    assert_eq!(states(&all), [Accepted; 3]);
    assert_eq!(told.output(&all).await["/notes.md"], MERGED);
    let undone = told.runtime.undo_dream(id, &these(&["dop_2", "dop_3"])).await.unwrap();
    assert_eq!(states(&undone), [Accepted, Undone, Undone]);
    assert_eq!(told.output(&undone).await.keys().collect::<Vec<_>>(), ["/notes.md"]);
    let none = told.runtime.undo_dream(id, &Chosen::All).await.unwrap();
    assert_eq!(told.output(&none).await, told.input().await);
    let again = told.runtime.accept_dream(id, &Chosen::All).await.unwrap();
    assert_eq!(told.output(&again).await, told.output(&all).await);
    assert_eq!(told.input().await["/notes.md"], NOTES, "the input is never touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_the_output_store_is_a_version_by_the_dream() {
    let (told, dream) = dreamt().await;
    let id = &dream.id;
    told.runtime.accept_dream(id, &Chosen::All).await.unwrap();
    told.runtime.undo_dream(id, &Chosen::All).await.unwrap();
    let store = dream.memory_store_out.as_ref().unwrap();
    let versions = told.runtime.store.memory_versions(store, Some("/notes.md")).await.unwrap();
    let texts: Vec<_> = versions.iter().rev().map(|version| version.content.as_deref()).collect();
    assert_eq!(texts, [Some(NOTES), Some(MERGED), Some(NOTES)]);
    let author = Author::Dream { dream_id: id.clone() };
    assert!(versions.iter().all(|version| version.created_by == author));
    assert!(versions.is_sorted_by(|newer, older| newer.created_at > older.created_at));
    let added = told.runtime.store.memory_versions(store, Some("/playbook.md")).await.unwrap();
    let did: Vec<_> = added.iter().rev().map(|version| version.operation).collect();
    assert_eq!(did, [MemoryOperation::Created, MemoryOperation::Deleted]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auto_takes_what_its_class_has_earned_and_what_was_mined_waits() {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "slow down", "look left"]).await;
    let asked = DreamAsked { policy: ReviewPolicy::Auto, ..told.asked(&say_and_merge()) };
    let dream = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    assert_eq!(dream.operations[0].class, Class::Identical);
    use OperationState::{Accepted, Proposed};
    assert_eq!(states(&dream), [Accepted, Proposed, Proposed]);
    assert_eq!(told.output(&dream).await["/notes.md"], MERGED);
    let queue = told.runtime.dream_queue().await.unwrap();
    assert_eq!(queue[0].why, WaitsFor::Review { proposed: 2 });
    told.runtime.reject_dream(&dream.id, &Chosen::All).await.unwrap();
    assert!(told.runtime.dream_queue().await.unwrap().is_empty(), "nothing waits any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "look left"]).await;
    let steps = json!([
        {"step": "merge"},
        {"step": "forge", "quote": "nobody ever said this"},
    ]);
    let dream = told.dream(&steps).await;
    let id = &dream.id;
    let forged = &dream.operations[1];
    assert!(matches!(forged.rejection, Some(Rejection::QuoteNotFound(_))), "{forged:?}");
    for (ids, decision) in [
        (&["dop_2"][..], "accept"),
        (&["dop_9"], "accept"),
        (&["dop_1", "dop_9"], "accept"),
        (&["dop_1"], "undo"),
        (&["dop_2"], "reject"),
    ] {
        let chosen = these(ids);
        let decided = match decision {
            "accept" => told.runtime.accept_dream(id, &chosen).await,
            "undo" => told.runtime.undo_dream(id, &chosen).await,
            _ => told.runtime.reject_dream(id, &chosen).await,
        };
        assert_eq!(decided.unwrap_err().kind, FailureKind::Invalid, "{decision} {ids:?}");
    }
    assert_eq!(told.runtime.store.dream(id).await.unwrap(), Some(dream.clone()));
    let planned = told.runtime.plan_dream(&told.asked(&steps)).await.unwrap();
    let early = told.runtime.accept_dream(&planned.id, &Chosen::All).await.unwrap_err();
    assert_eq!(early.kind, FailureKind::Invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_decide_at_once_lose_nothing_of_each_other() {
    let (told, dream) = dreamt().await;
    // Nobody's conflicts with another's: none of them is refused.
    let decide = async |op: &'static str| {
        told.another().accept_dream(&dream.id, &these(&[op])).await.unwrap();
    };
    tokio::join!(decide("dop_1"), decide("dop_2"), decide("dop_3"));
    let after = told.runtime.store.dream(&dream.id).await.unwrap().unwrap();
    assert_eq!(states(&after), [OperationState::Accepted; 3]);
    let output = told.output(&after).await;
    assert_eq!(output["/notes.md"], MERGED);
    assert!(output["/playbook.md"].contains("look left"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_diff_shows_each_memory_with_its_operations_and_quotes() {
    let (told, dream) = dreamt().await;
    let diff = told.runtime.dream_diff(&dream.id, DiffOf::AcceptedAndProposed).await.unwrap();
    let paths: Vec<_> = diff.iter().map(|memory| memory.path.as_str()).collect();
    assert_eq!(paths, ["/notes.md", "/playbook.md"]);
    assert_eq!(diff[1].operations.len(), 2);
    assert_eq!(diff[1].operations[0].evidence[0].quote, "slow down");
    assert!(diff[0].file.as_ref().unwrap().to_string().contains("- the pump HUMS."));
    let accepted = told.runtime.dream_diff(&dream.id, DiffOf::Accepted).await.unwrap();
    assert!(accepted.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_leads_an_entry_back_to_what_people_said() {
    let (told, dream) = dreamt().await;
    told.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap();
    let store = dream.memory_store_out.as_ref().unwrap();
    let memories = told.runtime.store.memories(store).await.unwrap();
    let entries = lucid_runtime::Snapshot::of(&memories).entries();
    let entry = entries.iter().find(|entry| entry.text.contains("slow down")).unwrap();
    let why = told.runtime.memory_why(store, &entry.id).await.unwrap();
    assert_eq!((why.standing, why.path.as_str()), (EntryStanding::Stands, "/playbook.md"));
    assert_eq!(why.first_by, Some(Author::Dream { dream_id: dream.id.clone() }));
    let quotes = why.steps.iter().flat_map(|step| &step.operations).flat_map(|op| &op.evidence);
    let sessions: Vec<_> = quotes.map(|evidence| evidence.session_id.clone()).collect();
    assert_eq!(sessions, ["sesn_01told0001", "sesn_01told0002"]);
    let stood = told.runtime.memory_why(store, "ent_0000000000000000").await.unwrap_err();
    assert_eq!(stood.kind, FailureKind::Invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dream_wrote_is_no_evidence_for_the_next() {
    let (told, dream) = dreamt().await;
    told.runtime.accept_dream(&dream.id, &Chosen::All).await.unwrap();
    // Somebody repeats, a while later, what the playbook says.
    let later = json!({"type": "session", "id": "sesn_01later", "title": "t",
        "created_at": "2999-01-01T00:00:00Z", "agent": {"name": "a"}, "metadata": {}});
    let said = json!({"id": "sevt_01later", "type": "user.message",
        "content": [{"type": "text", "text": "As I read: 2 sessions say: slow down"}],
        "processed_at": "2999-01-01T00:00:01Z"});
    let ids = told.runtime.import(&format!("{later}\n{said}\n")).await.unwrap();
    let quote = "2 sessions say: slow down";
    let steps = json!([{"step": "say", "path": "/more.md", "quote": quote}]);
    let asked = DreamAsked {
        memory_store: dream.memory_store_out.clone().unwrap(),
        sessions: lucid_runtime::SessionChoice::These(ids),
        ..told.asked(&steps)
    };
    let next = told.runtime.start_dream(&asked, &DreamRun::default()).await.unwrap();
    let [operation] = next.operations.as_slice() else { panic!("{:?}", next.operations) };
    assert!(matches!(operation.change, Change::Add { .. }));
    assert!(matches!(operation.rejection, Some(Rejection::Unsupported(_))), "{operation:?}");
}
