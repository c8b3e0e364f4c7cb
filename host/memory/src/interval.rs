//! When what was superseded held.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::iter::successors;

use lucid_core::{Change, DreamId, DreamOperation, EntryInterval, OperationState, Timestamp};

use crate::class::latest_date_ms;
use crate::index::Index;
use crate::{Entry, Snapshot};

/// The intervals of the output store: those of the input store, and what the accepted
/// supersessions of a dream say. A loser's interval ends and names what replaced it; a
/// winner's begins, and one that held before and was superseded begins again.
///
/// A pure function of the accepted operations: what is undone leaves no trace.
#[must_use]
pub fn intervals(
    earlier: &[EntryInterval],
    snapshot: &Snapshot,
    dream_id: &DreamId,
    operations: &[DreamOperation],
) -> Vec<EntryInterval> {
    let index = Index::of(snapshot);
    let mut history = earlier.to_vec();
    for (since, loser, winner) in supersessions(operations, &index) {
        end(&mut history, &index, loser, winner, since, dream_id);
        if open(&mut history, winner).is_none() {
            history.push(interval(winner, since, dream_id));
        }
    }
    history
}

/// The accepted supersessions by time, so that what won and then lost begins before it ends.
fn supersessions<'a>(
    operations: &[DreamOperation],
    index: &'a Index,
) -> Vec<(Timestamp, &'a Entry, &'a Entry)> {
    let accepted = operations.iter().filter(|one| one.state == OperationState::Accepted);
    let found = accepted.filter_map(|operation| match &operation.change {
        Change::Supersede { loser_id, winner_id, since } => {
            Some((*since, index.get(loser_id)?, index.get(winner_id)?))
        }
        _ => None,
    });
    let mut found: Vec<_> = found.collect();
    // At one moment, who is furthest down goes first: A lost to B, and B to C, at once.
    let above: HashMap<&str, &str> =
        found.iter().map(|(_, loser, winner)| (loser.id.as_str(), winner.id.as_str())).collect();
    let height = |loser: &Entry| {
        let up = |id: &&str| above.get(*id).copied();
        successors(Some(loser.id.as_str()), up).take(above.len() + 1).count()
    };
    found.sort_by_key(|(since, loser, _)| (*since, Reverse(height(loser))));
    found
}

/// The interval of an entry that holds still. Entries are told by memory and text, because
/// an id changes when another with the same text goes.
fn open<'a>(history: &'a mut [EntryInterval], entry: &Entry) -> Option<&'a mut EntryInterval> {
    history.iter_mut().rev().find(|interval| {
        interval.valid_until.is_none() && interval.path == entry.path && interval.text == entry.text
    })
}

fn end(
    history: &mut Vec<EntryInterval>,
    index: &Index,
    loser: &Entry,
    winner: &Entry,
    until: Timestamp,
    dream_id: &DreamId,
) {
    let close = |interval: &mut EntryInterval| {
        // Never before it began.
        interval.valid_until = Some(until.max(interval.valid_from));
        interval.superseded_by = Some(winner.id.clone());
        interval.dream_id = dream_id.clone();
    };
    match open(history, loser) {
        Some(interval) => close(interval),
        None => {
            let said = latest_date_ms(loser).map_or(index.said_at(loser), Timestamp);
            let mut interval = interval(loser, said.min(until), dream_id);
            close(&mut interval);
            history.push(interval);
        }
    }
}

fn interval(entry: &Entry, valid_from: Timestamp, dream_id: &DreamId) -> EntryInterval {
    EntryInterval {
        entry_id: entry.id.clone(),
        text: entry.text.clone(),
        path: entry.path.clone(),
        valid_from,
        valid_until: None,
        superseded_by: None,
        dream_id: dream_id.clone(),
    }
}
