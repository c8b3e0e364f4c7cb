//! Correction for many tests: the false discovery rate.
//!
//! Benjamini and Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57
//! (1995) 289-300. Contrasts are corrected family-wise instead (`contrast::permute`), which
//! is stricter; this is for what is reported and not believed on its p-value alone: fixes
//! and sequences.

/// For each p-value the smallest false discovery rate at which it is still found, in the
/// order given.
pub(crate) fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]).then(a.cmp(b)));
    let mut out = vec![1.0; count];
    let mut least: f64 = 1.0;
    for (rank, place) in order.into_iter().enumerate().rev() {
        least = least.min(p_values[place] * count as f64 / (rank + 1) as f64);
        out[place] = least;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of section 4.1 of the paper: fifteen p-values, of which the procedure at
    /// 0.05 finds four (Bonferroni's finds three).
    const PAPER: [f64; 15] = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ];

    #[test]
    fn the_example_of_the_paper_finds_four() {
        let adjusted = adjusted(&PAPER);
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        for (place, q) in [(0, 0.0015), (1, 0.003), (2, 0.0095), (3, 0.035_625), (14, 1.0)] {
            assert!((adjusted[place] - q).abs() < 1e-12, "{place}: {}", adjusted[place]);
        }
        // The sixth takes the rate of the seventh, which is smaller than its own.
        assert!((adjusted[5] - 0.0298 * 15.0 / 7.0).abs() < 1e-12, "{}", adjusted[5]);
    }

    #[test]
    fn the_order_does_not_matter() {
        let mut reversed = PAPER;
        reversed.reverse();
        let mut back = adjusted(&reversed);
        back.reverse();
        assert_eq!(back, adjusted(&PAPER));
        assert!(adjusted(&[]).is_empty());
    }
}
