//! What a strategy keeps of sessions: found by all that it was shown of each, and written in
//! the background.

use lucid_core::{Result, sha256_hex};
use lucid_store::{ContentHash, Digest, Store};
use serde_json::json;

use super::inputs::DreamInput;
use super::origins;

/// Digests that wait to be written: as many, or as many bytes, as go into one write.
const WAITING_MAX: usize = 256;
const WAITING_BYTES_MAX: usize = 4 << 20;

/// A hash over all that a strategy is shown of a session: its summary, and its events with
/// where they come from, which follows from them. And the model that it may ask of them: what
/// one says is not what another does.
pub(super) fn key(input: &DreamInput, content: &ContentHash, model: Option<&str>) -> String {
    let session = &input.summary.session;
    let shown = json!([
        origins::RULES,
        model,
        session.id,
        session.title,
        session.agent,
        input.principal(),
        session.created_at.as_millis(),
        input.summary.updated_at.as_millis(),
        input.succeeded,
        input.labels,
        content.events,
        content.hash,
    ]);
    sha256_hex(shown.to_string().as_bytes())
}

/// Digests on their way to the store.
#[derive(Default)]
pub(super) struct Waiting {
    digests: Vec<Digest>,
    bytes: usize,
}

impl Waiting {
    /// Adds one; true when there are enough for a write.
    pub(super) fn add(&mut self, digest: Digest) -> bool {
        self.bytes += digest.body.len();
        self.digests.push(digest);
        self.digests.len() >= WAITING_MAX || self.bytes >= WAITING_BYTES_MAX
    }

    /// One that waits.
    pub(super) fn find(&self, key: &str) -> Option<Vec<u8>> {
        let found = self.digests.iter().rev().find(|digest| digest.key == key);
        found.map(|digest| digest.body.clone())
    }

    /// Writes them all.
    pub(super) async fn write(&mut self, store: &dyn Store, component: &str) -> Result<()> {
        let digests = std::mem::take(&mut self.digests);
        self.bytes = 0;
        if digests.is_empty() { Ok(()) } else { store.put_digests(component, digests).await }
    }
}
