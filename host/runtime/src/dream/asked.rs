//! Asking for a dream: everything is checked before anything is written.

use std::path::PathBuf;
use std::sync::Arc;

use lucid_core::{Clock as _, Dream, DreamId, Failure, MemoryStoreId, Result, ReviewPolicy};
use lucid_store::{DreamJob, ProofNeeded, StrategySource};

use super::inputs::{self, SessionChoice};
use super::running::too_large;
use super::strategy::named;
use crate::ambient::{SystemClock, SystemEntropy};
use crate::mission::{BoundPlugin, check_instructions};
use crate::state::Runtime;

/// What a dream is asked for.
#[derive(Debug, Clone)]
pub struct DreamAsked {
    /// A bundled strategy, or the file of one.
    pub strategy: String,
    /// What people want of it, 1 to 4,096 characters; none for the strategy's own way.
    pub instructions: Option<String>,
    /// The store it reads.
    pub memory_store: MemoryStoreId,
    /// The sessions it reads.
    pub sessions: SessionChoice,
    /// Who decides about its operations.
    pub policy: ReviewPolicy,
    /// Whether all that the host does not refuse is accepted: for somebody who proves it
    /// afterwards, as a study does.
    pub accept_all: bool,
    /// Fixes the strategy's random choices.
    pub seed: u64,
    /// The model that the strategy may ask, as missions name it.
    pub model: Option<String>,
    /// The folder of the mission whose `[dream]` section says what has to be proved.
    pub mission: Option<PathBuf>,
}

impl DreamAsked {
    /// A dream whose every operation waits for a person, with seed 0, no instructions, no
    /// model and no mission.
    #[must_use]
    pub fn new(strategy: &str, memory_store: MemoryStoreId, sessions: SessionChoice) -> Self {
        Self {
            strategy: strategy.to_owned(),
            instructions: None,
            memory_store,
            sessions,
            policy: ReviewPolicy::Review,
            accept_all: false,
            seed: 0,
            model: None,
            mission: None,
        }
    }
}

/// A strategy that was asked for, and what its mission says.
struct Bound {
    source: StrategySource,
    strategy: Arc<BoundPlugin>,
    proof: Option<ProofNeeded>,
}

impl Runtime {
    /// Checks a dream's inputs and writes it down as pending; nothing runs.
    ///
    /// # Errors
    /// Invalid, when there is no such store, session or strategy, a session is a dream's or
    /// named twice, there are no sessions, or the instructions are nothing or too long;
    /// exceeded, when the store is too large; denied, when the strategy asks for more than it
    /// is granted.
    pub async fn plan_dream(&self, asked: &DreamAsked) -> Result<Dream> {
        if let Some(instructions) = &asked.instructions {
            check_instructions(instructions)?;
        }
        self.check_store(&asked.memory_store).await?;
        let mut sessions = inputs::choose(self.store.as_ref(), &asked.sessions).await?;
        sessions.sort();
        let Bound { source, strategy, proof } = self.bound(asked).await?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let id = DreamId::new(&clock, &entropy);
        let store = asked.memory_store.clone();
        let dream = Dream {
            instructions: asked.instructions.clone().unwrap_or_default(),
            policy: asked.policy,
            ..Dream::pending(id, strategy.name.clone(), store, sessions, clock.now())
        };
        let job = DreamJob {
            accept_all: asked.accept_all,
            proof,
            ..DreamJob::new(source, strategy.plugin.digest(), asked.seed)
        };
        self.store.create_dream(&dream, &job).await?;
        Ok(dream)
    }

    async fn check_store(&self, id: &MemoryStoreId) -> Result<()> {
        if self.store.memory_store(id).await?.is_none() {
            return Err(no_memory_store(id));
        }
        let memories = self.store.memories(id).await?;
        match too_large(memories.iter().map(|memory| memory.content.len() as u64)) {
            Some(why) => Err(Failure::exceeded(why)
                .about(format!("memory store {id}"))
                .hint("split it into several stores and dream over each")),
            None => Ok(()),
        }
    }

    /// The strategy that was asked for. A mission's own has the limits and the model that the
    /// mission gives it.
    async fn bound(&self, asked: &DreamAsked) -> Result<Bound> {
        let Some(folder) = &asked.mission else {
            let source = named(&asked.strategy, asked.model.as_deref());
            let strategy = self.strategy(&source).await?;
            return Ok(Bound { source, strategy, proof: None });
        };
        let mission = self.load(folder).await?;
        let Some(plan) = mission.dream else {
            return Err(Failure::invalid(format!("mission `{}` has no [dream]", mission.name))
                .hint("add one to its mission.toml, or leave the mission out"));
        };
        let proof = plan.proof.map(|proof| ProofNeeded {
            mission: mission.name.clone(),
            n: proof.n,
            margin: proof.margin,
        });
        if plan.strategy.name == asked.strategy && asked.model.is_none() {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            let source = StrategySource::Mission { folder };
            return Ok(Bound { source, strategy: plan.strategy, proof });
        }
        let source = named(&asked.strategy, asked.model.as_deref());
        let strategy = self.strategy(&source).await?;
        Ok(Bound { source, strategy, proof })
    }
}

pub(super) fn no_memory_store(id: &MemoryStoreId) -> Failure {
    Failure::invalid(format!("there is no memory store {id}"))
        .hint("`lucid memory list` shows those there are")
}
