//! What is asked of the tools once it is clear which days count, and what the answers mean.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::analysis::{Condition, Effect, Station, round};
use crate::analyst::{DAILY, Exports};
use crate::days::Rows;
use crate::notices::{Measure, Notices};
use crate::task::Task;
use crate::turn::{Call, Conversation, Step};

/// Days in a week: trends are said by the week.
const WEEK: f64 = 7.0;

/// The calls of the last round, all made at once.
pub struct Questions {
    summaries: Vec<Call>,
    trends: Vec<Call>,
    over_limit: Call,
    effects: Vec<(Measure, Call)>,
    conditions: Vec<(String, Call)>,
}

/// The result of `summary`.
#[derive(Debug, Deserialize)]
struct Summary {
    n: usize,
    mean: f64,
    median: f64,
    min: f64,
    max: f64,
}

/// The result of `trend`.
#[derive(Debug, Deserialize)]
struct Trend {
    slope: f64,
    slope_low: f64,
    slope_high: f64,
}

/// The result of `compare`.
#[derive(Debug, Deserialize)]
struct Compared {
    mean_a: f64,
    mean_b: f64,
    difference: f64,
    difference_low: f64,
    difference_high: f64,
    p_value: f64,
    permutation: Option<Permuted>,
}

#[derive(Debug, Deserialize)]
struct Permuted {
    p_value: f64,
}

/// The result of `correlation`.
#[derive(Debug, Deserialize)]
struct Correlated {
    n: usize,
    pearson: f64,
    pearson_low: f64,
    pearson_high: f64,
}

impl Questions {
    /// What there is to be asked.
    pub fn of(exports: &Exports, task: &Task, notices: &Notices, stations: &[String]) -> Self {
        let column = |name: &str, station: &String| {
            let used = json!({"station": station, "status": "used"});
            json!({"path": DAILY, "column": name, "where": used})
        };
        let summary = |station| ("summary", json!({"values": column("value", station)}));
        let trend = |station| {
            ("trend", json!({"y": column("value", station), "x": column("date", station)}))
        };
        let over_limit = json!({
            "path": DAILY,
            "where": [
                {"column": "status", "op": "=", "value": "used"},
                {"column": "value", "op": ">", "value": task.limit},
            ],
            "group_by": ["station"],
            "aggregate": [{"op": "count", "as": "days"}],
            "limit": 5000,
        });
        Self {
            summaries: stations.iter().map(summary).collect(),
            trends: stations.iter().map(trend).collect(),
            over_limit: ("query", over_limit),
            effects: effects(exports, notices, stations),
            conditions: conditions(exports),
        }
    }

    /// All of it.
    pub fn all(&self) -> Vec<Call> {
        let effects = self.effects.iter().map(|(_, call)| call);
        let conditions = self.conditions.iter().map(|(_, call)| call);
        let all = self.summaries.iter().chain(&self.trends).chain([&self.over_limit]);
        all.chain(effects).chain(conditions).cloned().collect()
    }

    /// What is said of each station.
    ///
    /// # Errors
    /// How the turn ends before it is known.
    pub fn stations(
        &self,
        conversation: &Conversation<'_>,
        exports: &Exports,
        stations: &[String],
    ) -> Step<Vec<Station>> {
        let summaries: Vec<Summary> = conversation.all_json(&self.summaries)?;
        let trends: Vec<Trend> = conversation.all_json(&self.trends)?;
        let over: Vec<Rows> = conversation.all_json(std::slice::from_ref(&self.over_limit))?;
        let days = |record: BTreeMap<&str, &Value>| {
            let days = usize::try_from(record.get("days")?.as_u64()?).ok()?;
            Some((record.get("station")?.as_str()?.to_owned(), days))
        };
        let over: BTreeMap<String, usize> =
            over.iter().flat_map(Rows::records).filter_map(days).collect();
        let station = |((id, summary), trend): ((&String, &Summary), &Trend)| Station {
            station: id.clone(),
            name: exports.name(id),
            days: summary.n,
            mean: round(summary.mean, 2),
            median: round(summary.median, 2),
            min: summary.min,
            max: summary.max,
            days_over_limit: over.get(id).copied().unwrap_or(0),
            trend_per_week: round(trend.slope * WEEK, 2),
            trend_low: round(trend.slope_low * WEEK, 2),
            trend_high: round(trend.slope_high * WEEK, 2),
            trend: direction(trend).to_owned(),
        };
        Ok(stations.iter().zip(&summaries).zip(&trends).map(station).collect())
    }

