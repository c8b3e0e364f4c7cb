//! What a study came to, as one document.

use lucid_core::{Dream, OperationState, Statistics};
use lucid_memory::FileDiff;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::measure::Curve;
use crate::mission::PlotSection;
use crate::stats::PairedDifference;

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    /// Its number.
    pub task: u32,
    /// Whether the grader was satisfied.
    pub success: bool,
    /// What the outputs call it.
    pub result: String,
    /// What the outputs say of it.
    pub measures: Value,
    /// The session.
    pub session_id: String,
    /// What the grader said, criterion by criterion: text and verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<(String, lucid_core::Verdict)>,
}

/// Some tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseReport {
    /// How many succeeded.
    pub succeeded: u32,
    /// How many there were.
    pub total: u32,
    /// Each of them.
    pub tasks: Vec<TaskReport>,
}

/// The proof.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeldOutReport {
    /// Tasks, each run with the old and the new memory.
    pub n: u32,
    /// Share that succeeded with the old memory, 0 to 1.
    pub before_rate: f64,
    /// Share that succeeded with the new memory, 0 to 1.
    pub after_rate: f64,
    /// After minus before.
    pub difference: f64,
    /// The 95 % interval of the difference.
    pub ci95: [f64; 2],
}

impl From<PairedDifference> for HeldOutReport {
    fn from(result: PairedDifference) -> Self {
        Self {
            n: result.n,
            before_rate: result.before_rate,
            after_rate: result.after_rate,
            difference: result.difference,
            ci95: result.ci95,
        }
    }
}

/// The dream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DreamReport {
    /// Its id.
    pub id: String,
    /// The strategy.
    pub strategy: String,
    /// Operations that were accepted.
    pub operations: u32,
    /// How many of them are rules.
    pub rules: u32,
    /// The rules, each with its numbers.
    pub playbook: Vec<Statistics>,
    /// The store it read.
    pub memory_store_in: String,
    /// The store it made.
    pub memory_store_out: Option<String>,
    /// How long it took; 0 in a deterministic run.
    pub ms: u64,
}

/// The whole study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyReport {
    /// The mission.
    pub mission: String,
    /// The seed.
    pub seed: u64,
    /// Whether the outcomes were shuffled among the training sessions: a control.
    pub shuffled_labels: bool,
    /// How many sessions trained.
    pub training_sessions: u32,
    /// How many of them succeeded.
    pub training_succeeded: u32,
    /// The shown tasks with the memory as it was.
    pub before: PhaseReport,
    /// The same with the new memory.
    pub after: PhaseReport,
    /// The proof.
    pub held_out: HeldOutReport,
    /// The dream.
    pub dream: DreamReport,
    /// Tool calls of all sessions.
    pub tool_calls: u64,
    /// Threads of all sessions.
    pub threads: u64,
    /// Events of all sessions, the dream's own among them.
    pub events: u64,
    /// How long all of it took; 0 in a deterministic run.
    pub wall_ms: u64,
}

/// What a study leaves to be shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StudyResult {
    /// The document.
    pub report: StudyReport,
    /// The dream with its operations and ledger.
    pub dream: Dream,
    /// What changed in the memory.
    pub diff: Vec<FileDiff>,
    /// The plots: what is shown, and the curves before and after.
    pub plots: Vec<(PlotSection, Vec<Curve>, Vec<Curve>)>,
}

impl DreamReport {
    pub(crate) fn new(dream: &Dream, ms: u64) -> Self {
        let accepted = || dream.in_state(OperationState::Accepted);
        let playbook: Vec<Statistics> =
            accepted().filter_map(|operation| operation.statistics.clone()).collect();
        Self {
            id: dream.id.to_string(),
            strategy: dream.strategy.clone(),
            operations: u32::try_from(accepted().count()).unwrap_or(u32::MAX),
            rules: u32::try_from(playbook.len()).unwrap_or(u32::MAX),
            playbook,
            memory_store_in: dream.memory_store_in.to_string(),
            memory_store_out: dream.memory_store_out.as_ref().map(ToString::to_string),
            ms,
        }
    }
}
