//! The ground of a site: rolling plain, craters, and fields of boulders with clearings.

use crate::rng::Stream;

/// Half of the width of a site, in metres: it reaches from minus this to plus this.
pub const HALF_WIDTH_M: f64 = 150.0;

/// Smallest boulder that a leg does not step over, in metres of diameter.
pub const DANGEROUS_BOULDER_M: f64 = 0.4;

/// Half of the distance between the outer edges of the feet, in metres.
pub const HALF_SPAN_M: f64 = 1.8;

/// Boulders per metre of ground outside the clearings.
const BOULDERS_PER_M: f64 = 1.4;

/// Fragments of an impact have a steep size law: the count of those larger than a
/// diameter falls with this power of it.
const SIZE_POWER: f64 = 12.0;

/// What a landing must avoid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rock that stands out of the ground.
    Boulder,
    /// A hole in the ground.
    Crater,
}

/// A boulder or a crater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hazard {
    /// Which of the two it is.
    pub kind: Kind,
    /// Where its middle is, in metres from the middle of the site.
    pub x_m: f64,
    /// How wide it is, in metres.
    pub diameter_m: f64,
}

impl Hazard {
    /// How far its edge is from a point, in metres; negative inside.
    pub fn distance_m(&self, x_m: f64) -> f64 {
        (x_m - self.x_m).abs() - self.diameter_m / 2.0
    }
}

/// The true ground of a site. Sensors see it coarsely; only a landing meets it.
#[derive(Debug, Clone)]
pub struct Terrain {
    /// Boulders and craters, from left to right.
    pub hazards: Vec<Hazard>,
    /// Ore in the ground, from 0 to 1.
    pub ore_grade: f64,
    waves: Vec<Wave>,
}

#[derive(Debug, Clone, Copy)]
struct Wave {
    amplitude_m: f64,
    per_m: f64,
    phase: f64,
}

impl Terrain {
    /// Makes the ground of a site; the same seed and site give the same ground.
    pub fn new(seed: u64, site: u32) -> Self {
        let mut stream = Stream::new(seed, site, "terrain", 0);
        let waves = [90.0, 210.0, 380.0].map(|length_m| {
            let length_m = length_m * stream.between(0.8, 1.25);
            Wave {
                amplitude_m: length_m * stream.between(0.002, 0.011),
                per_m: std::f64::consts::TAU / length_m,
                phase: stream.between(0.0, std::f64::consts::TAU),
            }
        });
        let ore_grade = stream.between(0.15, 0.95);
        let clearings = clearings(&mut Stream::new(seed, site, "clearings", 0));
        let mut hazards = boulders(&mut Stream::new(seed, site, "boulders", 0), &clearings);
        hazards.extend(craters(&mut Stream::new(seed, site, "craters", 0), &clearings));
        hazards.sort_by(|a, b| a.x_m.total_cmp(&b.x_m));
        Self { hazards, ore_grade, waves: waves.to_vec() }
    }

    /// Height of the ground over the site's mean, in metres.
    pub fn height_m(&self, x_m: f64) -> f64 {
        let wave = |w: &Wave| w.amplitude_m * libm::sin(w.per_m * x_m + w.phase);
        self.waves.iter().map(wave).sum()
    }

    /// Slope of the ground, in degrees; positive where it rises to the right.
    pub fn slope_deg(&self, x_m: f64) -> f64 {
        let wave = |w: &Wave| w.amplitude_m * w.per_m * libm::cos(w.per_m * x_m + w.phase);
        libm::atan(self.waves.iter().map(wave).sum()).to_degrees()
    }

    /// Whether no boulder and no crater is under the legs of a drone that stands at `x_m`.
    pub fn is_clear(&self, x_m: f64) -> bool {
        self.hazards.iter().all(|hazard| hazard.distance_m(x_m) > HALF_SPAN_M)
    }
}

/// Stretches that the boulders leave free, as (from, to) in metres.
fn clearings(stream: &mut Stream) -> Vec<(f64, f64)> {
    // One per half of the site: young craters throw their fragments unevenly, but no
    // site that passed the orbital selection is covered from edge to edge.
    let half_m = HALF_WIDTH_M;
    let one = |number: usize| {
        let width_m = stream.between(10.5, 12.5);
        let left_m = -HALF_WIDTH_M + half_m * number as f64;
        let from_m = stream.between(left_m + 8.0, left_m + half_m - 8.0 - width_m);
        (from_m, from_m + width_m)
    };
    (0..2).map(one).collect()
}

fn boulders(stream: &mut Stream, clearings: &[(f64, f64)]) -> Vec<Hazard> {
    let mut boulders = Vec::new();
    let mut x_m = -HALF_WIDTH_M;
    loop {
        // Gaps between independent boulders are exponential.
        x_m -= libm::log(1.0 - stream.unit()) / BOULDERS_PER_M;
        if x_m > HALF_WIDTH_M {
            return boulders;
        }
        let share = 1.0 - stream.unit();
        let diameter_m = DANGEROUS_BOULDER_M * libm::pow(share, -1.0 / SIZE_POWER);
        let boulder = Hazard { kind: Kind::Boulder, x_m, diameter_m: diameter_m.min(2.0) };
        if !in_clearing(&boulder, clearings) {
            boulders.push(boulder);
        }
    }
}

fn craters(stream: &mut Stream, clearings: &[(f64, f64)]) -> Vec<Hazard> {
    let one = |_| Hazard {
        kind: Kind::Crater,
        x_m: stream.between(-HALF_WIDTH_M, HALF_WIDTH_M),
        diameter_m: 3.0 * libm::pow(1.0 - stream.unit(), -0.5).min(6.0),
    };
    (0..6).map(one).filter(|crater| !in_clearing(crater, clearings)).collect()
}

fn in_clearing(hazard: &Hazard, clearings: &[(f64, f64)]) -> bool {
    let reach_m = hazard.diameter_m / 2.0;
    let touches =
        |&(from_m, to_m): &(f64, f64)| hazard.x_m + reach_m > from_m && hazard.x_m - reach_m < to_m;
    clearings.iter().any(touches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_site_give_the_same_ground() {
        let (one, same) = (Terrain::new(7, 3), Terrain::new(7, 3));
        assert_eq!(one.hazards, same.hazards);
        assert_eq!(one.height_m(12.0), same.height_m(12.0));
        assert_ne!(one.hazards, Terrain::new(7, 4).hazards);
        assert_ne!(one.hazards, Terrain::new(8, 3).hazards);
    }

    #[test]
    fn a_blind_landing_is_rarely_clear_but_every_site_has_a_clear_place() {
        let (mut clear, mut tried) = (0, 0);
        for site in 0..100 {
            let terrain = Terrain::new(1, site);
            let places: Vec<bool> =
                (-290..290).map(|x| terrain.is_clear(f64::from(x) / 2.0)).collect();
            assert!(places.contains(&true), "site {site}");
            clear += places.iter().filter(|place| **place).count();
            tried += places.len();
        }
        let share = clear as f64 / tried as f64;
        assert!((0.03..0.2).contains(&share), "{share}");
    }

    #[test]
    fn slope_is_the_rise_of_the_height() {
        let terrain = Terrain::new(5, 5);
        let rise = (terrain.height_m(10.01) - terrain.height_m(9.99)) / 0.02;
        assert!((libm::atan(rise).to_degrees() - terrain.slope_deg(10.0)).abs() < 0.01);
    }
}
