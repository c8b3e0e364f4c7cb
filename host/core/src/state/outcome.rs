//! The outcome that a session works for.

use serde_json::Value;

use super::SessionState;
use crate::{
    Criterion, Evaluation, Event, EventId, EventRecord, Judgement, OutcomeId, OutcomeResult,
    TokenUsage,
};

/// An outcome, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeState {
    /// Its id.
    pub id: OutcomeId,
    /// What it is about.
    pub description: String,
    /// What done looks like, as the API writes it.
    pub rubric: Value,
    /// How often it is evaluated at most.
    pub max_iterations: u32,
    /// The number of the next evaluation, from 0.
    pub iteration: u32,
    /// The event that began the evaluation that runs.
    pub evaluating: Option<EventId>,
    /// What the last evaluation came to.
    pub result: Option<OutcomeResult>,
    /// What was said with it.
    pub explanation: Option<String>,
    /// The last evaluation, where the grader gave one.
    pub evaluation: Option<Evaluation>,
}

impl OutcomeState {
    /// The rubric's text.
    #[must_use]
    pub fn rubric_text(&self) -> &str {
        self.rubric.get("content").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it is still worked for.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.result, None | Some(OutcomeResult::NeedsRevision))
    }
}

impl SessionState {
    pub(super) fn apply_outcome(&mut self, record: &EventRecord, event: &Event) {
        if let Event::DefineOutcome { outcome_id, description, rubric, max_iterations } = event {
            // One at a time: of two that were sent at once the first counts.
            if self.outcome.as_ref().is_some_and(OutcomeState::is_open) {
                return;
            }
            self.outcome = Some(OutcomeState {
                id: outcome_id.clone(),
                description: description.clone(),
                rubric: rubric.clone(),
                max_iterations: *max_iterations,
                iteration: 0,
                evaluating: None,
                result: None,
                explanation: None,
                evaluation: None,
            });
            return;
        }
        if let Event::EvaluationEnd { usage, .. } = event {
            self.grading = self.grading.plus(TokenUsage::from(*usage));
        }
        // What is over stays over.
        let open = self.outcome.as_mut().filter(|outcome| outcome.is_open());
        let Some(outcome) = open else { return };
        match event {
            Event::EvaluationStart { outcome_id, .. } if *outcome_id == outcome.id => {
                outcome.evaluating = Some(record.id.clone());
            }
            Event::EvaluationEnd { outcome_id, iteration, result, explanation, lucid, .. }
                if *outcome_id == outcome.id =>
            {
                outcome.evaluating = None;
                outcome.iteration = iteration.saturating_add(1);
                outcome.result = Some(*result);
                outcome.explanation = Some(explanation.clone());
                outcome.evaluation = evaluation(*result, explanation, lucid);
            }
            _ => {}
        }
    }
}

/// The grader's evaluation, from what the event keeps of it.
fn evaluation(result: OutcomeResult, explanation: &str, lucid: &Value) -> Option<Evaluation> {
    let criteria = lucid.get("criteria")?;
    let criteria: Vec<Criterion> = serde_json::from_value(criteria.clone()).ok()?;
    let judgement = match result {
        OutcomeResult::Satisfied => Judgement::Satisfied,
        OutcomeResult::Failed => Judgement::Failed,
        _ => Judgement::NeedsRevision,
    };
    Some(Evaluation { judgement, explanation: explanation.to_owned(), criteria })
}
