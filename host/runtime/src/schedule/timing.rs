//! When a schedule runs: pure, without a clock and without a store.
//!
//! Times of the wall clock that a change of summer time leaves out or has twice: a schedule of
//! one time a day (one minute and one hour) runs once on such a day, at the first moment behind
//! the gap, or at the first of the two. One that runs more often than that leaves out what the
//! clock leaves out, and runs in both of what it has twice.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use lucid_core::{Failure, Result, Timestamp, derive_seed};

/// What names of schedules stand for. Nights and weeks begin at 03:00: the hour that summer
/// time takes away or gives twice is before it nearly everywhere.
const NAMED: [(&str, &str); 3] =
    [("@hourly", "0 * * * *"), ("@nightly", "0 3 * * *"), ("@weekly", "0 3 * * 0")];

/// The longest a schedule may wait behind its time, in milliseconds: an hour.
pub const JITTER_MS_MAX: u64 = 3_600_000;

/// When a schedule runs, by the wall clock of a place.
#[derive(Debug, Clone)]
pub struct Timing {
    cron: Cron,
    zone: TimeZone,
}

/// One time that a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// What the wall clock says.
    pub nominal: Timestamp,
    /// When it runs: later by the jitter of this occurrence.
    pub at: Timestamp,
}

impl Timing {
    /// Reads five fields of cron, or `@hourly`, `@nightly`, `@weekly`, and the name of a time
    /// zone, such as `Europe/Berlin`.
    ///
    /// # Errors
    /// Invalid, when one of them cannot be read, or the time never comes.
    pub fn parse(cron: &str, time_zone: &str) -> Result<Self> {
        let zone = TimeZone::get(time_zone).map_err(|_| {
            Failure::invalid(format!("no such time zone: `{time_zone}`"))
                .hint("give the name of one, such as `Europe/Berlin` or `UTC`")
        })?;
        let timing = Self { cron: fields(cron)?, zone };
        // From a leap year on, so that 29 February is found whatever the year is.
        if timing.next(Timestamp(0)).is_none() {
            return Err(Failure::invalid(format!("the time `{cron}` never comes"))
                .hint("give a day that its month has"));
        }
        Ok(timing)
    }

    /// The first time of the wall clock that fits, behind a moment; none when there is none.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        // Whole seconds: nothing that fits is between them.
        let seconds = i64::try_from(after.as_millis() / 1_000).ok()?;
        let from = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(self.zone.clone());
        let found = self.cron.find_next_occurrence(&from, false).ok()?;
        let millis = u64::try_from(found.timestamp().as_millisecond()).ok()?;
        (millis > after.as_millis()).then_some(Timestamp(millis))
    }

    /// The next time that schedule `id` runs, behind a moment.
    ///
    /// It waits for up to `jitter_ms` behind the wall clock, and never longer than half the way
    /// to the time that follows; how long follows from the id and the time, so that it is the
    /// same whoever computes it, and stores that share a schedule are not dreamt all at once.
    #[must_use]
    pub fn occurrence(&self, id: &str, jitter_ms: u64, after: Timestamp) -> Option<Occurrence> {
        let nominal = self.next(after)?;
        let apart = self
            .next(nominal)
            .map_or(u64::MAX, |next| next.as_millis().saturating_sub(nominal.as_millis()));
        let most = jitter_ms.min(JITTER_MS_MAX).min(apart / 2);
        let late = match most {
            0 => 0,
            most => derive_seed(nominal.as_millis(), id) % (most + 1),
        };
        let at = Timestamp(nominal.as_millis().saturating_add(late));
        Some(Occurrence { nominal, at })
    }
}

fn fields(cron: &str) -> Result<Cron> {
    let cron = cron.trim();
    let wrong = |why: &str| {
        Failure::invalid(format!("`{cron}` is no schedule: {why}")).hint(
            "give five fields (minute, hour, day of the month, month, day of the week), such as \
             `30 2 * * *`, or `@hourly`, `@nightly`, `@weekly`",
        )
    };
    let written = NAMED.iter().find(|(name, _)| *name == cron).map_or(cron, |(_, fields)| fields);
    if written.starts_with('@') {
        return Err(wrong("no such name"));
    }
    if written.split_whitespace().count() != 5 {
        return Err(wrong("not five fields"));
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(written).map_err(|error| wrong(error.to_string().trim_end_matches('.')))
}

#[cfg(test)]
mod tests;
