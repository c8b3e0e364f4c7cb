//! An operation as it is kept: masked, with what it is about, and no longer than it may be.

use lucid_core::{
    Change, Class, DreamOperation, Evidence, MaskedNote, Operation, OperationState, Rejection,
    Statistics,
};
use lucid_facts::mask;

use super::Bounds;
use super::form::{distinct, shown};
use super::time::LATEST;
use crate::class;
use crate::index::Index;

/// Bytes of a text of the store that is shown with an operation.
const SHOWN_BYTES: usize = 4_096;

/// Texts, quotes, entries and sessions that are kept of a refusal.
const REFUSED_MAX: usize = 8;

/// Collects what is masked.
#[derive(Default)]
struct Mask {
    notes: Vec<MaskedNote>,
}

impl Mask {
    fn text(&mut self, place: &str, text: &str) -> String {
        let (text, found) = mask(text);
        self.notes.extend(found.into_iter().map(|found| MaskedNote {
            place: place.to_owned(),
            kind: found.kind.to_owned(),
            bytes: found.bytes as u64,
        }));
        text
    }

    fn evidence(&mut self, evidence: Vec<Evidence>) -> Vec<Evidence> {
        let mut masked = |evidence: Evidence| Evidence {
            quote: self.text("quote", &evidence.quote),
            ..evidence
        };
        evidence.into_iter().map(&mut masked).collect()
    }

    fn statistics(&mut self, numbers: Statistics) -> Statistics {
        let mut masked = |text: &str| self.text("statistics", text);
        Statistics {
            statement: masked(&numbers.statement),
            field: masked(&numbers.field),
            comparison: masked(&numbers.comparison),
            value: masked(&numbers.value),
            ..numbers
        }
    }
}

/// An operation that waits.
pub(super) fn record(
    id: String,
    operation: &Operation,
    class: Class,
    index: &Index,
    bounds: &Bounds,
) -> DreamOperation {
    let mut mask = Mask::default();
    let Operation { mut change, reason, evidence } = operation.clone();
    let mut statistics = None;
    if let Change::Add { draft, statistics: numbers, .. } = &mut change {
        draft.text = mask.text("draft", &draft.text);
        statistics = numbers.take().map(|numbers| mask.statistics(numbers));
    }
    DreamOperation {
        id,
        op: change.name().to_owned(),
        class,
        state: OperationState::Proposed,
        memory_path: memory_path(&change, index),
        before: before(&change, index),
        after: after(&change, index, bounds),
        reason: mask.text("reason", &reason),
        rejection: None,
        evidence: mask.evidence(evidence),
        statistics,
        change,
        masked: mask.notes,
    }
}

/// An operation that was refused: as much of it as a person needs to see why.
pub(super) fn refused(
    id: String,
    operation: &Operation,
    rejection: &Rejection,
    index: &Index,
    bounds: &Bounds,
) -> DreamOperation {
    let cut = |text: &str, most: u64| match usize::try_from(most) {
        Ok(most) if text.len() > most => masked_start(text, most),
        _ => text.to_owned(),
    };
    let evidence = operation.evidence.iter().take(REFUSED_MAX).map(|evidence| Evidence {
        session_id: shown(&evidence.session_id),
        event_id: shown(&evidence.event_id),
        quote: cut(&evidence.quote, bounds.quote_bytes_max),
    });
    let mut operation = Operation {
        change: operation.change.clone(),
        reason: cut(&operation.reason, bounds.reason_bytes_max),
        evidence: evidence.collect(),
    };
    let first =
        |ids: &[String]| ids.iter().take(REFUSED_MAX).map(|id| shown(id)).collect::<Vec<_>>();
    match &mut operation.change {
        Change::Add { draft, statistics, .. } => {
            draft.path = shown(&draft.path);
            draft.text = cut(&draft.text, bounds.draft_bytes_max);
            // What is no number cannot be written as JSON.
            let is_number = |numbers: &Statistics| numbers.p.is_finite() && numbers.q.is_finite();
            *statistics = statistics.take().filter(is_number);
            if let Some(numbers) = statistics {
                for text in [
                    &mut numbers.statement,
                    &mut numbers.field,
                    &mut numbers.comparison,
                    &mut numbers.value,
                ] {
                    *text = cut(text, bounds.reason_bytes_max);
                }
                numbers.session_ids = first(&numbers.session_ids);
            }
        }
        Change::Merge { entry_ids, survivor_id } => {
            *entry_ids = first(entry_ids);
            *survivor_id = shown(survivor_id);
        }
        Change::FlagConflict { entry_ids } => *entry_ids = first(entry_ids),
        Change::Supersede { loser_id, winner_id, since } => {
            (*loser_id, *winner_id) = (shown(loser_id), shown(winner_id));
            *since = (*since).min(LATEST);
        }
        Change::Keep { entry_id } | Change::Drop { entry_id } => *entry_id = shown(entry_id),
    }
    let class = class::of(&operation.change, index);
    let mut record = record(id, &operation, class, index, bounds);
    record.state = OperationState::Rejected;
    record.rejection = Some(masked(rejection));
    record
}

