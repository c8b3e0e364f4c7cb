//! The three tools: their inputs, their results, and what a call does.

use lucid_sdk::tool::{Json, ToolError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flight::{self, Ending};
use crate::guidance::Plan;
use crate::map::{self, Stretch};
use crate::sensors::{self, ScanPlan};
use crate::session::{SCANS_MAX, Session};
use crate::terrain::{HALF_SPAN_M, HALF_WIDTH_M, Terrain};
use crate::vehicle::TANK_KG;

/// Input of `survey`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyInput {}

/// One point of the survey.
#[derive(Debug, PartialEq, Serialize)]
pub struct SurveyPoint {
    /// Where it is, in metres from the middle of the site.
    pub x_m: f64,
    /// Height of the ground over the site's mean, in metres.
    pub height_m: f64,
    /// Slope of the ground, in degrees.
    pub slope_deg: f64,
}

/// A crater that shows from orbit.
#[derive(Debug, PartialEq, Serialize)]
pub struct SurveyCrater {
    /// Where its middle is, in metres from the middle of the site.
    pub x_m: f64,
    /// How wide it is, in metres.
    pub diameter_m: f64,
}

/// Result of `survey`.
#[derive(Debug, PartialEq, Serialize)]
pub struct Survey {
    /// Number of the site.
    pub site: u32,
    /// The site reaches this far to both sides of its middle, in metres.
    pub half_width_m: f64,
    /// Estimated ore in the ground, from 0 to 1.
    pub ore_grade: f64,
    /// The ground, coarsely.
    pub terrain: Vec<SurveyPoint>,
    /// The largest craters.
    pub craters: Vec<SurveyCrater>,
}

/// Input of `scan`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanInput {
    /// Height of the scout over the ground, in metres, from 5 to 200.
    #[schemars(range(min = 5.0, max = 200.0))]
    pub altitude_m: f64,
    /// Time over each part of the site, in seconds, from 1 to 30.
    #[schemars(range(min = 1.0, max = 30.0))]
    pub dwell_s: f64,
}

/// Result of `scan`.
#[derive(Debug, PartialEq, Serialize)]
pub struct Scan {
    /// Width that the legs need, in metres.
    pub leg_span_m: f64,
    /// Stretches with boulders or craters too close together to stand between them, from
    /// left to right.
    pub hazards: Vec<Stretch>,
    /// Fuel that this scan took, in percent of a full tank.
    pub fuel_used_percent: f64,
    /// Fuel left, in percent of a full tank.
    pub fuel_percent: f64,
}

/// Input of `fly`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlyInput {
    /// Where to land, in metres from the middle of the site, from -140 to 140.
    #[schemars(range(min = -140.0, max = 140.0))]
    pub target_x_m: f64,
    /// Clearance to keep from every hazard that the scans found, in metres, from 0 to 10;
    /// the drone takes the nearest place to the target that has it.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub hazard_clearance_m: f64,
    /// How much gentler than full rated thrust the braking is, from 0.5 to 4; 1 uses all.
    #[schemars(range(min = 0.5, max = 4.0))]
    pub brake_ratio: f64,
    /// Speed of descent over the last metres, in m/s, from 0.1 to 5.
    #[schemars(range(min = 0.1, max = 5.0))]
    pub terminal_rate_mps: f64,
    /// Time to turn from the coasting attitude to upright, in seconds, from 1 to 30.
    #[schemars(range(min = 1.0, max = 30.0))]
    pub pitch_over_s: f64,
    /// Direction of the approach against the Sun's azimuth, in degrees, from 0 to 360.
    #[schemars(range(min = 0.0, max = 360.0))]
    pub approach_heading_deg: f64,
    /// Wanted telemetry rate, in hertz, from 0.2 to 20; long flights are thinned out.
    #[schemars(range(min = 0.2, max = 20.0))]
    pub telemetry_rate_hz: f64,
}

/// Result of `fly`.
#[derive(Debug, PartialEq, Serialize)]
pub struct Landing {
    /// Number of the site.
    pub site: u32,
    /// How it ended.
    pub result: Ending,
    /// Speed on touchdown, in m/s; absent where the drone never left the gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touchdown_speed_mps: Option<f64>,
    /// Fuel left, in percent of a full tank.
    pub fuel_percent: f64,
    /// Whether no boulder or crater was under the legs.
    pub hazard_free: bool,
    /// Lean against the ground, in degrees.
    pub lean_deg: f64,
    /// Sideways speed at the end, in m/s.
    pub slide_mps: f64,
    /// Where the drone is, in metres from the middle of the site.
    pub x_m: f64,
    /// Length of the flight, in seconds.
    pub flight_s: f64,
}

