//! Dreams, what it takes to run them, digests and schedules.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lucid_core::{
    Dream, DreamId, EntryInterval, MemoryStoreId, MemoryVersion, MemoryVersionId, Result, Schedule,
    ScheduleId, SessionId, SessionSummary, Timestamp,
};

use super::sessions::Log;
use super::{InMemoryStore, starting};
use crate::dream_store::{ContentHash, Digest, DreamChange, DreamJob, DreamStore};
use crate::{hash, rules};

#[derive(Debug, Default)]
pub(super) struct Dreams {
    dreams: BTreeMap<DreamId, Dream>,
    jobs: BTreeMap<DreamId, (DreamJob, Option<Timestamp>)>,
    intervals: BTreeMap<(MemoryStoreId, DreamId), Vec<EntryInterval>>,
    digests: BTreeMap<(String, SessionId), (String, Vec<u8>)>,
    schedules: BTreeMap<ScheduleId, Schedule>,
}

impl Dreams {
    /// Removes what was kept of a session.
    pub(super) fn forget(&mut self, session: &SessionId) {
        self.digests.retain(|(_, of), _| of != session);
    }

    /// Removes what was kept of a memory store.
    pub(super) fn forget_store(&mut self, store: &MemoryStoreId) {
        self.intervals.retain(|(of, _), _| of != store);
    }

    fn sorted(&self) -> Vec<&Dream> {
        let mut dreams: Vec<_> = self.dreams.values().collect();
        dreams.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        dreams
    }

    fn set_job(&mut self, id: &DreamId, job: DreamJob) {
        let cancel = self.jobs.get(id).and_then(|(_, cancel)| *cancel);
        self.jobs.insert(id.clone(), (job, cancel));
    }
}

#[async_trait]
impl DreamStore for InMemoryStore {
    async fn create_dream(&self, dream: &Dream, job: &DreamJob) -> Result<()> {
        let mut state = self.state();
        let dreams = &mut state.dreams;
        if dreams.dreams.contains_key(&dream.id) {
            return Err(rules::dream_exists(&dream.id));
        }
        dreams.dreams.insert(dream.id.clone(), dream.clone());
        dreams.set_job(&dream.id, job.clone());
        Ok(())
    }

    async fn put_dream(&self, dream: &Dream) -> Result<()> {
        self.state().dreams.dreams.insert(dream.id.clone(), dream.clone());
        Ok(())
    }

    async fn change_dream(&self, before: &Dream, change: DreamChange) -> Result<()> {
        let DreamChange { after, job, job_before, new_store, versions, intervals, redact } = change;
        let mut state = self.state();
        let id = before.id.clone();
        let now = state.dreams.dreams.get(&id).ok_or_else(|| rules::no_dream(&id))?;
        rules::check_dream(before, now, &after)?;
        let job_now = state.dreams.jobs.get(&id).map(|(job, _)| job);
        if job_before.as_ref().is_some_and(|was| job_now != Some(was)) {
            return Err(rules::dream_changed(&id));
        }
        // Beside what is there, so that a part that does not fit leaves nothing behind.
        let mut memories = state.memories.clone();
        if let Some(store) = &new_store {
            memories.create(store)?;
        }
        if let Some((store_id, versions)) = versions {
            memories.write(&store_id, versions)?;
        }
        for version in &redact {
            memories.redact(version)?;
        }
        if let Some((store_id, intervals)) = intervals {
            if memories.store(&store_id).is_none() {
                return Err(rules::no_memory_store(&store_id));
            }
            state.dreams.intervals.insert((store_id, id.clone()), intervals);
        }
        if let Some(job) = job {
            state.dreams.set_job(&id, job);
        }
        state.memories = memories;
        state.dreams.dreams.insert(id, after);
        Ok(())
    }

    async fn dream(&self, id: &DreamId) -> Result<Option<Dream>> {
        Ok(self.state().dreams.dreams.get(id).cloned())
    }

    async fn dreams(&self) -> Result<Vec<Dream>> {
        Ok(self.state().dreams.sorted().into_iter().rev().cloned().collect())
    }

    async fn dreams_in_short(&self) -> Result<Vec<Dream>> {
        let state = self.state();
        let in_short =
            |dream: &Dream| Dream { operations: Vec::new(), ledger: Vec::new(), ..dream.clone() };
        Ok(state.dreams.sorted().into_iter().rev().map(in_short).collect())
    }

    async fn dreams_named(&self, start: &str, limit: u32) -> Result<Vec<DreamId>> {
        let state = self.state();
        Ok(starting(state.dreams.dreams.keys(), DreamId::as_str, start, limit))
    }

    async fn newest_dream(&self) -> Result<Option<DreamId>> {
        Ok(self.state().dreams.sorted().last().map(|dream| dream.id.clone()))
    }

