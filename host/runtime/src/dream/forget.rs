//! Forgetting: when a session is deleted or a version of a memory redacted, what dreams made
//! of it goes as well.
//!
//! First it is written down which dreams have to be freed of what; then it is taken away; then
//! each dream is freed. A process that dies between leaves what is written down, and whoever
//! looks at such a dream next goes on.

use std::collections::VecDeque;

use futures::future::BoxFuture;
use lucid_core::{
    Dream, DreamId, DreamStatus, Failure, MemoryStoreId, MemoryVersionId, OperationState, Result,
    SessionId,
};
use lucid_store::{DreamChange, DreamJob};
use serde::{Deserialize, Serialize};

use super::inputs::no_session;
use crate::state::Runtime;

/// What a dream's job has written in it while there is something to forget.
const MARKED: &str = "forget";

/// How often a change that others were in the way of is tried.
const TRIES: u32 = 5;

/// What became of dreams when something was taken away that they had read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forgotten {
    /// The dreams, in the order they were freed of it.
    pub dreams: Vec<ForgottenDream>,
}

/// What became of one dream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenDream {
    /// The dream.
    pub dream_id: DreamId,
    /// How it was freed.
    pub how: Forgetting,
    /// Operations that were accepted or waited.
    pub operations_before: u32,
    /// Operations that are accepted or wait.
    pub operations_after: u32,
    /// Its output store.
    pub memory_store: Option<MemoryStoreId>,
}

/// How a dream was freed of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgetting {
    /// It was dreamt again without it, from what its strategy keeps of the other sessions.
    Rescored,
    /// Its strategy cannot do that, or would ask a model: what rested on it was taken back.
    Retracted,
}

/// A dream that was freed, and versions that are redacted with it.
pub(super) struct Freed {
    pub(super) dream: ForgottenDream,
    pub(super) redacted: Vec<MemoryVersionId>,
}

impl Runtime {
    /// Removes a session with its log and its folders, and frees all dreams of it that read
    /// it: their output stores are then what dreams without it make.
    ///
    /// # Errors
    /// Invalid, when there is no such session; failed, when another process runs it, or the
    /// store or the disk fails.
    pub async fn forget_session(&self, id: &SessionId) -> Result<Forgotten> {
        if self.store.session(id).await?.is_none() {
            return Err(no_session(id));
        }
        self.mark(id.as_str()).await?;
        self.remove(id).await?;
        self.free_marked().await
    }

    /// Clears the text and the path of a version of a memory that is not what the memory is
    /// now, and frees all dreams of it that read it.
    ///
    /// # Errors
    /// Invalid, when there is no such version, or it is what its memory is now; failed, when
    /// the store fails.
    pub async fn redact_memory_version(&self, id: &MemoryVersionId) -> Result<Forgotten> {
        let Some(version) = self.store.memory_version(id).await? else {
            return Err(Failure::invalid(format!("there is no memory version {id}"))
                .hint("`lucid memory versions STORE` shows the versions there are"));
        };
        self.mark(id.as_str()).await?;
        // First: what is redacted says its text no more.
        self.forget_in_sessions(&version).await?;
        self.store.redact_version(id).await?;
        self.remove_mounted(&version.memory_store_id).await?;
        self.free_marked().await
    }

    /// Frees all dreams that are to forget something, also what a process left half done.
    async fn free_marked(&self) -> Result<Forgotten> {
        let marked = self.store.dreams_naming(MARKED).await?;
        self.free_all(marked.into()).await
    }

    /// Goes on with a dream that a process left before it was freed of what is gone.
    pub(super) async fn settle_forgetting(&self, id: &DreamId) -> Result<()> {
        let job = self.store.dream_job(id).await?;
        if job.is_some_and(|job| !job.forget.is_empty()) {
            self.free_all(VecDeque::from([id.clone()])).await?;
        }
        Ok(())
    }

    /// Writes down that something is about to go, with each dream that read it.
    pub(super) async fn mark(&self, gone: &str) -> Result<()> {
        for id in self.store.dreams_naming(gone).await? {
            for tries in 1.. {
                let dream = self.dream(&id).await?;
                let Some(mut job) = self.store.dream_job(&id).await? else { break };
                if !rests_on(&dream, &job, gone) {
                    break;
                }
                if !job.forget.iter().any(|before| before == gone) {
                    let job_before = Some(job.clone());
                    job.forget.push(gone.to_owned());
                    let job = Some(job);
                    let change = DreamChange { job, job_before, ..DreamChange::to(dream.clone()) };
                    match self.store.change_dream(&dream, change).await {
                        // Somebody decides about it this moment.
                        Err(_) if tries < TRIES => continue,
                        changed => changed?,
                    }
                }
                break;
            }
        }
        Ok(())
    }

