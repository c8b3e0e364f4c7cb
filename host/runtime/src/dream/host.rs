//! What a strategy's call sees of the host.

use async_trait::async_trait;
use lucid_core::{Event, Operation, Rejection, Result, SessionId};
use lucid_engine::{DreamEntry, DreamEvent, DreamHost, DreamSession};
use lucid_memory::Entry;
use lucid_store::Digest;

use super::desk::Desk;
use super::guest::{entry_for_guest, page, session_for_guest};
use super::origins::Origins;
use crate::observer::Note;

#[async_trait]
impl DreamHost for Desk {
    async fn sessions(&self, offset: u32, limit: u32) -> Result<Vec<DreamSession>> {
        Ok(page(&self.inputs, offset, limit).iter().map(session_for_guest).collect())
    }

    async fn has_session(&self, id: &str) -> bool {
        self.quotes.has_session(id)
    }

    async fn events(&self, session: &str, sequence: u32, limit: u32) -> Result<Vec<DreamEvent>> {
        let input = &self.inputs[self.number(session)?];
        // What was written since the dream began is for the next one.
        let limit = limit.min(input.summary.events.saturating_sub(sequence));
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.note_reading(input.id()).await?;
        let records = self.records(input.id(), sequence, limit).await?;
        if records.is_empty() {
            return Err(self.went(input.id()));
        }
        let mut known = self.origins.lock().await;
        let mut origins = match known.take().filter(|origins| origins.session() == input.id()) {
            Some(origins) => origins,
            None => Origins::of(input.id().clone()),
        };
        let mut events = Vec::with_capacity(records.len());
        for (sequence, record) in records {
            let origin = origins.origin(self.store.as_ref(), &record).await?;
            events.push(DreamEvent {
                id: record.id.to_string(),
                sequence,
                origin,
                kind: record.kind,
                thread_id: record.thread_id.map(|id| id.to_string()),
                at: record.created_at,
                body: record.body,
            });
        }
        *known = Some(origins);
        Ok(events)
    }

    async fn entries(&self, offset: u32, limit: u32) -> Vec<DreamEntry> {
        let entry = |entry: &Entry| {
            let updated_at = self.snapshot.updated_at(&entry.path).unwrap_or_default();
            entry_for_guest(entry, updated_at)
        };
        page(&self.entries, offset, limit).iter().map(entry).collect()
    }

    async fn propose(&self, operation: Operation) -> Result<Result<u32, Rejection>> {
        // Held from here on: what was fetched is of this operation.
        let mut writing = self.writing.lock().await;
        self.quotes.fetch(self.store.as_ref(), &operation).await?;
        let Some(verifier) = writing.verifier.as_mut() else {
            return Ok(Err(Rejection::Malformed("the dream has ended".to_owned())));
        };
        let answer = verifier.propose(operation);
        // Refusals too many to be kept are too many for the log as well.
        let Some(kept) = verifier.last().cloned() else { return Ok(answer) };
        let masked = kept.operation();
        let (number, rejection) = (answer.as_ref().ok().copied(), kept.rejection);
        self.observer
            .note(Note::DreamOperation { operation: &masked, rejection: rejection.clone() });
        let (operation_id, class) = (Some(kept.id), Some(kept.class));
        let event =
            Event::DreamOperation { operation_id, number, class, operation: masked, rejection };
        writing.log.write(None, &event)?;
        Ok(answer)
    }

    async fn digests(
        &self,
        offset: u32,
        limit: u32,
        bytes_max: usize,
    ) -> Result<Vec<Option<Vec<u8>>>> {
        let Some(keys) = self.keys.get() else { return Ok(Vec::new()) };
        let inputs = page(&self.inputs, offset, limit).iter();
        let wanted: Vec<(SessionId, String)> = inputs
            .zip(page(keys, offset, limit))
            .map(|(input, key)| (input.id().clone(), key.clone()))
            .collect();
        // Held while the store is read: what is on its way there is found here or there.
        let waiting = self.waiting.lock().await;
        let mut kept = self.store.digests(&self.component, &wanted, bytes_max).await?;
        for (digest, (_, key)) in kept.iter_mut().zip(&wanted) {
            if digest.is_none() {
                *digest = waiting.find(key);
            }
        }
        Ok(kept)
    }

    async fn keep_digest(&self, session: &str, digest: Vec<u8>) -> Result<()> {
        let number = self.number(session)?;
        let key = self.keys.get().and_then(|keys| keys.get(number));
        let Some(key) = key.filter(|key| !key.is_empty()) else { return Ok(()) };
        let session_id = self.inputs[number].id().clone();
        let mut waiting = self.waiting.lock().await;
        if waiting.add(Digest { session_id, key: key.clone(), body: digest }) {
            waiting.write(self.store.as_ref(), &self.component).await?;
        }
        Ok(())
    }

    async fn progress(
        &self,
        phase: String,
        done: u32,
        total: u32,
        session: Option<String>,
    ) -> Result<()> {
        let session = session.as_deref().and_then(SessionId::parse);
        let mut writing = self.writing.lock().await;
        self.note(&mut writing, phase, done, total, session)
    }
}
