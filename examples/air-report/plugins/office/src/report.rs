//! The report: for programs as it is serialized, for people as Markdown.

use serde::Serialize;

use crate::analysis::{Analysis, Converted, Effect, Station, Unusual};
use crate::notices::{Measure, Notice, Notices};
use crate::task::Task;

/// The report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What was measured.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// What the mean of a day should not be above.
    pub limit: f64,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What was worked out; the stations with the greatest mean first.
    #[serde(flatten)]
    pub analysis: Analysis,
    /// What the notices say.
    #[serde(skip)]
    notices: Notices,
    /// Rows of notices that nobody understood, and measures that could not be judged.
    pub open_questions: Vec<String>,
}

impl Report {
    /// Puts a report together.
    pub fn of(task: Task, mut analysis: Analysis, notices: Notices) -> Self {
        analysis.stations.sort_by(|a, b| b.mean.total_cmp(&a.mean));
        let judged = |measure: &Measure| {
            let same = |effect: &Effect| {
                effect.station == measure.station && effect.measure == measure.measure
            };
            analysis.measures.iter().any(same)
        };
        let unclear = notices.unclear.iter().map(|unclear| {
            let title = notices.title(&unclear.path);
            format!(
                "“{title}” has a row that is not clear, because {}: {}",
                unclear.why,
                unclear.row.join(", ")
            )
        });
        let in_time = |measure: &&Measure| task.from < measure.from && measure.from <= task.to;
        let measures = notices.measures.iter().filter(in_time);
        let unjudged = measures.filter(|measure| !judged(measure)).map(|measure| {
            let Measure { measure, station, from, .. } = measure;
            format!(
                "Whether “{measure}” at {station} on {from} helped cannot be said from these days"
            )
        });
        let open_questions: Vec<String> = unclear.chain(unjudged).collect();
        let Task { quantity, unit, limit, from, to } = task;
        Self { quantity, unit, limit, from, to, analysis, notices, open_questions }
    }

    /// The findings, one sentence each.
    pub fn short(&self) -> Vec<String> {
        let Self { quantity, unit, limit, analysis, .. } = self;
        let mut lines = Vec::new();
        let over: Vec<&Station> =
            analysis.stations.iter().filter(|station| station.days_over_limit > 0).collect();
        match over.iter().max_by_key(|station| station.days_over_limit) {
            Some(worst) => lines.push(format!(
                "{} of {} stations were above {limit} {unit} on some day, {} ({}) most often: on \
                 {} of {} days.",
                over.len(),
                analysis.stations.len(),
                worst.name,
                worst.station,
                worst.days_over_limit,
                worst.days,
            )),
            None => lines.push(format!("No station was above {limit} {unit} on any day.")),
        }
        for station in analysis.stations.iter().filter(|station| station.trend != "none") {
            let Station { name, station, trend, trend_per_week, trend_low, trend_high, .. } =
                station;
            lines.push(format!(
                "{quantity} is {trend} at {name} ({station}): {trend_per_week:+.2} {unit} a week \
                 (95 % interval {trend_low:+.2} to {trend_high:+.2})."
            ));
        }
        for effect in &analysis.measures {
            lines.push(effect.sentence(unit));
        }
        let clear = |low: f64, high: f64| low > 0.0 || high < 0.0;
        for condition in &analysis.conditions {
            if clear(condition.low, condition.high) {
                let more = if condition.correlation > 0.0 { "more" } else { "less" };
                let name = &condition.condition;
                let r = condition.correlation;
                lines.push(format!("Days with more {name} have {more} {quantity} (r = {r:.2})."));
            }
        }
        lines
    }

    /// The report for people.
    pub fn markdown(&self) -> String {
        let Self { quantity, unit, limit, from, to, analysis, .. } = self;
        let mut text = format!("# {quantity} from {from} to {to}\n");
        let exported = analysis.stations.len() + analysis.left_out.len();
        text.push_str(&format!(
            "\n{} of {exported} stations are compared, by their means of days in {unit}. The limit \
             for one day is {limit} {unit}.\n",
            analysis.stations.len(),
        ));
        section(&mut text, "In short", self.short());
        text.push_str("\n## The stations\n\n");
        text.push_str(
            "| Station | Days | Mean | Median | Highest | Days over limit | Change a week |\n",
        );
        text.push_str("| --- | ---: | ---: | ---: | ---: | ---: | --- |\n");
        for station in &analysis.stations {
            text.push_str(&station.row());
        }
        section(&mut text, "Left out", self.left_out());
        section(&mut text, "Converted", self.converted());
        section(&mut text, "Days that stand out, and count", self.unusual());
        section(&mut text, "Open questions", self.open_questions.clone());
        section(&mut text, "The notices", self.read());
        text
    }