    /// Frees dreams of what is gone, and those that read what is redacted with it.
    // On the heap: it may dream again, and few callers ever get there.
    fn free_all(&self, queue: VecDeque<DreamId>) -> BoxFuture<'_, Result<Forgotten>> {
        Box::pin(self.free_each(queue))
    }

    async fn free_each(&self, mut queue: VecDeque<DreamId>) -> Result<Forgotten> {
        let (mut forgotten, mut failed) = (Forgotten::default(), None);
        while let Some(id) = queue.pop_front() {
            let freed = match self.free(&id).await {
                Ok(freed) => freed,
                // The others are freed all the same; this one keeps its mark.
                Err(failure) => {
                    failed.get_or_insert(failure);
                    continue;
                }
            };
            let Some(Freed { dream, redacted }) = freed else { continue };
            if let Some(store) = &dream.memory_store {
                self.renew_history(store).await?;
            }
            forgotten.dreams.push(dream);
            for version in redacted {
                let named = self.store.dreams_naming(version.as_str()).await?;
                let others = named.into_iter().filter(|other| *other != id);
                for other in others {
                    if !queue.contains(&other) {
                        queue.push_back(other);
                    }
                }
            }
        }
        failed.map_or(Ok(forgotten), Err)
    }

    /// The stores that were dreamt from a store take its history over: where that changed,
    /// theirs does.
    async fn renew_history(&self, changed: &MemoryStoreId) -> Result<()> {
        let mut queue = VecDeque::from([changed.clone()]);
        while let Some(input) = queue.pop_front() {
            for id in self.store.dreams_naming(input.as_str()).await? {
                queue.extend(self.renew_history_of(&id, &input).await?);
            }
        }
        Ok(())
    }

    /// The same of one dream: the store that it made of this one, where that changed.
    async fn renew_history_of(
        &self,
        id: &DreamId,
        input: &MemoryStoreId,
    ) -> Result<Option<MemoryStoreId>> {
        for tries in 1.. {
            let dream = self.dream(id).await?;
            let Some(output) = dream.memory_store_out.clone() else { break };
            if dream.memory_store_in != *input || dream.status != DreamStatus::Completed {
                break;
            }
            let Some(job) = self.store.dream_job(id).await? else { break };
            let Some(snapshot) = self.snapshot(&job).await? else { break };
            let earlier = self.store.intervals(input).await?;
            let held = lucid_memory::intervals(&earlier, &snapshot, id, &dream.operations);
            if held == self.store.intervals(&output).await? {
                break;
            }
            let intervals = Some((output.clone(), held));
            let change = DreamChange { intervals, ..DreamChange::to(dream.clone()) };
            match self.store.change_dream(&dream, change).await {
                // Somebody decides about it this moment.
                Err(_) if tries < TRIES => {}
                changed => return changed.map(|()| Some(output)),
            }
        }
        Ok(None)
    }

    /// Frees one dream of what is gone; none where there is nothing to free it of, or it runs.
    async fn free(&self, id: &DreamId) -> Result<Option<Freed>> {
        for tries in 1.. {
            let dream = self.dream(id).await?;
            let Some(job) = self.store.dream_job(id).await? else { return Ok(None) };
            // One that runs looks itself when it has ended.
            if job.forget.is_empty() || !dream.status.is_terminal() {
                return Ok(None);
            }
            match self.freed(dream, job).await {
                // Somebody decided about it meanwhile.
                Err(_) if tries < TRIES => {}
                freed => return freed,
            }
        }
        Ok(None)
    }

    /// Whether something that a dream is to forget is not there any more.
    pub(super) async fn is_gone(&self, id: &str) -> Result<bool> {
        if let Some(session) = SessionId::parse(id) {
            return Ok(self.store.session(&session).await?.is_none());
        }
        let Some(version) = MemoryVersionId::parse(id) else { return Ok(false) };
        let version = self.store.memory_version(&version).await?;
        Ok(version.is_none_or(|version| version.content.is_none()))
    }
}

/// Whether a dream read a session or a version of a memory.
fn rests_on(dream: &Dream, job: &DreamJob, id: &str) -> bool {
    dream.input_session_ids.iter().any(|session| session.as_str() == id)
        || job.input_versions.iter().any(|version| version.as_str() == id)
        || dream.operations.iter().any(|operation| operation.rests_on(id))
}

/// Operations that count: those that are accepted or wait.
pub(super) fn counted(dream: &Dream) -> u32 {
    let states = [OperationState::Accepted, OperationState::Proposed];
    let count = dream.operations.iter().filter(|operation| states.contains(&operation.state));
    u32::try_from(count.count()).unwrap_or(u32::MAX)
}
