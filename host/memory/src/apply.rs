//! Building the new store.
//!
//! What stays, stays byte for byte; only the seams where something left or came are ours.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{Change, Operation};

use crate::seam::Text;
use crate::{Document, Snapshot};

/// Builds a new store from the input store and any of the accepted operations: what lost
/// is gone, additions stand at the end of their files in the order they came, and
/// everything else is as it was. A file whose every entry is gone is gone.
#[must_use]
pub fn apply(snapshot: &Snapshot, operations: &[Operation]) -> BTreeMap<String, String> {
    let lost = lost_ids(operations);
    let mut additions = additions(operations);
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

fn lost_ids(operations: &[Operation]) -> HashSet<&str> {
    let mut lost = HashSet::new();
    for operation in operations {
        match &operation.change {
            Change::Drop { entry_id } => {
                lost.insert(entry_id.as_str());
            }
            Change::Supersede { loser_id, .. } => {
                lost.insert(loser_id);
            }
            Change::Merge { entry_ids, survivor_id } => {
                lost.extend(entry_ids.iter().filter(|id| *id != survivor_id).map(String::as_str));
            }
            Change::Keep { .. } | Change::Add { .. } | Change::FlagConflict { .. } => {}
        }
    }
    lost
}

fn additions(operations: &[Operation]) -> BTreeMap<&str, Vec<&str>> {
    let mut additions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in operations {
        if let Change::Add { draft, .. } = &operation.change {
            additions.entry(&draft.path).or_default().push(&draft.text);
        }
    }
    additions
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
