//! What a grader says, and what becomes of an outcome.

use serde::{Deserialize, Serialize};

/// Whether one criterion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// It does not apply here.
    NotApplicable,
    /// The grader has no way to tell. Never counted as met.
    NotGradable,
}

/// A part of an output that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The file, relative to the outputs folder.
    pub path: String,
    /// The text, byte for byte as the file has it.
    pub text: String,
}

/// The judgement on one criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// The criterion's text.
    pub text: String,
    /// Its line in the rubric, from 1.
    pub line: u32,
    /// Whether the result is not satisfied without it.
    #[serde(default = "yes")]
    pub required: bool,
    /// How much it counts where criteria are weighed; 1 unless the rubric says otherwise.
    #[serde(default = "one")]
    pub weight: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen.
    pub explanation: String,
    /// The files it rests on, relative to the outputs folder.
    pub evidence_paths: Vec<String>,
    /// What was read there, word for word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<Quote>,
}

impl Criterion {
    /// Whether it keeps a result from being satisfied.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.required && !matches!(self.verdict, Verdict::Met | Verdict::NotApplicable)
    }
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}

/// What one evaluation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Every criterion is met or does not apply.
    Satisfied,
    /// At least one criterion is not met.
    NeedsRevision,
    /// Nothing can be judged.
    Failed,
}

/// One evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// What it comes to.
    pub judgement: Judgement,
    /// The reasons.
    pub explanation: String,
    /// One judgement per criterion, in the rubric's order.
    pub criteria: Vec<Criterion>,
}

/// What becomes of an outcome after an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeResult {
    /// Done.
    Satisfied,
    /// The gaps go back to the agent.
    NeedsRevision,
    /// There are gaps, and no iterations left.
    MaxIterationsReached,
    /// The rubric does not fit, or the grader failed.
    Failed,
    /// Somebody interrupted.
    Interrupted,
}

impl OutcomeResult {
    /// The result as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::NeedsRevision => "needs_revision",
            Self::MaxIterationsReached => "max_iterations_reached",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}
