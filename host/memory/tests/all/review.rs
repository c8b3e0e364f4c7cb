//! Accepting, rejecting, undoing, and what is shown before that.

use lucid_core::{Class, DreamOperation, FailureKind, Operation, OperationState, ReviewPolicy};
use lucid_memory::{Decision, Snapshot, accept_earned, apply, apply_proposed, decide, diff_dream};

use crate::kit::{add, conflict, drop, ids, keep, merge, quote, snapshot, supersede, verifier};

fn notes() -> Snapshot {
    let notes =
        "# Notes\n\n- Ann waters the plants.\n- Ann waters the plants.\n- The door is red.\n- c\n";
    snapshot(&[("/a.md", notes), ("/b.md", "- The gate is old.\n- ann waters the plants\n")])
}

/// Operations of every kind, and one that is refused.
fn dream(snapshot: &Snapshot) -> Vec<DreamOperation> {
    let id = ids(snapshot);
    let mut verifier = verifier(snapshot);
    let proposals = [
        merge(&[&id[1], &id[2], &id[6]], &id[1]),
        supersede(&id[3], &id[5]),
        drop("ent_none"),
        add("/new.md", "- The descent is measured."),
        drop(&id[4]),
        conflict(&[&id[5], &id[1]]),
        keep(&id[0]),
    ];
    for operation in proposals {
        let _ = verifier.propose(operation);
    }
    verifier.finish().operations
}

fn states(operations: &[DreamOperation]) -> Vec<OperationState> {
    operations.iter().map(|operation| operation.state).collect()
}

#[test]
fn undoing_everything_gives_back_the_input_byte_for_byte() {
    let snapshot = notes();
    let mut operations = dream(&snapshot);
    assert_eq!(apply(&snapshot, &operations), snapshot.contents(), "nothing is accepted yet");
    let proposed = apply_proposed(&snapshot, &operations);
    assert_eq!(decide(&mut operations, Decision::Accept, None).unwrap(), 6);
    let accepted = apply(&snapshot, &operations);
    assert_eq!(accepted, proposed);
    assert_eq!(accepted["/a.md"], "# Notes\n\n- Ann waters the plants.\n");
    assert_eq!(accepted["/b.md"], "- The gate is old.\n");
    assert_eq!(accepted["/new.md"], "# New\n\n- The descent is measured.\n");
    assert_eq!(decide(&mut operations, Decision::Undo, None).unwrap(), 6);
    assert_eq!(apply(&snapshot, &operations), snapshot.contents());
    assert_eq!(apply_proposed(&snapshot, &operations), snapshot.contents());
    assert_eq!(decide(&mut operations, Decision::Accept, None).unwrap(), 6);
    assert_eq!(apply(&snapshot, &operations), accepted);
}

#[test]
fn what_the_host_refused_cannot_be_accepted_and_what_a_person_refused_can() {
    let snapshot = notes();
    let mut operations = dream(&snapshot);
    let named = |id: &str| [id.to_owned()];
    let wrong = |operations: &mut Vec<DreamOperation>, decision, id: &str| {
        let before = states(operations);
        let chosen = [named("dop_1")[0].clone(), id.to_owned()];
        let failure = decide(operations, decision, Some(&chosen)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert_eq!(states(operations), before, "nothing changed with {id}");
    };
    wrong(&mut operations, Decision::Accept, "dop_3");
    wrong(&mut operations, Decision::Accept, "dop_99");
    wrong(&mut operations, Decision::Undo, "dop_2");
    assert_eq!(decide(&mut operations, Decision::Reject, Some(&named("dop_2"))).unwrap(), 1);
    assert_eq!(decide(&mut operations, Decision::Reject, Some(&named("dop_2"))).unwrap(), 0);
    // Not with all the others, but by its name.
    assert_eq!(decide(&mut operations, Decision::Accept, None).unwrap(), 5);
    assert_eq!(operations[1].state, OperationState::Rejected);
    assert_eq!(decide(&mut operations, Decision::Accept, Some(&named("dop_2"))).unwrap(), 1);
    wrong(&mut operations, Decision::Reject, "dop_2");
    assert_eq!(decide(&mut operations, Decision::Undo, Some(&named("dop_2"))).unwrap(), 1);
    assert_eq!(operations[1].state, OperationState::Undone);
    assert_eq!(operations[2].state, OperationState::Rejected);
}

#[test]
fn auto_takes_what_is_earned_and_leaves_the_rest_waiting() {
    let snapshot = notes();
    let mut operations = dream(&snapshot);
    assert_eq!(accept_earned(&mut operations, ReviewPolicy::Review), 0);
    assert_eq!(accept_earned(&mut operations, ReviewPolicy::Auto), 1);
    assert_eq!(
        (operations[0].class, operations[0].state),
        (Class::Identical, OperationState::Accepted)
    );
    let rest = operations[1..].iter().filter(|one| one.rejection.is_none());
    assert!(rest.clone().all(|one| one.state == OperationState::Proposed), "{rest:?}");
    let store = apply(&snapshot, &operations);
    assert_eq!(store["/a.md"], "# Notes\n\n- Ann waters the plants.\n- The door is red.\n- c\n");
    assert_eq!(store["/b.md"], "- The gate is old.\n");
}

#[test]
fn a_diff_shows_by_memory_what_changes_and_why() {
    let snapshot = notes();
    let id = ids(&snapshot);
    let mut verifier = verifier(&snapshot);
    let quoted = Operation {
        evidence: (3..=7).map(|length| quote("sevt_trusted", &"descent"[..length])).collect(),
        ..merge(&[&id[1], &id[6]], &id[1])
    };
    for operation in [quoted, keep(&id[3]), conflict(&[&id[4], &id[5]])] {
        verifier.propose(operation).unwrap();
    }
    let mut operations = verifier.finish().operations;
    assert!(diff_dream(&snapshot, &operations, false).is_empty());
    let diffs = diff_dream(&snapshot, &operations, true);
    let shown: Vec<_> = diffs
        .iter()
        .map(|diff| {
            let ids: Vec<_> = diff.operations.iter().map(|one| one.id.as_str()).collect();
            (diff.path.as_str(), diff.file.is_some(), ids)
        })
        .collect();
    // The merge takes its line out of the other memory, and is shown with both.
    let expected =
        [("/a.md", false, vec!["dop_1", "dop_3"]), ("/b.md", true, vec!["dop_1", "dop_3"])];
    assert_eq!(shown, expected);
    let merge = &diffs[1].operations[0];
    assert_eq!((merge.reason.as_str(), merge.evidence.len()), ("because", 3));
    assert!(diffs[1].file.as_ref().unwrap().to_string().contains("\n-- ann waters the plants\n"));
    decide(&mut operations, Decision::Reject, None).unwrap();
    assert!(diff_dream(&snapshot, &operations, true).is_empty());
}
