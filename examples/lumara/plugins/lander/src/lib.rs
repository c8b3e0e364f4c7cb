//! A lunar lander: the simulator behind the tools `survey`, `scan` and `fly`.
//!
//! A drone descends in a plane: place along the site, height, tilt. Its engine lags and is
//! weaker than rated, its radar errs, its scout sees less from higher up, and all of it
//! follows from a seed and the number of a site. The same seed, site and calls give the
//! same flight, in a component as outside of one.

pub mod flight;
pub mod guidance;
pub mod map;
pub mod rng;
pub mod sensors;
pub mod session;
pub mod terrain;
pub mod tools;
pub mod vehicle;

use lucid_sdk::tool::Tool;

use crate::session::Session;
use crate::tools::{FlyInput, ScanInput, SurveyInput};

lucid_sdk::export_tools![
    Tool::new(
        "survey",
        "Reads the map of this site that was made from orbit: coarse heights and slopes, \
         the largest craters, an estimate of the ore grade. Costs nothing.",
        |input: SurveyInput| tools::survey(&Session::from_environment()?, &input),
    )
    .read_only()
    .idempotent(),
    // Each scan burns fuel, so it may not be repeated unasked.
    Tool::new(
        "scan",
        "Sends the scout over the site at a height and returns the boulders and craters it \
         sees, as stretches of ground. Takes fuel from the drone's tank.",
        |input: ScanInput| tools::scan(&Session::from_environment()?, &input),
    ),
    Tool::new(
        "fly",
        "Flies the drone from the gate to the ground by a plan and says how it ended. One \
         flight in a session. Writes /mnt/session/outputs/telemetry.csv.",
        |input: FlyInput| tools::fly(&Session::from_environment()?, &input),
    )
    .destructive(),
];
