//! Exact test of several 2x2 tables at once.
//!
//! The sum of the upper left cells, given all margins, is a sum of independent
//! hypergeometric numbers; its distribution is their convolution. With one table this is
//! Fisher's exact test, with more the exact Cochran-Mantel-Haenszel test (Mehta, Patel,
//! Gray 1985).

/// One 2x2 table: sessions of a stratum by followed and succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Followed and succeeded.
    pub(crate) both: usize,
    /// Followed.
    pub(crate) followed: usize,
    /// Succeeded.
    pub(crate) succeeded: usize,
    /// All.
    pub(crate) total: usize,
}

/// One-sided p-value: the probability of so many or more successes among those that
/// followed, were success unrelated within each stratum.
pub(crate) fn upper_tail(strata: &[Cells]) -> f64 {
    let mut distribution = vec![1.0];
    let mut observed = 0;
    for cells in strata {
        let (lowest, masses) = hypergeometric(*cells);
        observed += cells.both.saturating_sub(lowest);
        if masses.len() > 1 {
            distribution = convolve(&distribution, &masses);
        }
    }
    distribution.iter().skip(observed).sum::<f64>().min(1.0)
}

/// The lowest possible value of the upper left cell and the probabilities from there on.
/// Built from the mode outwards by ratios, so that no factorial can overflow.
fn hypergeometric(cells: Cells) -> (usize, Vec<f64>) {
    let Cells { followed: m, succeeded: s, total: n, .. } = cells;
    let low = (m + s).saturating_sub(n);
    let high = m.min(s);
    let mode = ((m + 1) * (s + 1) / (n + 2)).clamp(low, high);
    let mut masses = vec![0.0; high - low + 1];
    masses[mode - low] = 1.0;
    let up = |k: usize| {
        ((m - k) as f64 * (s - k) as f64) / ((k + 1) as f64 * (n + k + 1 - m - s) as f64)
    };
    for k in mode..high {
        masses[k + 1 - low] = masses[k - low] * up(k);
    }
    for k in (low..mode).rev() {
        masses[k - low] = masses[k + 1 - low] / up(k);
    }
    let sum: f64 = masses.iter().sum();
    masses.iter_mut().for_each(|mass| *mass /= sum);
    (low, masses)
}

fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            out[i + j] += x * y;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(both: usize, followed: usize, succeeded: usize, total: usize) -> Cells {
        Cells { both, followed, succeeded, total }
    }

    #[test]
    fn the_lady_tasting_tea_has_the_known_p_value() {
        assert!((upper_tail(&[cells(3, 4, 4, 8)]) - 17.0 / 70.0).abs() < 1e-12);
        assert!((upper_tail(&[cells(4, 4, 4, 8)]) - 1.0 / 70.0).abs() < 1e-12);
    }

    #[test]
    fn strata_multiply_where_each_is_as_extreme_as_it_can_be() {
        let p = upper_tail(&[cells(4, 4, 4, 8), cells(4, 4, 4, 8)]);
        assert!((p - 1.0 / 4900.0).abs() < 1e-12);
    }

    #[test]
    fn strata_that_say_nothing_change_nothing() {
        let p = upper_tail(&[cells(4, 4, 4, 8), cells(0, 3, 0, 9), cells(2, 2, 5, 5)]);
        assert!((p - 1.0 / 70.0).abs() < 1e-12);
        assert_eq!(upper_tail(&[]), 1.0);
    }

    #[test]
    fn the_admissions_to_berkeley_have_the_known_p_value() {
        // Computed with log-gamma functions and checked against R's `mantelhaen.test`, whose
        // statistic with continuity correction is 1.4269 (p = 0.2323, two-sided).
        let p = upper_tail(&crate::stats::cmh::tests::berkeley());
        assert!((p - 0.899_008).abs() < 1e-5, "{p}");
    }

    #[test]
    fn thousands_of_sessions_do_not_overflow() {
        let p = upper_tail(&[cells(2_500, 4_000, 5_000, 8_000)]);
        assert!(p > 0.4 && p < 0.6, "{p}");
    }
}
