//! Calls of kind `grader`.

use lucid_core::{Criterion, Evaluation, Failure, Judgement, Quote, Result, Verdict};

use super::wrong_kind;
use crate::bindings::grader::exports::lucid::plugin::grading as wit;
use crate::call::{Call, Report};
use crate::plugin::{Entry, Plugin};
use crate::run::run;

/// What is to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeRequest {
    /// What the outcome is about.
    pub description: String,
    /// What done looks like, in Markdown.
    pub rubric: String,
    /// Which evaluation this is, from 0.
    pub iteration: u32,
    /// Where the guest finds the outputs.
    pub outputs_path: String,
}

impl Plugin {
    /// Checks that a rubric can be used by a grader plugin.
    ///
    /// The report's result is invalid, with the line, when it cannot.
    pub async fn check_rubric(&self, call: Call, rubric: &str) -> Report<()> {
        let plugin = self.clone();
        let text = rubric.to_owned();
        let checked = run(
            self,
            call,
            rubric.len(),
            |_| 0,
            move |store| {
                Box::pin(async move {
                    let Entry::Grader(entry) = plugin.entry() else {
                        return Err(wrong_kind(&plugin));
                    };
                    let grader = entry.instantiate_async(&mut *store).await?;
                    grader.lucid_plugin_grading().call_check_rubric(&mut *store, &text).await
                })
            },
        );
        checked.await.and_then(|answer| answer.map_err(|mistake| mistake_from_wit(&mistake)))
    }

    /// Grades the outputs.
    pub async fn grade(&self, call: Call, request: &GradeRequest) -> Report<Evaluation> {
        let plugin = self.clone();
        let bytes = request.description.len() + request.rubric.len();
        let request = wit::Request {
            description: request.description.clone(),
            rubric: request.rubric.clone(),
            iteration: request.iteration,
            outputs_path: request.outputs_path.clone(),
        };
        let graded = run(self, call, bytes, answer_size, move |store| {
            Box::pin(async move {
                let Entry::Grader(entry) = plugin.entry() else {
                    return Err(wrong_kind(&plugin));
                };
                let grader = entry.instantiate_async(&mut *store).await?;
                grader.lucid_plugin_grading().call_grade(&mut *store, &request).await
            })
        });
        let name = &self.manifest().name;
        graded.await.and_then(|answer| evaluation_from_wit(name, answer))
    }
}

type Answer = Result<wit::Evaluation, wit::GradeError>;

fn answer_size(answer: &Answer) -> usize {
    let criterion = |criterion: &wit::Criterion| {
        criterion.text.len()
            + criterion.explanation.len()
            + criterion.evidence_paths.iter().map(String::len).sum::<usize>()
            + criterion.quotes.iter().map(|q| q.path.len() + q.text.len()).sum::<usize>()
    };
    answer.as_ref().map_or(0, |evaluation| {
        evaluation.explanation.len() + evaluation.criteria.iter().map(criterion).sum::<usize>()
    })
}

fn mistake_from_wit(mistake: &wit::RubricMistake) -> Failure {
    Failure::invalid(format!("line {}: {}", mistake.line, mistake.message))
        .hint("mend what it names; `lucid rubric lint FILE` looks through a whole rubric")
}

/// The most that a criterion counts.
const WEIGHT_MAX: f64 = 1_000.0;

/// What a criterion counts, whatever a grader says.
fn weight(said: f64) -> f64 {
    if said.is_nan() { 0.0 } else { said.clamp(0.0, WEIGHT_MAX) }
}

fn evaluation_from_wit(name: &str, answer: Answer) -> Result<Evaluation> {
    let evaluation = match answer {
        Ok(evaluation) => evaluation,
        Err(wit::GradeError::InvalidRubric(mistake)) => {
            return Err(mistake_from_wit(&mistake).about("rubric"));
        }
        Err(wit::GradeError::Failed(message)) => {
            return Err(Failure::failed(format!("grader `{name}`: {message}")));
        }
    };
    let quote = |quote: wit::Quote| Quote { path: quote.path, text: quote.text };
    let criterion = |criterion: wit::Criterion| Criterion {
        text: criterion.text,
        line: criterion.line,
        required: criterion.required,
        weight: weight(criterion.weight),
        verdict: match criterion.verdict {
            wit::Verdict::Met => Verdict::Met,
            wit::Verdict::Unmet => Verdict::Unmet,
            wit::Verdict::NotApplicable => Verdict::NotApplicable,
            wit::Verdict::NotGradable => Verdict::NotGradable,
        },
        explanation: criterion.explanation,
        evidence_paths: criterion.evidence_paths,
        quotes: criterion.quotes.into_iter().map(quote).collect(),
    };
    let criteria: Vec<_> = evaluation.criteria.into_iter().map(criterion).collect();
    let judgement = match evaluation.judgement {
        wit::Judgement::Satisfied => Judgement::Satisfied,
        wit::Judgement::NeedsRevision => Judgement::NeedsRevision,
        wit::Judgement::Failed => Judgement::Failed,
    };
    // A grader's word is checked against its own verdicts: satisfied means no open criterion.
    if judgement == Judgement::Satisfied
        && (criteria.is_empty() || criteria.iter().any(Criterion::is_open))
    {
        return Err(Failure::failed(format!(
            "grader `{name}` says satisfied, and not every required criterion is met"
        ))
        .hint("this is a mistake in the grader"));
    }
    Ok(Evaluation { judgement, explanation: evaluation.explanation, criteria })
}
