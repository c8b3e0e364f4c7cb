//! Judges outputs: one verdict per criterion, and what they come to.

use crate::budget::{GRADING_READ, GRADING_STEPS, Meter, Pool};
use crate::check::{Check, Fault, Language};
use crate::explain::Explainer;
use crate::library::Library;
use crate::rubric::{self, Criterion as Item};
use crate::shelf::{HELD_BYTES, Shelf, Work};
use crate::text::{shorten, show};
use crate::{budget, explain, mistake, summary};
use cel::Value;
use cel::common::types::CelBool;
use lucid_sdk::grader::{Criterion, Evaluation, Judgement, RubricMistake, Verdict};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The longest explanation of one criterion, in bytes.
const CRITERION: usize = 600;
/// The steps an explanation takes at most.
const EXPLANATION: u64 = 1_000_000;

/// A rubric that can be used: each criterion, and its check if it has one.
pub struct Rubric {
    language: Language,
    criteria: Vec<(Item, By)>,
    /// The checks, each once.
    checks: Vec<Check>,
}

/// What a criterion is judged by.
#[derive(Debug, Clone)]
enum By {
    /// Nothing this grader runs.
    Nothing,
    /// A check that is too large to be run.
    TooLarge(String),
    /// A check, by its number.
    Check(usize),
}

/// What a check came to.
#[derive(Debug, Clone)]
struct Outcome {
    verdict: Verdict,
    explanation: String,
    evidence: Vec<String>,
}

impl Outcome {
    fn not_gradable(explanation: &str) -> Self {
        let explanation = explanation.to_owned();
        Self { verdict: Verdict::NotGradable, explanation, evidence: Vec::new() }
    }
}

/// Reads a rubric and its checks.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(rubric: &str) -> Result<Rubric, RubricMistake> {
    let language = Language::new().map_err(|error| mistake(1, error))?;
    let items = rubric::parse(rubric).map_err(|wrong| mistake(wrong.line, wrong.message))?;
    if items.is_empty() {
        let message = "the rubric has no criteria: write each as an item of a list";
        return Err(mistake(1, message.to_owned()));
    }
    let mut checks = Vec::new();
    let mut known: HashMap<String, By> = HashMap::new();
    let mut criteria = Vec::with_capacity(items.len());
    for item in items {
        let by = match &item.check {
            None => By::Nothing,
            Some(source) => match known.get(&source.text) {
                Some(by) => by.clone(),
                None => {
                    let by = match language.read(&source.text) {
                        Ok(check) => {
                            checks.push(check);
                            By::Check(checks.len() - 1)
                        }
                        Err(Fault::TooLarge(message)) => By::TooLarge(message),
                        Err(Fault::Mistake(message)) => return Err(mistake(source.line, message)),
                    };
                    known.insert(source.text.clone(), by.clone());
                    by
                }
            },
        };
        criteria.push((item, by));
    }
    Ok(Rubric { language, criteria, checks })
}

impl Rubric {
    /// Judges the outputs in a folder.
    pub fn judge(&self, outputs: &Path) -> Evaluation {
        self.judge_within(outputs, HELD_BYTES).0
    }

    /// As [`Rubric::judge`], holding at most `held` bytes of files; with the work it took.
    pub fn judge_within(&self, outputs: &Path, held: u64) -> (Evaluation, Work) {
        let (outcomes, work) = self.outcomes(outputs, held);
        let criteria = self.criteria.iter().map(|(item, by)| {
            let outcome = match by {
                By::Nothing => Outcome::not_gradable(
                    "it has no machine check, and this grader runs nothing \
                                           else",
                ),
                By::TooLarge(message) => {
                    Outcome::not_gradable(&format!("its check is not run: {message}"))
                }
                By::Check(at) => outcomes
                    .get(*at)
                    .cloned()
                    .unwrap_or_else(|| Outcome::not_gradable("its check was not run")),
            };
            Criterion {
                text: item.text.clone(),
                line: item.line,
                required: item.must,
                weight: item.weight,
                verdict: outcome.verdict,
                explanation: outcome.explanation,
                evidence_paths: outcome.evidence,
                quotes: Vec::new(),
            }
        });
        let criteria: Vec<Criterion> = criteria.collect();
        let items: Vec<&Item> = self.criteria.iter().map(|(item, _)| item).collect();
        let judgement = Judgement::of(&criteria);
        let explanation = summary::explanation(&items, &criteria);
        (Evaluation { judgement, explanation, criteria }, work)
    }

