//! The onboard guidance law. It knows the data sheet and the instruments, not the truth.

use crate::vehicle::{Command, DRY_KG, GRAVITY_MPS2, RATED_THRUST_N};

/// Height at which the descent at constant speed begins, in metres.
const FINAL_M: f64 = 3.5;

/// Height under which the drone stands upright, in metres.
const UPRIGHT_M: f64 = 2.5;

/// How hard a wrong speed of descent is corrected, per second.
const SPEED_GAIN: f64 = 1.0;

/// Shortest time over which a sideways error is corrected, in seconds.
const SHORTEST_S: f64 = 3.0;

/// Height at which the drone should be over its place, in metres.
const OVER_PLACE_M: f64 = 12.0;

/// Largest tilt while braking, in degrees.
const TILT_LIMIT_DEG: f64 = 25.0;

/// A plan for one descent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Where to land, in metres from the middle of the site.
    pub place_m: f64,
    /// How much gentler than full rated thrust the braking is: 1 uses all of it.
    pub brake_ratio: f64,
    /// Speed of the last metres, in m/s.
    pub terminal_rate_mps: f64,
    /// Time to turn from the coasting attitude to upright, in seconds.
    pub pitch_over_s: f64,
    /// Direction of the approach against the Sun's azimuth, in degrees.
    pub heading_deg: f64,
}

/// What the instruments say.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Time since the flight began, in seconds.
    pub time_s: f64,
    /// Height over the ground, in metres.
    pub height_m: f64,
    /// Speed of descent, in m/s.
    pub descent_mps: f64,
    /// Position along the site, in metres.
    pub x_m: f64,
    /// Speed to the right, in m/s.
    pub vx_mps: f64,
    /// Fuel by the flow meter, in kilograms.
    pub fuel_kg: f64,
}

/// Coasts, brakes along a speed profile to the ground, and steers to the place.
#[derive(Debug, Clone)]
pub struct Guidance {
    plan: Plan,
    coasting_tilt_deg: f64,
    /// Deceleration of the profile, in m/s²; set at ignition.
    braking_mps2: Option<f64>,
}

impl Guidance {
    /// Guidance for a plan, from the attitude in which the drone coasts.
    pub fn new(plan: Plan, coasting_tilt_deg: f64) -> Self {
        Self { plan, coasting_tilt_deg, braking_mps2: None }
    }

    /// What to do now.
    pub fn command(&mut self, reading: Reading) -> Command {
        let mass_kg = DRY_KG + reading.fuel_kg;
        let braking_mps2 = match self.braking_mps2 {
            Some(set) => set,
            None => {
                let spare_mps2 = RATED_THRUST_N / mass_kg - GRAVITY_MPS2;
                let wanted_mps2 = spare_mps2 / self.plan.brake_ratio;
                if reading.descent_mps < self.profile_mps(reading.height_m, wanted_mps2) {
                    return Command { thrust_n: 0.0, tilt_deg: self.turning_deg(reading.time_s) };
                }
                self.braking_mps2 = Some(wanted_mps2);
                wanted_mps2
            }
        };
        let wanted_mps = self.profile_mps(reading.height_m, braking_mps2);
        let along_mps2 = if reading.height_m > FINAL_M { braking_mps2 } else { 0.0 };
        let error_mps = reading.descent_mps - wanted_mps;
        let push_mps2 = GRAVITY_MPS2 + along_mps2 + SPEED_GAIN * error_mps;
        let tilt_deg = self.tilt_deg(reading, push_mps2);
        let thrust_n = mass_kg * push_mps2 / libm::cos(tilt_deg.to_radians());
        // The engine stays lit after ignition, at its smallest thrust if need be.
        Command { thrust_n: thrust_n.max(1.0), tilt_deg }
    }

    /// Wanted speed of descent at a height, in m/s.
    fn profile_mps(&self, height_m: f64, braking_mps2: f64) -> f64 {
        let rate_mps = self.plan.terminal_rate_mps;
        let above_m = (height_m - FINAL_M).max(0.0);
        libm::sqrt(rate_mps * rate_mps + 2.0 * braking_mps2 * above_m)
    }

    fn turning_deg(&self, time_s: f64) -> f64 {
        self.coasting_tilt_deg * (1.0 - time_s / self.plan.pitch_over_s).clamp(0.0, 1.0)
    }

    fn tilt_deg(&self, reading: Reading, push_mps2: f64) -> f64 {
        if reading.height_m < UPRIGHT_M {
            return 0.0;
        }
        // The push that, falling off evenly, stops the drone over the place.
        let speed_mps = reading.descent_mps + self.plan.terminal_rate_mps;
        let left_s = (2.0 * (reading.height_m - OVER_PLACE_M) / speed_mps.max(0.1)).max(SHORTEST_S);
        let away_m = self.plan.place_m - reading.x_m;
        let wanted_mps2 = 6.0 * away_m / (left_s * left_s) - 4.0 * reading.vx_mps / left_s;
        let limit_deg = TILT_LIMIT_DEG.min(4.0 + 0.5 * reading.height_m);
        let tilt = libm::atan(wanted_mps2 / push_mps2.max(0.5));
        tilt.to_degrees().clamp(-limit_deg, limit_deg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(brake_ratio: f64) -> Plan {
        Plan {
            place_m: 0.0,
            brake_ratio,
            terminal_rate_mps: 1.0,
            pitch_over_s: 10.0,
            heading_deg: 0.0,
        }
    }

    fn at(height_m: f64, descent_mps: f64) -> Reading {
        Reading { time_s: 20.0, height_m, descent_mps, x_m: 0.0, vx_mps: 0.0, fuel_kg: 50.0 }
    }

    #[test]
    fn a_larger_brake_ratio_ignites_higher() {
        let ignites = |ratio, height_m| {
            Guidance::new(plan(ratio), 0.0).command(at(height_m, 80.0)).thrust_n > 0.0
        };
        assert!(ignites(2.0, 1500.0) && !ignites(1.1, 1500.0));
        assert!(ignites(1.1, 600.0));
    }

    #[test]
    fn the_last_metres_are_flown_upright_at_the_terminal_rate() {
        let mut guidance = Guidance::new(plan(1.5), 0.0);
        guidance.command(at(100.0, 80.0));
        let command = guidance.command(Reading { x_m: 5.0, ..at(1.0, 1.0) });
        assert_eq!(command.tilt_deg, 0.0);
        let hover_n = (DRY_KG + 50.0) * GRAVITY_MPS2;
        assert!((command.thrust_n - hover_n).abs() < 1.0, "{}", command.thrust_n);
    }

    #[test]
    fn a_drone_beside_its_place_tilts_towards_it() {
        let mut guidance = Guidance::new(plan(1.5), 0.0);
        let command = guidance.command(Reading { x_m: -30.0, ..at(400.0, 60.0) });
        assert!(command.tilt_deg > 1.0, "{}", command.tilt_deg);
    }
}
