//! `panel`: a grader that combines others by a rule.
//!
//! It reads no outputs and asks no model: the host lets each member grade, in an instance of
//! its own, and the panel puts together what they say (`align`, `combine`). Under the rule
//! `all` a criterion is met if everyone who could tell says so, under `majority` if more say
//! so than say the opposite, and under `weighted` the same with the members' weights.
//!
//! This file is the glue to the SDK; everything else is plain Rust on plain types.

pub mod align;
pub mod combine;
pub mod host;
pub mod panel;

use align::Judged;
use combine::Verdict;
use host::Host;
use lucid_sdk::grader::{
    self, Criterion, Evaluation, GradeError, Grader, Quote, Request, RubricMistake,
};
use panel::Combined;

/// The grader.
pub struct Panel;

lucid_sdk::export_grader!(Panel);

impl Grader for Panel {
    fn check_rubric(_rubric: &str) -> Result<(), RubricMistake> {
        // Whether its members can use the rubric, the host asks each of them.
        panel::ready(&Host).map(drop).map_err(|message| RubricMistake { line: 1, message })
    }

    fn grade(request: &Request) -> Result<Evaluation, GradeError> {
        panel::grade(&Host, &request.rubric).map(evaluation).map_err(GradeError::Failed)
    }
}

fn evaluation(combined: Combined) -> Evaluation {
    let listed = Evaluation::of(combined.criteria.into_iter().map(criterion).collect());
    // How many are met; the members' own words name the gaps.
    let first = listed.explanation.lines().next().unwrap_or_default();
    Evaluation {
        judgement: listed.judgement,
        explanation: format!("{first} {}", combined.explanation),
        criteria: listed.criteria,
    }
}

fn criterion(judged: Judged) -> Criterion {
    let quote = |quote: combine::Quote| Quote { path: quote.path, text: quote.text };
    Criterion {
        text: judged.text,
        line: judged.line,
        required: judged.required,
        weight: judged.weight,
        verdict: match judged.opinion.verdict {
            Verdict::Met => grader::Verdict::Met,
            Verdict::Unmet => grader::Verdict::Unmet,
            Verdict::NotApplicable => grader::Verdict::NotApplicable,
            Verdict::NotGradable => grader::Verdict::NotGradable,
        },
        explanation: judged.opinion.explanation,
        evidence_paths: judged.opinion.evidence_paths,
        quotes: judged.opinion.quotes.into_iter().map(quote).collect(),
    }
}
