//! Hashes of sessions' logs, chained: a log that grew is hashed from where it was.

use lucid_core::{EventRecord, ThreadId, sha256_hex};

use crate::dream_store::ContentHash;

/// The hash of a log without events.
pub(crate) fn of_nothing() -> ContentHash {
    ContentHash { events: 0, hash: String::new() }
}

/// The hash of a log with one event more.
pub(crate) fn with(before: ContentHash, event: &EventRecord) -> ContentHash {
    let thread = event.thread_id.as_ref().map_or("", ThreadId::as_str);
    let (id, kind) = (event.id.as_str(), event.kind.as_str());
    // Ids and the type hold no line break, so what stands where is never in doubt.
    let text = format!(
        "{}\n{id}\n{kind}\n{thread}\n{}\n{}",
        before.hash,
        event.created_at.as_millis(),
        event.body
    );
    ContentHash { events: before.events.saturating_add(1), hash: sha256_hex(text.as_bytes()) }
}
