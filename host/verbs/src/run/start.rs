//! Asking for a run that goes on behind the back of whoever asks.

use std::path::Path;
use std::sync::Arc;

use lucid_core::{Failure, Result, RunId};
use lucid_runtime::{Approver, LeavesCalls, NobodyAsks};
use serde::{Deserialize, Serialize};

use crate::dream::find as find_dream;
use crate::run::list::NewRun;
use crate::run::mission::load;
use crate::run::work::{ProofAsked, RunAsked, RunKind, check_run, prove_dream, run_mission};
use crate::stage::Stage;
use crate::verb::Verb;

/// Sessions of one kind that whoever asks a server may ask for in a study, as in a proof. What
/// its mission itself says is the business of whoever named it there.
const TASKS_MAX: u32 = 10_000;

/// A run that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunBegan {
    /// Its id.
    pub id: RunId,
    /// What it is.
    pub kind: RunKind,
}

/// Runs a mission behind the back of whoever asks.
///
/// Calls of a session that need permission wait until it rests, for whoever watches it. In a
/// study and in a deterministic session nobody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// The mission: over a server its name there; where the folder is, a path.
    pub mission: String,
    /// How it is run.
    pub asked: RunAsked,
    /// Whether calls about which nobody is asked are left waiting; else they are denied.
    pub later: bool,
}

impl Verb for StartRun {
    const NAME: &'static str = "start_run";
    const CHANGES: bool = true;
    type Answer = RunBegan;

    /// # Errors
    /// Exceeded, when too many runs go on; invalid, when there is no such mission, something is
    /// asked for that it has not, or a run that is gone on with goes on; denied, when it asks for
    /// more than it is granted.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { mission, asked, later } = self;
        if !stage.around().is_here() {
            check_count(&asked)?;
        }
        // Before a mission is loaded, which is work.
        let turn = stage.around().runs().turn()?;
        let named = load(stage, Path::new(&mission)).await?;
        check_run(&named.mission, &asked)?;
        let kind = RunKind::of(&named.mission, &asked);
        let approver: Arc<dyn Approver> = match later || kind.can_wait() {
            true => Arc::new(LeavesCalls),
            false => Arc::new(NobodyAsks),
        };
        let again = format!("`lucid run {mission} --resume` goes on with it");
        let what = RunAsked { plots: false, resume: false, ..asked };
        let what = format!("{mission} {what:?}");
        // What has the sessions of another run would be in its way.
        let alone = asked.resume || asked.deterministic;
        let new = NewRun { kind, again, what, alone };
        let work_stage = stage.clone();
        let id = stage.around().runs().start(turn, new, |observer| async move {
            let stage = work_stage;
            let run = run_mission(&stage.runtime, &named.mission, &asked, approver, observer);
            // On the heap: a run holds all that its sessions do.
            Box::pin(run).await.map_err(|failure| named.told(&stage, failure))
        })?;
        Ok(RunBegan { id, kind })
    }
}

/// Checks how many sessions somebody asks a server for.
///
/// # Errors
/// Exceeded, when they are too many.
fn check_count(asked: &RunAsked) -> Result<()> {
    let counts = [("--held-out", asked.held_out), ("--training", asked.training)];
    match counts.iter().find(|(_, count)| count.is_some_and(|count| count > TASKS_MAX)) {
        None => Ok(()),
        Some((option, _)) => {
            let message = format!("{option} over a server has {TASKS_MAX} at most");
            Err(Failure::exceeded(message).hint("ask for fewer, or run it where the folder is"))
        }
    }
}

/// Proves a dream behind the back of whoever asks. Calls that need permission are denied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartProof {
    /// The dream: an id, the unique start of one, or `latest`.
    pub dream: String,
    /// The mission: over a server its name there; where the folder is, a path.
    pub mission: String,
    /// How it is proved.
    pub asked: ProofAsked,
}

impl Verb for StartProof {
    const NAME: &'static str = "start_proof";
    const CHANGES: bool = true;
    type Answer = RunBegan;

    /// # Errors
    /// Exceeded, when too many runs go on; invalid, when there is no such mission or dream, or
    /// the dream is being proved; denied, when the mission asks for more than it is granted.
    async fn perform(self, stage: &Stage) -> Result<Self::Answer> {
        let Self { dream, mission, asked } = self;
        let turn = stage.around().runs().turn()?;
        let named = load(stage, Path::new(&mission)).await?;
        let dream = find_dream(stage, &dream).await?.id;
        let kind = RunKind::Proof;
        let again = format!("prove dream {dream} again with `lucid dream evaluate`");
        // A proof takes the place of the one before.
        let new = NewRun { kind, again, what: format!("prove {dream}"), alone: true };
        let work_stage = stage.clone();
        let id = stage.around().runs().start(turn, new, |observer| async move {
            let stage = work_stage;
            let nobody = Arc::new(NobodyAsks);
            let runtime = &stage.runtime;
            let proof = prove_dream(runtime, &dream, &named.mission, &asked, nobody, observer);
            Box::pin(proof).await.map_err(|failure| named.told(&stage, failure))
        })?;
        Ok(RunBegan { id, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_does_not_fill_a_server_with_tasks() {
        let asked = |held_out, training| RunAsked { held_out, training, ..RunAsked::default() };
        for fits in [asked(None, None), asked(Some(TASKS_MAX), Some(1))] {
            assert_eq!(check_count(&fits), Ok(()), "{fits:?}");
        }
        for more in [asked(Some(TASKS_MAX + 1), None), asked(None, Some(u32::MAX))] {
            let failure = check_count(&more).unwrap_err();
            assert_eq!(failure.kind, lucid_core::FailureKind::Exceeded, "{more:?}");
            assert!(failure.hint.is_some());
        }
    }
}
