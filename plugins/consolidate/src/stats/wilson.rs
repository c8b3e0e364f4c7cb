//! Confidence limits of a share.
//!
//! Wilson, "Probable inference, the law of succession, and statistical inference",
//! J. Am. Statist. Assoc. 22 (1927) 209-212; of a difference of two, Newcombe's method 10,
//! Statistics in Medicine 17 (1998) 873-890. Both use square roots only, which are the same
//! everywhere bit for bit.

use crate::model::Ratio;

/// The normal quantile of 95 %, two-sided.
const Z: f64 = 1.959_963_984_540_054;

/// Lower and upper 95 % limit of a share; 0 and 1 where there are no cases.
pub(crate) fn limits(ratio: Ratio) -> (f64, f64) {
    if ratio.total == 0 {
        return (0.0, 1.0);
    }
    let (n, p, square) = (f64::from(ratio.total), ratio.rate(), Z * Z);
    let middle = p + square / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    let scale = 1.0 + square / n;
    (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
}

/// Lower 95 % limit of the difference of two shares, first minus second.
pub(crate) fn least_difference(a: Ratio, b: Ratio) -> f64 {
    let (low, high) = (limits(a).0, limits(b).1);
    let (below, above) = (a.rate() - low, high - b.rate());
    a.rate() - b.rate() - (below * below + above * above).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(hits: u32, total: u32) -> Ratio {
        Ratio { hits, total }
    }

    #[test]
    fn limits_are_those_of_newcombes_table() {
        // Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        let table = [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ];
        for (hits, total, low, high) in table {
            let found = limits(ratio(hits, total));
            assert!((found.0 - low).abs() < 6e-5, "{hits}/{total}: {found:?}");
            assert!((found.1 - high).abs() < 6e-5, "{hits}/{total}: {found:?}");
        }
        assert_eq!(limits(ratio(0, 0)), (0.0, 1.0));
    }

    #[test]
    fn the_limit_of_a_difference_is_that_of_newcombes_table() {
        // The same author, 873-890, table II, method 10: 56/70 - 48/80.
        let found = least_difference(ratio(56, 70), ratio(48, 80));
        assert!((found - 0.0524).abs() < 6e-5, "{found}");
    }
}
