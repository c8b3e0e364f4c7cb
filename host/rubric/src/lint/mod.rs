//! Says what is wrong with a rubric, before anything is judged by it.

mod finding;
mod meaning;
mod pairs;
mod vague;

pub use finding::{Code, Finding, Severity};
pub use vague::VAGUE;

use crate::check::{self, Outline, Truth};
use crate::parse::{Criterion, Source, parse};
use crate::text::{cut, without_quotes, words};
use pairs::Pairs;

/// Reads a check in the language of checks, and says in one sentence what is wrong with it.
///
/// It is only asked about checks that [`check::bounded`] lets through.
pub type Checker<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// Finds what is wrong with a rubric, in the order of its lines.
///
/// Without a `checker`, checks are looked at only as far as this crate understands them.
pub fn lint(rubric: &str, checker: Option<Checker<'_>>) -> Vec<Finding> {
    let criteria = match parse(rubric) {
        Ok(criteria) => criteria,
        Err(mistake) => {
            let hint = "a rubric that is not read is not used at all: mend this first";
            return vec![Finding::new(Code::Unreadable, mistake.line, mistake.message, hint)];
        }
    };
    let mut found = Vec::new();
    let Some(first) = criteria.first() else {
        let hint = "write a list, one item for each thing that has to be true of the result";
        found.push(Finding::new(Code::NoCriteria, 1, "the rubric has no criteria", hint));
        return found;
    };
    if criteria.iter().all(|criterion| criterion.check.is_none()) {
        let message = "no criterion has a check: only a grader that asks a model can judge this";
        let hint = "give those that can have one a check, such as `check: exists('report.md')`";
        found.push(Finding::new(Code::NothingGradable, first.line, message, hint));
    }
    let mut pairs = Pairs::default();
    for criterion in &criteria {
        one(criterion, &mut found);
        let outline = criterion.check.as_ref().and_then(|check| read(check, checker, &mut found));
        pairs.compare(criterion, outline.as_ref(), &mut found);
    }
    found.sort_by_key(|finding| (finding.line, finding.code));
    found
}

/// What is wrong with a criterion by itself, but for its check.
fn one(criterion: &Criterion, found: &mut Vec<Finding>) {
    let Criterion { text, line, must, weight, check, .. } = criterion;
    let mut add = |code, message: String, hint: &str| {
        found.push(Finding::new(code, *line, message, hint));
    };
    if text.is_empty() {
        add(
            Code::Empty,
            "the criterion is empty".to_owned(),
            "write what it asks for, or remove it",
        );
        return;
    }
    if *weight <= 0.0 {
        let message = format!("the weight {weight} is not above zero");
        add(Code::WeightNotPositive, message, "remove the criterion, or mark it with (should)");
    }
    // What has no words of its own is only a check.
    if check.as_ref().is_some_and(|check| check.text == *text) {
        return;
    }
    let lower = text.to_lowercase();
    let weighed = lower.rsplit_once("(weight").filter(|(_, end)| end.ends_with(')'));
    if weighed.is_some() {
        let hint = "write it as (weight 2), with a point where one is needed";
        add(Code::WeightUnread, "its weight is not a number, so it weighs 1".to_owned(), hint);
    }
    // A number in a weight is no measure.
    let words = words(&without_quotes(weighed.map_or(&lower, |(before, _)| before)));
    let says = |word: &str| words.iter().any(|said| said == word);
    let should = says("should") || says("ideally") || says("preferably") || says("optionally");
    if *must && should && !says("must") {
        let message = "it reads as a wish, and a result has to meet it all the same".to_owned();
        add(Code::ShouldAsMust, message, "say what is the case, or mark it with (should)");
    }
    if !*must && says("must") {
        let message = "it says must, and a result does not have to meet it".to_owned();
        add(Code::MustAsShould, message, "take the mark (should) away, or the word");
    }
    let count = meaning::requirements(text);
    if count > 1 {
        let message = format!("it asks for {count} things at once");
        add(Code::ManyInOne, message, "make a criterion of each: then each gap has a name");
    }
    if check.is_some() {
        return;
    }
    if let Some((named, hint)) = vague::vague(&words) {
        let named: Vec<String> = named.iter().map(|word| format!("“{word}”")).collect();
        let message = format!("{} can mean anything here", named.join(", "));
        add(Code::Vague, message, hint);
    }
    let lower = text.to_lowercase();
    let is_called =
        |name: &&str| ["('", "(\""].iter().any(|open| lower.contains(&format!("{name}{open}")));
    if lower.contains("check:") || check::FUNCTIONS.iter().any(is_called) {
        let hint = "write it as `check: …`, in small letters, between backticks";
        add(Code::CheckUnread, "it looks like a check, and it is none".to_owned(), hint);
    }
    let hint = "add a `check: …`, or leave it to a grader that asks a model";
    add(Code::NoCheck, format!("no machine can judge “{}”", cut(text, 60)), hint);
}

/// What is wrong with a check by itself; its outline, where it can be read.
fn read(
    source: &Source,
    checker: Option<Checker<'_>>,
    found: &mut Vec<Finding>,
) -> Option<Outline> {
    let Source { text, line } = source;
    let mut add = |code, message: &str, hint: &str| {
        found.push(Finding::new(code, *line, message, hint));
    };
    if let Err(wrong) = check::bounded(text) {
        add(Code::BadCheck, &wrong, "split the criterion, or check less of it");
        return None;
    }
    let outline = Outline::read(text);
    let functions = outline.as_ref().map(Outline::unknown_functions).unwrap_or_default();
    for name in &functions {
        let message = format!("there is no function `{}`", cut(name, 80));
        let hint = format!("a check may call {}", check::FUNCTIONS.join(", "));
        add(Code::UnknownName, &message, &hint);
    }
    let names = outline.as_ref().map(Outline::unknown_names).unwrap_or_default();
    for name in &names {
        let message = format!("`{}` is not the name of anything here", cut(name, 80));
        add(Code::UnknownName, &message, "a check reads files: json('report.json').key");
    }
    let has_unknown = !functions.is_empty() || !names.is_empty();
    if let Some(checker) = checker.filter(|_| !has_unknown)
        && let Err(wrong) = checker(text)
    {
        add(Code::BadCheck, &wrong, "docs/checks.md has the language of checks");
        return None;
    }
    match outline.as_ref().map(Outline::truth) {
        Some(Truth::Never) => {
            add(Code::NeverTrue, "its check can never be true", "no result could meet it: mend it");
        }
        Some(Truth::Always) => {
            let hint = "it lets everything pass: check something of the outputs";
            add(Code::AlwaysTrue, "its check can never be false", hint);
        }
        Some(Truth::Open) | None => {}
    }
    outline
}

#[cfg(test)]
mod tests;
