//! What the analyst hands to the editor.

use serde::{Deserialize, Serialize};

/// Everything that was worked out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The stations that are compared.
    pub stations: Vec<Station>,
    /// The stations that are left out.
    pub left_out: Vec<LeftOut>,
    /// Days on which a sensor is not believed.
    pub suspect: Vec<Suspect>,
    /// Days that stand out and are believed.
    pub unusual: Vec<Unusual>,
    /// Units that were converted.
    pub units: Vec<Converted>,
    /// Whether measures helped.
    pub measures: Vec<Effect>,
    /// What goes together with the quantity.
    pub conditions: Vec<Condition>,
}

/// A station that is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Its id.
    pub station: String,
    /// Its name.
    pub name: String,
    /// How many days count.
    pub days: usize,
    /// The mean of these days.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// On how many the limit was exceeded.
    pub days_over_limit: usize,
    /// By how much the mean of a day changes in a week.
    pub trend_per_week: f64,
    /// The interval of that, for 95 %.
    pub trend_low: f64,
    /// The interval of that, for 95 %.
    pub trend_high: f64,
    /// `rising`, `falling`, or `none` where 0 is in the interval.
    pub trend: String,
}

/// A station that is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its id.
    pub station: String,
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
    /// The notice that says so, if one does.
    pub notice: Option<String>,
}

/// Days on which a sensor is not believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// The station's id.
    pub station: String,
    /// Its name.
    pub name: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// How many days.
    pub days: usize,
    /// The least of these days.
    pub min: f64,
    /// The greatest of these days.
    pub max: f64,
    /// What is usual there.
    pub median: f64,
}

/// Days that stand out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unusual {
    /// The station's id.
    pub station: String,
    /// Its name.
    pub name: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The greatest of these days.
    pub value: f64,
    /// What is usual there.
    pub median: f64,
}

/// A unit that was converted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Converted {
    /// The station's id.
    pub station: String,
    /// Its name.
    pub name: String,
    /// Since when.
    pub from: String,
    /// The unit of the export.
    pub unit: String,
    /// What its values were multiplied by.
    pub factor: f64,
    /// The notice that says so.
    pub notice: String,
}

/// Whether a measure helped: the station against the others, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What was done.
    pub measure: String,
    /// The station's id.
    pub station: String,
    /// Its name.
    pub name: String,
    /// Since when.
    pub from: String,
    /// How far it was above the mean of the others before.
    pub before: f64,
    /// And after.
    pub after: f64,
    /// The difference of these.
    pub difference: f64,
    /// Its interval, for 95 %.
    pub difference_low: f64,
    /// Its interval, for 95 %.
    pub difference_high: f64,
    /// How often chance alone makes such a difference.
    pub p_value: f64,
    /// The notice that says so.
    pub notice: String,
}

/// How much something goes together with the quantity, over the town's days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The column.
    pub condition: String,
    /// How many days.
    pub days: usize,
    /// Pearson's r.
    pub correlation: f64,
    /// Its interval, for 95 %.
    pub low: f64,
    /// Its interval, for 95 %.
    pub high: f64,
}

/// A number with so many places after the point.
pub fn round(value: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    // Adding 0 makes -0 plain.
    (value * scale).round() / scale + 0.0
}