    fn left_out(&self) -> Vec<String> {
        let stations = self.analysis.left_out.iter().map(|left| {
            let source = left.notice.as_ref().map(|title| format!(", says “{title}”"));
            let (name, station, why) = (&left.name, &left.station, &left.why);
            format!("{name} ({station}): {why}{}.", source.unwrap_or_default())
        });
        let suspect = self.analysis.suspect.iter().map(|days| {
            let value = if days.min == days.max {
                format!("{:.2}", days.max)
            } else {
                format!("{:.2} to {:.2}", days.min, days.max)
            };
            format!(
                "{} ({}) from {} to {}: {} days at {value} {}, where {:.2} is usual. The sensor \
                 should be looked at.",
                days.name, days.station, days.from, days.to, days.days, self.unit, days.median,
            )
        });
        stations.chain(suspect).collect()
    }

    fn converted(&self) -> Vec<String> {
        let line = |unit: &Converted| {
            format!(
                "{} ({}) exports {} from {} on, says “{}”: multiplied by {}.",
                unit.name, unit.station, unit.unit, unit.from, unit.notice, unit.factor,
            )
        };
        self.analysis.units.iter().map(line).collect()
    }

    fn unusual(&self) -> Vec<String> {
        let line = |day: &Unusual| {
            let (value, median) = (day.value, day.median);
            let place = format!("{} ({})", day.name, day.station);
            let when = match day.from == day.to {
                true => format!("on {}", day.from),
                false => format!("from {} to {}", day.from, day.to),
            };
            format!("{place} {when}: {value:.2} {}, where {median:.2} is usual.", self.unit)
        };
        self.analysis.unusual.iter().map(line).collect()
    }

    fn read(&self) -> Vec<String> {
        let line = |notice: &Notice| {
            let hidden = match notice.hidden {
                0 => String::new(),
                1 => " (1 part that nobody sees was not read)".to_owned(),
                many => format!(" ({many} parts that nobody sees were not read)"),
            };
            format!("“{}”: {}{hidden}", notice.title, notice.says)
        };
        self.notices.notices.iter().map(line).collect()
    }
}

impl Station {
    /// Its row of the table.
    fn row(&self) -> String {
        let Self { station, name, days, mean, median, max, days_over_limit, .. } = self;
        let change = match self.trend.as_str() {
            "none" => "none to be seen".to_owned(),
            trend => format!(
                "{trend}, {:+.2} ({:+.2} to {:+.2})",
                self.trend_per_week, self.trend_low, self.trend_high
            ),
        };
        format!(
            "| {name} ({station}) | {days} | {mean:.2} | {median:.2} | {max:.2} | \
             {days_over_limit} | {change} |\n"
        )
    }
}

impl Effect {
    /// What it comes to.
    fn sentence(&self, unit: &str) -> String {
        let Self { measure, name, station, difference, difference_low, difference_high, .. } = self;
        let chance = match self.p_value {
            p if p < 0.001 => "p < 0.001".to_owned(),
            p => format!("p = {p:.3}"),
        };
        let place = format!("“{measure}” on {} at {name} ({station})", self.from);
        if *difference_low <= 0.0 && *difference_high >= 0.0 {
            return format!(
                "Since {place} nothing has changed that could not be chance ({chance})."
            );
        }
        let (way, size) = match *difference < 0.0 {
            true => ("less", -difference),
            false => ("more", *difference),
        };
        format!(
            "Since {place} there is {size:.2} {unit} {way} than before, set against the other \
             stations (95 % interval {difference_low:+.2} to {difference_high:+.2}, {chance})."
        )
    }
}

