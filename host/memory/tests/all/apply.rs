//! Building the new store.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{Change, Operation};
use lucid_memory::{Bounds, Document, Snapshot, apply_changes};

use crate::generate::{Dice, documents};
use crate::kit::{add, bounded, conflict, drop, ids, keep, merge, snapshot, supersede, verifier};

const DRAFTS: &[&str] = &[
    "- a new item",
    "- new\n  - nested",
    "1. first",
    "A new paragraph.",
    "# New",
    "Under\n===",
    "```\ncode\n\n---\n```",
    "---",
    "> quoted",
    "| a |\n|---|\n| b |",
    "--> text",
    "<!-- note -->",
    "=",
    "```\n```",
];

/// The store after some operations.
fn applied(snapshot: &Snapshot, operations: &[Operation]) -> BTreeMap<String, String> {
    apply_changes(snapshot, operations.iter().map(|operation| &operation.change))
}

/// The text of `/a.md` after some operations.
fn after(text: &str, operations: &[Operation]) -> Option<String> {
    applied(&snapshot(&[("/a.md", text)]), operations).remove("/a.md")
}

/// The text of `/a.md` without the entries of these texts.
fn without(text: &str, lost: &[&str]) -> Option<String> {
    let entries = snapshot(&[("/a.md", text)]).entries();
    let lost = entries.into_iter().filter(|entry| lost.contains(&entry.text.as_str()));
    after(text, &lost.map(|entry| drop(&entry.id)).collect::<Vec<_>>())
}

#[test]
fn nothing_proposed_changes_nothing() {
    for text in documents() {
        assert_eq!(after(&text, &[]), Some(text));
    }
}

#[test]
fn what_stays_keeps_its_lines() {
    let list = "# A\n\n- x\n- y\n- z\n\n## B\n\nend\n";
    assert_eq!(without(list, &["- y"]).unwrap(), "# A\n\n- x\n- z\n\n## B\n\nend\n");
    assert_eq!(without(list, &["- x"]).unwrap(), "# A\n\n- y\n- z\n\n## B\n\nend\n");
    assert_eq!(without(list, &["- z"]).unwrap(), "# A\n\n- x\n- y\n\n## B\n\nend\n");
    assert_eq!(without(list, &["- x", "- y", "- z"]).unwrap(), "# A\n\n## B\n\nend\n");
    assert_eq!(without(list, &["end"]).unwrap(), "# A\n\n- x\n- y\n- z\n\n## B\n");
    assert_eq!(without(list, &["# A"]).unwrap(), "- x\n- y\n- z\n\n## B\n\nend\n");
    assert_eq!(without("a\r\n\r\nb\r\n\r\nc\r\n", &["b"]).unwrap(), "a\r\n\r\nc\r\n");
    assert_eq!(without("- a\n- b", &["- b"]).unwrap(), "- a");
}

#[test]
fn taking_an_entry_out_does_not_merge_its_neighbours() {
    assert_eq!(without("one\n```\nx\n```\ntwo\n", &["```\nx\n```"]).unwrap(), "one\n\ntwo\n");
    assert_eq!(
        without("- a\n\nmiddle\n\n    code\n", &["middle"]).unwrap(),
        "- a\n\n<!-- -->\n\n    code\n"
    );
    assert_eq!(without("# T\n---\nx: 1\n---\n", &["# T"]).unwrap(), "\n---\nx: 1\n---\n");
    let rule = "---\n- a\n\n  b\n- c\n---\n";
    assert_eq!(without(rule, &["- a\n\n  b"]).unwrap(), "---\n\n- c\n---\n");
}

