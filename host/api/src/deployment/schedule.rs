//! When a deployment runs by itself: cron by the wall clock of a place.
//!
//! Matching is literal. A time that the clock leaves out when summer time begins is left out,
//! and a time that it has twice when summer time ends comes twice. (Dreams are scheduled by
//! other rules: there a nightly dream runs once every night.)

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use lucid_core::{Timestamp, derive_seed};
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Result};

/// Times to come that a deployment shows.
pub const UPCOMING_MAX: usize = 5;

/// Characters of an expression at most; whole lists of all minutes are shorter.
const EXPRESSION_CHARACTERS_MAX: usize = 512;
const TIMEZONE_CHARACTERS_MAX: usize = 64;

/// A run begins within 15% of the way to the next one, and within these bounds.
const JITTER_PERCENT: u64 = 15;
const JITTER_MS_LEAST: u64 = 5_000;
const JITTER_MS_MOST: u64 = 9 * 60_000;

/// No clock was ever set back by more.
const SET_BACK_HOURS_MAX: i64 = 3;
/// Times of the wall clock that are looked at for one that there is: more than two days of
/// minutes, so that a day that a place left out is got over.
const LOOKED_AT_MAX: usize = 3_000;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A schedule as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScheduleParams {
    /// By cron, the one kind there is.
    Cron {
        /// Minute, hour, day of the month, month, day of the week.
        expression: String,
        /// A zone's name, such as `Europe/Berlin`.
        timezone: String,
    },
}

/// One time that a deployment runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// What the wall clock says: `scheduled_at` of the run.
    pub nominal: Timestamp,
    /// When it begins: later by this deployment's share.
    pub at: Timestamp,
}

/// The times of a schedule.
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

impl Timetable {
    /// Reads an expression of five fields and the name of a time zone.
    ///
    /// # Errors
    /// Invalid, when one of them cannot be read, or the time never comes.
    pub fn parse(expression: &str, timezone: &str) -> Result<Self> {
        let cron = fields(expression)?;
        let known = (1..=TIMEZONE_CHARACTERS_MAX).contains(&timezone.chars().count());
        let zone = known.then(|| TimeZone::get(timezone).ok()).flatten().ok_or_else(|| {
            let why = "not a time zone of the IANA database; give one such as `Europe/Berlin`";
            ApiError::invalid(format!("schedule.timezone: {why}"))
        })?;
        let timetable = Self { cron, zone };
        // Behind a leap year there is one day for every month and every day.
        if timetable.next(Timestamp(0)).is_none() {
            return Err(wrong("that time never comes; give a day that its month has"));
        }
        Ok(timetable)
    }

    /// The first time behind a moment; none when there is none.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let now = jiff::Timestamp::from_millisecond(i64::try_from(after.as_millis()).ok()?).ok()?;
        let mut best: Option<jiff::Timestamp> = None;
        let mut local = self.first_looked_at(now)?;
        for _ in 0..LOOKED_AT_MAX {
            let Ok(found) = self.cron.find_next_occurrence(&local, false) else { break };
            local = found;
            let (first, second) = self.moments(local);
            let mut better = |at: Option<jiff::Timestamp>| {
                let Some(at) = at.filter(|at| *at > now) else { return false };
                best = Some(best.map_or(at, |best| best.min(at)));
                true
            };
            better(second);
            // Every time of the clock behind this one comes later than its first coming.
            if better(first) {
                break;
            }
        }
        u64::try_from(best?.as_millisecond()).ok().map(Timestamp)
    }

    /// The next times behind a moment.
    #[must_use]
    pub fn upcoming(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next(after), |last| self.next(*last)).take(count).collect()
    }

    /// The next time behind a moment, and when deployment `id` begins then. How much later
    /// follows from the id alone, so that it is the same whoever computes it, and deployments
    /// that share a schedule do not begin all at once.
    #[must_use]
    pub fn occurrence(&self, id: &str, after: Timestamp) -> Option<Occurrence> {
        let nominal = self.next(after)?;
        let apart = self
            .next(nominal)
            .map_or(u64::MAX, |next| next.as_millis().saturating_sub(nominal.as_millis()));
        let most = (apart / 100).saturating_mul(JITTER_PERCENT);
        let most = most.clamp(JITTER_MS_LEAST, JITTER_MS_MOST);
        let late = derive_seed(0, id) % most;
        Some(Occurrence { nominal, at: Timestamp(nominal.as_millis().saturating_add(late)) })
    }

    /// The wall clock's time from where on is looked: where the clock is about to be set
    /// back, times that are over on it come again.
    fn first_looked_at(&self, now: jiff::Timestamp) -> Option<DateTime> {
        let hours = jiff::SignedDuration::from_hours(SET_BACK_HOURS_MAX);
        let later = now.checked_add(hours).ok()?;
        let local = self.zone.to_datetime(now);
        if self.zone.to_offset(now) == self.zone.to_offset(later) {
            return Some(local);
        }
        local.checked_sub(hours).ok()
    }

    /// When a time of the wall clock comes: never, once, or twice.
    fn moments(&self, local: DateTime) -> (Option<jiff::Timestamp>, Option<jiff::Timestamp>) {
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset.to_timestamp(local).ok(), None),
            AmbiguousOffset::Gap { .. } => (None, None),
            AmbiguousOffset::Fold { before, after } => {
                (before.to_timestamp(local).ok(), after.to_timestamp(local).ok())
            }
        }
    }
}

