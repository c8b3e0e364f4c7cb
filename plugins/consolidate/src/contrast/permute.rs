//! The permutation test.
//!
//! Outcomes are shuffled within strata, and the best score of the whole family is looked
//! up each time (Westfall and Young 1993): the p-value is for "a contrast this strong
//! *anywhere*", however many were tried and however alike they are.

use super::family::{Family, Scratch};
use super::rng::Rng;

/// So many shuffles: the lowest p-value is 0.001.
const PERMUTATIONS: usize = 999;
/// Rules must reach this.
pub(crate) const P_MAX: f64 = 0.01;
/// Scores closer than this are equal; sums of residuals are not exact.
const TIE: f64 = 1e-9;

/// Family-wise p-value of `score` in `family`, one of `families`. Stops early where it
/// cannot come to `P_MAX` any more (Besag and Clifford 1991); the value is then a fair
/// estimate.
pub(crate) fn p_value(family: &Family, families: usize, score: f64, seed: u64, stream: u64) -> f64 {
    let mut rng = Rng::new(seed, stream);
    let mut outcomes = family.sample.outcomes.clone();
    let mut scratch = Scratch::default();
    let mut reached = 0;
    for done in 1..=PERMUTATIONS {
        for group in &family.sample.groups {
            shuffle(&mut outcomes, group, &mut rng);
        }
        reached += usize::from(family.reaches(&outcomes, score - TIE, &mut scratch));
        let lowest = (families * (1 + reached)) as f64 / (1 + PERMUTATIONS) as f64;
        if lowest > P_MAX {
            return ((families * (1 + reached)) as f64 / (1 + done) as f64).min(1.0);
        }
    }
    (families * (1 + reached)) as f64 / (1 + PERMUTATIONS) as f64
}

/// Exchanges the outcomes of a group's members.
fn shuffle(outcomes: &mut [bool], group: &[usize], rng: &mut Rng) {
    for last in (1..group.len()).rev() {
        outcomes.swap(group[last], group[rng.below(last + 1)]);
    }
}
