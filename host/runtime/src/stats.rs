//! How sure a difference is.

/// The difference of two rates that were measured on the same tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifference {
    /// Tasks.
    pub n: u32,
    /// Share that succeeded before, 0 to 1.
    pub before_rate: f64,
    /// Share that succeeded after, 0 to 1.
    pub after_rate: f64,
    /// After minus before.
    pub difference: f64,
    /// The 95 % interval of the difference.
    pub ci95: [f64; 2],
}

/// Compares pairs of (before, after): the interval of Agresti and Min (2005), which adds
/// half a task to each of the four cells and keeps its level for small numbers and rates
/// near 0 and 1, where the plain Wald interval does not.
#[must_use]
pub fn paired_difference(pairs: &[(bool, bool)]) -> PairedDifference {
    let (middle, spread) = middle_and_spread(pairs);
    let n = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
    let share = |which: &dyn Fn(&(bool, bool)) -> bool| match n {
        0 => 0.0,
        n => count(pairs, which) / f64::from(n),
    };
    let (before_rate, after_rate) = (share(&|pair| pair.0), share(&|pair| pair.1));
    PairedDifference {
        n,
        before_rate,
        after_rate,
        difference: after_rate - before_rate,
        ci95: [(middle - Z95 * spread).max(-1.0), (middle + Z95 * spread).min(1.0)],
    }
}

/// The one-sided 95 % lower bound of after minus before, -1 to 1: with the same method, so
/// that a gain of nothing is never above 0.
#[must_use]
pub fn paired_lower_bound(pairs: &[(bool, bool)]) -> f64 {
    let (middle, spread) = middle_and_spread(pairs);
    (middle - Z90 * spread).max(-1.0)
}

/// The quantiles of the normal distribution that leave out 5 % on both sides together, and on
/// each.
const Z95: f64 = 1.959_963_984_540_054;
const Z90: f64 = 1.644_853_626_951_472_7;

fn count(pairs: &[(bool, bool)], which: &dyn Fn(&(bool, bool)) -> bool) -> f64 {
    f64::from(u32::try_from(pairs.iter().filter(|pair| which(pair)).count()).unwrap_or(0))
}

fn middle_and_spread(pairs: &[(bool, bool)]) -> (f64, f64) {
    let n = count(pairs, &|_| true);
    let gained = count(pairs, &|pair| !pair.0 && pair.1) + 0.5;
    let lost = count(pairs, &|pair| pair.0 && !pair.1) + 0.5;
    let adjusted = n + 2.0;
    let middle = (gained - lost) / adjusted;
    let spread = ((gained + lost) - (gained - lost).powi(2) / adjusted).max(0.0).sqrt() / adjusted;
    (middle, spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(kept: usize, gained: usize, lost: usize, never: usize) -> Vec<(bool, bool)> {
        let mut pairs = vec![(true, true); kept];
        pairs.extend(vec![(false, true); gained]);
        pairs.extend(vec![(true, false); lost]);
        pairs.extend(vec![(false, false); never]);
        pairs
    }

    #[test]
    fn a_clear_gain_has_its_interval_above_zero() {
        let result = paired_difference(&pairs(110, 80, 2, 8));
        assert!((result.difference - 0.39).abs() < 1e-9);
        assert!(result.ci95[0] > 0.30 && result.ci95[1] < 0.47, "{result:?}");
    }

    #[test]
    fn no_change_has_zero_in_its_interval_even_when_nothing_differs() {
        let same = paired_difference(&pairs(120, 0, 0, 80));
        assert!(same.difference.abs() < 1e-9);
        assert!(same.ci95[0] < 0.0 && same.ci95[1] > 0.0, "{same:?}");
        let empty = paired_difference(&[]);
        assert_eq!((empty.n, empty.before_rate), (0, 0.0));
    }

    #[test]
    fn the_interval_is_the_published_one() {
        // n = 100, gained 20, lost 5, with a half more in each of the four cells:
        // (20.5 - 5.5) / 102 -+ 1.96 * sqrt(20.5 + 5.5 - (20.5 - 5.5)^2 / 102) / 102.
        let result = paired_difference(&pairs(50, 20, 5, 25));
        assert!((result.ci95[0] - 0.053_33).abs() < 1e-4, "{result:?}");
        assert!((result.ci95[1] - 0.240_79).abs() < 1e-4, "{result:?}");
    }

    #[test]
    fn the_lower_bound_is_between_the_interval_and_the_middle() {
        for (gained, lost) in [(20, 5), (5, 20), (0, 0), (80, 2)] {
            let pairs = pairs(50, gained, lost, 25);
            let (bound, both) = (paired_lower_bound(&pairs), paired_difference(&pairs));
            let middle = f64::midpoint(both.ci95[0], both.ci95[1]);
            assert!(both.ci95[0] < bound && bound < middle, "{both:?} {bound}");
        }
        // (20.5 - 5.5) / 102 - 1.6449 * sqrt(20.5 + 5.5 - (20.5 - 5.5)^2 / 102) / 102.
        assert!((paired_lower_bound(&pairs(50, 20, 5, 25)) - 0.068_38).abs() < 1e-4);
        assert!(paired_lower_bound(&pairs(100, 0, 0, 0)) < 0.0, "no change proves nothing");
        assert!(paired_lower_bound(&[]) < 0.0);
    }
}
