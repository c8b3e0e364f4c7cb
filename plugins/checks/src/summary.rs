//! What the verdicts on all criteria come to, in words.

use crate::rubric::Criterion as Item;
use crate::text::shorten;
use lucid_sdk::grader::{Criterion, Verdict};

/// The longest explanation of an evaluation, in bytes.
const EVALUATION: usize = 8 * 1024;
/// What is kept of it for the lines of criteria that are not explained any more.
const LINES: usize = 1_024;

/// The numbers, and each gap: the criterion, what was seen, and where.
pub fn explanation(items: &[&Item], criteria: &[Criterion]) -> String {
    let mut text = numbers(items, criteria);
    let of = |verdict| {
        let all = items.iter().zip(criteria);
        all.filter(move |(_, criterion)| criterion.verdict == verdict)
    };
    let mut left = Vec::new();
    // A check that could not be run says why, as one that is false does.
    let unrun = of(Verdict::NotGradable).filter(|(item, _)| item.check.is_some());
    for (item, criterion) in of(Verdict::Unmet).chain(unrun) {
        let gap = gap(item, criterion);
        if left.is_empty() && text.len() + gap.len() <= EVALUATION - 2 * LINES {
            text.push_str(&gap);
        } else {
            left.push(criterion.line);
        }
    }
    if !left.is_empty() {
        let more = if left.len() == 1 { "criterion is" } else { "criteria are" };
        text.push_str(&format!("\n{} more {more} not met: {}.", left.len(), lines(&left)));
    }
    let unjudged = of(Verdict::NotGradable).filter(|(item, _)| item.check.is_none());
    let unjudged: Vec<u32> = unjudged.map(|(_, criterion)| criterion.line).collect();
    if !unjudged.is_empty() {
        let about = "The rubric has criteria without a machine check, which this grader cannot \
                     judge and never counts as met";
        text.push_str(&format!("\n{about}: {}.", lines(&unjudged)));
    }
    if unjudged.len() == criteria.len() {
        text.push_str(
            "\nGive a criterion a check (`check: …` in a code span), or let `judge` grade.",
        );
    }
    text
}

fn numbers(items: &[&Item], criteria: &[Criterion]) -> String {
    let all = || items.iter().zip(criteria);
    let is_met = |criterion: &Criterion| criterion.verdict == Verdict::Met;
    let met = criteria.iter().filter(|criterion| is_met(criterion)).count();
    let text = format!("{met} of {} criteria are met", criteria.len());
    let count = |must| {
        let of = all().filter(|(item, _)| item.must == must);
        let met = of.clone().filter(|(_, criterion)| is_met(criterion)).count();
        (met, of.count())
    };
    let ((must_met, must), (should_met, should)) = (count(true), count(false));
    let weight = |only_met: bool| {
        let of = all().filter(|(_, criterion)| !only_met || is_met(criterion));
        // An amount that is none counts as nothing; no amounts at all come to 0, not to -0.
        let of = of.map(|(item, _)| item.weight);
        of.filter(|weight| weight.is_finite() && *weight > 0.0).sum::<f64>() + 0.0
    };
    let (weight_met, weights) = (weight(true), weight(false));
    let weighted = items.iter().any(|item| item.weight != 1.0);
    let mut parts = Vec::new();
    if should > 0 {
        parts.push(format!("must: {must_met} of {must}, should: {should_met} of {should}"));
    }
    if weighted {
        parts.push(format!("weight: {} of {}", rounded(weight_met), rounded(weights)));
    }
    if parts.is_empty() { format!("{text}.") } else { format!("{text} ({}).", parts.join("; ")) }
}

/// Without the noise of adding decimal fractions.
fn rounded(weight: f64) -> f64 {
    (weight * 1e6).round() / 1e6
}

fn gap(item: &Item, criterion: &Criterion) -> String {
    let (line, name) = (criterion.line, shorten(&criterion.text, 160));
    let should = if item.must { "" } else { " (should)" };
    let files = match criterion.evidence_paths.as_slice() {
        [] => String::new(),
        paths => format!(" (looked at {})", shorten(&paths.join(", "), 160)),
    };
    format!("\nLine {line}, “{name}”{should}: {}{files}.", criterion.explanation)
}

/// `line 3`, or `lines 3, 5-9`, within bounds.
fn lines(lines: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *line => *last = *line,
            _ => runs.push((*line, *line)),
        }
    }
    let runs = runs.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    let word = if lines.len() == 1 { "line" } else { "lines" };
    format!("{word} {}", shorten(&runs.collect::<Vec<_>>().join(", "), LINES - 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_named_in_runs() {
        assert_eq!(lines(&[3]), "line 3");
        assert_eq!(lines(&[1, 3, 4, 5, 9]), "lines 1, 3-5, 9");
        let many: Vec<u32> = (0..10_000).map(|line| line * 2).collect();
        assert!(lines(&many).len() < LINES);
    }
}
