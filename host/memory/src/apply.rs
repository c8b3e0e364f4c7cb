//! Building the new store.
//!
//! What stays, stays byte for byte; only the seams where something left or came are ours.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{Change, DreamOperation, OperationState};

use crate::seam::Text;
use crate::{Document, Snapshot};

/// Builds the output store from the input store and the accepted operations among those
/// given, whichever they are: what lost is gone, additions stand at the end of their files
/// in the order they came, and everything else is as it was. A file whose every entry is
/// gone is gone. Where nothing is accepted, that is the input store byte for byte.
#[must_use]
pub fn apply(snapshot: &Snapshot, operations: &[DreamOperation]) -> BTreeMap<String, String> {
    let accepted = |state| state == OperationState::Accepted;
    apply_changes(snapshot, in_states(operations, accepted))
}

/// As [`apply`], as if all operations that wait were accepted too: what a proof tries.
#[must_use]
pub fn apply_proposed(
    snapshot: &Snapshot,
    operations: &[DreamOperation],
) -> BTreeMap<String, String> {
    let open = |state| matches!(state, OperationState::Accepted | OperationState::Proposed);
    apply_changes(snapshot, in_states(operations, open))
}

/// As [`apply`], with just these changes. They have to be a subset of what one
/// [`Verifier`](crate::Verifier) took.
#[must_use]
pub fn apply_changes<'a>(
    snapshot: &Snapshot,
    changes: impl IntoIterator<Item = &'a Change>,
) -> BTreeMap<String, String> {
    let mut lost: HashSet<&str> = HashSet::new();
    let mut additions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in changes {
        lost.extend(change.lost_ids());
        if let Change::Add { draft, .. } = change {
            additions.entry(&draft.path).or_default().push(&draft.text);
        }
    }
    let mut files = BTreeMap::new();
    for (path, memory) in &snapshot.memories {
        let added = additions.remove(path.as_str()).unwrap_or_default();
        let document = Document::parse(path, &memory.content);
        let mut text = Text::new(line_break(&memory.content));
        if text.rebuild(document, &lost, &added) {
            files.insert(path.clone(), text.text);
        }
    }
    for (path, added) in additions {
        files.insert(path.to_owned(), new_file(path, &added));
    }
    files
}

fn in_states(
    operations: &[DreamOperation],
    wanted: impl Fn(OperationState) -> bool,
) -> impl Iterator<Item = &Change> {
    let wanted = move |operation: &&DreamOperation| wanted(operation.state);
    operations.iter().filter(wanted).map(|operation| &operation.change)
}

fn line_break(content: &str) -> &'static str {
    let first = content.split_inclusive('\n').next();
    if first.is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
}

fn new_file(path: &str, added: &[&str]) -> String {
    let mut text = Text::new("\n");
    if !added.first().is_some_and(|first| first.starts_with("# ")) {
        text.append(&title(path));
    }
    for addition in added {
        text.append(addition);
    }
    text.text.push('\n');
    text.text
}

/// `/lessons/descent-playbook.md` is titled `# Descent playbook`.
fn title(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".md").unwrap_or(name).replace(['-', '_'], " ");
    let mut rest = name.trim().chars();
    match rest.next() {
        Some(first) => format!("# {}{}", first.to_uppercase(), rest.as_str()),
        None => "# Notes".to_owned(),
    }
}
