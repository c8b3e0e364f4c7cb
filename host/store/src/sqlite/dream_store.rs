//! The part of the store that dreams need.

use async_trait::async_trait;
use lucid_core::{
    Dream, DreamId, EntryInterval, MemoryStoreId, MemoryVersion, MemoryVersionId, Result, Schedule,
    ScheduleId, SessionId, SessionSummary, Timestamp,
};

use super::starts::Table;
use super::{SqliteStore, digests, dreams, memories, schedules};
use crate::dream_store::{ContentHash, Digest, DreamChange, DreamJob, DreamStore};

/// Sessions whose logs are hashed in one look: readers are few, and each is given back soon.
const HASHED_AT_ONCE: usize = 32;

#[async_trait]
impl DreamStore for SqliteStore {
    async fn create_dream(&self, dream: &Dream, job: &DreamJob) -> Result<()> {
        let (dream, job) = (dream.clone(), job.clone());
        self.writer.write(move |connection| dreams::create(connection, &dream, &job)).await
    }

    async fn put_dream(&self, dream: &Dream) -> Result<()> {
        let dream = dream.clone();
        self.writer.write(move |connection| dreams::put(connection, &dream)).await
    }

    async fn change_dream(&self, before: &Dream, change: DreamChange) -> Result<()> {
        let before = before.clone();
        self.writer.write(move |connection| dreams::change(connection, &before, &change)).await
    }

    async fn dream(&self, id: &DreamId) -> Result<Option<Dream>> {
        let id = id.clone();
        self.readers.read(move |connection| dreams::read(connection, &id)).await
    }

    async fn dreams(&self) -> Result<Vec<Dream>> {
        self.readers.read(dreams::list).await
    }

    async fn dreams_in_short(&self) -> Result<Vec<Dream>> {
        self.readers.read(dreams::list_in_short).await
    }

    async fn dreams_named(&self, start: &str, limit: u32) -> Result<Vec<DreamId>> {
        let start = start.to_owned();
        self.readers
            .read(move |connection| {
                Table::Dreams.starting(connection, DreamId::parse, &start, limit)
            })
            .await
    }

    async fn newest_dream(&self) -> Result<Option<DreamId>> {
        self.readers.read(dreams::newest).await
    }

    async fn dreams_naming(&self, id: &str) -> Result<Vec<DreamId>> {
        let id = id.to_owned();
        self.readers.read(move |connection| dreams::naming(connection, &id)).await
    }

    async fn dream_job(&self, id: &DreamId) -> Result<Option<DreamJob>> {
        let id = id.clone();
        self.readers.read(move |connection| dreams::job(connection, &id)).await
    }

    async fn request_cancel(&self, id: &DreamId, at: Timestamp) -> Result<()> {
        let id = id.clone();
        self.writer.write(move |connection| dreams::request_cancel(connection, &id, at)).await
    }

    async fn cancel_requested(&self, id: &DreamId) -> Result<bool> {
        let id = id.clone();
        self.readers.read(move |connection| dreams::cancel_requested(connection, &id)).await
    }

    async fn intervals(&self, store_id: &MemoryStoreId) -> Result<Vec<EntryInterval>> {
        let id = store_id.clone();
        self.readers.read(move |connection| dreams::intervals(connection, &id)).await
    }

    async fn session_summaries(&self, ids: &[SessionId]) -> Result<Vec<Option<SessionSummary>>> {
        let ids = ids.to_vec();
        self.readers.read(move |connection| digests::summaries(connection, &ids)).await
    }

    async fn content_hashes(&self, ids: &[SessionId]) -> Result<Vec<Option<ContentHash>>> {
        let mut hashes = Vec::with_capacity(ids.len());
        for ids in ids.chunks(HASHED_AT_ONCE) {
            let ids = ids.to_vec();
            let hashed =
                self.readers.read(move |connection| digests::hashes(connection, &ids)).await?;
            hashes.extend(hashed.hashes);
            let fresh = hashed.fresh;
            if !fresh.is_empty() {
                self.writer
                    .write(move |connection| digests::put_hashes(connection, &fresh))
                    .await?;
            }
        }
        Ok(hashes)
    }

    async fn digests(
        &self,
        component: &str,
        wanted: &[(SessionId, String)],
        bytes_max: usize,
    ) -> Result<Vec<Option<Vec<u8>>>> {
        let (component, wanted) = (component.to_owned(), wanted.to_vec());
        self.readers
            .read(move |connection| digests::read(connection, &component, &wanted, bytes_max))
            .await
    }

    async fn put_digests(&self, component: &str, digests: Vec<Digest>) -> Result<()> {
        let component = component.to_owned();
        self.writer.write(move |connection| digests::put(connection, &component, &digests)).await
    }

    async fn memory_version(&self, id: &MemoryVersionId) -> Result<Option<MemoryVersion>> {
        let id = id.clone();
        self.readers.read(move |connection| memories::version(connection, &id)).await
    }

    async fn redact_version(&self, id: &MemoryVersionId) -> Result<bool> {
        let id = id.clone();
        self.writer.write(move |connection| memories::redact(connection, &id)).await
    }

    async fn put_schedule(&self, schedule: &Schedule) -> Result<()> {
        let schedule = schedule.clone();
        self.writer.write(move |connection| schedules::put(connection, &schedule)).await
    }

    async fn change_schedule(&self, before: &Schedule, after: &Schedule) -> Result<bool> {
        let (before, after) = (before.clone(), after.clone());
        self.writer.write(move |connection| schedules::change(connection, &before, &after)).await
    }

    async fn schedule(&self, id: &ScheduleId) -> Result<Option<Schedule>> {
        let id = id.clone();
        self.readers.read(move |connection| schedules::read(connection, &id)).await
    }

    async fn schedules(&self) -> Result<Vec<Schedule>> {
        self.readers.read(schedules::list).await
    }

    async fn delete_schedule(&self, id: &ScheduleId) -> Result<bool> {
        let id = id.clone();
        self.writer.write(move |connection| schedules::delete(connection, &id)).await
    }

    async fn claim_schedule(
        &self,
        id: &ScheduleId,
        last_run_at: Option<Timestamp>,
        at: Timestamp,
        next: Option<Timestamp>,
    ) -> Result<bool> {
        let id = id.clone();
        self.writer
            .write(move |connection| schedules::claim(connection, &id, last_run_at, at, next))
            .await
    }
}
