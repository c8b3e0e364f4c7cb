//! Medians and the far ends of many measured times.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The middle and the far end of measured times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The median.
    pub p50: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
    /// How many were measured.
    pub n: u64,
}

/// How long after their deadline calls had ended, in milliseconds; 0 for one that had ended
/// before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Overshoot {
    /// The median.
    pub p50: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
    /// 999 of 1,000 are at most this.
    pub p999: f64,
    /// The most.
    pub max: f64,
    /// How many calls there were.
    pub n: u64,
}

/// Measured times, in one unit.
#[derive(Debug, Clone)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(super) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    pub(super) fn spread(self) -> Spread {
        let n = self.0.len() as u64;
        let sorted = self.sorted();
        Spread { p50: at(&sorted, 500), p99: at(&sorted, 990), n }
    }

    pub(super) fn overshoot(self) -> Overshoot {
        let n = self.0.len() as u64;
        let sorted = self.sorted();
        let [p50, p99, p999, max] = [500, 990, 999, 1_000].map(|share| at(&sorted, share));
        Overshoot { p50, p99, p999, max, n }
    }

    pub(super) fn median(self) -> f64 {
        at(&self.sorted(), 500)
    }

    pub(super) fn min(&self) -> f64 {
        rounded(self.0.iter().copied().fold(f64::INFINITY, f64::min))
    }

    fn sorted(mut self) -> Vec<f64> {
        self.0.sort_by(f64::total_cmp);
        self.0
    }
}

/// The smallest value that so many of a thousand do not exceed; 0 where there is none.
fn at(sorted: &[f64], of_thousand: usize) -> f64 {
    let place = (sorted.len() * of_thousand).div_ceil(1_000).saturating_sub(1);
    rounded(sorted.get(place).copied().unwrap_or(0.0))
}

/// A thousandth is finer than anything here can be measured.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// One as a multiple of another; 0 where there is nothing to compare with.
pub(super) fn ratio(one: f64, other: f64) -> f64 {
    if other > 0.0 { rounded(one / other) } else { 0.0 }
}

pub(super) fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: impl IntoIterator<Item = u32>) -> Samples {
        Samples(values.into_iter().map(f64::from).collect())
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured_and_never_a_smaller_one() {
        let overshoot = samples((1..=1_000).rev()).overshoot();
        assert_eq!((overshoot.p50, overshoot.p99), (500.0, 990.0));
        assert_eq!((overshoot.p999, overshoot.max, overshoot.n), (999.0, 1_000.0, 1_000));
        // With fewer than a hundred, 99 of 100 is the most there was.
        assert_eq!(samples([7, 1, 3]).spread(), Spread { p50: 3.0, p99: 7.0, n: 3 });
    }

    #[test]
    fn nothing_measured_is_zero_and_no_division() {
        assert_eq!(Samples::new().spread(), Spread { p50: 0.0, p99: 0.0, n: 0 });
        assert_eq!(ratio(1.0, 0.0), 0.0);
    }
}
