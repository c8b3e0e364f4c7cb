//! The family-wise test.
//!
//! Outcomes are shuffled within strata, and the best score of the whole family is looked
//! up each time (Westfall and Young 1993): the p-value is for "a contrast this strong
//! *anywhere*", however many were tried and however alike they are.
//!
//! Where the exact test of the contrast alone, times everything that was tried (Bonferroni),
//! is far below the level, or where shuffling would take too long, that bound is the
//! p-value: it is never too small.

use super::candidates::Candidate;
use super::family::{Family, Scratch};
use super::rng::Rng;
use super::select::cells;
use crate::stats::exact;

/// So many shuffles: the lowest p-value is 0.001.
const PERMUTATIONS: usize = 999;
/// Rules must reach this.
pub(crate) const P_MAX: f64 = 0.01;
/// A bound this far below the level needs no shuffles.
const SURE: f64 = P_MAX / 10.0;
/// Sessions times features up to which outcomes are shuffled whatever the bound, ...
const WORK_MAX: usize = 50_000;
/// ... and up to which they are where the bound leaves hope: spans of one feature are so alike
/// that it is several times too high.
const HOPEFUL_WORK_MAX: usize = 1_000_000;
/// A higher bound leaves none.
const HOPE: f64 = P_MAX * 100.0;
/// Scores closer than this are equal; sums of residuals are not exact.
const TIE: f64 = 1e-9;

/// Family-wise p-value of a candidate of one of `families`. Stops early where it
/// cannot come to `P_MAX` any more (Besag and Clifford 1991); the value is then a fair
/// estimate.
pub(crate) fn p_value(families: &[Family], candidate: &Candidate, seed: u64, stream: u64) -> f64 {
    let (family, score) = (&families[candidate.family], candidate.score);
    let families = families.len();
    let bound = bound(family, candidate) * families as f64;
    let work = family.sample.members.len() * family.blocks.len();
    let worth_it = work <= if bound <= HOPE { HOPEFUL_WORK_MAX } else { WORK_MAX };
    if bound <= SURE || !worth_it {
        return bound.min(1.0);
    }
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

/// The exact p-value of the candidate alone, times all that was tried.
fn bound(family: &Family, candidate: &Candidate) -> f64 {
    let (lane, span) = (&family.blocks[candidate.block].lane, candidate.span);
    let cells = cells(&family.sample, |member| lane.status(member, span.from, span.to));
    exact::upper_tail(&cells) * family.tried() as f64
}

/// Exchanges the outcomes of a group's members.
fn shuffle(outcomes: &mut [bool], group: &[usize], rng: &mut Rng) {
    for last in (1..group.len()).rev() {
        outcomes.swap(group[last], group[rng.below(last + 1)]);
    }
}
