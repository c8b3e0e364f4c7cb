//! Choosing a parameter's value: by the rule where there is one, else anywhere in a range.

use sha2::{Digest as _, Sha256};

use crate::rules::{Bound, Rule, last};

/// Part of a rule's interval that is left out at each end. A rule's ends are estimates,
/// and its middle is where it is surest.
const MARGIN: f64 = 0.2;

/// What is known of a parameter before anything is learnt: its name and a wide range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// The input field as `<tool>.<field>`.
    pub name: &'static str,
    /// The lowest value worth trying.
    pub low: f64,
    /// The highest value worth trying.
    pub high: f64,
}

impl Prior {
    /// A range for an input field.
    pub const fn new(name: &'static str, low: f64, high: f64) -> Self {
        Self { name, low, high }
    }
}

/// The value of a parameter in a flight: the same for the same seed, name and rules.
pub fn draw(prior: &Prior, rules: &[Rule], flight_seed: u64) -> f64 {
    let unit = unit(flight_seed, prior.name);
    let (low, high) = match last(rules, prior.name).map(|rule| &rule.bound) {
        None => (prior.low, prior.high),
        Some(Bound::Between(low, high)) => middle(prior, *low, *high),
        Some(Bound::AtMost(high)) => middle(prior, prior.low.min(*high), *high),
        Some(Bound::AtLeast(low)) => middle(prior, *low, prior.high.max(*low)),
        Some(Bound::Is(word)) => match word.parse() {
            Ok(value) => (value, value),
            Err(_) => (prior.low, prior.high),
        },
    };
    let value = low + (high - low) * unit;
    (value * 1000.0).round() / 1000.0
}

/// The middle part of what a rule and the range have in common; of the rule alone where
/// they have nothing in common.
fn middle(prior: &Prior, low: f64, high: f64) -> (f64, f64) {
    let (common_low, common_high) = (low.max(prior.low), high.min(prior.high));
    let (low, high) =
        if common_low <= common_high { (common_low, common_high) } else { (low, high) };
    let margin = MARGIN * (high - low);
    (low + margin, high - margin)
}

/// A number from 0 to 1 that follows from the seed and the name.
fn unit(flight_seed: u64, name: &str) -> f64 {
    let hash = Sha256::new().chain_update(flight_seed.to_le_bytes()).chain_update(name).finalize();
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    (u64::from_le_bytes(head) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rules;

    const PRIOR: Prior = Prior::new("fly.rate", 10.0, 20.0);

    fn ends(memory: &str) -> (f64, f64) {
        let rules = rules(memory);
        let values: Vec<f64> = (0..2000).map(|seed| draw(&PRIOR, &rules, seed)).collect();
        let least = values.iter().copied().fold(f64::MAX, f64::min);
        let most = values.iter().copied().fold(f64::MIN, f64::max);
        (least, most)
    }

    fn is_about(ends: (f64, f64), low: f64, high: f64) -> bool {
        (ends.0 - low).abs() < 0.05 && (ends.1 - high).abs() < 0.05
    }

    #[test]
    fn without_a_rule_the_whole_range_is_tried() {
        assert!(is_about(ends(""), 10.0, 20.0), "{:?}", ends(""));
        assert!(is_about(ends("- Rule: `fly.other` at most 3"), 10.0, 20.0));
    }

    #[test]
    fn a_rule_narrows_the_draw() {
        assert!(is_about(ends("Rule: `fly.rate` between 12 and 14"), 12.4, 13.6));
        assert!(is_about(ends("Rule: `fly.rate` at most 15"), 11.0, 14.0));
        assert!(is_about(ends("Rule: `fly.rate` at least 15"), 16.0, 19.0));
        assert!(is_about(ends("Rule: `fly.rate` between 5 and 15"), 11.0, 14.0));
        assert!(is_about(ends("Rule: `fly.rate` is 13"), 13.0, 13.0));
    }

    #[test]
    fn a_rule_outside_the_range_is_still_followed() {
        assert!(is_about(ends("Rule: `fly.rate` between 30 and 40"), 32.0, 38.0));
        assert!(is_about(ends("Rule: `fly.rate` at most 8"), 8.0, 8.0));
        assert!(is_about(ends("Rule: `fly.rate` at least 25"), 25.0, 25.0));
    }

    #[test]
    fn a_draw_follows_from_the_seed_and_the_name() {
        let other = Prior::new("fly.other", 10.0, 20.0);
        assert_eq!(draw(&PRIOR, &[], 7), draw(&PRIOR, &[], 7));
        assert_ne!(draw(&PRIOR, &[], 7), draw(&PRIOR, &[], 8));
        assert_ne!(draw(&PRIOR, &[], 7), draw(&other, &[], 7));
    }
}
