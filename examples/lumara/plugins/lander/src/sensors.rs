//! What instruments make of the ground: the orbital survey, the scout's scan, the radar.

use serde::{Deserialize, Serialize};

use crate::map::{Stretch, stretches};
use crate::rng::Stream;
use crate::terrain::{DANGEROUS_BOULDER_M, HALF_WIDTH_M, Hazard, Kind, Terrain};
use crate::vehicle::{EXHAUST_MPS, GRAVITY_MPS2, STEP_S};

/// Distance between two points of the survey, in metres.
pub const SURVEY_STEP_M: f64 = 25.0;

/// Smallest crater that shows from orbit, in metres.
const SURVEY_CRATER_M: f64 = 5.0;

/// Height at which a dangerous boulder still fills the pixels that its detection needs,
/// in metres, for a clean lens.
const RESOLVING_M: f64 = 90.0;

/// Height under which the scout's own exhaust raises dust, in metres.
const DUST_M: f64 = 15.0;

/// Mass of the scout that flies the scan, in kilograms.
const SCOUT_KG: f64 = 60.0;

/// How the scout flies a scan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanPlan {
    /// Height over the ground, in metres.
    pub altitude_m: f64,
    /// Time over each part of the site, in seconds.
    pub dwell_s: f64,
}

/// One point of the survey.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurveyPoint {
    /// Where it is, in metres from the middle of the site.
    pub x_m: f64,
    /// Height of the ground over the site's mean, in metres.
    pub height_m: f64,
    /// Slope of the ground, in degrees.
    pub slope_deg: f64,
}

/// The survey's points, its big craters, and its estimate of the ore grade.
pub fn survey(seed: u64, site: u32, terrain: &Terrain) -> (Vec<SurveyPoint>, Vec<Hazard>, f64) {
    let mut noise = Stream::new(seed, site, "survey", 0);
    let count = (2.0 * HALF_WIDTH_M / SURVEY_STEP_M) as u32 + 1;
    let point = |number| {
        let x_m = -HALF_WIDTH_M + SURVEY_STEP_M * f64::from(number);
        SurveyPoint {
            x_m,
            height_m: terrain.height_m(x_m) + noise.normal(0.4),
            slope_deg: terrain.slope_deg(x_m) + noise.normal(0.6),
        }
    };
    let points = (0..count).map(point).collect();
    let big = |h: &&Hazard| h.kind == Kind::Crater && h.diameter_m >= SURVEY_CRATER_M;
    let craters = terrain.hazards.iter().filter(big).copied().collect();
    let ore_grade = (terrain.ore_grade + noise.normal(0.05)).clamp(0.0, 1.0);
    (points, craters, ore_grade)
}

/// The stretches that the scan of a number shows: small things vanish with height,
/// positions blur with it, and dust hides what is under a low scout.
pub fn scan(seed: u64, site: u32, number: u64, plan: ScanPlan, terrain: &Terrain) -> Vec<Stretch> {
    let mut noise = Stream::new(seed, site, "scan", number);
    let resolving_m = RESOLVING_M * noise.between(0.98, 1.02);
    // The laser's returns from a boulder fall with the square of the height.
    let height = plan.altitude_m / resolving_m;
    let smallest_m = DANGEROUS_BOULDER_M * height * height;
    let hidden_share = (1.0 - plan.altitude_m / DUST_M).max(0.0);
    let blur_m = 0.1 + 0.002 * plan.altitude_m * libm::sqrt(5.0 / plan.dwell_s);
    let mut seen = Vec::new();
    for hazard in &terrain.hazards {
        // Each hazard takes the same draws at every height, so that only physics differs.
        let looks_m = hazard.diameter_m * (1.0 + noise.normal(0.02));
        let off_m = noise.normal(blur_m);
        let hidden = noise.unit() < hidden_share;
        if looks_m >= smallest_m && !hidden {
            seen.push(Hazard { x_m: hazard.x_m + off_m, ..*hazard });
        }
    }
    stretches(&seen)
}

