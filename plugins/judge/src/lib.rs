//! `judge`: a grader that asks a model about each criterion, and believes only what it can
//! show.
//!
//! Each criterion is judged by itself, in a conversation of its own (`question`), from parts
//! of the outputs that fit it (`evidence`). The model answers in one JSON form (`answer`),
//! with quotes; a quote is true if it is in the file byte for byte and is no text that speaks
//! to a grader (`sway`, `fold`). What is said to be met without a true quote is unmet
//! (`judge`). What comes from the outputs is data: it stands between the lines of a fence
//! that is in none of it (the SDK's `Fence`).
//!
//! This file is the glue to the SDK; everything else is plain Rust with a fake model in its
//! tests.

pub mod answer;
pub mod evidence;
pub mod fold;
pub mod judge;
pub mod outputs;
pub mod question;
pub mod sway;

use answer::Said;
use judge::{Asked, Model, Reply, Ruling, Unanswered, judge as judge_all};
use lucid_sdk::grader::{
    Criterion, Evaluation, GradeError, Grader, Quote, Request, RubricMistake, Verdict,
};
use lucid_sdk::model::{self, ModelError, StopReason};
use outputs::Outputs;
use question::Question;
use std::fmt::Write;
use std::path::Path;

/// The longest answer wanted, in tokens.
const ANSWER_TOKENS: u32 = 2_048;

/// So many places that speak to a grader are named in an evaluation; the others are counted.
const NAMED_MAX: usize = 10;

/// The grader.
pub struct Judge;

lucid_sdk::export_grader!(Judge);

impl Grader for Judge {
    fn check_rubric(rubric: &str) -> Result<(), RubricMistake> {
        asked(rubric).map(|_| ())
    }

    fn grade(request: &Request) -> Result<Evaluation, GradeError> {
        let asked = asked(&request.rubric).map_err(GradeError::InvalidRubric)?;
        let outputs = Outputs::read(Path::new(&request.outputs_path));
        let outputs = outputs.map_err(GradeError::Failed)?;
        let rulings = judge_all(&asked, &request.description, &outputs, &mut Host);
        let rulings = rulings.map_err(GradeError::Failed)?;
        let mut evaluation = Evaluation::of(rulings.into_iter().map(criterion).collect());
        evaluation.explanation.push_str(&swayed(&outputs));
        Ok(evaluation)
    }
}

/// The criteria of a rubric, each with the headings and the item that it stands under. What a
/// machine check says is for another grader.
fn asked(rubric: &str) -> Result<Vec<Asked>, RubricMistake> {
    let mistake = |line, message| RubricMistake { line, message };
    let criteria = lucid_rubric::parse(rubric).map_err(|one| mistake(one.line, one.message))?;
    if criteria.is_empty() {
        let message = "the rubric has no criteria: write each as an item of a list";
        return Err(mistake(1, message.to_owned()));
    }
    let asked = |criterion: lucid_rubric::Criterion| {
        let above = criterion.section.iter().chain(&criterion.parent);
        let above: Vec<&str> = above.map(AsRef::as_ref).collect();
        let under = above.join(" / ");
        let lucid_rubric::Criterion { text, line, must, weight, .. } = criterion;
        Asked { text, under, line, must, weight }
    };
    Ok(criteria.into_iter().map(asked).collect())
}

fn criterion(ruling: Ruling) -> Criterion {
    let verdict = match ruling.verdict {
        Said::Met => Verdict::Met,
        Said::Unmet => Verdict::Unmet,
        Said::NotApplicable => Verdict::NotApplicable,
        Said::NotGradable => Verdict::NotGradable,
    };
    let mut evidence_paths: Vec<String> =
        ruling.quotes.iter().map(|quote| quote.path.clone()).collect();
    evidence_paths.sort();
    evidence_paths.dedup();
    let quotes = ruling.quotes.into_iter();
    let quotes = quotes.map(|quote| Quote { path: quote.path, text: quote.text }).collect();
    let Asked { text, line, must, weight, .. } = ruling.asked;
    Criterion {
        text,
        line,
        required: must,
        weight,
        verdict,
        explanation: ruling.explanation,
        evidence_paths,
        quotes,
    }
}

/// What the outputs say to a grader, for the people who read the evaluation.
fn swayed(outputs: &Outputs) -> String {
    let count = outputs.findings().count();
    if count == 0 {
        return String::new();
    }
    let mut text = "\nText in the outputs speaks to a grader. It was treated as data, and no \
                    verdict rests on it:"
        .to_owned();
    for (file, finding) in outputs.findings().take(NAMED_MAX) {
        let path = answer::line(&question::json(&file.path));
        let _ = match finding.line {
            0 => write!(text, " {path} ({})", finding.kind),
            line => write!(text, " {path} line {line} ({})", finding.kind),
        };
        text.push(';');
    }
    text.truncate(text.trim_end_matches(';').len());
    if count > NAMED_MAX {
        let _ = write!(text, "; and {} more places", count - NAMED_MAX);
    }
    text.push('.');
    text
}

/// The model that this plugin was granted.
struct Host;

impl Model for Host {
    fn ask(&mut self, question: &Question) -> Result<Reply, Unanswered> {
        let request = model::Request {
            system: question.system.clone(),
            max_tokens: ANSWER_TOKENS,
            ..model::Request::asking(question.message.clone())
        };
        let completion = model::complete(&request).map_err(unanswered)?;
        Ok(match completion.stop_reason {
            StopReason::EndTurn => Reply::Text(completion.plain_text()),
            StopReason::MaxTokens => Reply::Other("it is longer than was asked for"),
            StopReason::ToolUse => Reply::Other("it calls a tool, and there are none"),
            StopReason::Refusal => Reply::Other("it is a refusal"),
        })
    }
}

fn unanswered(error: ModelError) -> Unanswered {
    match error {
        ModelError::BudgetExceeded(message) => Unanswered::Budget(message),
        ModelError::Overloaded(message) => {
            Unanswered::Failed(format!("it is overloaded ({message}); grade again later"))
        }
        ModelError::InvalidRequest(message) => {
            Unanswered::Failed(format!("it does not take the question: {message}"))
        }
        ModelError::Failed(message) => Unanswered::Failed(message),
    }
}

#[cfg(test)]
mod grader_tests;
