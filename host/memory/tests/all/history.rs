//! When entries held, and where they come from.

use lucid_core::{
    Dream, DreamId, DreamOperation, DreamStatus, EntryInterval, MemoryStoreId, OperationState,
    Timestamp,
};
use lucid_memory::{MemoryText, Snapshot, apply, intervals, ledger, why};

use crate::kit::{CHANGED, accepted, add, ids, keep, list_of, merge, snapshot, supersede_at};

fn dream_id(number: u32) -> DreamId {
    DreamId::parse(&format!("drm_{number}")).unwrap()
}

fn store_id(number: u32) -> MemoryStoreId {
    MemoryStoreId::parse(&format!("memstore_{number}")).unwrap()
}

fn day(day: u64) -> Timestamp {
    Timestamp(CHANGED.as_millis() + day * 86_400_000)
}

/// Text, from, until and what replaced it, of each interval.
fn told(history: &[EntryInterval]) -> Vec<(&str, Timestamp, Option<Timestamp>, Option<&str>)> {
    let mut told = Vec::new();
    for one in history {
        let by = one.superseded_by.as_deref();
        told.push((one.text.as_str(), one.valid_from, one.valid_until, by));
    }
    told
}

#[test]
fn a_loser_keeps_its_interval_and_what_replaced_it() {
    let snapshot = list_of(3);
    let id = ids(&snapshot);
    // In any order: what won first and lost then begins before it ends.
    let chain = [supersede_at(&id[1], &id[2], day(2)), supersede_at(&id[0], &id[1], day(1))];
    let operations = accepted(&snapshot, chain);
    let history = intervals(&[], &snapshot, &dream_id(1), &operations);
    let expected = [
        ("- item 0", day(0), Some(day(1)), Some(id[1].as_str())),
        ("- item 1", day(1), Some(day(2)), Some(id[2].as_str())),
        ("- item 2", day(2), None, None),
    ];
    assert_eq!(told(&history), expected);
    let at_once = [supersede_at(&id[1], &id[2], day(1)), supersede_at(&id[0], &id[1], day(1))];
    let history = intervals(&[], &snapshot, &dream_id(1), &accepted(&snapshot, at_once));
    assert_eq!(history.len(), 3);
    assert!(history.iter().all(|one| one.valid_until.is_none_or(|end| end >= one.valid_from)));
}

#[test]
fn what_comes_back_has_an_interval_for_each_time() {
    let first = snapshot(&[("/a.md", "- red\n- blue\n")]);
    let id = ids(&first);
    let operations = accepted(&first, [supersede_at(&id[0], &id[1], day(1))]);
    let history = intervals(&[], &first, &dream_id(1), &operations);
    // Somebody writes the old value again, and this time it wins.
    let then = snapshot(&[("/a.md", "- blue\n- red\n")]);
    let id = ids(&then);
    let again = accepted(&then, [supersede_at(&id[0], &id[1], day(5))]);
    let history = intervals(&history, &then, &dream_id(2), &again);
    let expected = [
        ("- red", day(0), Some(day(1)), Some(id[0].as_str())),
        ("- blue", day(1), Some(day(5)), Some(id[1].as_str())),
        ("- red", day(5), None, None),
    ];
    assert_eq!(told(&history), expected);
}

#[test]
fn what_is_undone_leaves_no_interval() {
    let snapshot = list_of(2);
    let id = ids(&snapshot);
    let earlier = intervals(
        &[],
        &snapshot,
        &dream_id(1),
        &accepted(&snapshot, [supersede_at(&id[1], &id[0], day(1))]),
    );
    let mut operations = accepted(&snapshot, [supersede_at(&id[0], &id[1], day(3))]);
    assert_ne!(intervals(&earlier, &snapshot, &dream_id(2), &operations), earlier);
    operations[0].state = OperationState::Undone;
    assert_eq!(intervals(&earlier, &snapshot, &dream_id(2), &operations), earlier);
}

/// A dream from one store to the next.
fn dreamt(number: u32, snapshot: &Snapshot, operations: Vec<DreamOperation>) -> Dream {
    Dream {
        status: DreamStatus::Completed,
        memory_store_out: Some(store_id(number + 1)),
        ledger: ledger(snapshot, &operations),
        operations,
        ..Dream::pending(dream_id(number), "test", store_id(number), Vec::new(), Timestamp(0))
    }
}

/// The store that a dream makes.
fn made(snapshot: &Snapshot, operations: &[DreamOperation]) -> Snapshot {
    let text = |(path, content)| (path, MemoryText { content, updated_at: CHANGED });
    apply(snapshot, operations).into_iter().map(text).collect()
}

/// The id of the entry with a text, the last where there are several.
fn named(snapshot: &Snapshot, text: &str) -> String {
    let entries = snapshot.entries().into_iter().rev();
    entries.filter(|entry| entry.text == text).map(|entry| entry.id).next().unwrap()
}

#[test]
fn an_entry_leads_back_through_dreams_to_its_quotes() {
    let one = snapshot(&[("/a.md", "- The door is red.\n- The gate is old.\n")]);
    let first = accepted(&one, [add("/a.md", "- The descent is measured.")]);
    let two = made(&one, &first);
    let id = ids(&two);
    let second = accepted(&two, [merge(&[&id[2], &id[0]], &id[0]), keep(&id[1])]);
    let three = made(&two, &second);
    let dreams = [dreamt(2, &two, second), dreamt(1, &one, first)];
    // The survivor: there before any dream, and for what the first dream added.
    let steps = why(&store_id(3), &named(&three, "- The door is red."), &dreams);
    let told: Vec<_> = steps
        .iter()
        .map(|step| {
            let ops: Vec<_> = step.operations.iter().map(|one| one.op.as_str()).collect();
            let dream = step.dream_id.as_ref().map(|id| id.as_str());
            (step.memory_store_id.as_str(), dream, ops)
        })
        .collect();
    let expected = [
        ("memstore_3", Some("drm_2"), vec!["merge"]),
        ("memstore_2", Some("drm_1"), vec![]),
        ("memstore_2", Some("drm_1"), vec!["add"]),
        ("memstore_1", None, vec![]),
    ];
    assert_eq!(told, expected);
    assert_eq!(steps[2].operations[0].evidence[0].quote, "too fast at site 3");
    let kept = why(&store_id(3), &named(&three, "- The gate is old."), &dreams);
    assert_eq!(kept[0].operations[0].op, "keep");
    // What nobody dreamt, and what was written after the dream, begins there.
    assert_eq!(why(&store_id(9), "ent_x", &dreams).len(), 1);
    let written = why(&store_id(3), "ent_written_later", &dreams);
    assert_eq!((written.len(), written[0].dream_id.is_none()), (1, true));
}

#[test]
fn the_second_of_two_twins_is_found_when_the_first_went() {
    let one = snapshot(&[("/a.md", "- The door is red.\n- The gate.\n- The door is red.\n")]);
    let id = ids(&one);
    let operations = accepted(&one, [merge(&[&id[0], &id[2]], &id[2])]);
    let two = made(&one, &operations);
    // Its id is the first twin's now.
    let entry = named(&two, "- The door is red.");
    assert_eq!(entry, id[0]);
    let steps = why(&store_id(2), &entry, &[dreamt(1, &one, operations)]);
    assert_eq!(steps[0].operations[0].op, "merge");
    let before: Vec<_> = steps[1..].iter().map(|step| step.entry_id.clone()).collect();
    assert_eq!(before, [id[2].clone(), id[0].clone()]);
}