/// Reads the map made from orbit.
///
/// # Errors
/// None of its own.
pub fn survey(session: &Session, _: &SurveyInput) -> Result<Json<Survey>, ToolError> {
    let terrain = Terrain::new(session.seed, session.site);
    let (points, craters, ore) = sensors::survey(session.seed, session.site, &terrain);
    let point = |p: &sensors::SurveyPoint| SurveyPoint {
        x_m: p.x_m,
        height_m: round(p.height_m),
        slope_deg: round(p.slope_deg),
    };
    let crater = |c: &crate::terrain::Hazard| SurveyCrater {
        x_m: round(c.x_m),
        diameter_m: round(c.diameter_m),
    };
    Ok(Json(Survey {
        site: session.site,
        half_width_m: HALF_WIDTH_M,
        ore_grade: round(ore),
        terrain: points.iter().map(point).collect(),
        craters: craters.iter().map(crater).collect(),
    }))
}

/// Sends the scout over the site.
///
/// # Errors
/// [`ToolError::InvalidInput`] for values out of range; [`ToolError::Failed`] where there
/// is no fuel for it or the state cannot be kept.
pub fn scan(session: &Session, input: &ScanInput) -> Result<Json<Scan>, ToolError> {
    within("altitude_m", input.altitude_m, 5.0, 200.0)?;
    within("dwell_s", input.dwell_s, 1.0, 30.0)?;
    let mut scans = session.scans()?;
    if scans.len() >= SCANS_MAX {
        let message = format!("the scout has flown {SCANS_MAX} times and must stay");
        return Err(ToolError::Failed(message));
    }
    let plan = ScanPlan { altitude_m: input.altitude_m, dwell_s: input.dwell_s };
    let used_kg = sensors::scan_fuel_kg(plan);
    let terrain = Terrain::new(session.seed, session.site);
    let number = scans.len() as u64;
    let seen = sensors::scan(session.seed, session.site, number, plan, &terrain);
    scans.push(plan);
    let left_kg = fuel_kg(&scans);
    session.save(scans)?;
    let rounded = |s: Stretch| Stretch { from_m: round(s.from_m), to_m: round(s.to_m), ..s };
    Ok(Json(Scan {
        leg_span_m: 2.0 * HALF_SPAN_M,
        hazards: seen.into_iter().map(rounded).collect(),
        fuel_used_percent: round(flight::percent(used_kg)),
        fuel_percent: round(flight::percent(left_kg)),
    }))
}

/// Flies the one descent of the session.
///
/// # Errors
/// [`ToolError::InvalidInput`] for values out of range; [`ToolError::Failed`] where the
/// drone has flown already or its telemetry cannot be written.
pub fn fly(session: &Session, input: &FlyInput) -> Result<Json<Landing>, ToolError> {
    within("target_x_m", input.target_x_m, -140.0, 140.0)?;
    within("hazard_clearance_m", input.hazard_clearance_m, 0.0, 10.0)?;
    within("brake_ratio", input.brake_ratio, 0.5, 4.0)?;
    within("terminal_rate_mps", input.terminal_rate_mps, 0.1, 5.0)?;
    within("pitch_over_s", input.pitch_over_s, 1.0, 30.0)?;
    within("approach_heading_deg", input.approach_heading_deg, 0.0, 360.0)?;
    within("telemetry_rate_hz", input.telemetry_rate_hz, 0.2, 20.0)?;
    let (seed, site) = (session.seed, session.site);
    let terrain = Terrain::new(seed, site);
    let scans = session.scans()?;
    let mut known: Vec<Stretch> = (0..)
        .zip(&scans)
        .flat_map(|(number, plan)| sensors::scan(seed, site, number, *plan, &terrain))
        .collect();
    known.sort_by(|a, b| a.from_m.total_cmp(&b.from_m));
    let plan = Plan {
        place_m: map::place_m(&known, input.target_x_m, input.hazard_clearance_m),
        brake_ratio: input.brake_ratio,
        terminal_rate_mps: input.terminal_rate_mps,
        pitch_over_s: input.pitch_over_s,
        heading_deg: input.approach_heading_deg,
    };
    let flight = flight::fly(seed, site, plan, fuel_kg(&scans), &terrain);
    session.record(&flight.samples, input.telemetry_rate_hz)?;
    let touched = flight.ending != Ending::Aborted;
    Ok(Json(Landing {
        site,
        result: flight.ending,
        touchdown_speed_mps: touched.then(|| up(-flight.last.vz_mps)),
        fuel_percent: down(flight::percent(flight.last.fuel_kg)),
        hazard_free: flight.hazard_free,
        lean_deg: round(flight.lean_deg),
        slide_mps: round(flight.last.vx_mps),
        x_m: round(flight.last.x_m),
        flight_s: flight.samples.last().map_or(0.0, |sample| round(sample.time_s)),
    }))
}

fn fuel_kg(scans: &[ScanPlan]) -> f64 {
    let used_kg: f64 = scans.iter().map(|plan| sensors::scan_fuel_kg(*plan)).sum();
    (TANK_KG - used_kg).max(0.0)
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), ToolError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(ToolError::InvalidInput(format!("{name} is {value}: it must be from {low} to {high}")))
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

// Rounding must not turn a touchdown over a limit into one within it.
fn up(value: f64) -> f64 {
    (value * 100.0).ceil() / 100.0
}

fn down(value: f64) -> f64 {
    (value * 100.0).floor() / 100.0
}
