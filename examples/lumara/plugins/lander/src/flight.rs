//! One descent from the gate to the ground, and what came of it.

use serde::Serialize;

use crate::guidance::{Guidance, Plan, Reading};
use crate::rng::Stream;
use crate::sensors::Radar;
use crate::terrain::Terrain;
use crate::vehicle::{Engine, STEP_S, State, TANK_KG};

/// Height of the gate where a flight begins, in metres.
pub const GATE_M: f64 = 2500.0;

/// Hardest touchdown that the legs are built for, in m/s.
pub const LEG_LIMIT_MPS: f64 = 2.0;

/// Fuel that must be left for the cold start of the next hop, in percent of a tank.
pub const RESERVE_PERCENT: f64 = 5.0;

/// Least fuel at the gate with which a descent is begun, in percent of a tank.
const COMMIT_PERCENT: f64 = 50.0;

/// Largest lean on the ground, in degrees, before the drone falls over.
const LEAN_LIMIT_DEG: f64 = 12.0;

/// Fastest sideways slide on touchdown, in m/s.
const SLIDE_LIMIT_MPS: f64 = 1.2;

/// Longest flight, in seconds; a drone that is still up then has lost its way.
const LONGEST_S: f64 = 400.0;

/// How a flight ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// On its legs, on clear ground, with fuel to spare.
    Landed,
    /// Too hard, leaning too far, or sliding.
    Crashed,
    /// The computer refused to leave the gate.
    Aborted,
    /// Softly, but on a boulder or in a crater.
    Hazard,
    /// Softly, but with less fuel than the reserve.
    LowFuel,
}

/// One row of the descent curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sample {
    /// Time since the gate, in seconds.
    pub time_s: f64,
    /// Height over the ground, in metres.
    pub altitude_m: f64,
    /// Speed upwards, in m/s.
    pub vertical_speed_mps: f64,
    /// Fuel left, in percent of a full tank.
    pub fuel_percent: f64,
}

/// What came of a flight.
#[derive(Debug, Clone, PartialEq)]
pub struct Flight {
    /// How it ended.
    pub ending: Ending,
    /// The drone at its end.
    pub last: State,
    /// The descent, one sample per step.
    pub samples: Vec<Sample>,
    /// Whether no boulder or crater was under the legs.
    pub hazard_free: bool,
    /// Lean on the ground, in degrees.
    pub lean_deg: f64,
}

/// Flies a plan at a site with the fuel that is left.
pub fn fly(seed: u64, site: u32, plan: Plan, fuel_kg: f64, terrain: &Terrain) -> Flight {
    let mut start = Stream::new(seed, site, "gate", 0);
    let mut state = State {
        // The transfer is aimed at the place; the gate is where its errors show.
        x_m: plan.place_m + start.between(-35.0, 35.0),
        z_m: GATE_M,
        vx_mps: start.between(-6.0, 6.0),
        vz_mps: -60.0 + start.normal(0.5),
        tilt_deg: start.between(50.0, 70.0),
        thrust_n: 0.0,
        fuel_kg,
    };
    if percent(fuel_kg) < COMMIT_PERCENT {
        return Flight {
            ending: Ending::Aborted,
            last: state,
            samples: vec![sample(0.0, &state, terrain)],
            hazard_free: true,
            lean_deg: 0.0,
        };
    }
    let engine = Engine::new(seed, site);
    let mut radar = Radar::new(seed, site);
    // The camera that fixes the position against the scan's map errs by a constant, and a
    // little more against the Sun.
    let glare = 1.0 + 0.1 * libm::cos(plan.heading_deg.to_radians());
    let camera_off_m = start.normal(0.15 * glare);
    let mut guidance = Guidance::new(plan, state.tilt_deg);
    let mut samples = Vec::new();
    for step in 0..(LONGEST_S / STEP_S) as u32 {
        let time_s = f64::from(step) * STEP_S;
        samples.push(sample(time_s, &state, terrain));
        let true_height_m = state.z_m - terrain.height_m(state.x_m);
        if true_height_m <= 0.0 {
            break;
        }
        let (height_m, descent_mps) = radar.read(true_height_m, -state.vz_mps);
        let command = guidance.command(Reading {
            time_s,
            height_m,
            descent_mps,
            x_m: state.x_m + camera_off_m,
            vx_mps: state.vx_mps,
            fuel_kg: state.fuel_kg,
        });
        state = state.step(command, engine);
    }
    judge(state, samples, terrain)
}

