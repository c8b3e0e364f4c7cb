//! Grading: in an instance of its own, over the outputs and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use lucid_core::{
    Evaluation, Event, Failure, IdleReason, Judgement, ModelUsage, OutcomeId, OutcomeResult,
    OutcomeState, Result, Span, ThreadId,
};
use lucid_engine::Report;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::driver::Driver;
use super::gaps::gaps;
use super::log::SessionLog;
use crate::grading::{Counted, Question};
use crate::mission::{OutcomePlan, Variables, fill};

/// How often it is looked whether somebody stopped the work.
const LOOK: Duration = Duration::from_millis(100);

/// How often the log says that an evaluation goes on.
const ONGOING: Duration = Duration::from_secs(5);

/// What an evaluation says that nobody waits for any more.
const INTERRUPTED: &str = "A person interrupted the work.";

/// Defines the outcome of a session in its log.
pub(super) fn define(
    plan: &OutcomePlan,
    iterations: Option<u32>,
    variables: &Variables,
    lead: &ThreadId,
    log: &mut SessionLog,
) -> Result<()> {
    let defined = Event::DefineOutcome {
        outcome_id: OutcomeId::new(log.clock(), log.entropy()),
        description: fill(&plan.description, variables),
        rubric: serde_json::json!({"type": "text", "content": plan.rubric}),
        max_iterations: iterations.unwrap_or(plan.max_iterations),
    };
    log.write(Some(lead), &defined).map(drop)
}

impl Driver<'_> {
    /// Lets the graders judge what is there, where it is time; says whether it was.
    pub(super) async fn evaluate(&mut self) -> Result<bool> {
        let Some(graders) = self.mission.judges().cloned() else { return Ok(false) };
        let Some(outcome) = self.to_evaluate().cloned() else { return Ok(false) };
        let (outcome_id, iteration) = (outcome.id.clone(), outcome.iteration);
        let lead = self.thread_id(0)?;
        let outcome_evaluation_start_id = match outcome.evaluating.clone() {
            // A process that ended had begun it; a grader has no effects, so it may again.
            Some(start) => start,
            None => {
                self.ensure_running(0)?;
                let started = Event::EvaluationStart { outcome_id: outcome_id.clone(), iteration };
                self.log.write(Some(&lead), &started)?
            }
        };
        self.log.hold().await?;
        self.log.flush().await?;
        let question = Question {
            description: outcome.description.clone(),
            rubric: outcome.rubric_text().to_owned(),
            iteration,
            outputs: self.world.workspace.outputs_folder(),
        };
        let name = graders.grader.name.clone();
        let counted = Counted::default();
        let counting = counted.clone();
        let judging = async move { graders.judge(&question, &counting).await };
        let report = self.attend(judging, &outcome_id, iteration).await?;
        let (end, evaluation) = match report {
            None => (Ended::interrupted(), None),
            Some(mut report) => {
                self.log.write_logs(Some(&lead), &name, std::mem::take(&mut report.logs))?;
                self.ended(report, iteration + 1 < outcome.max_iterations)
            }
        };
        let models = counted.by_model().into_iter();
        let models = models.map(|(name, used)| (name, ModelUsage::from(used))).collect();
        let result = end.result;
        let end = Event::EvaluationEnd {
            outcome_id,
            outcome_evaluation_start_id: Some(outcome_evaluation_start_id),
            iteration,
            result,
            explanation: end.explanation,
            usage: ModelUsage::from(counted.total()),
            lucid: details(evaluation.as_ref(), &end.span, &models),
        };
        self.log.write(Some(&lead), &end)?;
        // One last turn to close the work is not evaluated any more.
        let last = result == OutcomeResult::MaxIterationsReached;
        if last || result == OutcomeResult::NeedsRevision {
            self.say(&gaps(evaluation.as_ref(), last))?;
        }
        Ok(true)
    }

    /// The outcome that is to be evaluated now.
    fn to_evaluate(&self) -> Option<&OutcomeState> {
        self.due().filter(|_| self.used_up().is_none())
    }

    /// The outcome that is evaluated as soon as the budget lets it: it is open, nothing waits,
    /// and the lead did not fail.
    pub(super) fn due(&self) -> Option<&OutcomeState> {
        let state = self.log.state();
        let outcome = state.outcome.as_ref().filter(|outcome| outcome.is_open())?;
        let failed = state.threads.first()?.ended == IdleReason::RetriesExhausted;
        let waits = state.threads.iter().any(|thread| thread.open_calls().next().is_some());
        (!failed && !waits).then_some(outcome)
    }

    /// Waits for an evaluation, and says from time to time that it goes on; none where a
    /// person stopped it.
    async fn attend(
        &mut self,
        judging: impl Future<Output = Report<Evaluation>>,
        outcome_id: &OutcomeId,
        iteration: u32,
    ) -> Result<Option<Report<Evaluation>>> {
        if self.deterministic {
            return Ok(Some(judging.await));
        }
        let mut judging = std::pin::pin!(judging);
        let (mut look, mut sign) = (interval(LOOK), interval(ONGOING));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        sign.set_missed_tick_behavior(MissedTickBehavior::Delay);
        sign.tick().await;
        loop {
            let (graded, ongoing) = tokio::select! {
                graded = &mut judging => (Some(graded), false),
                _ = look.tick() => (None, false),
                _ = sign.tick() => (None, true),
            };
            if self.log.is_behind().await? {
                self.log.catch_up().await?;
            }
            if self.log.state().threads.first().is_some_and(|lead| lead.interrupted) {
                return Ok(None);
            }
            if graded.is_some() {
                return Ok(graded);
            }
            if ongoing {
                let (lead, outcome_id) = (self.thread_id(0)?, outcome_id.clone());
                let event = Event::EvaluationOngoing { outcome_id, iteration };
                self.log.write(Some(&lead), &event)?;
                self.log.flush().await?;
            }
        }
    }

    /// What an evaluation came to, with what it used.
    fn ended(&self, mut report: Report<Evaluation>, left: bool) -> (Ended, Option<Evaluation>) {
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
        let (result, explanation) = match &report.result {
            Ok(evaluation) => {
                (outcome_result(evaluation.judgement, left), evaluation.explanation.clone())
            }
            Err(failure) => (OutcomeResult::Failed, with_hint(failure)),
        };
        (Ended { result, explanation, span }, report.result.ok())
    }
}