    /// What each check comes to, in the order of the checks.
    fn outcomes(&self, outputs: &Path, held: u64) -> (Vec<Outcome>, Work) {
        let shelf = Arc::new(Shelf::new(outputs, held));
        let mut steps = Pool::new(GRADING_STEPS, budget::CHECK_STEPS, self.checks.len());
        let mut read = Pool::new(GRADING_READ, budget::CHECK_READ, self.checks.len());
        let mut outcomes: Vec<Option<Outcome>> = vec![None; self.checks.len()];
        let mut taken = 0;
        for at in self.order() {
            let (Some(check), Some(outcome)) = (self.checks.get(at), outcomes.get_mut(at)) else {
                continue;
            };
            let meter = Meter::new(steps.allowance(), read.allowance());
            let library = Arc::new(Library::sharing(&shelf, meter));
            *outcome = Some(self.outcome(check, &library));
            steps.settle(library.meter().steps_taken());
            read.settle(library.meter().bytes_read());
            taken += library.meter().steps_taken();
        }
        let work = Work { steps: taken, checks: self.checks.len() as u64, ..shelf.work() };
        (outcomes.into_iter().flatten().collect(), work)
    }

    /// The order the checks are evaluated in: those that read the same files after each other,
    /// so that a file that does not stay on the shelf is still read about once; those that may
    /// read whatever there is last.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.checks.len()).collect();
        order.sort_by_key(|at| {
            self.checks.get(*at).map(|check| (check.computes_paths, &check.paths))
        });
        order
    }

    fn outcome(&self, check: &Check, library: &Arc<Library>) -> Outcome {
        let result = self.run(check, library);
        let verdict = if result.is_ok() { Verdict::Met } else { Verdict::Unmet };
        let explanation = match result {
            Ok(()) => "its check is true".to_owned(),
            Err(reason) => shorten(&reason, CRITERION),
        };
        Outcome { verdict, explanation, evidence: library.touched() }
    }

    fn run(&self, check: &Check, library: &Arc<Library>) -> Result<(), String> {
        let context = self.language.over(library)?;
        let meter = library.meter();
        let value = Value::resolve_val(&check.expression, &context);
        let left = meter.steps_left();
        // `&&`, `||` and macros swallow errors, so a check that was stopped may have a value.
        if let Some(reason) = meter.stopped() {
            return Err(format!("its check was stopped: {reason}"));
        }
        // What the check left: an explanation takes nothing from another check.
        meter.again(left.min(EXPLANATION));
        let explainer = Explainer::new(library);
        let value = value.map_err(|error| {
            let mut reason = explainer.stuck(&check.expression, &context, &error);
            if meter.stopped().is_some() {
                reason = explain::error(&error);
            }
            format!("its check cannot be decided: {reason}")
        })?;
        match value.downcast_ref::<CelBool>().map(|bool| *bool.inner()) {
            Some(true) => Ok(()),
            Some(false) => {
                let reason = explainer.why(&check.expression, &context);
                match meter.stopped() {
                    None => Err(reason),
                    Some(_) => Err("it is false, and saying why takes too many steps".to_owned()),
                }
            }
            None => {
                let shown = show(value.as_ref(), 120);
                Err(format!("its check gives {shown} instead of true or false"))
            }
        }
    }
}
