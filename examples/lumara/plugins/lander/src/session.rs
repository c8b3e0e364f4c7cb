//! What lasts between the calls of one session: which site, what was scanned, whether the
//! drone has flown.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lucid_sdk::tool::ToolError;
use serde::{Deserialize, Serialize};

use crate::flight::Sample;
use crate::sensors::ScanPlan;

/// Most scans that one session may fly.
pub const SCANS_MAX: usize = 8;

/// Most rows of the telemetry file.
const ROWS_MAX: usize = 120;

/// One session at one site.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which Moon.
    pub seed: u64,
    /// Which site of it.
    pub site: u32,
    state: PathBuf,
    telemetry: PathBuf,
}

/// The scans of a session. Only how they were flown is kept: what they saw and burnt
/// follows from it, so that nobody gains fuel by editing the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    scans: Vec<ScanPlan>,
}

impl Session {
    /// The session that the mission granted through `LANDER_SEED` and `LANDER_SITE`.
    ///
    /// # Errors
    /// [`ToolError::Denied`] where one is missing or is not a whole number.
    pub fn from_environment() -> Result<Self, ToolError> {
        let seed = number("LANDER_SEED", std::env::var("LANDER_SEED").ok().as_deref())?;
        let site = number("LANDER_SITE", std::env::var("LANDER_SITE").ok().as_deref())?;
        let outputs = Path::new("/mnt/session/outputs");
        Ok(Self::new(seed, site, Path::new("/workspace/lander"), outputs))
    }

    /// A session with its state and its outputs in the given folders.
    pub fn new(seed: u64, site: u32, state: &Path, outputs: &Path) -> Self {
        let (state, telemetry) = (state.join("state.json"), outputs.join("telemetry.csv"));
        Self { seed, site, state, telemetry }
    }

    /// The scans flown so far.
    ///
    /// # Errors
    /// [`ToolError::Failed`] where the state file cannot be read.
    pub fn scans(&self) -> Result<Vec<ScanPlan>, ToolError> {
        let text = match fs::read_to_string(&self.state) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.broken(&error.to_string())),
        };
        match serde_json::from_str::<Saved>(&text) {
            Ok(saved) => Ok(saved.scans),
            Err(error) => Err(self.broken(&error.to_string())),
        }
    }

    /// Remembers one more scan.
    ///
    /// # Errors
    /// [`ToolError::Failed`] where the state file cannot be written.
    pub fn save(&self, scans: Vec<ScanPlan>) -> Result<(), ToolError> {
        let broken = |error: std::io::Error| self.broken(&error.to_string());
        let text = serde_json::to_string(&Saved { scans })
            .map_err(|error| self.broken(&error.to_string()))?;
        if let Some(folder) = self.state.parent() {
            fs::create_dir_all(folder).map_err(broken)?;
        }
        // A call cut short leaves the old file or the new one, never half of one.
        let draft = self.state.with_extension("draft");
        fs::write(&draft, text).map_err(broken)?;
        fs::rename(&draft, &self.state).map_err(broken)
    }

    /// Writes the descent curve. Its file is also the mark that the drone has flown.
    ///
    /// # Errors
    /// [`ToolError::Failed`] where the drone has flown before, or the file cannot be written.
    pub fn record(&self, samples: &[Sample], rate_hz: f64) -> Result<(), ToolError> {
        let path = self.telemetry.display();
        let failed = |error: &dyn std::fmt::Display| {
            ToolError::Failed(format!("cannot write {path}: {error}"))
        };
        let file = match OpenOptions::new().write(true).create_new(true).open(&self.telemetry) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let message = "the drone has flown already: one flight in a session";
                return Err(ToolError::Failed(message.to_owned()));
            }
            Err(error) => return Err(failed(&error)),
        };
        let mut writer = csv::Writer::from_writer(file);
        for row in thin(samples, rate_hz) {
            writer.serialize(row).map_err(|error| failed(&error))?;
        }
        writer.flush().map_err(|error| failed(&error))
    }

    fn broken(&self, why: &str) -> ToolError {
        ToolError::Failed(format!("the lander's state {}: {why}", self.state.display()))
    }
}

fn number<T: std::str::FromStr>(name: &str, value: Option<&str>) -> Result<T, ToolError> {
    let Some(text) = value else {
        return Err(ToolError::Denied(format!("the mission grants no {name}")));
    };
    text.trim()
        .parse()
        .map_err(|_| ToolError::Denied(format!("{name} is not a whole number: `{text}`")))
}

/// Rows at a rate, but never more than fit; first and last are always among them.
fn thin(samples: &[Sample], rate_hz: f64) -> Vec<Sample> {
    let rounded = |sample: &Sample| {
        let round = |value: f64| (value * 100.0).round() / 100.0;
        Sample {
            time_s: round(sample.time_s),
            altitude_m: round(sample.altitude_m),
            vertical_speed_mps: round(sample.vertical_speed_mps),
            fuel_percent: round(sample.fuel_percent),
        }
    };
    let wanted = (1.0 / (rate_hz * crate::vehicle::STEP_S)).round() as usize;
    let stride = wanted.max(samples.len().div_ceil(ROWS_MAX - 1)).max(1);
    let mut rows: Vec<Sample> = samples.iter().step_by(stride).map(rounded).collect();
    if samples.len() % stride != 1 % stride {
        rows.extend(samples.last().map(rounded));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(count: u32) -> Vec<Sample> {
        let sample = |step| Sample {
            time_s: f64::from(step) * 0.05,
            altitude_m: f64::from(count - step),
            vertical_speed_mps: -1.0,
            fuel_percent: 50.0,
        };
        (0..count).map(sample).collect()
    }

    #[test]
    fn a_missing_or_malformed_grant_is_named() {
        for value in [None, Some("twelve"), Some("-1"), Some("")] {
            let error = number::<u32>("LANDER_SITE", value);
            assert!(matches!(&error, Err(ToolError::Denied(m)) if m.contains("LANDER_SITE")));
        }
        assert_eq!(number::<u32>("LANDER_SITE", Some("12")).ok(), Some(12));
    }

    #[test]
    fn telemetry_keeps_both_ends_and_fits_its_rows() {
        for count in [1, 2, 3, 20, 119, 120, 1501, 8000] {
            for rate_hz in [0.2, 1.0, 10.0] {
                let rows = thin(&samples(count), rate_hz);
                assert!(rows.len() <= ROWS_MAX, "{count} {rate_hz} {}", rows.len());
                assert_eq!(rows.first().map(|r| r.altitude_m), Some(f64::from(count)));
                assert_eq!(rows.last().map(|r| r.altitude_m), Some(1.0), "{count} {rate_hz}");
            }
        }
    }

    #[test]
    fn a_broken_state_file_is_an_error_and_not_a_full_tank() {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::new(1, 1, folder.path(), folder.path());
        assert_eq!(session.scans(), Ok(Vec::new()));
        fs::write(folder.path().join("state.json"), "{").unwrap();
        assert!(matches!(session.scans(), Err(ToolError::Failed(_))));
    }
}