#[test]
fn additions_stand_at_the_end_of_their_files() {
    let adds = [add("/a.md", "- y"), add("/a.md", "Text."), add("/a.md", "- z")];
    assert_eq!(after("- x\n", &adds).unwrap(), "- x\n- y\n\nText.\n\n- z\n");
    assert_eq!(after("x", &adds[..1]).unwrap(), "x\n\n- y\n");
    assert_eq!(after("- x\r\n", &adds[..2]).unwrap(), "- x\r\n- y\r\n\r\nText.\r\n");
    assert_eq!(after("- x\n\n\n", &adds[..1]).unwrap(), "- x\n- y\n\n\n");
    assert_eq!(after("", &adds[..1]).unwrap(), "- y\n");
    assert_eq!(after("\u{feff}  \n\n", &adds[..1]).unwrap(), "\u{feff}- y\n");
    // Nothing can stand behind a block that has no end.
    assert_eq!(after("x\n\n```\ncode\n", &adds[..1]).unwrap(), "x\n\n- y\n\n```\ncode\n");
    assert_eq!(after("\u{feff}```\ncode", &adds[..1]).unwrap(), "\u{feff}- y\n\n```\ncode\n");
}

#[test]
fn a_new_file_has_a_title() {
    let new = |path: &str, text: &str| {
        applied(&Snapshot::default(), &[add(path, text)]).remove(path).unwrap()
    };
    assert_eq!(new("/playbook.md", "- slow down"), "# Playbook\n\n- slow down\n");
    assert_eq!(new("/x/descent-play_book.md", "a"), "# Descent play book\n\na\n");
    assert_eq!(new("/éa.md", "a"), "# Éa\n\na\n");
    assert_eq!(new("/-.md", "a"), "# Notes\n\na\n");
    assert_eq!(new("/a.md", "# Own title"), "# Own title\n");
}

#[test]
fn a_file_is_gone_when_all_its_entries_are() {
    assert_eq!(without("- a\n- b\n", &["- a", "- b"]), None);
    assert_eq!(without("\n\n", &[]), Some("\n\n".to_owned()));
    let mut operations: Vec<_> =
        ids(&snapshot(&[("/a.md", "- a")])).iter().map(|id| drop(id)).collect();
    operations.push(add("/a.md", "- b"));
    assert_eq!(after("- a\n", &operations).unwrap(), "- b\n");
}

#[test]
fn conflicts_and_keeps_leave_everything_and_losers_leave_no_trace() {
    let text = "- a\n- b\n- c\n- d\n";
    let id = ids(&snapshot(&[("/a.md", text)]));
    assert_eq!(after(text, &[conflict(&[&id[0], &id[1]]), keep(&id[2])]).unwrap(), text);
    let operations = [merge(&[&id[0], &id[1]], &id[1]), supersede(&id[3], &id[2])];
    assert_eq!(after(text, &operations).unwrap(), "- b\n- c\n");
}

/// What a dream that knows nothing might propose for a store of two files.
fn random_dream(dice: &Dice, snapshot: &Snapshot) -> Vec<Operation> {
    let bounds = Bounds { loss_fraction_max: 1.0, ..Bounds::default() };
    let mut verifier = bounded(snapshot, bounds);
    let ids = ids(snapshot);
    for _ in 0..dice.below(12) {
        let path = ["/a.md", "/b.md", "/new.md"][dice.below(3)];
        let operation = match dice.below(7) {
            _ if ids.is_empty() => add(path, dice.pick(DRAFTS)),
            0 => add(path, dice.pick(DRAFTS)),
            1 => merge(&[&ids[0], &ids[dice.below(ids.len())]], &ids[0]),
            2 => supersede(&ids[dice.below(ids.len())], &ids[dice.below(ids.len())]),
            3 => conflict(&[&ids[dice.below(ids.len())], &ids[dice.below(ids.len())]]),
            _ => drop(&ids[dice.below(ids.len())]),
        };
        let _ = verifier.propose(operation);
    }
    let taken = verifier.finish().operations.into_iter();
    let taken = taken.filter(|operation| operation.rejection.is_none());
    taken.map(|operation| operation.operation()).collect()
}

