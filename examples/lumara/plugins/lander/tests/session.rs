//! The three tools as one session uses them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it found"
)]

use std::fs;

use lander::flight::Ending;
use lander::session::Session;
use lander::tools::{FlyInput, Landing, Scan, ScanInput, SurveyInput, fly, scan, survey};
use lucid_sdk::tool::{Json, ToolError};
use tempfile::TempDir;

fn session(folder: &TempDir) -> Session {
    Session::new(1, 12, &folder.path().join("lander"), folder.path())
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn plan() -> FlyInput {
    FlyInput {
        target_x_m: 0.0,
        hazard_clearance_m: 1.5,
        brake_ratio: 1.6,
        terminal_rate_mps: 1.0,
        pitch_over_s: 8.0,
        approach_heading_deg: 90.0,
        telemetry_rate_hz: 2.0,
    }
}

fn scanned(session: &Session, altitude_m: f64) -> Scan {
    scan(session, &ScanInput { altitude_m, dwell_s: 5.0 }).expect("a scan").0
}

fn flown(session: &Session) -> Landing {
    let Json(landing) = fly(session, &plan()).expect("a flight");
    landing
}

#[test]
fn a_scanned_and_sound_plan_lands_and_leaves_its_curve() {
    let folder = folder();
    let session = session(&folder);
    scanned(&session, 60.0);
    let landing = flown(&session);
    assert_eq!(landing.result, Ending::Landed, "{landing:?}");
    let curve = fs::read_to_string(folder.path().join("telemetry.csv")).expect("telemetry");
    let rows: Vec<&str> = curve.lines().collect();
    assert_eq!(rows[0], "time_s,altitude_m,vertical_speed_mps,fuel_percent");
    assert!((50..=121).contains(&rows.len()), "{}", rows.len());
}

#[test]
fn a_second_flight_is_refused() {
    let folder = folder();
    let session = session(&folder);
    flown(&session);
    let curve = fs::read(folder.path().join("telemetry.csv")).expect("telemetry");
    let second = fly(&session, &plan());
    assert!(matches!(second, Err(ToolError::Failed(m)) if m.contains("has flown already")));
    assert_eq!(fs::read(folder.path().join("telemetry.csv")).expect("telemetry"), curve);
}

#[test]
fn fuel_of_a_scan_is_missing_in_the_flight() {
    let (without, with) = (folder(), folder());
    let dry = session(&with);
    let scan = scanned(&dry, 20.0);
    let full = flown(&session(&without)).fuel_percent;
    let less = flown(&dry).fuel_percent;
    assert!(less < full - 0.5 * scan.fuel_used_percent, "{less} {full}");
}

#[test]
fn scans_add_up_and_end() {
    let folder = folder();
    let session = session(&folder);
    let first = scanned(&session, 30.0).fuel_percent;
    assert!(scanned(&session, 30.0).fuel_percent < first);
    for _ in 2..8 {
        scanned(&session, 30.0);
    }
    let ninth = scan(&session, &ScanInput { altitude_m: 30.0, dwell_s: 5.0 });
    assert!(matches!(ninth, Err(ToolError::Failed(_))));
}

#[test]
fn values_out_of_range_are_refused_by_name_and_change_nothing() {
    let folder = folder();
    let session = session(&folder);
    for altitude_m in [0.0, -5.0, 1e9, f64::NAN] {
        let refused = scan(&session, &ScanInput { altitude_m, dwell_s: 5.0 });
        let named = |m: &str| m.contains("altitude_m");
        assert!(matches!(refused, Err(ToolError::InvalidInput(m)) if named(&m)));
    }
    let refused = fly(&session, &FlyInput { brake_ratio: 0.0, ..plan() });
    assert!(matches!(refused, Err(ToolError::InvalidInput(m)) if m.contains("brake_ratio")));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_survey_changes_nothing_and_repeats_itself() {
    let folder = folder();
    let session = session(&folder);
    let first = survey(&session, &SurveyInput {}).expect("a survey");
    assert_eq!(survey(&session, &SurveyInput {}), Ok(first));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
