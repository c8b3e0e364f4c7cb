//! The outcomes of a session, as the API lists them.

use lucid_core::{Criterion, Event, OutcomeId, OutcomeResult, Timestamp};

/// An outcome, and what its last evaluation came to.
#[derive(Debug)]
pub(crate) struct OutcomeSeen {
    pub(crate) id: OutcomeId,
    pub(crate) description: String,
    /// The number of its last evaluation, from 0.
    pub(crate) iteration: u32,
    /// `running`, `evaluating`, or what became of it.
    pub(crate) result: &'static str,
    pub(crate) explanation: Option<String>,
    pub(crate) completed_at: Option<Timestamp>,
    /// The verdicts of its last evaluation.
    pub(crate) criteria: Vec<Criterion>,
}

/// Takes an event that tells of an outcome; others change nothing.
pub(super) fn apply(outcomes: &mut Vec<OutcomeSeen>, event: &Event, at: Timestamp) {
    if let Event::DefineOutcome { outcome_id, description, .. } = event {
        // One at a time: of two that were sent at once the first counts.
        if outcomes.last().is_some_and(|last| ["running", "evaluating"].contains(&last.result)) {
            return;
        }
        outcomes.push(OutcomeSeen {
            id: outcome_id.clone(),
            description: description.clone(),
            iteration: 0,
            result: "running",
            explanation: None,
            completed_at: None,
            criteria: Vec::new(),
        });
        return;
    }
    let (Event::EvaluationStart { outcome_id, .. } | Event::EvaluationEnd { outcome_id, .. }) =
        event
    else {
        return;
    };
    let Some(outcome) = outcomes.iter_mut().find(|outcome| outcome.id == *outcome_id) else {
        return;
    };
    match event {
        Event::EvaluationStart { iteration, .. } => {
            (outcome.iteration, outcome.result) = (*iteration, "evaluating");
        }
        Event::EvaluationEnd { iteration, result, explanation, lucid, .. } => {
            let revised = *result == OutcomeResult::NeedsRevision;
            outcome.iteration = *iteration;
            outcome.result = if revised { "running" } else { result.as_str() };
            outcome.explanation = Some(explanation.clone());
            outcome.completed_at = (!revised).then_some(at);
            let criteria = lucid.get("criteria").cloned().unwrap_or_default();
            outcome.criteria = serde_json::from_value(criteria).unwrap_or_default();
        }
        _ => {}
    }
}
