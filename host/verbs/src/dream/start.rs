//! Asking for dreams, running them again, and stopping them.

use std::path::{Path, PathBuf};

use lucid_core::{Dream, Failure, Result, ReviewPolicy};
use lucid_runtime::{DreamAsked, DreamPlan};
use serde::{Deserialize, Serialize};

use crate::dream::files::{check_model, check_strategy};
use crate::dream::find;
use crate::dream::inputs::{DreamSessions, sessions};
use crate::hidden::told;
use crate::memory::find_store;
use crate::run::mission::load;
use crate::stage::Stage;
use crate::verb::Verb;

/// The strategy that dreams where none is named.
const STRATEGY: &str = "consolidate";

/// Asks for a dream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartDream {
    /// The memory store: an id, the unique start of one, or `latest`.
    pub memory: String,
    /// The sessions it reads.
    pub sessions: DreamSessions,
    /// A bundled strategy, or, where the folder is, the file of one; none for the mission's,
    /// else `consolidate`.
    pub strategy: Option<String>,
    /// What it is to look for, 1 to 4,096 characters; none for what the mission says.
    pub instructions: Option<String>,
    /// Who decides about its operations; none for who the mission says, else a person.
    pub policy: Option<ReviewPolicy>,
    /// Fixes what the strategy leaves to chance.
    pub seed: u64,
    /// The model that the strategy may ask.
    pub model: Option<String>,
    /// The mission whose `[dream]` counts: over a server its name there; where the folder is, a
    /// path.
    pub mission: Option<PathBuf>,
    /// Whether it is run there behind the back of whoever asks; else it waits.
    pub run: bool,
}

impl Verb for StartDream {
    const NAME: &'static str = "start_dream";
    const CHANGES: bool = true;
    type Answer = Dream;

    /// # Errors
    /// Invalid, when there is no such store, session, strategy or mission, something is of
    /// another machine, or a server does not dream so: of a store that is archived, or of so
    /// many sessions; exceeded, when the store is too large; denied, when the strategy asks for
    /// more than it is granted, or whoever runs the server wants a person to decide.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        check_strategy(stage.around().is_here(), self.strategy.as_deref())?;
        check_model(stage.around().is_here(), self.model.as_deref())?;
        let planned = planned(stage, self.mission.as_deref()).await?;
        let plan = planned.as_ref().map(|planned| &planned.plan);
        let store = find_store(stage, &self.memory).await?;
        let policy = self.policy.or(plan.map(|plan| plan.policy)).unwrap_or_default();
        // Before sessions are taken in.
        stage.around().dreams().check_asked(&store.id, policy).await?;
        let sessions = sessions(stage, self.sessions).await?;
        let strategy = strategy(self.strategy.as_deref(), plan);
        let mut asked = DreamAsked::new(strategy, store.id, sessions);
        asked.instructions = instructions(self.instructions, plan);
        asked.policy = policy;
        asked.seed = self.seed;
        asked.model = self.model;
        let mission = planned.as_ref().map(|planned| planned.mission.clone());
        asked.mission.clone_from(&mission);
        let dream = stage.runtime.plan_dream(&asked).await.map_err(|failure| match &mission {
            Some(folder) => told(stage, failure, folder),
            None => failure,
        })?;
        if self.run
            && let Err(failure) = stage.around().dreams().start(&dream).await
        {
            // Nobody would ever run it.
            let _ = stage.runtime.cancel_dream(&dream.id).await;
            return Err(failure);
        }
        Ok(dream)
    }
}

/// Runs a dream that waits to run, or whose process ended before it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeDream {
    /// The dream: an id, the unique start of one, or `latest`.
    pub id: String,
}

/// A dream that was to be run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resumed {
    /// The dream as it was found.
    pub dream: Dream,
    /// Whether it is run now because of this; else somebody runs it already.
    pub started: bool,
}

impl Verb for ResumeDream {
    const NAME: &'static str = "resume_dream";
    const CHANGES: bool = true;
    type Answer = Resumed;

    /// # Errors
    /// Invalid, when there is no such dream, or it has ended.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let dream = find(stage, &self.id).await?;
        if dream.status.is_terminal() {
            let (id, status) = (&dream.id, dream.status.as_str());
            return Err(Failure::invalid(format!("dream {id} is {status} already"))
                .hint("start another with `lucid dream start`"));
        }
        let dreams = stage.around().dreams();
        let started = !dreams.has(&dream.id) && !stage.runtime.is_dreaming(&dream.id).await?;
        if started {
            dreams.start(&dream).await?;
        }
        Ok(Resumed { dream, started })
    }
}

/// Asks a dream to stop. One that somebody runs stops a moment later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelDream {
    /// The dream: an id, the unique start of one, or `latest`.
    pub id: String,
}

impl Verb for CancelDream {
    const NAME: &'static str = "cancel_dream";
    const CHANGES: bool = true;
    type Answer = Dream;

    /// # Errors
    /// Invalid, when there is no such dream, or it completed or failed.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let dream = find(stage, &self.id).await?;
        stage.runtime.cancel_dream(&dream.id).await
    }
}

/// How a mission dreams.
pub(crate) struct Planned {
    /// Where it lies.
    pub(crate) mission: PathBuf,
    /// How.
    pub(crate) plan: DreamPlan,
}

/// How the mission dreams that somebody names, where they name one.
///
/// # Errors
/// Invalid, when there is no such mission, or it does not say; those of loading it.
pub(crate) async fn planned(stage: &Stage, mission: Option<&Path>) -> Result<Option<Planned>> {
    let Some(named) = mission else { return Ok(None) };
    let named = load(stage, named).await?;
    let name = named.mission.name;
    let plan = named.mission.dream.ok_or_else(|| {
        Failure::invalid(format!("mission `{name}` has no [dream]"))
            .hint("leave the mission out, or add [dream] to its mission.toml")
    })?;
    Ok(Some(Planned { mission: named.path, plan }))
}

/// The strategy that is meant: the one that is named, else the mission's.
pub(crate) fn strategy<'a>(named: Option<&'a str>, plan: Option<&'a DreamPlan>) -> &'a str {
    named.or(plan.map(|plan| plan.strategy.name.as_str())).unwrap_or(STRATEGY)
}

/// What a dream is to look for: what is said, else what the mission says.
pub(crate) fn instructions(said: Option<String>, plan: Option<&DreamPlan>) -> Option<String> {
    let planned = plan.map(|plan| &plan.instructions).filter(|text| !text.is_empty());
    said.or_else(|| planned.cloned())
}
