//! How much and how large.

use lucid_core::{
    Change, Draft, DreamOperation, MEMORIES_MAX, MEMORY_BYTES_MAX, Operation, Rejection, Statistics,
};

use super::{Quotes, Verifier, form};

/// What an addition may add to its file beside its text: what sets it apart from the entry
/// before, and a final line break.
const SEAM_BYTES_MAX: u64 = 32;

impl<Q: Quotes> Verifier<Q> {
    /// Looks at one operation alone, before anything reads its texts.
    pub(super) fn check_own_size(&self, operation: &Operation) -> Result<(), Rejection> {
        let bounds = &self.bounds;
        if operation.reason.len() as u64 > bounds.reason_bytes_max {
            return too_large("bytes of a reason", bounds.reason_bytes_max);
        }
        if operation.evidence.len() > bounds.evidence_max {
            return too_large("quotes for an operation", bounds.evidence_max);
        }
        let mut quotes = operation.evidence.iter().map(|evidence| evidence.quote.len() as u64);
        if quotes.any(|bytes| bytes > bounds.quote_bytes_max) {
            return too_large("bytes of a quote", bounds.quote_bytes_max);
        }
        let Change::Add { draft, statistics, .. } = &operation.change else { return Ok(()) };
        if draft.text.len() as u64 > bounds.draft_bytes_max {
            return too_large("bytes of an addition", bounds.draft_bytes_max);
        }
        let long = |text: &String| text.len() as u64 > bounds.reason_bytes_max;
        if statistics.iter().flat_map(texts).any(long) {
            return too_large("bytes of a rule's statement", bounds.reason_bytes_max);
        }
        Ok(())
    }

    /// Looks at one operation together with all that were taken.
    pub(super) fn check_size(&self, record: &DreamOperation) -> Result<(), Rejection> {
        let bounds = &self.bounds;
        if self.taken >= bounds.operations_max {
            return too_large("operations", bounds.operations_max);
        }
        if self.evidence_bytes + evidence_bytes(record) > bounds.evidence_bytes_max {
            return too_large("bytes of all quotes", bounds.evidence_bytes_max);
        }
        match &record.change {
            Change::Add { draft, .. } => self.check_draft_size(draft),
            _ => Ok(()),
        }
    }

    fn check_draft_size(&self, draft: &Draft) -> Result<(), Rejection> {
        let bytes = draft.text.len() as u64;
        if self.new_bytes + bytes > self.bounds.new_bytes_max {
            return too_large("bytes of all additions", self.bounds.new_bytes_max);
        }
        if self.file_bytes_with(draft) > MEMORY_BYTES_MAX as u64 {
            return too_large("bytes of a memory", MEMORY_BYTES_MAX);
        }
        if self.file_bytes.contains_key(&draft.path) {
            return Ok(());
        }
        if self.file_bytes.len() >= MEMORIES_MAX {
            return too_large("memories of a store", MEMORIES_MAX);
        }
        form::check_beside(&draft.path, &self.file_bytes)
    }

    /// How large an addition's file can get: losses do not count, because a person may
    /// accept the addition and refuse them.
    pub(super) fn file_bytes_with(&self, draft: &Draft) -> u64 {
        let title_bytes = draft.path.len() as u64;
        let before = self.file_bytes.get(&draft.path).copied().unwrap_or(title_bytes);
        before + draft.text.len() as u64 + SEAM_BYTES_MAX
    }
}

fn texts(numbers: &Statistics) -> [&String; 4] {
    [&numbers.statement, &numbers.field, &numbers.comparison, &numbers.value]
}

/// Bytes of an operation's quotes and of the ids of the sessions it counts.
pub(super) fn evidence_bytes(record: &DreamOperation) -> u64 {
    let quotes = record.evidence.iter().map(|evidence| evidence.quote.len());
    let counted = record.statistics.iter().flat_map(|numbers| &numbers.session_ids);
    quotes.chain(counted.map(String::len)).map(|bytes| bytes as u64).sum()
}

/// Bytes of what a strategy can make long in an operation that is kept.
pub(super) fn bytes(record: &DreamOperation) -> u64 {
    let change = match &record.change {
        Change::Add { draft, .. } => draft.path.len() + draft.text.len(),
        Change::Merge { entry_ids, .. } | Change::FlagConflict { entry_ids } => {
            entry_ids.iter().map(String::len).sum()
        }
        Change::Keep { .. } | Change::Drop { .. } | Change::Supersede { .. } => 0,
    };
    let shown = record.before.iter().chain(&record.after).map(String::len).sum::<usize>();
    let numbers = record.statistics.iter().flat_map(texts).map(String::len).sum::<usize>();
    let own = record.reason.len() + record.memory_path.len() + change + shown + numbers;
    own as u64 + evidence_bytes(record)
}

fn too_large(what: &str, most: impl std::fmt::Display) -> Result<(), Rejection> {
    Err(Rejection::TooLarge(format!("{most} {what} are the most")))
}
