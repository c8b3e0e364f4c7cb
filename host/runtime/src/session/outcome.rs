//! Grading: in an instance of its own, over the outputs and nothing else.

use lucid_core::{
    Criterion, Evaluation, Event, Judgement, ModelUsage, OutcomeId, OutcomeResult, Result, Span,
    Timestamp, Verdict,
};
use lucid_engine::{Call, GradeRequest, GuestTime};
use serde_json::Value;

use super::workspace::{OUTPUTS, Workspace};
use super::writer::EventWriter;
use crate::asking::model_for;
use crate::mission::{OutcomePlan, Variables, fill};

/// An outcome that is being worked for.
pub(crate) struct ActiveOutcome {
    id: OutcomeId,
    description: String,
    iteration: u32,
}

/// What one evaluation came to.
pub(crate) struct Evaluated {
    pub(crate) result: OutcomeResult,
    pub(crate) evaluation: Option<Evaluation>,
    pub(crate) explanation: String,
}

impl ActiveOutcome {
    /// Defines the outcome of a session in its log.
    pub(crate) fn define(
        plan: &OutcomePlan,
        variables: &Variables,
        writer: &mut EventWriter,
    ) -> Result<Self> {
        let id = OutcomeId::new(writer.clock(), writer.entropy());
        let description = fill(&plan.description, variables);
        let defined = Event::DefineOutcome {
            outcome_id: id.clone(),
            description: description.clone(),
            rubric: serde_json::json!({"type": "text", "content": plan.rubric}),
            max_iterations: plan.max_iterations,
        };
        writer.write(None, &defined)?;
        Ok(Self { id, description, iteration: 0 })
    }

    /// Lets the grader judge what is there.
    pub(crate) async fn evaluate(
        &mut self,
        plan: &OutcomePlan,
        workspace: &Workspace,
        deterministic: bool,
        writer: &mut EventWriter,
    ) -> Result<Evaluated> {
        let iteration = self.iteration;
        self.iteration += 1;
        let outcome_id = self.id.clone();
        let started = Event::EvaluationStart { outcome_id: outcome_id.clone(), iteration };
        let start = writer.write(None, &started)?;
        writer.flush().await?;
        // The same outputs give the same evaluation: no clock, no chance.
        let time = GuestTime::Fixed { now: Timestamp(0), seed: 0 };
        let call = Call {
            mounts: vec![workspace.outputs()],
            time,
            model: model_for(&plan.grader, time),
            ..Call::bare(plan.grader.limits)
        };
        let request = GradeRequest {
            description: self.description.clone(),
            rubric: plan.rubric.clone(),
            iteration,
            outputs_path: OUTPUTS.to_owned(),
        };
        let mut report = plan.grader.plugin.grade(call, &request).await;
        if deterministic {
            report.usage.wall_ms = 0;
        }
        let (result, explanation) = match &report.result {
            Ok(evaluation) => {
                let left = self.iteration < plan.max_iterations;
                (outcome_result(evaluation.judgement, left), evaluation.explanation.clone())
            }
            Err(failure) => (OutcomeResult::Failed, failure.to_string()),
        };
        let failure = report.result.as_ref().err().cloned();
        let span = Span {
            usage: report.usage,
            failure,
            untrusted: false,
            files: report.effects.files,
            denied: report.effects.denied,
            unlisted: report.effects.unlisted,
        };
        let evaluation = report.result.ok();
        writer.write_logs(None, &plan.grader.name, report.logs)?;
        let end = Event::EvaluationEnd {
            outcome_id,
            outcome_evaluation_start_id: start,
            iteration,
            result,
            explanation: explanation.clone(),
            usage: ModelUsage::default(),
            lucid: details(evaluation.as_ref(), &span),
        };
        writer.write(None, &end)?;
        Ok(Evaluated { result, evaluation, explanation })
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
pub(crate) fn gaps(evaluated: &Evaluated, last: bool) -> String {
    let intro = if last {
        "The result was evaluated and is not satisfactory; no evaluations are left. Close your \
         work with a short statement."
    } else {
        "The result was evaluated and is not satisfactory yet. Close these gaps:"
    };
    let mut message = intro.to_owned();
    let criteria = evaluated.evaluation.iter().flat_map(|evaluation| &evaluation.criteria);
    let open = |criterion: &&Criterion| criterion.verdict == Verdict::Unmet;
    for criterion in criteria.filter(open) {
        message.push_str(&format!("\n- {}: {}", criterion.text, criterion.explanation));
        if !criterion.evidence_paths.is_empty() {
            message.push_str(&format!(" (see {})", criterion.evidence_paths.join(", ")));
        }
    }
    if evaluated.evaluation.is_none() {
        message.push_str(&format!("\n- {}", evaluated.explanation));
    }
    message
}
