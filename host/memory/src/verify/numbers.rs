//! Whether the numbers behind a rule can be.

use lucid_core::{Ratio, Rejection, Statistics};

use super::form::{distinct, malformed};

pub(super) fn check(numbers: &Statistics) -> Result<(), Rejection> {
    let Statistics { with, without, check_with, check_without, session_ids, .. } = numbers;
    let one_line = |text: &str| !text.contains(['\n', '\r']);
    if numbers.statement.trim().is_empty() || !one_line(&numbers.statement) {
        return malformed("a statement is one line that is not empty");
    }
    if ![&numbers.field, &numbers.comparison, &numbers.value].into_iter().all(|text| one_line(text))
    {
        return malformed("a field, comparison or value of more than one line");
    }
    let mut ratios = [with, without, check_with, check_without].into_iter();
    if ratios.any(|ratio| ratio.hits > ratio.total) {
        return malformed("more hits than cases");
    }
    // NaN is in no range.
    let is_probability = |number: f64| (0.0..=1.0).contains(&number);
    if !is_probability(numbers.p) || !is_probability(numbers.q) {
        return malformed("a probability that is not from 0 to 1");
    }
    let sessions = distinct(session_ids).count();
    if sessions < session_ids.len() {
        return malformed("a session that is counted twice");
    }
    let both = |one: &Ratio, other: &Ratio| u64::from(one.total) + u64::from(other.total);
    let counted = both(with, without);
    if counted != sessions as u64 {
        return malformed(&format!("{counted} cases, but {sessions} sessions that were counted"));
    }
    if both(check_with, check_without) > counted {
        return malformed("more sessions were kept back than counted");
    }
    Ok(())
}
