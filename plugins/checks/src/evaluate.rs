//! Judges outputs: one verdict per criterion, and what they come to.

use crate::check::{Check, Language};
use crate::library::Library;
use crate::rubric::{self, Item};
use crate::text::{shorten, show};
use crate::{explain, functions, mistake};
use cel::common::types::CelBool;
use cel::{Context, Value};
use lucid_sdk::grader::{Criterion, Evaluation, Judgement, RubricMistake, Verdict};
use std::path::Path;
use std::sync::Arc;

/// The longest explanation of one criterion, in bytes.
const CRITERION: usize = 600;
/// The longest explanation of an evaluation, in bytes.
const EVALUATION: usize = 8 * 1024;

/// A rubric that can be used: each criterion, and its check if it has one.
pub struct Rubric {
    language: Language,
    criteria: Vec<(Item, Option<Check>)>,
}

/// Reads a rubric and its checks.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(rubric: &str) -> Result<Rubric, RubricMistake> {
    let language = Language::new().map_err(|error| mistake(1, error))?;
    let mut criteria = Vec::new();
    for item in rubric::parse(rubric)? {
        let check = match &item.check {
            None => None,
            Some(source) => {
                let check = language.read(&source.text);
                Some(check.map_err(|message| mistake(source.line, message))?)
            }
        };
        criteria.push((item, check));
    }
    Ok(Rubric { language, criteria })
}

impl Rubric {
    /// Judges the outputs in a folder.
    pub fn judge(&self, outputs: &Path) -> Evaluation {
        let judge = |(item, check): &(Item, Option<Check>)| self.criterion(item, check, outputs);
        let criteria: Vec<Criterion> = self.criteria.iter().map(judge).collect();
        let has = |verdict| criteria.iter().any(|criterion| criterion.verdict == verdict);
        let judgement = if has(Verdict::Unmet) {
            Judgement::NeedsRevision
        } else if criteria.is_empty() || has(Verdict::NotGradable) {
            Judgement::Failed
        } else {
            Judgement::Satisfied
        };
        Evaluation { judgement, explanation: summary(&criteria), criteria }
    }

    fn criterion(&self, item: &Item, check: &Option<Check>, outputs: &Path) -> Criterion {
        let mut criterion = Criterion {
            text: item.text.clone(),
            line: item.line,
            verdict: Verdict::NotGradable,
            explanation: "it has no machine check, and this grader runs nothing else".to_owned(),
            evidence_paths: Vec::new(),
        };
        if let Some(check) = check {
            // Each check has files of its own, so what is held at once is bounded.
            let library = Arc::new(Library::new(outputs));
            let outcome = self.run(check, &library);
            criterion.verdict = if outcome.is_ok() { Verdict::Met } else { Verdict::Unmet };
            let explanation = match outcome {
                Ok(()) => "its check is true".to_owned(),
                Err(reason) => shorten(&reason, CRITERION),
            };
            criterion.explanation = explanation;
            criterion.evidence_paths = library.touched();
        }
        criterion
    }

    fn run(&self, check: &Check, library: &Arc<Library>) -> Result<(), String> {
        let mut context = Context::with_env(self.language.env());
        functions::declare(&mut context, library)?;
        context.set_variable_resolver(library.as_ref());
        let value = Value::resolve_val(&check.expression, &context).map_err(|error| {
            let reason = explain::stuck(&check.expression, &context, &error);
            format!("its check cannot be decided: {reason}")
        })?;
        match value.downcast_ref::<CelBool>().map(|bool| *bool.inner()) {
            Some(true) => Ok(()),
            Some(false) => Err(explain::why(&check.expression, &context)),
            None => {
                let shown = show(value.as_ref(), 120);
                Err(format!("its check gives {shown} instead of true or false"))
            }
        }
    }
}

fn summary(criteria: &[Criterion]) -> String {
    if criteria.is_empty() {
        return "the rubric has no criteria: no list items, and no paragraphs".to_owned();
    }
    let of = |verdict| criteria.iter().filter(move |criterion| criterion.verdict == verdict);
    let mut text = format!("{} of {} criteria are met.", of(Verdict::Met).count(), criteria.len());
    for criterion in of(Verdict::Unmet) {
        let (line, name) = (criterion.line, shorten(&criterion.text, 160));
        let files = match criterion.evidence_paths.as_slice() {
            [] => String::new(),
            paths => format!(" (looked at {})", shorten(&paths.join(", "), 160)),
        };
        push(&mut text, &format!("\nLine {line}, “{name}”: {}{files}.", criterion.explanation));
    }
    let unjudged: Vec<String> =
        of(Verdict::NotGradable).map(|criterion| criterion.line.to_string()).collect();
    if !unjudged.is_empty() {
        let lines = unjudged.join(", ");
        let about = "The rubric has criteria without a machine check, which this grader cannot \
                     judge and never counts as met: line";
        push(&mut text, &format!("\n{about} {lines}."));
    }
    text
}

fn push(text: &mut String, more: &str) {
    if text.len() + more.len() <= EVALUATION {
        text.push_str(more);
    } else if !text.ends_with('…') {
        text.push_str("\n…");
    }
}
