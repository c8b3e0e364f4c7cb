//! Grading: in an instance of its own, over the outputs and nothing else.

use lucid_core::{
    Criterion, Evaluation, Event, IdleReason, Judgement, ModelUsage, OutcomeId, OutcomeResult,
    Result, Span, ThreadId, Timestamp, Verdict,
};
use lucid_engine::{Call, GradeRequest, GuestTime};
use serde_json::Value;

use super::driver::Driver;
use super::log::SessionLog;
use super::workspace::OUTPUTS;
use crate::asking::model_for;
use crate::mission::{OutcomePlan, Variables, fill};

/// What an evaluation says that nobody waits for any more.
pub(super) const INTERRUPTED: &str = "A person interrupted the work.";

/// Defines the outcome of a session in its log.
pub(super) fn define(
    plan: &OutcomePlan,
    variables: &Variables,
    lead: &ThreadId,
    log: &mut SessionLog,
) -> Result<()> {
    let defined = Event::DefineOutcome {
        outcome_id: OutcomeId::new(log.clock(), log.entropy()),
        description: fill(&plan.description, variables),
        rubric: serde_json::json!({"type": "text", "content": plan.rubric}),
        max_iterations: plan.max_iterations,
    };
    log.write(Some(lead), &defined).map(drop)
}

impl Driver<'_> {
    /// Lets the grader judge what is there, where it is time; says whether it was.
    pub(super) async fn evaluate(&mut self) -> Result<bool> {
        let Some(plan) = &self.mission.outcome else { return Ok(false) };
        let state = self.log.state();
        let Some(outcome) = state.outcome.as_ref().filter(|outcome| outcome.is_open()) else {
            return Ok(false);
        };
        let lead = state.threads.first();
        let failed = lead.is_none_or(|lead| lead.ended == IdleReason::RetriesExhausted);
        let open = |thread: &lucid_core::ThreadState| thread.open_calls().next().is_some();
        let waits = state.threads.iter().any(open);
        if failed || waits || self.used_up().is_some() {
            return Ok(false);
        }
        let lead_id = self.thread_id(0)?;
        let (outcome_id, iteration) = (outcome.id.clone(), outcome.iteration);
        let (description, left) = (outcome.description.clone(), outcome.max_iterations);
        let begun = outcome.evaluating.clone();
        let outcome_evaluation_start_id = match begun {
            // A process that ended had begun it; a grader has no effects, so it may again.
            Some(start) => start,
            None => {
                self.ensure_running(0)?;
                let started = Event::EvaluationStart { outcome_id: outcome_id.clone(), iteration };
                self.log.write(Some(&lead_id), &started)?
            }
        };
        self.log.flush().await?;
        let (evaluation, span) = self.grade(plan, description, iteration).await?;
        // A person may have stopped the work meanwhile.
        self.log.flush().await?;
        if self.log.is_behind().await? {
            self.log.catch_up().await?;
        }
        let stopped = self.log.state().threads.first().is_some_and(|lead| lead.interrupted);
        let (result, explanation) = match &evaluation {
            _ if stopped => (OutcomeResult::Interrupted, INTERRUPTED.to_owned()),
            Some(evaluation) => {
                let left = iteration + 1 < left;
                (outcome_result(evaluation.judgement, left), evaluation.explanation.clone())
            }
            None => {
                let failure = span.failure.as_ref().map(ToString::to_string);
                (OutcomeResult::Failed, failure.unwrap_or_default())
            }
        };
        let end = Event::EvaluationEnd {
            outcome_id,
            outcome_evaluation_start_id,
            iteration,
            result,
            explanation,
            usage: ModelUsage::default(),
            lucid: details(evaluation.as_ref(), &span),
        };
        self.log.write(Some(&lead_id), &end)?;
        // One last turn to close the work is not evaluated any more.
        let last = result == OutcomeResult::MaxIterationsReached;
        if last || result == OutcomeResult::NeedsRevision {
            self.say(&gaps(evaluation.as_ref(), last))?;
        }
        Ok(true)
    }

    /// One evaluation, by a grader that sees the outputs and nothing else.
    async fn grade(
        &mut self,
        plan: &OutcomePlan,
        description: String,
        iteration: u32,
    ) -> Result<(Option<Evaluation>, Span)> {
        let lead = self.thread_id(0)?;
        // The same outputs give the same evaluation: no clock, no chance.
        let time = GuestTime::Fixed { now: Timestamp(0), seed: 0 };
        let call = Call {
            mounts: vec![self.world.workspace.outputs()],
            time,
            model: model_for(&plan.grader, time),
            ..Call::bare(plan.grader.limits)
        };
        let request = GradeRequest {
            description,
            rubric: plan.rubric.clone(),
            iteration,
            outputs_path: OUTPUTS.to_owned(),
        };
        let mut report = plan.grader.plugin.grade(call, &request).await;
        if self.deterministic {
            report.usage.wall_ms = 0;
        }
        let span = Span {
            usage: report.usage,
            failure: report.result.as_ref().err().cloned(),
            files: report.effects.files,
            denied: report.effects.denied,
            unlisted: report.effects.unlisted,
            ..Span::default()
        };
        self.log.write_logs(Some(&lead), &plan.grader.name, report.logs)?;
        Ok((report.result.ok(), span))
    }
}

/// The evaluation's details, with what the grader did as in any other span.
fn details(evaluation: Option<&Evaluation>, span: &Span) -> Value {
    let mut details = Event::evaluation_details(evaluation, span);
    if let (Some(details), Ok(Value::Object(span))) =
        (details.as_object_mut(), serde_json::to_value(span))
    {
        for (name, value) in span {
            details.entry(name).or_insert(value);
        }
    }
    details
}

fn outcome_result(judgement: Judgement, iterations_left: bool) -> OutcomeResult {
    match judgement {
        Judgement::Satisfied => OutcomeResult::Satisfied,
        Judgement::Failed => OutcomeResult::Failed,
        Judgement::NeedsRevision if iterations_left => OutcomeResult::NeedsRevision,
        Judgement::NeedsRevision => OutcomeResult::MaxIterationsReached,
    }
}

/// The gaps as one message to the agent: each unmet criterion, what was seen, and where.
fn gaps(evaluation: Option<&Evaluation>, last: bool) -> String {
    let intro = if last {
        "The result was evaluated and is not satisfactory; no evaluations are left. Close your \
         work with a short statement."
    } else {
        "The result was evaluated and is not satisfactory yet. Close these gaps:"
    };
    let mut message = intro.to_owned();
    let criteria = evaluation.into_iter().flat_map(|evaluation| &evaluation.criteria);
    let open = |criterion: &&Criterion| criterion.verdict == Verdict::Unmet;
    for criterion in criteria.filter(open) {
        message.push_str(&format!("\n- {}: {}", criterion.text, criterion.explanation));
        if !criterion.evidence_paths.is_empty() {
            message.push_str(&format!(" (see {})", criterion.evidence_paths.join(", ")));
        }
    }
    message
}
