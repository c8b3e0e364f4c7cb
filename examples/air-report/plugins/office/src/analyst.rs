//! The analyst: turns exports into means of days, decides which count, and works out what they
//! say.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::analysis::{Analysis, Converted, LeftOut, Suspect, Unusual, round};
use crate::days::{Days, Outliers, Rows, Run};
use crate::notices::{Notices, Unit};
use crate::questions::Questions;
use crate::reader::{INBOX, NOTICES};
use crate::task::Task;
use crate::turn::{Call, Conversation, Step, stop, write};
use crate::units::factor;

/// Where the analyst writes the means of days.
pub const DAILY: &str = "/workspace/daily.csv";
/// Where the analyst writes what it worked out.
pub const ANALYSIS: &str = "/workspace/analysis.json";

/// A station with fewer days says nothing.
const DAYS_MIN: usize = 7;

/// So many outliers in a row are more than an event.
const FAULT_DAYS: usize = 2;

/// The result of `describe`.
#[derive(Debug, Clone, Deserialize)]
struct Described {
    path: String,
    columns: Vec<Column>,
}

#[derive(Debug, Clone, Deserialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Described {
    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    fn is_dated(&self) -> bool {
        self.columns.iter().any(|column| column.name == "date" && column.kind == "date")
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        let numeric = |column: &&Column| matches!(&*column.kind, "number" | "integer");
        self.columns.iter().filter(numeric).map(|column| column.name.as_str())
    }
}

/// What the exports hold.
pub struct Exports {
    /// The means of days.
    pub days: Days,
    /// The same of everything that is not of a station, by its column.
    pub conditions: Vec<(String, Rows)>,
    /// Names of stations, by id.
    names: Vec<(String, String)>,
}

impl Exports {
    /// The name of a station.
    pub fn name(&self, station: &str) -> String {
        let named = self.names.iter().find(|(id, _)| id == station);
        named.map_or(station, |(_, name)| name.as_str()).to_owned()
    }
}

/// What the analyst says or does next.
///
/// # Errors
/// How the turn ends before it is done.
pub fn next(conversation: &Conversation<'_>) -> Step<String> {
    let Some(task) = conversation.texts().iter().find_map(|text| Task::find(text)) else {
        return stop("the message does not say what the report is on");
    };
    let exports = exports(conversation, &task)?;
    let stations = exports.days.0.len();
    if stations == 0 {
        return stop(format_args!("no file has the columns station, date and {}", task.quantity));
    }
    if conversation.said_by("editor").len() < 2 {
        let days = exports.days.dates().len();
        return Ok(format!("{stations} stations exported {}, on {days} days.", task.quantity));
    }
    let notices: Notices = conversation.read_json(NOTICES)?;
    let analysis = analyse(conversation, &task, exports, &notices)?;
    let text = match serde_json::to_string_pretty(&analysis) {
        Ok(text) => text,
        Err(error) => return stop(error),
    };
    conversation.one(write(ANALYSIS, &text))?;
    Ok(format!(
        "{} of {stations} stations can be compared. The days are in {DAILY}, and what they say in \
         {ANALYSIS}.",
        analysis.stations.len(),
    ))
}

