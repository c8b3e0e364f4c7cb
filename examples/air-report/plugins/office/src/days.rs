//! The days of each station: what was measured, and whether it counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::analysis::round;
use crate::notices::Notices;
use crate::task::Task;
use crate::units::factor;

/// The result of `query`.
#[derive(Debug, Clone, Deserialize)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Each row as text and number by column.
    pub fn records(&self) -> impl Iterator<Item = BTreeMap<&str, &Value>> {
        let columns = || self.columns.iter().map(String::as_str);
        self.rows.iter().map(move |row| columns().zip(row).collect())
    }
}

/// Whether a day counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Used,
    /// Fewer than half of its readings are there.
    Gaps,
    /// The sensor is not believed.
    Suspect,
    /// The station is left out.
    LeftOut,
}

impl Status {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Gaps => "gaps",
            Self::Suspect => "suspect",
            Self::LeftOut => "left-out",
        }
    }
}

/// One day at one station.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// The mean of its readings, in the report's unit.
    pub value: f64,
    /// How many readings there are.
    pub readings: u64,
    /// Whether it counts.
    pub status: Status,
}

/// What `outliers` found at one station.
#[derive(Debug, Clone, Deserialize)]
pub struct Outliers {
    /// What is usual.
    pub median: f64,
    /// Outliers that follow each other.
    pub runs: Vec<Run>,
}

/// Outliers that follow each other, by their places.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// The first.
    pub from: usize,
    /// The last.
    pub to: usize,
    /// How many.
    pub count: usize,
}

