//! Dreams of studies: over what a study ran, with a seed of its own, and with all of it
//! accepted, because the study proves it afterwards, unless the mission says who decides.

use std::path::PathBuf;

use lucid_core::{Dream, DreamId, DreamStatus, MemoryStoreId, Result, ReviewPolicy, SessionId};
use lucid_store::{DreamJob, InputLabels, Store, StrategySource};

use super::inputs::DreamInput;
use super::running::Dreaming;

/// What a study's dream is.
pub(crate) struct DreamStudied {
    /// What people want of it.
    pub(crate) instructions: String,
    /// The store it reads.
    pub(crate) memory_store: MemoryStoreId,
    /// The sessions it reads, in any order.
    pub(crate) inputs: Vec<DreamInput>,
    /// Fixes the strategy's random choices.
    pub(crate) seed: u64,
    /// Who decides, where the mission says so.
    pub(crate) policy: Option<ReviewPolicy>,
    /// The mission's folder.
    pub(crate) mission: PathBuf,
    /// What runs it.
    pub(crate) dreaming: Dreaming,
}

/// What a study's dream came to.
#[derive(Debug, Clone)]
pub(crate) struct DreamEnd {
    /// The dream.
    pub(crate) dream: Dream,
    /// Events in its own log.
    pub(crate) events: u32,
}

impl DreamStudied {
    /// Runs it to its end.
    ///
    /// # Errors
    /// Failed, when the store or the log fails; what the strategy does wrong ends in a dream
    /// that failed.
    pub(crate) async fn run(self) -> Result<DreamEnd> {
        let (dream, job) = self.planned().await?;
        let dream = self.dreaming.run(dream, job).await?;
        end_of(self.dreaming.store.as_ref(), dream).await
    }

    /// The dream that was planned, where it was dreamt to its end before.
    pub(crate) async fn completed(&self) -> Result<Option<DreamEnd>> {
        let store = self.dreaming.store.as_ref();
        let wanted = self.sessions();
        for dream in store.dreams_in_short().await? {
            let same = dream.status == DreamStatus::Completed
                && dream.memory_store_in == self.memory_store
                && dream.strategy == self.dreaming.strategy.name
                && dream.instructions == self.instructions
                && dream.input_session_ids == wanted;
            if same && let Some(dream) = store.dream(&dream.id).await? {
                return end_of(store, dream).await.map(Some);
            }
        }
        Ok(None)
    }

    fn sessions(&self) -> Vec<SessionId> {
        let mut sessions: Vec<_> = self.inputs.iter().map(|input| input.id().clone()).collect();
        sessions.sort();
        sessions
    }

    /// Writes it down; one of the same id is of a deterministic run that was interrupted, and
    /// is dreamt again from its beginning.
    async fn planned(&self) -> Result<(Dream, DreamJob)> {
        let Dreaming { store, clock, entropy, strategy, .. } = &self.dreaming;
        let created_at = clock.now();
        let id = DreamId::new(clock.as_ref(), entropy.as_ref());
        let read = self.memory_store.clone();
        let dream = Dream {
            instructions: self.instructions.clone(),
            policy: self.policy.unwrap_or_default(),
            ..Dream::pending(id, strategy.name.clone(), read, self.sessions(), created_at)
        };
        let labels = |input: &DreamInput| InputLabels {
            session_id: input.id().clone(),
            succeeded: input.succeeded,
            labels: input.labels.clone(),
        };
        let mission = std::path::absolute(&self.mission).unwrap_or_else(|_| self.mission.clone());
        let source = StrategySource::Mission { folder: mission };
        let job = DreamJob {
            accept_all: self.policy.is_none(),
            labels: self.inputs.iter().map(labels).collect(),
            ..DreamJob::new(source, strategy.plugin.digest(), self.seed)
        };
        match store.dream(&dream.id).await? {
            Some(left) => Ok((left, job)),
            None => {
                store.create_dream(&dream, &job).await?;
                Ok((dream, job))
            }
        }
    }
}

async fn end_of(store: &dyn Store, dream: Dream) -> Result<DreamEnd> {
    let events = match &dream.session_id {
        Some(id) => store.session_summary(id).await?.map_or(0, |summary| summary.events),
        None => 0,
    };
    Ok(DreamEnd { dream, events })
}