/// Looks at every file, and takes the means of days out of those that have readings.
fn exports(conversation: &Conversation<'_>, task: &Task) -> Step<Exports> {
    let paths = conversation.files(INBOX, "**/*.csv")?;
    let describe = |path: &String| ("describe", json!({"path": path}));
    let calls: Vec<Call> = paths.iter().map(describe).collect();
    let files: Vec<Described> = conversation.all_json(&calls)?;
    let in_time = json!([
        {"column": "date", "op": ">=", "value": task.from},
        {"column": "date", "op": "<=", "value": task.to},
    ]);
    let (mut readings, mut columns, mut conditions, mut lists) = (vec![], vec![], vec![], vec![]);
    for file in &files {
        let (by_station, dated) = (file.has("station"), file.is_dated());
        let mut query = json!({"path": file.path, "where": in_time, "limit": 5000});
        if by_station && dated && file.has(&task.quantity) {
            query["group_by"] = json!(["station", "date"]);
            query["aggregate"] = json!([
                {"op": "mean", "column": task.quantity, "as": "value"},
                {"op": "count", "column": task.quantity, "as": "readings"},
            ]);
            readings.push(("query", query));
        } else if dated && !by_station {
            for name in file.numbers() {
                query["group_by"] = json!(["date"]);
                query["aggregate"] = json!([{"op": "mean", "column": name, "as": "value"}]);
                columns.push(name.to_owned());
                conditions.push(("query", query.clone()));
            }
        } else if by_station && file.has("name") {
            lists.push(("query", json!({"path": file.path, "limit": 5000})));
        }
    }
    conversation.all(&[readings.clone(), conditions.clone(), lists.clone()].concat())?;
    let text = |value: Option<&&Value>| value.and_then(|value| value.as_str()).map(str::to_owned);
    let lists: Vec<Rows> = conversation.all_json(&lists)?;
    let records = lists.iter().flat_map(Rows::records);
    let names = records.filter_map(|row| Some((text(row.get("station"))?, text(row.get("name"))?)));
    Ok(Exports {
        days: Days::of(&conversation.all_json(&readings)?),
        conditions: columns.into_iter().zip(conversation.all_json(&conditions)?).collect(),
        names: names.collect(),
    })
}

/// Decides which days count, and works out what they say.
fn analyse(
    conversation: &Conversation<'_>,
    task: &Task,
    mut exports: Exports,
    notices: &Notices,
) -> Step<Analysis> {
    let left_out = leave_out(&mut exports, notices, task);
    let stations: Vec<String> = exports.days.stations().into_iter().map(str::to_owned).collect();
    let search = |station: &String| ("outliers", json!({"values": exports.days.series(station)}));
    let calls: Vec<Call> = stations.iter().map(search).collect();
    let found: Vec<Outliers> = conversation.all_json(&calls)?;
    let (suspect, unusual) = faults(&mut exports, &stations, &found);
    conversation.one(write(DAILY, &exports.days.csv()))?;

    let questions = Questions::of(&exports, task, notices, &stations);
    conversation.all(&questions.all())?;
    Ok(Analysis {
        stations: questions.stations(conversation, &exports, &stations)?,
        left_out,
        suspect,
        unusual,
        units: converted(&exports, notices, task),
        measures: questions.effects(conversation, &exports, notices)?,
        conditions: questions.conditions(conversation)?,
    })
}

/// Leaves out what cannot be compared, and puts the rest into one unit.
fn leave_out(exports: &mut Exports, notices: &Notices, task: &Task) -> Vec<LeftOut> {
    let mut reasons: Vec<(String, String, Option<String>)> = Vec::new();
    for closure in notices.closed.iter().filter(|closure| closure.from <= task.to) {
        let mut why = format!("closed from {}", closure.from);
        if !closure.remark.is_empty() {
            why.push_str(&format!(" ({})", closure.remark));
        }
        reasons.push((closure.station.clone(), why, Some(notices.title(&closure.path))));
    }
    for (station, unit) in exports.days.convert(notices, task) {
        reasons.push((station, format!("its unit {unit} cannot be converted"), None));
    }
    exports.days.mark_gaps();
    let dates = exports.days.dates();
    for station in exports.days.0.keys() {
        let count = dates.iter().filter(|date| exports.days.value(station, date).is_some()).count();
        if count < DAYS_MIN {
            reasons.push((station.clone(), format!("only {count} days have readings"), None));
        }
    }
    let mut left_out: Vec<LeftOut> = Vec::new();
    for (station, why, notice) in reasons {
        let known = exports.days.0.contains_key(&station);
        if known && left_out.iter().all(|left| left.station != station) {
            exports.days.leave_out(&station);
            let name = exports.name(&station);
            left_out.push(LeftOut { station, name, why, notice });
        }
    }
    left_out
}

