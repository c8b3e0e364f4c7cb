//! Which rule of the truth an addition states.

use crate::dream::{Operation, Statistics};
use crate::text::numbers;
use crate::truth::{Condition, Rule, RuleClass};

/// Whether an addition states the rule.
pub(crate) fn states(operation: &Operation, rule: &Rule) -> bool {
    let said = operation.said();
    if !rule.mentions.iter().all(|word| mentions(&said, word)) {
        return false;
    }
    // Another order is true only of failures.
    let warns = operation.statistics.as_ref().is_some_and(Statistics::warns);
    if rule.class == RuleClass::Sequence
        && !warns
        && !operation.steps().any(|said| in_order(&said, rule))
    {
        return false;
    }
    let Some(field) = &rule.field else { return !rule.mentions.is_empty() };
    let Some(statistics) = &operation.statistics else { return false };
    let condition = rule.condition.as_ref();
    is_field(&statistics.field, field)
        && condition.is_none_or(|condition| meets(statistics, condition))
}

/// Whether a text names the rule: its field and value, or all that it has to mention.
///
/// For texts that have no numbers beside them, such as the lines of a store.
#[must_use]
pub fn is_stated(text: &str, rule: &Rule) -> bool {
    let text = text.to_lowercase();
    let mentioned = rule.mentions.iter().all(|word| mentions(&text, word));
    let Some(field) = &rule.field else { return mentioned && !rule.mentions.is_empty() };
    let named = text.contains(&field.to_lowercase());
    mentioned && named && rule.condition.as_ref().is_none_or(|condition| in_words(&text, condition))
}

/// Whether a word stands in a text of lower case, by itself: `press` is not in `press_2`.
pub(crate) fn mentions(text: &str, word: &str) -> bool {
    position(text, &word.to_lowercase()).is_some()
}

fn in_order(text: &str, rule: &Rule) -> bool {
    let mut rest = text;
    rule.mentions.iter().all(|word| {
        let word = word.to_lowercase();
        let Some(at) = position(rest, &word) else { return false };
        rest = rest.get(at + word.len()..).unwrap_or_default();
        true
    })
}

fn position(text: &str, word: &str) -> Option<usize> {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

fn in_words(text: &str, condition: &Condition) -> bool {
    let near = |wanted: f64, tolerance: f64| {
        numbers(text).iter().any(|number| (number - wanted).abs() <= tolerance)
    };
    match condition {
        Condition::AtMost { value, tolerance } | Condition::AtLeast { value, tolerance } => {
            near(*value, *tolerance)
        }
        Condition::Between { low, high, tolerance } => {
            near(*low, *tolerance) || near(*high, *tolerance)
        }
        Condition::Is { value } => text.contains(&value.to_lowercase()),
    }
}

/// Whether a field is stated, with or without what stands before its tool.
pub(crate) fn is_field(stated: &str, field: &str) -> bool {
    stated == field
        || stated.strip_suffix(field).is_some_and(|before| before.ends_with(['.', '/', ':']))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    AtMost,
    AtLeast,
    Between,
    Is,
}

fn comparison(stated: &str) -> Option<Comparison> {
    let stated = stated.trim().to_lowercase().replace(['_', '-'], " ");
    match stated.as_str() {
        "at most" | "<=" | "<" | "≤" | "below" | "lt" | "le" => Some(Comparison::AtMost),
        "at least" | ">=" | ">" | "≥" | "above" | "gt" | "ge" => Some(Comparison::AtLeast),
        "between" | "in" | "within" | "from" => Some(Comparison::Between),
        "is" | "=" | "==" | "equals" | "eq" => Some(Comparison::Is),
        _ => None,
    }
}

/// Whether what is stated is the condition, or that its opposite fails.
fn meets(statistics: &Statistics, condition: &Condition) -> bool {
    let Some(stated) = comparison(&statistics.comparison) else { return false };
    let (text, warns) = (statistics.value(), statistics.warns());
    let bounds = numbers(&text);
    let (first, last) = (bounds.first().copied(), bounds.last().copied());
    let near = |bound: Option<f64>, wanted: f64, tolerance: f64| {
        bound.is_some_and(|bound| (bound - wanted).abs() <= tolerance)
    };
    // "At least 121 fails" says what "at most 121 succeeds" does.
    let stated = match (stated, warns) {
        (Comparison::AtMost, true) => Comparison::AtLeast,
        (Comparison::AtLeast, true) => Comparison::AtMost,
        (same, _) => same,
    };
    match condition {
        Condition::AtMost { value, tolerance } => match stated {
            Comparison::AtMost => near(last, *value, *tolerance),
            Comparison::Between if warns => near(first, *value, *tolerance),
            Comparison::Between => near(last, *value, *tolerance),
            _ => false,
        },
        Condition::AtLeast { value, tolerance } => match stated {
            Comparison::AtLeast => near(first, *value, *tolerance),
            Comparison::Between if warns => near(last, *value, *tolerance),
            Comparison::Between => near(first, *value, *tolerance),
            _ => false,
        },
        Condition::Between { low, high, tolerance } => match stated {
            // Half of the band is true of it, too.
            Comparison::AtMost => near(last, *high, *tolerance),
            Comparison::AtLeast => near(first, *low, *tolerance),
            Comparison::Between => {
                !warns && near(first, *low, *tolerance) && near(last, *high, *tolerance)
            }
            Comparison::Is => false,
        },
        Condition::Is { value } => {
            let same = text.trim_matches(['"', '`', '\'', ' ']) == value;
            stated == Comparison::Is && same != warns
        }
    }
}