impl Driver<'_> {
    /// Writes down that a person stopped the work for the outcome, where one is open.
    pub(super) fn outcome_interrupted(&mut self) -> Result<()> {
        self.log.end_outcome(OutcomeResult::Interrupted, INTERRUPTED.to_owned(), Value::Null)
    }
}

/// How an evaluation ended.
struct Ended {
    result: OutcomeResult,
    explanation: String,
    span: Span,
}

impl Ended {
    fn interrupted() -> Self {
        Self {
            result: OutcomeResult::Interrupted,
            explanation: INTERRUPTED.to_owned(),
            span: Span::default(),
        }
    }
}

/// The evaluation's details, with what the grader did as in any other span.
pub(super) fn details(
    evaluation: Option<&Evaluation>,
    span: &Span,
    models: &BTreeMap<String, ModelUsage>,
) -> Value {
    let mut details = Event::evaluation_details(evaluation, span, models);
    if let (Some(details), Ok(Value::Object(span))) =
        (details.as_object_mut(), serde_json::to_value(span))
    {
        for (name, value) in span {
            details.entry(name).or_insert(value);
        }
    }
    details
}

/// A failure in one sentence, with what to do about it.
pub(super) fn with_hint(failure: &Failure) -> String {
    match &failure.hint {
        Some(hint) => format!("{failure} (hint: {hint})"),
        None => failure.to_string(),
    }
}

fn outcome_result(judgement: Judgement, iterations_left: bool) -> OutcomeResult {
    match judgement {
        Judgement::Satisfied => OutcomeResult::Satisfied,
        Judgement::Failed => OutcomeResult::Failed,
        Judgement::NeedsRevision if iterations_left => OutcomeResult::NeedsRevision,
        Judgement::NeedsRevision => OutcomeResult::MaxIterationsReached,
    }
}
