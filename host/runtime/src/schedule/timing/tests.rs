use super::*;

const DAY_MS: u64 = 24 * 3_600_000;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// The next times behind a moment, in UTC.
fn next(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let timing = Timing::parse(cron, zone).unwrap();
    let step = |last: &Timestamp| timing.next(*last);
    std::iter::successors(timing.next(at(after)), step).take(count).map(|t| t.to_string()).collect()
}

#[test]
fn times_are_those_of_the_wall_clock_of_the_place() {
    let cases: [(&str, &str, &str, &[&str]); 8] = [
        ("30 2 * * *", "UTC", "2026-11-21T00:00:00Z", &["2026-11-21T02:30:00.000Z"]),
        // Strictly behind: the moment itself is over.
        ("30 2 * * *", "UTC", "2026-11-21T02:30:00Z", &["2026-11-22T02:30:00.000Z"]),
        ("30 2 * * *", "UTC", "2026-11-21T02:29:59.999Z", &["2026-11-21T02:30:00.000Z"]),
        ("@nightly", "Europe/Berlin", "2026-11-21T12:00:00Z", &["2026-11-22T02:00:00.000Z"]),
        ("@nightly", "America/New_York", "2026-11-21T12:00:00Z", &["2026-11-22T08:00:00.000Z"]),
        ("@nightly", "Asia/Kolkata", "2026-11-21T12:00:00Z", &["2026-11-21T21:30:00.000Z"]),
        // 22 November 2026 is a Sunday.
        (
            "@weekly",
            "UTC",
            "2026-11-21T12:00:00Z",
            &["2026-11-22T03:00:00.000Z", "2026-11-29T03:00:00.000Z"],
        ),
        (
            "@hourly",
            "UTC",
            "2026-11-21T12:00:00Z",
            &["2026-11-21T13:00:00.000Z", "2026-11-21T14:00:00.000Z"],
        ),
    ];
    for (cron, zone, after, expected) in cases {
        assert_eq!(next(cron, zone, after, expected.len()), expected, "{cron} {zone} {after}");
    }
}

#[test]
fn one_time_a_day_runs_once_on_the_day_that_summer_time_begins() {
    // 29 March 2026 in Berlin: 02:00 becomes 03:00, which is 01:00 UTC.
    let times = next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
    assert_eq!(times, ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
    // The nightly one does not move: 03:00 is there.
    let times = next("@nightly", "Europe/Berlin", "2026-03-27T12:00:00Z", 2);
    assert_eq!(times, ["2026-03-28T02:00:00.000Z", "2026-03-29T01:00:00.000Z"]);
}

#[test]
fn one_time_a_day_runs_once_on_the_day_that_summer_time_ends() {
    // 25 October 2026 in Berlin: 03:00 becomes 02:00, so 02:30 is at 00:30 and at 01:30 UTC.
    let times = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(times, ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
}

#[test]
fn an_hourly_schedule_runs_in_every_hour_that_there_is() {
    let times = next("@hourly", "Europe/Berlin", "2026-10-24T22:30:00Z", 4);
    let hours = ["T23:00", "T00:00", "T01:00", "T02:00"];
    assert!(times.iter().zip(hours).all(|(time, hour)| time.contains(hour)), "{times:?}");
    let times = next("@hourly", "Europe/Berlin", "2026-03-28T23:30:00Z", 3);
    let hours = ["T00:00", "T01:00", "T02:00"];
    assert!(times.iter().zip(hours).all(|(time, hour)| time.contains(hour)), "{times:?}");
}

#[test]
fn a_leap_day_comes_when_it_comes() {
    let times = next("0 3 29 2 *", "UTC", "2026-11-21T00:00:00Z", 2);
    assert_eq!(times, ["2028-02-29T03:00:00.000Z", "2032-02-29T03:00:00.000Z"]);
    // 2100 is no leap year.
    let times = next("0 3 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1);
    assert_eq!(times, ["2104-02-29T03:00:00.000Z"]);
}

#[test]
fn what_is_no_schedule_is_named() {
    let cases = [
        ("", "UTC", "not five fields"),
        ("* * * *", "UTC", "not five fields"),
        ("0 0 3 * * *", "UTC", "not five fields"),
        ("@daily", "UTC", "no such name"),
        ("@nightly @weekly", "UTC", "no such name"),
        ("61 3 * * *", "UTC", "is no schedule"),
        ("0 3 * * funday", "UTC", "is no schedule"),
        ("0 3 31 2 *", "UTC", "never comes"),
        ("@nightly", "Europe/Atlantis", "no such time zone"),
        ("@nightly", "", "no such time zone"),
        ("@nightly", "../../etc/passwd", "no such time zone"),
    ];
    for (cron, zone, why) in cases {
        let failure = Timing::parse(cron, zone).unwrap_err();
        assert!(failure.message.contains(why), "{cron} {zone}: {}", failure.message);
        assert!(failure.hint.is_some(), "{cron} {zone}");
    }
}

#[test]
fn jitter_is_within_its_bounds_and_the_same_every_time() {
    let nightly = Timing::parse("@nightly", "UTC").unwrap();
    let mut late = std::collections::BTreeSet::new();
    for day in 0..400 {
        let after = Timestamp(at("2026-01-01T12:00:00Z").as_millis() + day * DAY_MS);
        let found = nightly.occurrence("dsch_01a", 600_000, after).unwrap();
        assert_eq!(nightly.occurrence("dsch_01a", 600_000, after), Some(found));
        let by = found.at.as_millis() - found.nominal.as_millis();
        assert!(by <= 600_000, "{by}");
        late.insert(by);
    }
    // Not all at once, and all over the ten minutes.
    assert!(late.len() > 300, "{}", late.len());
    assert!(late.first().unwrap() < &60_000 && late.last().unwrap() > &540_000);
    let after = at("2026-01-01T12:00:00Z");
    let [one, other] =
        ["dsch_01a", "dsch_01b"].map(|id| nightly.occurrence(id, 600_000, after).unwrap());
    assert_ne!(one.at, other.at);
}

#[test]
fn jitter_never_reaches_the_time_that_follows() {
    let often = Timing::parse("* * * * *", "UTC").unwrap();
    let mut after = at("2026-01-01T12:00:00Z");
    for _ in 0..500 {
        let found = often.occurrence("dsch_01a", JITTER_MS_MAX, after).unwrap();
        assert!(found.at.as_millis() - found.nominal.as_millis() <= 30_000);
        after = found.at;
        let next = often.occurrence("dsch_01a", JITTER_MS_MAX, after).unwrap();
        assert_eq!(next.nominal.as_millis() - found.nominal.as_millis(), 60_000);
    }
    let found = often.occurrence("dsch_01a", 0, after).unwrap();
    assert_eq!(found.at, found.nominal);
    // More than the most is the most.
    let nightly = Timing::parse("@nightly", "UTC").unwrap();
    let found = nightly.occurrence("dsch_01a", u64::MAX, after).unwrap();
    assert!(found.at.as_millis() - found.nominal.as_millis() <= JITTER_MS_MAX);
}
