//! Whether the ledger accounts for every entry once, and says what is so.

use std::collections::{BTreeMap, BTreeSet};

use crate::dream::{Dream, Fate, Operation};
use crate::score::Stores;
use crate::text::{key, lines};

/// Each way in which the ledger is wrong, in words.
pub(crate) fn violations(dream: &Dream, stores: &Stores) -> Vec<String> {
    let mut found = Vec::new();
    let entries: BTreeMap<&str, &str> =
        stores.entries.iter().map(|entry| (entry.id.as_str(), entry.text.as_str())).collect();
    let operations: BTreeMap<&str, &Operation> =
        dream.operations.iter().map(|operation| (operation.id.as_str(), operation)).collect();
    let left = lines(&stores.output);
    let mut seen = BTreeSet::new();
    for line in &dream.ledger {
        let entry = line.entry();
        let Some(text) = entries.get(entry) else {
            found.push(format!("ledger: {entry} is no entry of the store"));
            continue;
        };
        if !seen.insert(entry) {
            found.push(format!("ledger: {entry} stands in it twice"));
        }
        let fate = line.fate();
        let stays = matches!(fate, Fate::Kept | Fate::InConflict);
        if stays && !text.lines().all(|line| is_left(&left, line)) {
            found.push(format!("ledger: {entry} is said to stay and is not there"));
        }
        if fate == Fate::Unknown {
            found.push(format!("ledger: {entry} has no fate that is known"));
        }
        if let Some(problem) = decided_otherwise(fate, line.operation().as_deref(), &operations) {
            found.push(format!("ledger: {entry} {problem}"));
        }
    }
    let missing = entries.keys().filter(|id| !seen.contains(*id));
    found.extend(missing.map(|id| format!("ledger: {id} is not in it")));
    found
}

fn is_left(left: &BTreeMap<&str, usize>, line: &str) -> bool {
    line.trim().is_empty() || left.contains_key(key(line))
}

/// What is wrong with the operation that a line names; nothing where it fits its fate.
fn decided_otherwise(
    fate: Fate,
    operation: Option<&str>,
    operations: &BTreeMap<&str, &Operation>,
) -> Option<String> {
    let expected = match fate {
        Fate::Kept | Fate::Unknown => return None,
        Fate::Merged => "merge",
        Fate::Superseded => "supersede",
        Fate::Dropped => "drop",
        Fate::InConflict => "flag_conflict",
    };
    let Some(id) = operation else { return Some("was changed by no operation".to_owned()) };
    let Some(found) = find(id, operations) else {
        return Some(format!("names {id}, which is no operation"));
    };
    if !found.is(expected) {
        return Some(format!("names {id}, which is no {expected}"));
    }
    (!found.stands()).then(|| format!("names {id}, which does not stand"))
}

/// An operation by its id. The number alone is understood too.
fn find<'a>(id: &str, operations: &BTreeMap<&str, &'a Operation>) -> Option<&'a Operation> {
    let numbered = format!("dop_{id}");
    operations.get(id).or_else(|| operations.get(numbered.as_str())).copied()
}