/// Marks the days of broken sensors, and lists them and the days that only stand out.
fn faults(
    exports: &mut Exports,
    stations: &[String],
    found: &[Outliers],
) -> (Vec<Suspect>, Vec<Unusual>) {
    let (mut suspect, mut unusual) = (Vec::new(), Vec::new());
    let dates = exports.days.dates();
    for (place, (station, outliers)) in stations.iter().zip(found).enumerate() {
        let median = round(outliers.median, 2);
        for run in &outliers.runs {
            let dates = dates.get(run.from..=run.to).unwrap_or_default();
            let (Some(from), Some(to)) = (dates.first(), dates.last()) else { continue };
            let values: Vec<f64> =
                dates.iter().filter_map(|date| exports.days.value(station, date)).collect();
            let min = values.iter().copied().fold(f64::MAX, f64::min);
            let max = values.iter().copied().fold(f64::MIN, f64::max);
            let (name, station) = (exports.name(station), station.clone());
            let (from, to) = (from.clone(), to.clone());
            if is_fault(run, place, found) {
                exports.days.suspect(&station, dates);
                let days = values.len();
                suspect.push(Suspect { station, name, from, to, days, min, max, median });
            } else {
                unusual.push(Unusual { station, name, from, to, value: max, median });
            }
        }
    }
    (suspect, unusual)
}

/// Whether outliers are a broken sensor's: on several days in a row, and not at half of the
/// other stations too, as bad air would be.
fn is_fault(run: &Run, place: usize, found: &[Outliers]) -> bool {
    let others = || found.iter().enumerate().filter(|(other, _)| *other != place);
    let meets = |outliers: &Outliers| outliers.runs.iter().any(|other| other.meets(run));
    let as_well = others().filter(|(_, outliers)| meets(outliers)).count();
    run.count >= FAULT_DAYS && (as_well == 0 || as_well * 2 < others().count())
}

/// The units that were converted, one line for each station and unit.
fn converted(exports: &Exports, notices: &Notices, task: &Task) -> Vec<Converted> {
    let of_task = notices.units.iter().filter(|unit| unit.quantity == task.quantity);
    let line = |unit: &Unit| {
        let station = unit.station.clone().filter(|own| exports.days.0.contains_key(own))?;
        let factor = factor(&unit.unit, &task.unit)?;
        Some(Converted {
            name: exports.name(&station),
            station,
            from: unit.from.clone().unwrap_or_else(|| task.from.clone()),
            unit: unit.unit.clone(),
            factor,
            notice: notices.title(&unit.path),
        })
    };
    of_task.filter_map(line).filter(|line| line.factor != 1.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outliers(runs: &[(usize, usize)]) -> Outliers {
        let run = |(from, to): &(usize, usize)| Run { from: *from, to: *to, count: to - from + 1 };
        Outliers { median: 1.0, runs: runs.iter().map(run).collect() }
    }

    #[test]
    fn outliers_in_a_row_at_one_station_are_a_fault_and_one_alone_is_not() {
        let found =
            [outliers(&[(3, 5), (9, 9)]), outliers(&[(4, 4)]), outliers(&[]), outliers(&[])];
        assert!(is_fault(&found[0].runs[0], 0, &found));
        assert!(!is_fault(&found[0].runs[1], 0, &found));
        assert!(!is_fault(&found[1].runs[0], 1, &found));
        assert!(is_fault(&found[0].runs[0], 0, &found[..1]));
    }

    #[test]
    fn what_half_of_the_others_see_too_is_bad_air() {
        let found = [outliers(&[(3, 5)]), outliers(&[(5, 6)]), outliers(&[])];
        assert!(!is_fault(&found[0].runs[0], 0, &found));
        assert!(!is_fault(&found[1].runs[0], 1, &found));
    }
}
