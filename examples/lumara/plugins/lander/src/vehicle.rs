//! The drone: mass, engine, attitude, and how they move it.

use crate::rng::Stream;

/// Gravity at the Moon's surface, in m/s².
pub const GRAVITY_MPS2: f64 = 1.62;

/// Step of the integration, in seconds.
pub const STEP_S: f64 = 0.05;

/// Mass without fuel, in kilograms.
pub const DRY_KG: f64 = 540.0;

/// Fuel in a full tank, in kilograms.
pub const TANK_KG: f64 = 37.2;

/// Thrust that the data sheet promises, in newtons.
pub const RATED_THRUST_N: f64 = 2600.0;

/// Speed of the exhaust, in m/s (a specific impulse of 300 s).
pub const EXHAUST_MPS: f64 = 2942.0;

/// Smallest thrust of a burning engine, as a share of the rated thrust.
pub const IDLE_SHARE: f64 = 0.12;

/// Fastest turn of the attitude, in degrees per second.
const TURN_DPS: f64 = 9.0;

/// What the engine of this drone really does; no instrument shows it.
#[derive(Debug, Clone, Copy)]
pub struct Engine {
    /// Thrust at any throttle, as a share of what the data sheet promises.
    pub thrust_share: f64,
    /// Time in which thrust follows the throttle, in seconds.
    pub lag_s: f64,
}

impl Engine {
    /// The engine of the drone that is sent to a site.
    pub fn new(seed: u64, site: u32) -> Self {
        let mut stream = Stream::new(seed, site, "engine", 0);
        // Injectors wear: every engine that has flown before is weaker than when tested.
        Self { thrust_share: stream.between(0.90, 0.912), lag_s: stream.between(0.30, 0.38) }
    }
}

/// What guidance asks of the drone.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Command {
    /// Wanted thrust by the data sheet, in newtons; 0 is off.
    pub thrust_n: f64,
    /// Wanted tilt from the vertical, in degrees; positive pushes to the right.
    pub tilt_deg: f64,
}

/// Where the drone is and how it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Position along the site, in metres.
    pub x_m: f64,
    /// Height over the site's mean ground, in metres.
    pub z_m: f64,
    /// Speed to the right, in m/s.
    pub vx_mps: f64,
    /// Speed upwards, in m/s.
    pub vz_mps: f64,
    /// Tilt from the vertical, in degrees; positive pushes to the right.
    pub tilt_deg: f64,
    /// Thrust, in newtons by the data sheet (the true thrust is smaller).
    pub thrust_n: f64,
    /// Fuel left, in kilograms.
    pub fuel_kg: f64,
}

impl State {
    /// Mass with fuel, in kilograms.
    pub fn mass_kg(&self) -> f64 {
        DRY_KG + self.fuel_kg
    }

    /// Moves the drone by one step. An empty tank gives no thrust.
    #[must_use]
    pub fn step(mut self, command: Command, engine: Engine) -> Self {
        let wanted_n = match command.thrust_n {
            off if off <= 0.0 => 0.0,
            on => on.clamp(IDLE_SHARE * RATED_THRUST_N, RATED_THRUST_N),
        };
        self.thrust_n += (wanted_n - self.thrust_n) * (STEP_S / engine.lag_s).min(1.0);
        let burnt_kg = self.thrust_n / EXHAUST_MPS * STEP_S;
        if burnt_kg >= self.fuel_kg {
            self.thrust_n = 0.0;
        }
        self.fuel_kg = (self.fuel_kg - burnt_kg).max(0.0);
        let turn_deg = TURN_DPS * STEP_S;
        self.tilt_deg += (command.tilt_deg - self.tilt_deg).clamp(-turn_deg, turn_deg);

        let push_mps2 = self.thrust_n * engine.thrust_share / self.mass_kg();
        let tilt = self.tilt_deg.to_radians();
        self.vx_mps += push_mps2 * libm::sin(tilt) * STEP_S;
        self.vz_mps += (push_mps2 * libm::cos(tilt) - GRAVITY_MPS2) * STEP_S;
        self.x_m += self.vx_mps * STEP_S;
        self.z_m += self.vz_mps * STEP_S;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: Engine = Engine { thrust_share: 0.9, lag_s: 0.3 };

    fn still() -> State {
        State {
            x_m: 0.0,
            z_m: 100.0,
            vx_mps: 0.0,
            vz_mps: 0.0,
            tilt_deg: 0.0,
            thrust_n: 0.0,
            fuel_kg: 10.0,
        }
    }

    fn after(seconds: f64, mut state: State, command: Command) -> State {
        for _ in 0..(seconds / STEP_S) as usize {
            state = state.step(command, ENGINE);
        }
        state
    }

    #[test]
    fn a_drone_without_thrust_falls_with_lunar_gravity() {
        let state = after(5.0, still(), Command::default());
        assert!((state.vz_mps + 8.1).abs() < 0.01, "{}", state.vz_mps);
        assert_eq!(state.fuel_kg, 10.0);
    }

    #[test]
    fn thrust_burns_fuel_and_tilt_turns_it_sideways() {
        let command = Command { thrust_n: 2000.0, tilt_deg: 10.0 };
        let state = after(5.0, still(), command);
        assert!(state.fuel_kg < 10.0 && state.vx_mps > 0.5);
        let upright = after(5.0, still(), Command { tilt_deg: 0.0, ..command });
        assert_eq!(upright.vx_mps, 0.0);
    }

    #[test]
    fn an_empty_tank_gives_no_thrust() {
        let dry = State { fuel_kg: 0.0, ..still() };
        let state = after(5.0, dry, Command { thrust_n: 2600.0, tilt_deg: 0.0 });
        assert!((state.vz_mps + 8.1).abs() < 0.01, "{}", state.vz_mps);
    }
}