fn section(text: &mut String, title: &str, lines: Vec<String>) {
    if !lines.is_empty() {
        text.push_str(&format!("\n## {title}\n\n"));
        lines.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::{Table, Unclear};

    fn report(stations: Vec<Station>, effects: Vec<Effect>, notices: Notices) -> Report {
        let text = "report on no2 from 2026-01-01 to 2026-01-09. The limit is 5 µg/m³.";
        let analysis = Analysis {
            stations,
            left_out: Vec::new(),
            suspect: Vec::new(),
            unusual: Vec::new(),
            units: Vec::new(),
            measures: effects,
            conditions: Vec::new(),
        };
        Report::of(Task::find(text).unwrap(), analysis, notices)
    }

    fn station(name: &str, mean: f64, days_over_limit: usize, trend: &str) -> Station {
        Station {
            station: name.to_lowercase(),
            name: name.to_owned(),
            days: 9,
            mean,
            median: mean,
            min: mean - 1.0,
            max: mean + 1.0,
            days_over_limit,
            trend_per_week: 0.5,
            trend_low: 0.25,
            trend_high: 0.75,
            trend: trend.to_owned(),
        }
    }

    fn effect(difference: f64, half: f64, p_value: f64) -> Effect {
        Effect {
            measure: "trees".to_owned(),
            station: "a".to_owned(),
            name: "A".to_owned(),
            from: "2026-01-05".to_owned(),
            before: 3.0,
            after: 3.0 + difference,
            difference,
            difference_low: difference - half,
            difference_high: difference + half,
            p_value,
            notice: "Trees".to_owned(),
        }
    }

    #[test]
    fn the_findings_follow_from_the_numbers() {
        let stations = vec![station("A", 2.0, 0, "none"), station("B", 4.5, 3, "rising")];
        let short = report(stations, Vec::new(), Notices::default()).short();
        assert_eq!(
            short,
            [
                "1 of 2 stations were above 5 µg/m³ on some day, B (b) most often: on 3 of 9 days.",
                "no2 is rising at B (b): +0.50 µg/m³ a week (95 % interval +0.25 to +0.75).",
            ]
        );
        let clean = report(vec![station("A", 2.0, 0, "none")], Vec::new(), Notices::default());
        assert_eq!(clean.short(), ["No station was above 5 µg/m³ on any day."]);
    }

    #[test]
    fn a_measure_has_helped_only_where_chance_does_not_explain_it() {
        let sentence = |effect: Effect| effect.sentence("µg/m³");
        let helped = sentence(effect(-2.0, 0.5, 0.0004));
        assert!(helped.contains("2.00 µg/m³ less") && helped.contains("p < 0.001"), "{helped}");
        let harmed = sentence(effect(2.0, 0.5, 0.01));
        assert!(harmed.contains("2.00 µg/m³ more") && harmed.contains("p = 0.010"), "{harmed}");
        let chance = sentence(effect(-2.0, 2.5, 0.1));
        assert!(chance.contains("nothing has changed that could not be chance"), "{chance}");
    }

    #[test]
    fn what_was_not_understood_or_judged_is_an_open_question() {
        let mut notices = Notices::default();
        let columns = ["Measure", "Station", "From"].map(str::to_owned).to_vec();
        let rows = vec![["trees", "a", "2026-01-05"].map(str::to_owned).to_vec()];
        notices.take("/n.md", &Table { columns, rows });
        let judged = report(Vec::new(), vec![effect(1.0, 0.5, 0.01)], notices.clone());
        assert_eq!(judged.open_questions, Vec::<String>::new());
        let (path, row) = ("/n.md".to_owned(), vec!["x".to_owned()]);
        notices.unclear.push(Unclear { path, row, why: "it has no day".to_owned() });
        let open = report(Vec::new(), Vec::new(), notices);
        assert_eq!(open.open_questions.len(), 2);
        assert!(open.markdown().contains("## Open questions"));
    }

    #[test]
    fn the_stations_with_the_greatest_mean_come_first() {
        let stations = vec![station("A", 2.0, 0, "none"), station("B", 4.5, 3, "rising")];
        let text = report(stations, Vec::new(), Notices::default()).markdown();
        assert!(text.contains("| B (b) | 9 | 4.50 | 4.50 | 5.50 | 3 | rising, +0.50"), "{text}");
        assert!(text.find("| B (b)") < text.find("| A (a)"));
        assert!(!text.contains("## Left out"), "{text}");
    }
}
