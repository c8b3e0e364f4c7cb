//! Several 2x2 tables at once, approximately.
//!
//! Mantel and Haenszel, "Statistical aspects of the analysis of data from retrospective
//! studies", J. Natl. Cancer Inst. 22 (1959) 719-748. The exact test is in `exact`; the
//! difference below is what "points within tasks" means.

use super::exact::Cells;

/// Mantel-Haenszel difference of the success rates, followed minus not followed.
pub(crate) fn difference(strata: &[Cells]) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for cells in strata.iter().filter(|cells| cells.total > 0) {
        let (followed, total) = (cells.followed as f64, cells.total as f64);
        let rest = total - followed;
        let other = (cells.succeeded - cells.both) as f64;
        sum += (cells.both as f64 * rest - other * followed) / total;
        weight += followed * rest / total;
    }
    if weight > 0.0 { sum / weight } else { 0.0 }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Admissions to Berkeley, 1973 (Bickel, Hammel, O'Connell, Science 187 (1975) 398-404):
    /// for each department men admitted, men, admitted, all.
    pub(crate) const BERKELEY: [(usize, usize, usize, usize); 6] = [
        (512, 825, 601, 933),
        (353, 560, 370, 585),
        (120, 325, 322, 918),
        (138, 417, 269, 792),
        (53, 191, 147, 584),
        (22, 373, 46, 714),
    ];

    pub(crate) fn berkeley() -> Vec<Cells> {
        let cells = |(both, followed, succeeded, total): (usize, usize, usize, usize)| Cells {
            both,
            followed,
            succeeded,
            total,
        };
        BERKELEY.into_iter().map(cells).collect()
    }

    #[test]
    fn berkeley_favours_men_in_all_and_not_within_departments() {
        let strata = berkeley();
        let mut pooled = Cells::default();
        for cells in &strata {
            pooled.both += cells.both;
            pooled.followed += cells.followed;
            pooled.succeeded += cells.succeeded;
            pooled.total += cells.total;
        }
        assert_eq!((pooled.both, pooled.followed), (1_198, 2_691));
        assert!((difference(&[pooled]) - (1_198.0 / 2_691.0 - 557.0 / 1_835.0)).abs() < 1e-12);
        assert!(difference(&[pooled]) > 0.14);
        let within = difference(&strata);
        assert!((-0.05..0.0).contains(&within), "{within}");
    }
}
