//! The other graders of a panel, for a grader that puts their verdicts together.

use super::{Criterion, Evaluation, Judgement, Quote, Verdict};
use crate::bindings::imports::lucid::plugin::graders as wit;

pub use wit::{Member, Panel};

/// Who sits on the panel, and how it is to decide, as the mission has it. Its manifest has to
/// ask for `graders = true`.
///
/// ```no_run
/// let panel = lucid_sdk::grader::panel();
/// assert_eq!(panel.rule, "all");
/// ```
#[must_use]
pub fn panel() -> Panel {
    wit::get_panel()
}

/// Lets a member judge the outputs by a rubric: the one of the request, or a part of it.
///
/// ```no_run
/// # let rubric = "- There is a report.\n";
/// for member in lucid_sdk::grader::panel().members {
///     let evaluation = lucid_sdk::grader::ask_member(&member.name, rubric)?;
///     assert_eq!(evaluation.criteria.len(), 1);
/// }
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// Why it did not judge, in one sentence.
pub fn ask_member(name: &str, rubric: &str) -> Result<Evaluation, String> {
    let judged = wit::grade(name, rubric)?;
    Ok(Evaluation {
        judgement: match judged.judgement {
            wit::Judgement::Satisfied => Judgement::Satisfied,
            wit::Judgement::NeedsRevision => Judgement::NeedsRevision,
            wit::Judgement::Failed => Judgement::Failed,
        },
        explanation: judged.explanation,
        criteria: judged.criteria.into_iter().map(criterion).collect(),
    })
}

fn criterion(judged: wit::Criterion) -> Criterion {
    let quote = |quote: wit::Quote| Quote { path: quote.path, text: quote.text };
    Criterion {
        text: judged.text,
        line: judged.line,
        required: judged.required,
        weight: judged.weight,
        verdict: match judged.verdict {
            wit::Verdict::Met => Verdict::Met,
            wit::Verdict::Unmet => Verdict::Unmet,
            wit::Verdict::NotApplicable => Verdict::NotApplicable,
            wit::Verdict::NotGradable => Verdict::NotGradable,
        },
        explanation: judged.explanation,
        evidence_paths: judged.evidence_paths,
        quotes: judged.quotes.into_iter().map(quote).collect(),
    }
}