    async fn dreams_naming(&self, id: &str) -> Result<Vec<DreamId>> {
        let state = self.state();
        let quoted = format!("\"{id}\"");
        let names = |dream: &&Dream| {
            let job = state.dreams.jobs.get(&dream.id).map(|(job, _)| serde_json::to_string(job));
            let texts = [Some(serde_json::to_string(dream)), job];
            texts.into_iter().flatten().flatten().any(|text| text.contains(&quoted))
        };
        Ok(state.dreams.sorted().into_iter().filter(names).map(|dream| dream.id.clone()).collect())
    }

    async fn dream_job(&self, id: &DreamId) -> Result<Option<DreamJob>> {
        Ok(self.state().dreams.jobs.get(id).map(|(job, _)| job.clone()))
    }

    async fn request_cancel(&self, id: &DreamId, at: Timestamp) -> Result<()> {
        let mut state = self.state();
        let job = state.dreams.jobs.get_mut(id).ok_or_else(|| rules::no_dream(id))?;
        job.1.get_or_insert(at);
        Ok(())
    }

    async fn cancel_requested(&self, id: &DreamId) -> Result<bool> {
        Ok(self.state().dreams.jobs.get(id).is_some_and(|(_, cancel)| cancel.is_some()))
    }

    async fn intervals(&self, store_id: &MemoryStoreId) -> Result<Vec<EntryInterval>> {
        let state = self.state();
        let of_store = state.dreams.intervals.iter().filter(|((store, _), _)| store == store_id);
        Ok(of_store.flat_map(|(_, intervals)| intervals.clone()).collect())
    }

    async fn session_summaries(&self, ids: &[SessionId]) -> Result<Vec<Option<SessionSummary>>> {
        let state = self.state();
        Ok(ids.iter().map(|id| state.logs.get(id).map(Log::summary)).collect())
    }

    async fn content_hashes(&self, ids: &[SessionId]) -> Result<Vec<Option<ContentHash>>> {
        let state = self.state();
        let hash = |log: &Log| log.events.iter().fold(hash::of_nothing(), hash::with);
        Ok(ids.iter().map(|id| state.logs.get(id).map(hash)).collect())
    }

    async fn digests(
        &self,
        component: &str,
        wanted: &[(SessionId, String)],
        bytes_max: usize,
    ) -> Result<Vec<Option<Vec<u8>>>> {
        let state = self.state();
        let (mut digests, mut bytes) = (Vec::new(), 0_usize);
        for (session, key) in wanted {
            let kept = state.dreams.digests.get(&(component.to_owned(), session.clone()));
            let body = kept.filter(|(of, _)| of == key).map(|(_, body)| body.clone());
            bytes = bytes.saturating_add(body.as_ref().map_or(0, Vec::len));
            if bytes > bytes_max && !digests.is_empty() {
                break;
            }
            digests.push(body);
        }
        Ok(digests)
    }

    async fn put_digests(&self, component: &str, digests: Vec<Digest>) -> Result<()> {
        let mut state = self.state();
        for Digest { session_id, key, body } in digests {
            if state.logs.contains_key(&session_id) {
                let place = (component.to_owned(), session_id);
                state.dreams.digests.insert(place, (key, body));
            }
        }
        Ok(())
    }

    async fn memory_version(&self, id: &MemoryVersionId) -> Result<Option<MemoryVersion>> {
        Ok(self.state().memories.version(id))
    }

    async fn redact_version(&self, id: &MemoryVersionId) -> Result<bool> {
        self.state().memories.redact(id)
    }

    async fn put_schedule(&self, schedule: &Schedule) -> Result<()> {
        let mut state = self.state();
        state.dreams.schedules.insert(schedule.id.clone(), schedule.clone());
        Ok(())
    }

    async fn change_schedule(&self, before: &Schedule, after: &Schedule) -> Result<bool> {
        rules::check_schedule(before, after)?;
        let mut state = self.state();
        match state.dreams.schedules.get_mut(&before.id) {
            Some(schedule) if schedule == before => {
                *schedule = after.clone();
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn schedule(&self, id: &ScheduleId) -> Result<Option<Schedule>> {
        Ok(self.state().dreams.schedules.get(id).cloned())
    }

    async fn schedules(&self) -> Result<Vec<Schedule>> {
        Ok(self.state().dreams.schedules.values().cloned().collect())
    }

    async fn delete_schedule(&self, id: &ScheduleId) -> Result<bool> {
        Ok(self.state().dreams.schedules.remove(id).is_some())
    }

    async fn claim_schedule(
        &self,
        id: &ScheduleId,
        last_run_at: Option<Timestamp>,
        at: Timestamp,
        next: Option<Timestamp>,
    ) -> Result<bool> {
        let mut state = self.state();
        let Some(schedule) = state.dreams.schedules.get_mut(id) else { return Ok(false) };
        if schedule.paused || schedule.last_run_at != last_run_at {
            return Ok(false);
        }
        schedule.last_run_at = Some(at);
        schedule.next_run_at = next;
        Ok(true)
    }
}
