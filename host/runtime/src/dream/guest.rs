//! Inputs of a dream as a strategy sees them.

use lucid_core::Timestamp;
use lucid_engine::{DreamEntry, DreamSession, EntryShape};
use lucid_memory::{Entry, EntryKind};

use super::inputs::DreamInput;

/// Some of a list; what is not there is left out.
pub(super) fn page<T>(all: &[T], offset: u32, limit: u32) -> &[T] {
    let start = (offset as usize).min(all.len());
    let end = start.saturating_add(limit as usize).min(all.len());
    &all[start..end]
}

/// An entry of a memory as a strategy reads it.
pub(crate) fn entry_for_guest(entry: &Entry, updated_at: Timestamp) -> DreamEntry {
    DreamEntry {
        id: entry.id.clone(),
        path: entry.path.clone(),
        index: entry.index,
        headings: entry.headings.clone(),
        shape: match entry.kind {
            EntryKind::Heading => EntryShape::Heading,
            EntryKind::Item => EntryShape::Item,
            EntryKind::Paragraph => EntryShape::Paragraph,
            EntryKind::Block => EntryShape::Block,
        },
        text: entry.text.clone(),
        updated_at,
    }
}

/// A session at a glance.
pub(super) fn session_for_guest(input: &DreamInput) -> DreamSession {
    DreamSession {
        id: input.id().to_string(),
        title: input.summary.session.title.clone(),
        agent: input.summary.session.agent.clone(),
        principal: input.principal().to_owned(),
        started_at: input.summary.session.created_at,
        ended_at: input.summary.updated_at,
        succeeded: input.succeeded,
        labels: input.labels.clone(),
        events: input.summary.events,
    }
}
