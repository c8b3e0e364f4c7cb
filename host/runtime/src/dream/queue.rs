//! The dreams that wait: for a process, or for a person.

use lucid_core::{
    Change, Dream, DreamId, DreamStatus, MemoryStoreId, OperationState, Result, SessionStatus,
};
use lucid_store::SessionFilter;
use serde::{Deserialize, Serialize};

use super::ended;
use super::inputs::{PAGE, can_be_chosen};
use crate::state::Runtime;

/// A dream that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The dream.
    pub dream: Dream,
    /// For what.
    pub why: WaitsFor,
}

/// What a dream waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WaitsFor {
    /// It was asked for and nobody has begun it.
    ToRun,
    /// Its process died while it ran.
    ToRunAgain,
    /// A person, or a proof, has to decide.
    Review {
        /// Operations that wait.
        proposed: u32,
    },
}

impl Runtime {
    /// The dreams that wait, oldest first.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn dream_queue(&self) -> Result<Vec<Waiting>> {
        let mut waiting = Vec::new();
        for dream in self.store.dreams().await?.into_iter().rev() {
            let why = match dream.status {
                DreamStatus::Pending => WaitsFor::ToRun,
                DreamStatus::Running if !self.is_dreaming(&dream.id).await? => WaitsFor::ToRunAgain,
                DreamStatus::Completed => match proposed(&dream) {
                    0 => continue,
                    proposed => WaitsFor::Review { proposed },
                },
                _ => continue,
            };
            waiting.push(Waiting { dream, why });
        }
        Ok(waiting)
    }

    /// The dreams that a process left while they ran, and nobody runs now. Sessions of dreams
    /// that ended just before their process did are ended as well.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn interrupted_dreams(&self) -> Result<Vec<DreamId>> {
        let mut left = Vec::new();
        for dream in self.store.dreams_in_short().await? {
            if dream.status == DreamStatus::Running && !self.is_dreaming(&dream.id).await? {
                left.push(dream.id);
            } else if let (true, Some(session)) = (dream.status.is_terminal(), &dream.session_id) {
                let summary = self.store.session_summary(session).await?;
                if summary.is_some_and(|summary| summary.status == SessionStatus::Running) {
                    ended::end_session(&self.store, &self.owner, session, None).await?;
                }
            }
        }
        Ok(left)
    }

    /// How many sessions that a dream may choose were written to since the newest dream over a
    /// store with a strategy and the same instructions was asked for, of those that completed;
    /// all, where there is none. Several themes over one store do not take each other's turn.
    ///
    /// # Errors
    /// Failed, when the store fails.
    pub async fn new_sessions(
        &self,
        memory_store: &MemoryStoreId,
        strategy: &str,
        instructions: &str,
    ) -> Result<u32> {
        let dreams = self.store.dreams_in_short().await?;
        let newest = dreams.iter().find(|dream| {
            dream.status == DreamStatus::Completed
                && dream.memory_store_in == *memory_store
                && dream.strategy == strategy
                && dream.instructions == instructions
        });
        let since = newest.map(|dream| dream.created_at);
        let (mut count, mut after) = (0_u32, None);
        loop {
            let limit = Some(PAGE);
            let filter = SessionFilter { limit, after: after.take(), ..SessionFilter::default() };
            let page = self.store.sessions(&filter).await?;
            let Some(last) = page.last() else { return Ok(count) };
            after = Some(last.session.id.clone());
            let is_new = page.iter().filter(|summary| {
                can_be_chosen(summary) && since.is_none_or(|since| summary.updated_at > since)
            });
            count = count.saturating_add(u32::try_from(is_new.count()).unwrap_or(u32::MAX));
        }
    }
}

/// Operations that wait for somebody; keeping an entry changes nothing.
fn proposed(dream: &Dream) -> u32 {
    let waits = dream.in_state(OperationState::Proposed);
    let waits = waits.filter(|operation| !matches!(operation.change, Change::Keep { .. }));
    u32::try_from(waits.count()).unwrap_or(u32::MAX)
}