/// Fuel that a scan takes from the tank, in kilograms: the lower the scout, the narrower
/// its swath and the more passes it hovers through.
pub fn scan_fuel_kg(plan: ScanPlan) -> f64 {
    let passes = 1.0 + HALF_WIDTH_M / plan.altitude_m;
    let hover_kgps = SCOUT_KG * GRAVITY_MPS2 / EXHAUST_MPS;
    0.5 + hover_kgps * plan.dwell_s * passes
}

/// The drone's landing radar.
#[derive(Debug, Clone)]
pub struct Radar {
    noise: Stream,
    height_bias_m: f64,
    dust_share: f64,
    drift_mps: f64,
}

impl Radar {
    /// Height under which the exhaust raises dust that drifts through the beam, in metres.
    const PLUME_M: f64 = 10.0;

    /// The radar of the drone that is sent to a site.
    pub fn new(seed: u64, site: u32) -> Self {
        let mut noise = Stream::new(seed, site, "radar", 0);
        Self {
            height_bias_m: noise.normal(0.25),
            dust_share: noise.between(0.095, 0.105),
            drift_mps: 0.0,
            noise,
        }
    }

    /// What it reads for a true height and speed of descent, once per step.
    pub fn read(&mut self, height_m: f64, descent_mps: f64) -> (f64, f64) {
        // Errors of the beam last about a second: they do not average out in a step.
        let keep = 1.0 - STEP_S;
        self.drift_mps = self.drift_mps * keep + self.noise.normal(0.006);
        // Dust falls with the drone, so the beam takes part of the descent for standstill.
        let share = if height_m < Self::PLUME_M { 1.0 - self.dust_share } else { 1.0 };
        (height_m + self.height_bias_m, descent_mps * share + self.drift_mps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(altitude_m: f64, site: u32) -> u32 {
        let terrain = Terrain::new(1, site);
        let plan = ScanPlan { altitude_m, dwell_s: 5.0 };
        scan(1, site, 0, plan, &terrain).iter().map(|s| s.boulders).sum()
    }

    #[test]
    fn a_higher_scan_misses_more_boulders_and_dust_hides_them_from_a_very_low_one() {
        for site in 0..10 {
            assert!(seen(60.0, site) > 150, "{}", seen(60.0, site));
            assert!(seen(60.0, site) > 2 * seen(110.0, site));
            assert!(seen(60.0, site) > seen(6.0, site));
        }
    }

    #[test]
    fn a_lower_or_longer_scan_takes_more_fuel() {
        let fuel_kg = |altitude_m, dwell_s| scan_fuel_kg(ScanPlan { altitude_m, dwell_s });
        assert!(fuel_kg(20.0, 5.0) > fuel_kg(80.0, 5.0));
        assert!(fuel_kg(80.0, 9.0) > fuel_kg(80.0, 5.0));
    }

    #[test]
    fn the_survey_shows_the_shape_of_the_ground_but_no_boulder() {
        let terrain = Terrain::new(3, 3);
        let (points, craters, _) = survey(3, 3, &terrain);
        assert_eq!(points.len(), 13);
        assert!(points.iter().all(|p| (p.height_m - terrain.height_m(p.x_m)).abs() <= 1.2));
        assert!(craters.iter().all(|c| c.kind == Kind::Crater));
    }

    #[test]
    fn dust_makes_the_radar_read_a_slower_descent() {
        let mean = |height_m: f64| {
            let mut radar = Radar::new(1, 1);
            (0..2000).map(|_| radar.read(height_m, 2.0).1).sum::<f64>() / 2000.0
        };
        assert!((mean(100.0) - 2.0).abs() < 0.05, "{}", mean(100.0));
        assert!(mean(2.0) < 1.85, "{}", mean(2.0));
    }
}
