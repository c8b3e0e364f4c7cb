//! How much and how large.

use lucid_core::{Change, Draft, MEMORIES_MAX, MEMORY_BYTES_MAX, Operation, Rejection};

use super::{Quotes, SEAM_BYTES_MAX, Verifier, form};

impl<Q: Quotes> Verifier<Q> {
    pub(super) fn check_size(&self, operation: &Operation) -> Result<(), Rejection> {
        let bounds = &self.bounds;
        if self.operations.len() >= bounds.operations_max as usize {
            return too_large("operations", bounds.operations_max);
        }
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
        match &operation.change {
            Change::Add { draft, .. } => self.check_draft_size(draft),
            _ => Ok(()),
        }
    }

    fn check_draft_size(&self, draft: &Draft) -> Result<(), Rejection> {
        let bytes = draft.text.len() as u64;
        if bytes > self.bounds.draft_bytes_max {
            return too_large("bytes of an addition", self.bounds.draft_bytes_max);
        }
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

fn too_large(what: &str, most: impl std::fmt::Display) -> Result<(), Rejection> {
    Err(Rejection::TooLarge(format!("{most} {what} are the most")))
}