/// Fuel in percent of a full tank.
pub fn percent(fuel_kg: f64) -> f64 {
    100.0 * fuel_kg / TANK_KG
}

fn judge(last: State, samples: Vec<Sample>, terrain: &Terrain) -> Flight {
    let lean_deg = last.tilt_deg - terrain.slope_deg(last.x_m);
    let hazard_free = terrain.is_clear(last.x_m);
    let broken = -last.vz_mps > LEG_LIMIT_MPS
        || last.vx_mps.abs() > SLIDE_LIMIT_MPS
        || lean_deg.abs() > LEAN_LIMIT_DEG;
    let ending = if broken {
        Ending::Crashed
    } else if !hazard_free {
        Ending::Hazard
    } else if percent(last.fuel_kg) < RESERVE_PERCENT {
        Ending::LowFuel
    } else {
        Ending::Landed
    };
    Flight { ending, last, samples, hazard_free, lean_deg }
}

fn sample(time_s: f64, state: &State, terrain: &Terrain) -> Sample {
    Sample {
        time_s,
        altitude_m: (state.z_m - terrain.height_m(state.x_m)).max(0.0),
        vertical_speed_mps: state.vz_mps,
        fuel_percent: percent(state.fuel_kg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan {
        place_m: 0.0,
        brake_ratio: 1.6,
        terminal_rate_mps: 1.0,
        pitch_over_s: 8.0,
        heading_deg: 90.0,
    };

    fn flown(site: u32, plan: Plan, fuel_kg: f64) -> Flight {
        fly(1, site, plan, fuel_kg, &Terrain::new(1, site))
    }

    fn mean_speed_mps(plan: Plan) -> f64 {
        (0..20).map(|site| -flown(site, plan, TANK_KG).last.vz_mps).sum::<f64>() / 20.0
    }

    #[test]
    fn the_same_seed_and_site_give_the_same_flight() {
        assert_eq!(flown(3, PLAN, TANK_KG), flown(3, PLAN, TANK_KG));
        assert_ne!(flown(3, PLAN, TANK_KG).samples, flown(4, PLAN, TANK_KG).samples);
    }

    #[test]
    fn touchdown_speed_grows_with_the_terminal_rate() {
        let speed = |terminal_rate_mps| mean_speed_mps(Plan { terminal_rate_mps, ..PLAN });
        assert!(speed(0.8) < speed(1.2) && speed(1.2) < speed(1.8));
        assert!(speed(0.8) > 0.8, "the drone is not better than its plan: {}", speed(0.8));
    }

    #[test]
    fn braking_with_all_the_rated_thrust_comes_too_late() {
        let late = mean_speed_mps(Plan { brake_ratio: 1.0, ..PLAN });
        assert!(late > 10.0, "{late}");
    }

    #[test]
    fn gentler_braking_burns_more_fuel() {
        let left_kg = |brake_ratio| flown(2, Plan { brake_ratio, ..PLAN }, TANK_KG).last.fuel_kg;
        assert!(left_kg(1.3) > left_kg(1.8) && left_kg(1.8) > left_kg(2.3));
    }

    #[test]
    fn a_drone_with_little_fuel_stays_at_the_gate_or_lands_below_its_reserve() {
        let little = flown(2, PLAN, 0.4 * TANK_KG);
        assert_eq!((little.ending, little.last.z_m), (Ending::Aborted, GATE_M));
        assert!(percent(flown(2, PLAN, 0.85 * TANK_KG).last.fuel_kg) < RESERVE_PERCENT);
    }

    #[test]
    fn the_drone_comes_down_near_its_place() {
        for site in 0..20 {
            let off_m = flown(site, PLAN, TANK_KG).last.x_m - PLAN.place_m;
            assert!(off_m.abs() < 1.5, "site {site}: {off_m}");
        }
    }
}
