//! Deleting a memory store: dreams that read it or made it go on without it.

use std::collections::HashMap;

use lucid_core::{
    Author, Dream, DreamId, Failure, MemoryOperation, MemoryStoreId, MemoryVersionId, Result,
};
use lucid_store::{DreamChange, DreamJob};

use super::asked::no_memory_store;
use crate::state::Runtime;

/// How often a change that others were in the way of is tried.
const TRIES: u32 = 5;

impl Runtime {
    /// Removes a memory store with its memories, their versions, and the files that sessions
    /// were shown. What dreams made of it stays, and can be decided about as before: their own
    /// stores began as a copy of it.
    ///
    /// # Errors
    /// Invalid, when there is no such memory store, or a dream writes into it; failed, when the
    /// store or the disk fails.
    pub async fn delete_memory_store(&self, id: &MemoryStoreId) -> Result<()> {
        if self.store.memory_store(id).await?.is_none() {
            return Err(no_memory_store(id));
        }
        let dreams = self.store.dreams_naming(id.as_str()).await?;
        // Nothing is changed where one of them is in the way.
        for dream in &dreams {
            let dream = self.dream(dream).await?;
            if dream.memory_store_out.as_ref() == Some(id) && !dream.status.is_terminal() {
                return Err(Failure::invalid(format!("dream {} writes into {id}", dream.id))
                    .hint("wait until it has ended, or cancel it first"));
            }
        }
        for dream in &dreams {
            self.part_with(dream, id).await?;
        }
        self.store.delete_memory_store(id).await?;
        self.clear_memory_store(id).await
    }

    /// Removes what a process or a disk left of a memory store that is no more: the files that
    /// sessions were shown.
    ///
    /// # Errors
    /// Failed, when the disk fails.
    pub async fn clear_memory_store(&self, id: &MemoryStoreId) -> Result<()> {
        let removed = self.remove_mounted(id).await;
        // Whatever is in the way there: as much goes as can.
        self.empty_in_sessions(id).await.and(removed)
    }

    /// Frees a dream of needing a memory store.
    async fn part_with(&self, id: &DreamId, store: &MemoryStoreId) -> Result<()> {
        for tries in 1.. {
            let dream = self.dream(id).await?;
            let job_before = self.store.dream_job(id).await?;
            let mut after = dream.clone();
            after.memory_store_out.take_if(|output| output == store);
            let job = match &job_before {
                Some(job) if dream.memory_store_in == *store => {
                    Some(self.pinned_to_output(&dream, job.clone()).await?)
                }
                _ => None,
            };
            let job = job.filter(|job| Some(job) != job_before.as_ref());
            if after == dream && job.is_none() {
                return Ok(());
            }
            let change = DreamChange { job, job_before, ..DreamChange::to(after) };
            match self.store.change_dream(&dream, change).await {
                // Somebody decides about it this moment.
                Err(_) if tries < TRIES => {}
                changed => return changed,
            }
        }
        Ok(())
    }

    /// A job that reads from the dream's own store what it had copied there from the one that
    /// goes. What was redacted in it stays what it was.
    async fn pinned_to_output(&self, dream: &Dream, mut job: DreamJob) -> Result<DreamJob> {
        let Some(output) = &dream.memory_store_out else { return Ok(job) };
        let author = Author::Dream { dream_id: dream.id.clone() };
        let mut copies: HashMap<(String, String), MemoryVersionId> = HashMap::new();
        // Newest first, so that the first copy of a text is the one that stays.
        for version in self.store.memory_versions(output, None).await? {
            if version.created_by == author && version.operation == MemoryOperation::Created {
                let Some(content) = version.content else { continue };
                copies.insert((version.path, content), version.id);
            }
        }
        for pinned in &mut job.input_versions {
            let Some(version) = self.store.memory_version(pinned).await? else { continue };
            let Some(content) = version.content else { continue };
            if let Some(copy) = copies.get(&(version.path, content)) {
                pinned.clone_from(copy);
            }
        }
        Ok(job)
    }
}
