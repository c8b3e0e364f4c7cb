//! What a run of a mission does, wherever it does it.

use std::sync::Arc;

use lucid_core::{DreamId, Failure, Result, SessionId};
use lucid_runtime::{
    Approver, EvaluateOptions, Evaluated, Mission, Observer, OutcomeStudyReport, RunOptions,
    Runtime, StudyOptions, StudyResult, World,
};
use serde::{Deserialize, Serialize};

/// How a mission is to be run: what of it belongs to no machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunAsked {
    /// Another seed.
    pub seed: Option<u64>,
    /// Study: another number of held-out tasks.
    pub held_out: Option<u32>,
    /// Study: another number of training sessions.
    pub training: Option<u32>,
    /// Study: whether the outcomes are shuffled among the training sessions, as a control.
    pub shuffle_labels: bool,
    /// Study: whether its plots are wanted.
    pub plots: bool,
    /// Whether ids and times follow from the seed.
    pub deterministic: bool,
    /// Whether the newest run of the mission with the same options is gone on with.
    pub resume: bool,
}

/// How a dream is to be proved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofAsked {
    /// Held-out tasks, each run with both memories: 1 to 10,000.
    pub n: u32,
    /// Another seed than the mission's.
    pub seed: Option<u64>,
    /// What the lower bound of the change has to be above, -1 to 1; what the dream's mission
    /// says, else 0, where there is none.
    pub margin: Option<f64>,
    /// Whether what waits is accepted where it is proved.
    pub accept: bool,
}

/// What a run is, for whoever watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// One session, into which people may say something.
    Session,
    /// One session of which all follows from a seed, so that nobody can say anything into it.
    FixedSession,
    /// A study, of memory or of an outcome.
    Study,
    /// The proof of a dream.
    Proof,
}

impl RunKind {
    /// What a run of a mission is.
    #[must_use]
    pub fn of(mission: &Mission, asked: &RunAsked) -> Self {
        match studies(mission) {
            Some(_) => Self::Study,
            None if asked.deterministic => Self::FixedSession,
            None => Self::Session,
        }
    }

    /// Whether calls that need permission can wait until it rests, for whoever watches it.
    #[must_use]
    pub fn can_wait(self) -> bool {
        self == Self::Session
    }
}

/// What a run came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// One session, which rests.
    Session {
        /// The session.
        id: SessionId,
        /// The mission's name.
        mission: String,
    },
    /// A study of memory.
    Study(Box<StudyResult>),
    /// A study of an outcome.
    OutcomeStudy(Box<OutcomeStudyReport>),
    /// The proof of a dream.
    Proof(Box<Evaluated>),
}

/// What a mission is a study of.
enum Studies {
    Memory,
    Outcome,
}

fn studies(mission: &Mission) -> Option<Studies> {
    let of_its_outcome = || mission.outcome.as_ref().is_some_and(|outcome| outcome.study.is_some());
    match mission.study {
        Some(_) => Some(Studies::Memory),
        None => of_its_outcome().then_some(Studies::Outcome),
    }
}

/// Refuses, before anything runs, what would be ignored.
///
/// # Errors
/// Invalid, when something is asked for that needs a study, and the mission has none.
pub fn check_run(mission: &Mission, asked: &RunAsked) -> Result<()> {
    let of_a_study = [
        ("--held-out", asked.held_out.is_some()),
        ("--training", asked.training.is_some()),
        ("--shuffle-labels", asked.shuffle_labels),
        ("--plots", asked.plots),
    ];
    match of_a_study.iter().find(|(_, given)| *given) {
        Some((option, _)) if mission.study.is_none() => {
            Err(Failure::invalid(format!("{option} needs a mission with a study"))
                .hint(format!("mission `{}` has no [study] in its mission.toml", mission.name)))
        }
        _ => Ok(()),
    }
}

/// Runs a mission: as the study that it is, else as one session.
///
/// # Errors
/// Invalid, when a study misses something, or there is no run to go on with; failed, when the
/// store, the disk or a dream fails.
pub async fn run_mission(
    runtime: &Runtime,
    mission: &Mission,
    asked: &RunAsked,
    approver: Arc<dyn Approver>,
    observer: Arc<dyn Observer>,
) -> Result<RunResult> {
    let how = RunOptions { approver, observer, resume: asked.resume };
    let options = StudyOptions {
        seed: asked.seed,
        held_out: asked.held_out,
        training: asked.training,
        shuffle_labels: asked.shuffle_labels,
        deterministic: asked.deterministic,
    };
    match studies(mission) {
        Some(Studies::Memory) => {
            let studied = Box::pin(runtime.run_study(mission, &options, &how)).await?;
            Ok(RunResult::Study(Box::new(studied)))
        }
        Some(Studies::Outcome) => {
            let studied = Box::pin(runtime.run_outcome_study(mission, &options, &how)).await?;
            Ok(RunResult::OutcomeStudy(Box::new(studied)))
        }
        None => {
            let seed = asked.seed.unwrap_or(0);
            let world = match asked.deterministic {
                true => World::deterministic(seed),
                false => World::real(),
            };
            let ran = Box::pin(runtime.run_once(mission, seed, &world, &how)).await?;
            Ok(RunResult::Session { id: ran.0.id, mission: mission.name.clone() })
        }
    }
}

/// Proves a dream with the held-out tasks of a mission.
///
/// # Errors
/// As `Runtime::evaluate_dream`.
pub async fn prove_dream(
    runtime: &Runtime,
    dream: &DreamId,
    mission: &Mission,
    asked: &ProofAsked,
    approver: Arc<dyn Approver>,
    observer: Arc<dyn Observer>,
) -> Result<RunResult> {
    let ProofAsked { n, seed, margin, accept } = *asked;
    let options = EvaluateOptions { n, seed, margin, accept, deterministic: false };
    let how = RunOptions { approver, observer, resume: false };
    let proved = Box::pin(runtime.evaluate_dream(dream, mission, &options, &how)).await?;
    Ok(RunResult::Proof(Box::new(proved)))
}
