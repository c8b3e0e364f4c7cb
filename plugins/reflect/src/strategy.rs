//! The whole dream: maps over sessions, reduces to operations, proposes them.

use crate::ask::{Asker, Ended};
use crate::digest::Digest;
use crate::dropped::Dropped;
use crate::groups::group;
use crate::ideas::Desk;
use crate::map::{Mapped, map};
use crate::reduce::{Reduced, reduce};
use crate::types::{Change, EntryKind, Operation, Session, Wanted};
use crate::world::World;
use std::fmt::Write;

/// What a dream came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// In a few sentences, for people.
    pub text: String,
    /// Sessions whose notes it had.
    pub sessions_read: usize,
}

/// What became of the proposals.
#[derive(Debug, Default)]
struct Done {
    merged: usize,
    superseded: usize,
    added: usize,
    flagged: usize,
    refused: usize,
}

/// Dreams.
///
/// # Errors
/// Why no session could be read.
pub fn dream(world: &mut dyn World, wanted: &Wanted) -> Result<Told, String> {
    let (sessions, digests) = inputs(world);
    let (mut asker, mut dropped) = (Asker::default(), Dropped::default());
    let mapped = map(world, &sessions, digests, &mut asker, &mut dropped);
    if !sessions.is_empty() && mapped.unreadable == sessions.len() {
        return Err(format!("none of {} sessions could be read", sessions.len()));
    }
    let mapping_ended = asker.ended.clone();
    // Not before: what is kept of a session follows from it alone, and the host sees to that.
    let mut entries = world.entries();
    // Headings frame what is below them, and are no statements.
    entries.retain(|entry| entry.kind != EntryKind::Heading && !entry.text.trim().is_empty());
    entries.sort_by(|a, b| (&a.path, a.index, &a.id).cmp(&(&b.path, b.index, &b.id)));
    let groups = group(mapped.notes.clone(), &sessions, &wanted.instructions);
    let desk = Desk { entries: &entries, groups: &groups, sessions: &sessions };
    let reduced = reduce(world, desk, wanted, &mut asker, &mut dropped);
    let done = propose(world, &reduced.plan.operations);
    let mut text = told_of_sessions(&mapped, groups.len(), mapping_ended.as_ref());
    told_of_operations(&mut text, &done, &reduced, wanted);
    text.push_str(&dropped.told());
    Ok(Told { text, sessions_read: mapped.known + mapped.read + mapped.in_part })
}

/// The sessions by start and id, each with what was kept of it.
fn inputs(world: &mut dyn World) -> (Vec<Session>, Vec<Option<Digest>>) {
    let sessions = world.sessions();
    let mut digests: Vec<Option<Digest>> = Vec::new();
    while digests.len() < sessions.len() {
        let page = world.digests(digests.len());
        if page.is_empty() {
            break;
        }
        digests.extend(page.into_iter().map(|kept| kept.and_then(|bytes| Digest::read(&bytes))));
    }
    digests.resize(sessions.len(), None);
    let mut inputs: Vec<(Session, Option<Digest>)> = sessions.into_iter().zip(digests).collect();
    inputs.sort_by(|(a, _), (b, _)| (a.started_at_ms, &a.id).cmp(&(b.started_at_ms, &b.id)));
    inputs.into_iter().unzip()
}

fn propose(world: &mut dyn World, operations: &[Operation]) -> Done {
    let mut done = Done::default();
    for (number, operation) in operations.iter().enumerate() {
        world.report("proposing", number, operations.len(), None);
        if let Err(why) = world.propose(operation) {
            world.warn(&format!("refused ({why}): {}", operation.reason));
            done.refused += 1;
            continue;
        }
        match &operation.change {
            Change::Merge { .. } => done.merged += 1,
            Change::Supersede { .. } => done.superseded += 1,
            Change::Add { .. } => done.added += 1,
            Change::FlagConflict(_) => done.flagged += 1,
        }
    }
    world.report("proposing", operations.len(), operations.len(), None);
    done
}

fn told_of_sessions(mapped: &Mapped, notes: usize, ended: Option<&Ended>) -> String {
    let mut text = format!(
        "Sessions read: {}, and known from earlier dreams: {}. Notes: {notes}.",
        mapped.read + mapped.in_part,
        mapped.known
    );
    match ended {
        None => {}
        Some(Ended::Budget(message)) => {
            let _ = write!(text, " The budget of the model ended while sessions were read ");
            let _ = write!(text, "({message}): give this strategy more `model_tokens`, or dream ");
            text.push_str("again: what was read is kept.");
        }
        Some(Ended::Failed(why)) => {
            let _ = write!(text, " Reading sessions ended because the model failed ({why}).");
        }
    }
    for (count, what) in [
        (mapped.in_part, "Sessions read in part, for a question had no answer"),
        (mapped.unread, "Sessions not read"),
        (mapped.unreadable, "Sessions that could not be read"),
        (mapped.events_left_out, "Events left out of sessions with too many"),
    ] {
        if count > 0 {
            let _ = write!(text, " {what}: {count}.");
        }
    }
    text
}

fn told_of_operations(text: &mut String, done: &Done, reduced: &Reduced, wanted: &Wanted) {
    let Done { merged, superseded, added, flagged, refused } = done;
    let _ = write!(
        text,
        " Proposed: entries added {added}, merges {merged}, superseded {superseded}, conflicts \
         for a person to decide {flagged}."
    );
    if let Some(why) = &reduced.without_model {
        let _ = write!(
            text,
            " The model had no part in that ({why}): only duplicates were merged and facts with \
             the same key settled, and after a budget that ended notes of several sessions added \
             as they stand."
        );
        if !wanted.instructions.trim().is_empty() {
            text.push_str(" The instructions could not be followed without it.");
        }
    }
    for (count, what) in [
        (reduced.questions_unanswered, "Questions about the store without an answer"),
        (reduced.questions_left_out, "Questions about the store left out for their number"),
        (reduced.plan.left_out, "Operations left out for lack of room"),
        (*refused, "Operations refused by the host"),
    ] {
        if count > 0 {
            let _ = write!(text, " {what}: {count}.");
        }
    }
}

#[cfg(test)]
#[path = "strategy_tests.rs"]
mod tests;