/// The entries each file has to have after some operations: those that stay, and those
/// that are added.
fn expected(snapshot: &Snapshot, operations: &[Operation]) -> BTreeMap<String, Vec<String>> {
    let mut lost = HashSet::new();
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for operation in operations {
        match &operation.change {
            Change::Drop { entry_id } => drop_all(&mut lost, [entry_id]),
            Change::Supersede { loser_id, .. } => drop_all(&mut lost, [loser_id]),
            Change::Merge { entry_ids, survivor_id } => {
                drop_all(&mut lost, entry_ids.iter().filter(|id| *id != survivor_id));
            }
            _ => {}
        }
    }
    for entry in snapshot.entries().into_iter().filter(|entry| !lost.contains(&entry.id)) {
        files.entry(entry.path).or_default().push(entry.text);
    }
    for operation in operations {
        if let Change::Add { draft, .. } = &operation.change {
            files.entry(draft.path.clone()).or_default().push(draft.text.clone());
        }
    }
    files
}

fn drop_all<'a>(lost: &mut HashSet<String>, ids: impl IntoIterator<Item = &'a String>) {
    lost.extend(ids.into_iter().cloned());
}

/// Checks that a store has the entries it has to have, and nothing else but what keeps
/// them apart and the titles of new files.
pub(crate) fn check(snapshot: &Snapshot, operations: &[Operation]) {
    let store = applied(snapshot, operations);
    let expected = expected(snapshot, operations);
    for (path, wanted) in &expected {
        let text = store.get(path).unwrap_or_else(|| panic!("{path} is gone: {operations:#?}"));
        let entries = Document::parse(path, text).entries;
        let mut found: Vec<_> = entries.into_iter().map(|entry| entry.text).collect();
        let mut wanted = wanted.clone();
        // A new file has its title, unless it brings one.
        if !snapshot.memories.contains_key(path) && !wanted[0].starts_with("# ") {
            assert!(found[0].starts_with("# "), "{text:?}");
            wanted.push(found[0].clone());
        }
        let divider = |text: &String| text != "<!-- -->";
        found.retain(divider);
        wanted.retain(divider);
        // Only a block without end moves: behind the additions.
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{text:?} from {snapshot:#?} and {operations:#?}");
    }
    let blank = |path: &String| snapshot.memories[path].content.trim_matches(BLANK).is_empty();
    for path in store.keys() {
        assert!(expected.contains_key(path) || blank(path), "{path}");
    }
}

const BLANK: [char; 5] = [' ', '\t', '\r', '\n', '\u{feff}'];

#[test]
fn any_subset_of_operations_gives_a_valid_store() {
    let dice = Dice::new(5);
    for _ in 0..1_500 {
        let (one, other) = (dice.document(), dice.document());
        let snapshot = snapshot(&[("/a.md", &one), ("/b.md", &other)]);
        let operations = random_dream(&dice, &snapshot);
        check(&snapshot, &operations);
        for _ in 0..8 {
            let mask = dice.below(1 << 12);
            let chosen = (0..12).zip(&operations).filter(|(bit, _)| mask >> bit & 1 == 1);
            let subset: Vec<_> = chosen.map(|(_, operation)| operation.clone()).collect();
            check(&snapshot, &subset);
        }
    }
}

#[test]
fn what_stays_stands_in_its_order_with_its_bytes() {
    let dice = Dice::new(6);
    for _ in 0..500 {
        let text = dice.document();
        let snapshot = snapshot(&[("/a.md", &text)]);
        let mut verifier = verifier(&snapshot);
        for id in ids(&snapshot).iter().filter(|_| dice.below(3) == 0) {
            verifier.propose(drop(id)).unwrap();
        }
        let taken = verifier.finish().operations.into_iter();
        let operations: Vec<_> = taken.map(|operation| operation.operation()).collect();
        let kept = expected(&snapshot, &operations).remove("/a.md").unwrap_or_default();
        let new = after(&text, &operations).unwrap_or_default();
        let mut rest = new.as_str();
        for entry in kept {
            let place = rest.find(&entry).unwrap_or_else(|| panic!("{entry:?} in {new:?}"));
            let between = rest[..place].replace("<!-- -->", "");
            assert_eq!(between.trim_matches(BLANK), "", "{new:?} from {text:?}");
            rest = &rest[place + entry.len()..];
        }
    }
}
