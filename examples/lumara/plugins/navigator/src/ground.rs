//! Choosing where to land from the two maps.

use serde::Deserialize;

/// Ground at the edges of a site that is left alone, in metres.
const EDGE_M: f64 = 4.0;

/// The detector's map, as far as it matters here.
#[derive(Debug, Deserialize)]
pub struct Hazards {
    /// The site reaches this far to both sides of its middle, in metres.
    pub half_width_m: f64,
    /// Width that the legs need, in metres.
    pub leg_span_m: f64,
    /// Where not to land.
    pub hazards: Vec<Stretch>,
}

/// A stretch of ground with hazards.
#[derive(Debug, Deserialize)]
pub struct Stretch {
    /// Where it begins, in metres.
    pub from_m: f64,
    /// Where it ends, in metres.
    pub to_m: f64,
}

/// The survey, as far as it matters here.
#[derive(Debug, Deserialize)]
pub struct Terrain {
    /// The ground, from left to right.
    pub terrain: Vec<Point>,
}

/// One point of the survey.
#[derive(Debug, Deserialize)]
pub struct Point {
    /// Where it is, in metres.
    pub x_m: f64,
    /// Slope of the ground, in degrees.
    pub slope_deg: f64,
}

impl Terrain {
    /// Slope at a place, between the two nearest points, in degrees.
    fn slope_deg(&self, x_m: f64) -> f64 {
        let after = self.terrain.partition_point(|point| point.x_m < x_m);
        let last = self.terrain.len().saturating_sub(1);
        let (left, right) = (after.saturating_sub(1), after.min(last));
        match (self.terrain.get(left), self.terrain.get(right)) {
            (Some(a), Some(b)) if b.x_m > a.x_m => {
                let part = (x_m - a.x_m) / (b.x_m - a.x_m);
                a.slope_deg + (b.slope_deg - a.slope_deg) * part
            }
            (Some(a), _) => a.slope_deg,
            _ => 0.0,
        }
    }
}

/// The middle of the flattest gap that is wide enough; of the widest where none is.
pub fn target_m(hazards: &Hazards, terrain: &Terrain, clearance_m: f64) -> f64 {
    let need_m = hazards.leg_span_m + 2.0 * clearance_m;
    let gaps = gaps(hazards);
    let middle = |gap: &(f64, f64)| (gap.0 + gap.1) / 2.0;
    let steepness = |gap: &(f64, f64)| terrain.slope_deg(middle(gap)).abs();
    let width = |gap: &(f64, f64)| gap.1 - gap.0;
    let wide = gaps.iter().filter(|gap| width(gap) >= need_m);
    wide.min_by(|a, b| steepness(a).total_cmp(&steepness(b)))
        .or_else(|| gaps.iter().max_by(|a, b| width(a).total_cmp(&width(b))))
        .map_or(0.0, middle)
}

fn gaps(hazards: &Hazards) -> Vec<(f64, f64)> {
    let end_m = hazards.half_width_m - EDGE_M;
    let mut from_m = -end_m;
    let mut gaps = Vec::new();
    for stretch in &hazards.hazards {
        if stretch.from_m > from_m {
            gaps.push((from_m, stretch.from_m));
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

    fn hazards(stretches: &[(f64, f64)]) -> Hazards {
        let stretch = |&(from_m, to_m): &(f64, f64)| Stretch { from_m, to_m };
        Hazards {
            half_width_m: 104.0,
            leg_span_m: 4.0,
            hazards: stretches.iter().map(stretch).collect(),
        }
    }

    fn rising() -> Terrain {
        let point = |x: i32| Point { x_m: f64::from(x), slope_deg: f64::from(x) / 10.0 };
        Terrain { terrain: vec![point(-104), point(104)] }
    }

    #[test]
    fn the_flattest_gap_that_is_wide_enough_is_taken() {
        let map = hazards(&[(-100.0, -80.0), (-70.0, -2.0), (2.0, 20.0), (30.0, 100.0)]);
        assert_eq!(target_m(&map, &rising(), 1.0), 25.0);
        assert_eq!(target_m(&map, &rising(), 0.0), 0.0);
    }

    #[test]
    fn the_widest_gap_is_taken_where_none_is_wide_enough() {
        let map = hazards(&[(-100.0, 50.0), (53.0, 70.0), (72.0, 100.0)]);
        assert_eq!(target_m(&map, &rising(), 1.0), 51.5);
        assert_eq!(target_m(&hazards(&[(-200.0, 200.0)]), &rising(), 1.0), 0.0);
    }
}
