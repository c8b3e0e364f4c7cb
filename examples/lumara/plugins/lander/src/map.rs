//! What a scan knows of the hazards: stretches where no drone fits, and the free places
//! between them.

use serde::Serialize;

use crate::terrain::{HALF_SPAN_M, HALF_WIDTH_M, Hazard, Kind};

/// Ground at the edges of a site that the scout does not cover, in metres.
const EDGE_M: f64 = 4.0;

/// A stretch of ground with hazards so close together that no drone fits between them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stretch {
    /// Where it begins, in metres from the middle of the site.
    pub from_m: f64,
    /// Where it ends, in metres from the middle of the site.
    pub to_m: f64,
    /// How many boulders were seen in it.
    pub boulders: u32,
    /// How many craters were seen in it.
    pub craters: u32,
}

/// Joins hazards that leave no room for a drone between them.
pub fn stretches(hazards: &[Hazard]) -> Vec<Stretch> {
    let mut sorted = hazards.to_vec();
    sorted.sort_by(|a, b| (a.x_m - a.diameter_m / 2.0).total_cmp(&(b.x_m - b.diameter_m / 2.0)));
    let mut joined: Vec<Stretch> = Vec::new();
    for hazard in sorted {
        let from_m = hazard.x_m - hazard.diameter_m / 2.0;
        let to_m = hazard.x_m + hazard.diameter_m / 2.0;
        let (boulders, craters) = match hazard.kind {
            Kind::Boulder => (1, 0),
            Kind::Crater => (0, 1),
        };
        match joined.last_mut() {
            Some(last) if from_m - last.to_m <= 2.0 * HALF_SPAN_M => {
                last.to_m = last.to_m.max(to_m);
                last.boulders += boulders;
                last.craters += craters;
            }
            _ => joined.push(Stretch { from_m, to_m, boulders, craters }),
        }
    }
    joined
}

/// The place nearest to a target that keeps a clearance from every known hazard; where no
/// place does, the middle of the widest gap.
pub fn place_m(known: &[Stretch], target_m: f64, clearance_m: f64) -> f64 {
    let need_m = HALF_SPAN_M + clearance_m;
    let gaps = gaps(known);
    let nearest = gaps
        .iter()
        .filter(|(from_m, to_m)| to_m - from_m >= 2.0 * need_m)
        .map(|(from_m, to_m)| target_m.clamp(from_m + need_m, to_m - need_m))
        .min_by(|a, b| (a - target_m).abs().total_cmp(&(b - target_m).abs()));
    let widest = || gaps.iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    nearest.or_else(|| widest().map(|(from_m, to_m)| (from_m + to_m) / 2.0)).unwrap_or(target_m)
}

/// The ground between the stretches, as (from, to) in metres.
fn gaps(known: &[Stretch]) -> Vec<(f64, f64)> {
    let end_m = HALF_WIDTH_M - EDGE_M;
    let mut from_m = -end_m;
    let mut gaps = Vec::new();
    for stretch in known {
        if stretch.from_m > from_m {
            gaps.push((from_m, stretch.from_m.min(end_m)));
        }
        from_m = from_m.max(stretch.to_m);
    }
    if from_m < end_m {
        gaps.push((from_m, end_m));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boulder(x_m: f64) -> Hazard {
        Hazard { kind: Kind::Boulder, x_m, diameter_m: 0.4 }
    }

    #[test]
    fn boulders_too_close_for_a_drone_become_one_stretch() {
        let found = stretches(&[boulder(0.0), boulder(10.0), boulder(2.0)]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].from_m, found[0].to_m, found[0].boulders), (-0.2, 2.2, 2));
    }

    #[test]
    fn the_place_is_the_nearest_that_keeps_the_clearance() {
        let known = stretches(&[boulder(0.0), boulder(20.0)]);
        let near = place_m(&known, 1.0, 1.5);
        assert!((near + 3.5).abs() < 1e-9 || (near - 3.5).abs() < 1e-9, "{near}");
        assert_eq!(place_m(&known, 9.0, 1.5), 9.0);
    }

    #[test]
    fn without_a_wide_enough_place_the_widest_gap_is_taken() {
        let mut known = vec![
            Stretch { from_m: -200.0, to_m: 10.0, boulders: 1, craters: 0 },
            Stretch { from_m: 15.0, to_m: 200.0, boulders: 1, craters: 0 },
        ];
        assert_eq!(place_m(&known, 0.0, 2.0), 12.5);
        known.truncate(1);
        known[0].to_m = 200.0;
        assert_eq!(place_m(&known, 3.0, 2.0), 3.0);
    }
}