    /// Whether measures helped.
    ///
    /// # Errors
    /// How the turn ends before it is known.
    pub fn effects(
        &self,
        conversation: &Conversation<'_>,
        exports: &Exports,
        notices: &Notices,
    ) -> Step<Vec<Effect>> {
        let calls: Vec<Call> = self.effects.iter().map(|(_, call)| call.clone()).collect();
        let compared: Vec<Compared> = conversation.all_json(&calls)?;
        let effect = |((measure, _), result): (&(Measure, Call), Compared)| Effect {
            measure: measure.measure.clone(),
            station: measure.station.clone(),
            name: exports.name(&measure.station),
            from: measure.from.clone(),
            before: round(result.mean_a, 2),
            after: round(result.mean_b, 2),
            difference: round(result.difference, 2),
            difference_low: round(result.difference_low, 2),
            difference_high: round(result.difference_high, 2),
            p_value: round(result.permutation.map_or(result.p_value, |by| by.p_value), 4),
            notice: notices.title(&measure.path),
        };
        Ok(self.effects.iter().zip(compared).map(effect).collect())
    }

    /// What goes together with the quantity.
    ///
    /// # Errors
    /// How the turn ends before it is known.
    pub fn conditions(&self, conversation: &Conversation<'_>) -> Step<Vec<Condition>> {
        let calls: Vec<Call> = self.conditions.iter().map(|(_, call)| call.clone()).collect();
        let correlated: Vec<Correlated> = conversation.all_json(&calls)?;
        let condition = |((name, _), result): (&(String, Call), Correlated)| Condition {
            condition: name.clone(),
            days: result.n,
            correlation: round(result.pearson, 2),
            low: round(result.pearson_low, 2),
            high: round(result.pearson_high, 2),
        };
        Ok(self.conditions.iter().zip(correlated).map(condition).collect())
    }
}

fn direction(trend: &Trend) -> &'static str {
    match trend {
        Trend { slope_low, .. } if *slope_low > 0.0 => "rising",
        Trend { slope_high, .. } if *slope_high < 0.0 => "falling",
        _ => "none",
    }
}

/// Compares how far a station is above the mean of the others, before a measure and after: so
/// that the weather, which all of them have, does not count.
fn effects(exports: &Exports, notices: &Notices, stations: &[String]) -> Vec<(Measure, Call)> {
    let compare = |measure: &Measure| {
        let station = measure.station.as_str();
        stations.iter().find(|known| *known == station)?;
        let above = |(date, town): (String, f64)| {
            let above = exports.days.value(station, &date)? - town;
            Some((date, round(above, 4)))
        };
        let days = exports.days.town(Some(station)).into_iter().filter_map(above);
        let (before, after): (Vec<_>, Vec<_>) = days.partition(|(date, _)| *date < measure.from);
        let values = |days: Vec<(String, f64)>| -> Vec<f64> {
            days.into_iter().map(|(_, above)| above).collect()
        };
        let (before, after) = (values(before), values(after));
        let call = ("compare", json!({"a": before, "b": after}));
        (before.len() > 1 && after.len() > 1).then(|| (measure.clone(), call))
    };
    notices.measures.iter().filter_map(compare).collect()
}

/// Sets the town's mean beside what else was measured on each day.
fn conditions(exports: &Exports) -> Vec<(String, Call)> {
    let town = exports.days.town(None);
    let correlate = |(name, rows): &(String, Rows)| {
        let pair = |record: BTreeMap<&str, &Value>| {
            let mean = town.get(record.get("date")?.as_str()?)?;
            Some((record.get("value")?.as_f64()?, *mean))
        };
        let (x, y): (Vec<f64>, Vec<f64>) = rows.records().filter_map(pair).unzip();
        (x.len() > 3).then(|| (name.clone(), ("correlation", json!({"x": x, "y": y}))))
    };
    exports.conditions.iter().filter_map(correlate).collect()
}
