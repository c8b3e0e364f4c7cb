//! What of the additions comes first, and how much of them an agent has to read.
//!
//! By worth for each token, the best of each kind first, so that none crowds out the others.
//! Ties are broken by the text, never by the order in which things were found.

use crate::instructions::Wanted;
use crate::model::{Change, RuleKind};
use crate::plan::Step;
use std::collections::BTreeSet;

/// Tokens that all additions of one dream may take.
const TOKENS_MAX: usize = 8_000;
/// Bytes of a token, roughly.
const TOKEN_BYTES: usize = 4;
/// What is about the theme is worth so many times more.
const THEME_WORTH: f64 = 4.0;

/// Whether an addition is about the theme.
pub(crate) fn is_about(step: &Step, wanted: &Wanted) -> bool {
    addition(step).is_some_and(|(_, text)| wanted.is_about(text))
}

/// The additions in the order to propose them, without those beyond the budget, which are
/// counted in `left_out`.
pub(crate) fn ranked(mut steps: Vec<Step>, wanted: &Wanted, left_out: &mut usize) -> Vec<Step> {
    for step in &mut steps {
        if is_about(step, wanted) {
            step.worth *= THEME_WORTH;
        }
    }
    steps.sort_by(|a, b| {
        let text = |step: &Step| addition(step).map(|(_, text)| text.to_owned());
        density(b).total_cmp(&density(a)).then_with(|| text(a).cmp(&text(b)))
    });
    let mut seen = BTreeSet::new();
    let is_first = |step: &Step, seen: &mut BTreeSet<RuleKind>| {
        addition(step).is_some_and(|(kind, _)| seen.insert(kind))
    };
    let (first, rest): (Vec<Step>, Vec<Step>) =
        steps.into_iter().partition(|step| is_first(step, &mut seen));
    let mut out = Vec::new();
    let mut tokens = 0;
    let most = wanted.additions_max.unwrap_or(usize::MAX);
    for step in first.into_iter().chain(rest) {
        let cost = cost(&step);
        if tokens + cost > TOKENS_MAX || out.len() >= most {
            *left_out += 1 + step.then.len();
            continue;
        }
        tokens += cost;
        out.push(step);
    }
    out
}

fn density(step: &Step) -> f64 {
    step.worth / cost(step).max(1) as f64
}

fn cost(step: &Step) -> usize {
    addition(step).map_or(0, |(_, text)| text.len().div_ceil(TOKEN_BYTES))
}

fn addition(step: &Step) -> Option<(RuleKind, &str)> {
    match &step.operation.change {
        Change::Add { text, kind, .. } => Some((*kind, text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instructions;
    use crate::model::Operation;

    fn step(kind: RuleKind, text: &str, worth: f64) -> Step {
        let (path, text) = ("/a.md".to_owned(), text.to_owned());
        let change = Change::Add { path, text, kind, statistics: None };
        let operation = Operation { change, reason: String::new(), evidence: Vec::new() };
        Step { operation, then: Vec::new(), worth }
    }

    fn texts(steps: Vec<Step>, instructions: &str) -> (Vec<String>, usize) {
        let mut left_out = 0;
        let ranked = ranked(steps, &instructions::read(instructions), &mut left_out);
        let text = |step: &Step| addition(step).unwrap().1.to_owned();
        (ranked.iter().map(text).collect(), left_out)
    }

    fn four() -> Vec<Step> {
        vec![
            step(RuleKind::Theme, "tea", 1.0),
            step(RuleKind::Contrast, "ice", 9.0),
            step(RuleKind::Contrast, "sea", 8.0),
            step(RuleKind::Sequence, "oak", 2.0),
        ]
    }

    #[test]
    fn the_best_of_each_kind_come_first_then_what_is_worth_most() {
        assert_eq!(texts(four(), "").0, ["ice", "oak", "tea", "sea"]);
        let mut reversed = four();
        reversed.reverse();
        assert_eq!(texts(reversed, ""), texts(four(), ""));
    }

    #[test]
    fn a_theme_comes_first_and_budgets_are_kept() {
        assert_eq!(texts(four(), "the sea").0[0], "sea");
        assert_eq!(texts(four(), "at most 2 rules"), (vec!["ice".into(), "oak".into()], 2));
        let long = "x".repeat(TOKENS_MAX * TOKEN_BYTES);
        let steps = vec![step(RuleKind::Theme, &long, 1.0), step(RuleKind::Contrast, "a", 1.0)];
        assert_eq!(texts(steps, ""), (vec!["a".to_owned()], 1));
    }
}