fn wrong(why: &str) -> ApiError {
    ApiError::invalid(format!("schedule.expression: {why}"))
}

/// Reads five fields of what POSIX has, lists, ranges and steps, and nothing of what others
/// added: what one server reads and another does not is refused.
fn fields(expression: &str) -> Result<Cron> {
    let expected = "give five fields (minute, hour, day of the month, month, day of the week), \
                    such as `0 9 * * 1-5`";
    if expression.chars().count() > EXPRESSION_CHARACTERS_MAX {
        return Err(wrong("too long"));
    }
    let parts: Vec<&str> = expression.split_ascii_whitespace().collect();
    if parts.len() != 5 {
        return Err(wrong(expected));
    }
    for (place, part) in parts.iter().enumerate() {
        let names: &[&str] = match place {
            3 => &MONTHS,
            4 => &DAYS,
            _ => &[],
        };
        if !part.split([',', '-', '/']).all(|word| is_word(word, names)) {
            let expected = format!(
                "field {} is not made of `*`, numbers, `,`, `-` and `/`; {expected}",
                place.saturating_add(1)
            );
            return Err(wrong(&expected));
        }
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(&parts.join(" ")).map_err(|error| wrong(&format!("{error}; {expected}")))
}

fn is_word(word: &str, names: &[&str]) -> bool {
    let number = (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    word == "*" || number || names.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn next(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let timetable = Timetable::parse(cron, zone).unwrap();
        timetable.upcoming(at(after), count).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn times_are_those_of_the_wall_clock_of_the_place() {
        let cases = [
            ("0 20 * * 5", "America/New_York", "2026-05-04T00:00:00Z", "2026-05-09T00:00:00.000Z"),
            ("30 2 * * *", "UTC", "2026-11-21T02:30:00Z", "2026-11-22T02:30:00.000Z"),
            ("30 2 * * *", "UTC", "2026-11-21T02:29:59.999Z", "2026-11-21T02:30:00.000Z"),
            ("*/15 9-17 * * mon-fri", "UTC", "2026-11-20T17:50:00Z", "2026-11-23T09:00:00.000Z"),
            // 0 and 7 are both Sunday; 22 November 2026 is one.
            ("0 3 * * 7", "UTC", "2026-11-21T12:00:00Z", "2026-11-22T03:00:00.000Z"),
            ("0 3 * * 0", "UTC", "2026-11-21T12:00:00Z", "2026-11-22T03:00:00.000Z"),
            // A day of the month or a day of the week, whichever comes.
            ("0 0 13 * 5", "UTC", "2026-11-21T12:00:00Z", "2026-11-27T00:00:00.000Z"),
            ("0 3 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T03:00:00.000Z"),
        ];
        for (cron, zone, after, expected) in cases {
            assert_eq!(next(cron, zone, after, 1), [expected], "{cron} {zone} {after}");
        }
    }

    #[test]
    fn a_time_that_the_clock_leaves_out_is_left_out() {
        // 29 March 2026 in Berlin: 02:00 becomes 03:00.
        let times = next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
        assert_eq!(times, ["2026-03-30T00:30:00.000Z", "2026-03-31T00:30:00.000Z"]);
        // Samoa left the whole of 30 December 2011 out.
        let times = next("* * 30 * *", "Pacific/Apia", "2011-12-01T12:00:00Z", 1);
        assert_eq!(times, ["2012-01-29T10:00:00.000Z"]);
    }

    #[test]
    fn a_time_that_the_clock_has_twice_comes_twice() {
        // 25 October 2026 in Berlin: 03:00 becomes 02:00.
        let times = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3);
        let expected = ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"];
        assert_eq!(times, [expected[0], expected[1], "2026-10-26T01:30:00.000Z"]);
        // In the order of the moments, not of the clock.
        let times = next("0,40 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 4);
        let expected = ["T00:00", "T00:40", "T01:00", "T01:40"];
        assert!(times.iter().zip(expected).all(|(time, part)| time.contains(part)), "{times:?}");
    }

    #[test]
    fn every_quarter_of_an_hour_that_there_is_comes_once() {
        for (zone, from) in [
            ("Europe/Berlin", "2026-10-24T20:00:00Z"),
            ("Europe/Berlin", "2026-03-28T20:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-04T10:00:00Z"),
            ("America/St_Johns", "2026-11-01T00:00:00Z"),
        ] {
            let timetable = Timetable::parse("*/15 * * * *", zone).unwrap();
            let times = timetable.upcoming(at(from), 48);
            let apart = |pair: &[Timestamp]| pair[1].as_millis() - pair[0].as_millis();
            assert!(times.windows(2).all(|pair| apart(pair) == 900_000), "{zone} {times:?}");
        }
    }

    #[test]
    fn what_posix_does_not_have_is_refused() {
        let wrong = [
            "",
            "* * * *",
            "0 0 3 * * *",
            "@daily",
            "@nightly",
            "0 3 L * *",
            "0 3 1W * *",
            "0 3 * * 1#2",
            "0 3 ? * *",
            "61 3 * * *",
            "0 24 * * *",
            "0 3 0 * *",
            "0 3 * 13 *",
            "0 3 * * 8",
            "0 3 * * funday",
            "0 3 * * 5L",
            "0 3 31 2 *",
            "0 3 * jan-bar *",
            "a b c d e",
            "0 3 * * * 2027",
            "*/0 * * * *",
            "5-1 * * * *",
            "- - - - -",
            "0 3 * * mon mon",
            "1,,2 * * * *",
        ];
        for expression in wrong {
            let error = Timetable::parse(expression, "UTC").unwrap_err();
            assert_eq!(error.status, 400, "{expression}");
            assert!(error.message.starts_with("schedule.expression: "), "{}", error.message);
        }
        for zone in ["", "Mars/Olympus", "../../etc/passwd", "CET-1CEST", "+02:00"] {
            let error = Timetable::parse("0 3 * * *", zone).unwrap_err();
            assert!(error.message.starts_with("schedule.timezone: "), "{}", error.message);
        }
    }

    #[test]
    fn a_run_begins_a_little_later_and_always_by_the_same() {
        let cases = [("* * * * *", 9_000), ("0 * * * *", 540_000), ("0 3 * * *", 540_000)];
        for (cron, most) in cases {
            let timetable = Timetable::parse(cron, "UTC").unwrap();
            let mut late = std::collections::BTreeSet::new();
            for number in 0..200 {
                let id = format!("depl_{number}");
                let after = at("2026-11-21T12:00:00Z");
                let first = timetable.occurrence(&id, after).unwrap();
                let then = timetable.occurrence(&id, first.nominal).unwrap();
                let by = |one: &Occurrence| one.at.as_millis() - one.nominal.as_millis();
                assert_eq!(by(&first), by(&then));
                assert!(by(&first) < most);
                late.insert(by(&first));
            }
            assert!(late.len() > 150 && late.last().unwrap() > &(most / 10 * 9), "{cron}");
        }
    }

    proptest! {
        #[test]
        fn no_expression_breaks_it(cron in "[0-9*,/\\- a-zL#?@]{0,24}", zone in ".{0,12}") {
            let _ = Timetable::parse(&cron, "UTC");
            let _ = Timetable::parse("0 3 * * *", &zone);
        }
    }
}