impl Run {
    /// Whether it has a day in common with another one.
    pub fn meets(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// All days of all stations, by station and date.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Days(pub BTreeMap<String, BTreeMap<String, Day>>);

impl Days {
    /// Takes the means of days as `query` gives them: station, date, value, readings.
    pub fn of(results: &[Rows]) -> Self {
        let mut days = Self::default();
        for record in results.iter().flat_map(Rows::records) {
            let text = |name| record.get(name).and_then(|value: &&Value| value.as_str());
            let (Some(station), Some(date)) = (text("station"), text("date")) else { continue };
            let readings = record.get("readings").and_then(|value| value.as_u64()).unwrap_or(0);
            let Some(value) = record.get("value").and_then(|value| value.as_f64()) else {
                continue;
            };
            let day = Day { value, readings, status: Status::Used };
            days.0.entry(station.to_owned()).or_default().insert(date.to_owned(), day);
        }
        days
    }

    /// Puts all values into the unit of the report. Gives the stations with a unit that is not
    /// known.
    pub fn convert(&mut self, notices: &Notices, task: &Task) -> Vec<(String, String)> {
        let mut unknown = Vec::new();
        for (station, days) in &mut self.0 {
            for (date, day) in days.iter_mut() {
                let unit = notices.unit(station, &task.quantity, date);
                let unit = unit.map_or(task.unit.as_str(), |unit| unit.unit.as_str());
                match factor(unit, &task.unit) {
                    Some(factor) => day.value = round(day.value * factor, 2),
                    None if unknown.iter().any(|(known, _)| known == station) => {}
                    None => unknown.push((station.clone(), unit.to_owned())),
                }
            }
        }
        unknown
    }

    /// Marks days of which fewer than half of the readings are there.
    pub fn mark_gaps(&mut self) {
        for days in self.0.values_mut() {
            let most = days.values().map(|day| day.readings).max().unwrap_or(0);
            for day in days.values_mut().filter(|day| day.readings * 2 < most) {
                day.status = Status::Gaps;
            }
        }
    }

    /// Leaves a station out.
    pub fn leave_out(&mut self, station: &str) {
        for day in self.0.get_mut(station).into_iter().flat_map(BTreeMap::values_mut) {
            day.status = Status::LeftOut;
        }
    }

    /// Marks days on which a sensor is not believed.
    pub fn suspect(&mut self, station: &str, dates: &[String]) {
        let Some(days) = self.0.get_mut(station) else { return };
        for date in dates {
            if let Some(day) = days.get_mut(date) {
                day.status = Status::Suspect;
            }
        }
    }

    /// All dates, in order.
    pub fn dates(&self) -> Vec<String> {
        let dates: BTreeSet<&String> = self.0.values().flat_map(BTreeMap::keys).collect();
        dates.into_iter().cloned().collect()
    }

    /// The stations that count on some day.
    pub fn stations(&self) -> Vec<&str> {
        let counts = |days: &BTreeMap<String, Day>| {
            days.values().any(|day| matches!(day.status, Status::Used | Status::Suspect))
        };
        self.0.iter().filter(|(_, days)| counts(days)).map(|(name, _)| name.as_str()).collect()
    }

    /// The value of a day that counts.
    pub fn value(&self, station: &str, date: &str) -> Option<f64> {
        let day = self.0.get(station)?.get(date)?;
        (day.status == Status::Used).then_some(day.value)
    }

    /// The values of a station in the order of all dates, null where one does not count.
    pub fn series(&self, station: &str) -> Vec<Value> {
        let value = |date: &String| self.value(station, date).map_or(Value::Null, Value::from);
        self.dates().iter().map(value).collect()
    }

    /// The mean of the stations that count on every date, by date; `but` is left aside.
    pub fn town(&self, but: Option<&str>) -> BTreeMap<String, f64> {
        let dates = self.dates();
        let whole = |station: &&str| {
            Some(*station) != but && dates.iter().all(|date| self.value(station, date).is_some())
        };
        let stations: Vec<&str> = self.stations().into_iter().filter(whole).collect();
        let mut means = BTreeMap::new();
        for date in dates {
            let values: Vec<f64> =
                stations.iter().filter_map(|station| self.value(station, &date)).collect();
            if !values.is_empty() {
                #[expect(clippy::cast_precision_loss, reason = "there are not that many stations")]
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                means.insert(date, round(mean, 4));
            }
        }
        means
    }

    /// All days as CSV.
    pub fn csv(&self) -> String {
        let mut text = String::from("station,date,value,readings,status\n");
        for (station, days) in &self.0 {
            for (date, Day { value, readings, status }) in days {
                let station = match station.contains([',', '"', '\n', '\r']) {
                    true => format!("\"{}\"", station.replace('"', "\"\"")),
                    false => station.clone(),
                };
                let status = status.word();
                text.push_str(&format!("{station},{date},{value:.2},{readings},{status}\n"));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::Table;
    use serde_json::json;

    fn days(rows: &[(&str, &str, f64, u64)]) -> Days {
        let columns = ["station", "date", "value", "readings"].map(str::to_owned).to_vec();
        let rows = rows.iter().map(|(s, d, v, n)| vec![json!(s), json!(d), json!(v), json!(n)]);
        Days::of(&[Rows { columns, rows: rows.collect() }])
    }

    fn task() -> Task {
        let text = "report on no2 from 2026-01-01 to 2026-01-09. The limit is 5 µg/m³.";
        Task::find(text).unwrap()
    }

    #[test]
    fn values_are_converted_from_the_day_on_that_the_notice_says() {
        let mut notices = Notices::default();
        let owned = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let columns = owned(["Station", "Quantity", "Unit", "From"]);
        let rows = vec![
            owned(["a", "no2", "mg/m³", "2026-01-02"]),
            owned(["b", "no2", "ppb", "2026-01-02"]),
        ];
        notices.take("/n", &Table { columns, rows });
        let mut days = days(&[
            ("a", "2026-01-01", 7.0, 6),
            ("a", "2026-01-02", 0.0071, 6),
            ("b", "2026-01-02", 7.0, 6),
        ]);
        let unknown = days.convert(&notices, &task());
        assert_eq!(unknown, [("b".to_owned(), "ppb".to_owned())]);
        assert_eq!(days.series("a"), [json!(7.0), json!(7.1)]);
    }

    #[test]
    fn days_on_which_a_sensor_is_not_believed_do_not_count() {
        let mut days = days(&[
            ("a", "2026-01-01", 1.0, 6),
            ("a", "2026-01-02", 90.0, 6),
            ("a", "2026-01-03", 90.0, 6),
            ("a", "2026-01-04", 50.0, 6),
            ("b", "2026-01-01", 2.0, 6),
        ]);
        let dates = days.dates();
        days.suspect("a", &dates[1..3]);
        assert_eq!(days.series("a"), [json!(1.0), json!(null), json!(null), json!(50.0)]);
        assert!(days.csv().contains("a,2026-01-03,90.00,6,suspect\n"));
    }

    #[test]
    fn a_day_with_too_few_readings_and_a_station_that_is_left_out_do_not_count() {
        let mut days = days(&[
            ("a", "2026-01-01", 1.0, 6),
            ("a", "2026-01-02", 9.0, 2),
            ("b", "2026-01-01", 3.0, 6),
            ("b", "2026-01-02", 5.0, 6),
            ("c", "2026-01-01", 100.0, 6),
            ("c", "2026-01-02", 100.0, 6),
        ]);
        days.mark_gaps();
        days.leave_out("c");
        assert_eq!(days.stations(), ["a", "b"]);
        assert_eq!(days.value("a", "2026-01-02"), None);
        // `a` lacks a day, so the town is `b`.
        let town: Vec<f64> = days.town(None).into_values().collect();
        assert_eq!(town, [3.0, 5.0]);
        assert!(days.town(Some("b")).is_empty());
    }
}