/// A rejection repeats what the strategy said, secrets and all.
fn masked(rejection: &Rejection) -> Rejection {
    let masked = |text: &String| mask(text).0;
    match rejection {
        Rejection::UnknownEntry(text) => Rejection::UnknownEntry(masked(text)),
        Rejection::AlreadySettled(text) => Rejection::AlreadySettled(masked(text)),
        Rejection::QuoteNotFound(text) => Rejection::QuoteNotFound(masked(text)),
        Rejection::Unsupported(text) => Rejection::Unsupported(masked(text)),
        Rejection::LossCap(text) => Rejection::LossCap(masked(text)),
        Rejection::TooLarge(text) => Rejection::TooLarge(masked(text)),
        Rejection::Malformed(text) => Rejection::Malformed(masked(text)),
    }
}

/// The memory an operation is about: that of what stays, where something does.
fn memory_path(change: &Change, index: &Index) -> String {
    let entry_id = match change {
        Change::Add { draft, .. } => return draft.path.clone(),
        Change::Keep { entry_id } | Change::Drop { entry_id } => Some(entry_id),
        Change::Merge { survivor_id, .. } => Some(survivor_id),
        Change::Supersede { winner_id, .. } => Some(winner_id),
        Change::FlagConflict { entry_ids } => entry_ids.first(),
    };
    let entry = entry_id.and_then(|entry_id| index.get(entry_id));
    entry.map(|entry| entry.path.clone()).unwrap_or_default()
}

fn before(change: &Change, index: &Index) -> Vec<String> {
    let entry_ids: Vec<&str> = match change {
        Change::Add { .. } => Vec::new(),
        Change::Keep { entry_id } | Change::Drop { entry_id } => vec![entry_id.as_str()],
        Change::Merge { entry_ids, .. } | Change::FlagConflict { entry_ids } => {
            distinct(entry_ids).collect()
        }
        Change::Supersede { loser_id, .. } => vec![loser_id.as_str()],
    };
    entry_ids.into_iter().filter_map(|entry_id| text_of(entry_id, index)).collect()
}

fn after(change: &Change, index: &Index, bounds: &Bounds) -> Option<String> {
    match change {
        // Masked before, and no longer than its bound but for the masks.
        Change::Add { draft, .. } => {
            let most = usize::try_from(bounds.draft_bytes_max).unwrap_or(usize::MAX);
            Some(cut(&draft.text, most.max(SHOWN_BYTES) * 2))
        }
        Change::Keep { entry_id } => text_of(entry_id, index),
        Change::Merge { survivor_id, .. } => text_of(survivor_id, index),
        Change::Supersede { winner_id, .. } => text_of(winner_id, index),
        Change::Drop { .. } | Change::FlagConflict { .. } => None,
    }
}

/// The text of an entry for people.
fn text_of(entry_id: &str, index: &Index) -> Option<String> {
    index.get(entry_id).map(|entry| masked_start(&entry.text, SHOWN_BYTES))
}

/// The start of a text, masked before it is cut: half a secret is one still.
fn masked_start(text: &str, most: usize) -> String {
    let (masked, _) = mask(&text[..text.floor_char_boundary(most.saturating_mul(2))]);
    cut(&masked, most)
}

/// The start of a text.
fn cut(text: &str, most: usize) -> String {
    match text.floor_char_boundary(most) {
        end if end < text.len() => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}
