//! What is done about a schedule now: pure, without a clock and without a store.

use lucid_core::{Result, Schedule, Timestamp};

use super::timing::{Occurrence, Timing};

/// What is known about a schedule's store now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Sessions that no dream of it has read.
    pub(super) new_sessions: u32,
    /// Whether a dream of it runs.
    pub(super) is_dreaming: bool,
}

/// What is done about a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing: it is paused, or its time has not come.
    Later,
    /// Its time has come, and a dream of its store runs: as soon as that has ended.
    Busy,
    /// Its time has come, and there is too little that is new: the next time.
    NothingNew,
    /// It dreams.
    Now,
}

/// Whether a schedule's time has come. One that was missed has come as well, and however many
/// were missed, they are one: what is asked is only whether the next run that was written down
/// is over.
pub(super) fn has_come(schedule: &Schedule, now: Timestamp) -> bool {
    !schedule.paused && schedule.next_run_at.is_some_and(|next| next <= now)
}

/// What is done about a schedule.
pub(super) fn due(schedule: &Schedule, known: Known, now: Timestamp) -> Due {
    match known {
        _ if !has_come(schedule, now) => Due::Later,
        Known { is_dreaming: true, .. } => Due::Busy,
        Known { new_sessions, .. } if new_sessions < schedule.min_new => Due::NothingNew,
        Known { .. } => Due::Now,
    }
}

/// When a schedule runs next, behind a moment; none when it never does again.
///
/// # Errors
/// Invalid, when its cron or its time zone cannot be read.
pub(super) fn next(schedule: &Schedule, after: Timestamp) -> Result<Option<Occurrence>> {
    let timing = Timing::parse(&schedule.cron, &schedule.time_zone)?;
    Ok(timing.occurrence(schedule.id.as_str(), schedule.jitter_ms, after))
}

#[cfg(test)]
mod tests {
    use lucid_core::{MemoryStoreId, ReviewPolicy, ScheduleId};

    use super::*;

    const NEW: Known = Known { new_sessions: 5, is_dreaming: false };

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn schedule(next: &str) -> Schedule {
        Schedule {
            id: ScheduleId::parse("dsch_01a").unwrap(),
            memory_store: MemoryStoreId::parse("memstore_01a").unwrap(),
            strategy: "consolidate".to_owned(),
            instructions: String::new(),
            cron: "@nightly".to_owned(),
            time_zone: "UTC".to_owned(),
            policy: ReviewPolicy::Review,
            mission: None,
            last_n: None,
            min_new: 2,
            paused: false,
            jitter_ms: 0,
            last_run_at: None,
            next_run_at: Some(at(next)),
        }
    }

    #[test]
    fn a_schedule_dreams_when_its_time_has_come_and_there_is_something_new() {
        let one = schedule("2026-11-21T03:00:00Z");
        let cases = [
            ("2026-11-21T02:59:59.999Z", NEW, Due::Later),
            ("2026-11-21T03:00:00Z", NEW, Due::Now),
            ("2026-11-21T03:00:00Z", Known { new_sessions: 2, ..NEW }, Due::Now),
            ("2026-11-21T03:00:00Z", Known { new_sessions: 1, ..NEW }, Due::NothingNew),
            ("2026-11-21T03:00:00Z", Known { is_dreaming: true, ..NEW }, Due::Busy),
            // A dream that runs is waited for, whatever is new by now.
            ("2026-11-21T03:00:00Z", Known { new_sessions: 0, is_dreaming: true }, Due::Busy),
            ("2026-11-21T02:00:00Z", Known { is_dreaming: true, ..NEW }, Due::Later),
        ];
        for (now, known, expected) in cases {
            assert_eq!(due(&one, known, at(now)), expected, "{now} {known:?}");
        }
        let paused = Schedule { paused: true, ..one.clone() };
        assert_eq!(due(&paused, NEW, at("2026-11-22T03:00:00Z")), Due::Later);
        let never = Schedule { next_run_at: None, ..one };
        assert_eq!(due(&never, NEW, at("2026-11-22T03:00:00Z")), Due::Later);
    }

    #[test]
    fn a_gate_of_nothing_dreams_every_time() {
        let one = Schedule { min_new: 0, ..schedule("2026-11-21T03:00:00Z") };
        let known = Known { new_sessions: 0, is_dreaming: false };
        assert_eq!(due(&one, known, at("2026-11-21T03:00:00Z")), Due::Now);
    }

    #[test]
    fn ten_missed_nights_are_made_up_for_once() {
        let mut one = schedule("2026-11-21T03:00:00Z");
        let mut runs = 0;
        let mut now = at("2026-12-01T09:30:00Z");
        // As the scheduler does: it runs, and writes down when next.
        while due(&one, NEW, now) == Due::Now {
            runs += 1;
            one.last_run_at = Some(now);
            one.next_run_at = next(&one, now).unwrap().map(|next| next.at);
            now = Timestamp(now.as_millis() + 1_000);
        }
        assert_eq!(runs, 1);
        assert_eq!(one.next_run_at, Some(at("2026-12-02T03:00:00Z")));
    }

    #[test]
    fn a_dream_longer_than_the_time_between_two_is_followed_by_one() {
        let mut one = Schedule { cron: "@hourly".to_owned(), ..schedule("2026-11-21T03:00:00Z") };
        let began = at("2026-11-21T03:00:00Z");
        assert_eq!(due(&one, NEW, began), Due::Now);
        one.next_run_at = next(&one, began).unwrap().map(|next| next.at);
        // It ends at half past six: the hours since are one.
        let ended = at("2026-11-21T06:30:00Z");
        assert_eq!(due(&one, NEW, ended), Due::Now);
        one.next_run_at = next(&one, ended).unwrap().map(|next| next.at);
        assert_eq!(one.next_run_at, Some(at("2026-11-21T07:00:00Z")));
    }

    #[test]
    fn jitter_does_not_make_a_night_run_twice_or_be_left_out() {
        let mut one = Schedule { jitter_ms: 600_000, ..schedule("2026-11-21T03:00:00Z") };
        let mut nights = std::collections::BTreeSet::new();
        let mut now = at("2026-11-20T12:00:00Z");
        for _ in 0..30 {
            let found = next(&one, now).unwrap().unwrap();
            assert!(nights.insert(found.nominal), "{}", found.nominal);
            now = found.at;
            one.next_run_at = Some(now);
            assert_eq!(due(&one, NEW, now), Due::Now);
        }
        let days = nights.last().unwrap().as_millis() - nights.first().unwrap().as_millis();
        assert_eq!(days, 29 * 24 * 3_600_000);
    }
}
