use super::*;

const APRIL_2: u64 = 1_775_088_000_000;
const HOUR: u64 = 3_600_000;

#[track_caller]
fn check(sentence: &str, expected: Option<(&str, Option<u64>)>) {
    let found = take(sentence, APRIL_2);
    let expected = expected.map(|(text, at_ms)| Dated { text: text.to_owned(), at_ms });
    assert_eq!(found, expected, "{sentence}");
}

#[test]
fn a_date_in_brackets_after_as_of_or_in_front_dates_the_sentence() {
    for sentence in [
        "Port: 8080 (as of 2026-04-02)",
        "Port: 8080 (2026-04-02)",
        "Port: 8080, as of 2026-04-02",
        "Port: 8080 since 2026/04/02",
        "2026-04-02: Port: 8080",
        "Port: 8080 (2 April 2026)",
        "Port: 8080 as of April 2, 2026",
        "Port: 8080 since Apr 2 2026",
        "Port: 8080 as of 2nd of April 2026",
        "Port: 8080 [since 2026-04-02T00:00:00Z]",
        "Port: 8080 today",
    ] {
        check(sentence, Some(("Port: 8080", Some(APRIL_2))));
    }
}

#[test]
fn the_time_of_day_and_its_offset_count() {
    for (date, hours) in [
        ("2026-04-02T10:00", 10),
        ("2026-04-02 10:00", 10),
        ("2026-04-02T10:00:59Z", 10),
        ("2026-04-02T10:00+02:00", 8),
        ("2026-04-02T10:00-02:00", 12),
    ] {
        let sentence = format!("Port: 8080 (as of {date})");
        check(&sentence, Some(("Port: 8080", Some(APRIL_2 + hours * HOUR))));
    }
}

#[test]
fn days_ago_are_told_from_the_time_of_speaking() {
    check("It moved yesterday", Some(("It moved", Some(APRIL_2 - DAY_MS))));
    check("It moved 2 weeks ago.", Some(("It moved .", Some(APRIL_2 - 14 * DAY_MS))));
    let unknown = take("It moved yesterday", 0).unwrap();
    assert_eq!((unknown.text.as_str(), unknown.at_ms), ("It moved", None));
}

#[test]
fn a_date_that_is_the_value_or_no_date_dates_nothing() {
    for sentence in [
        "Launch: 2026-04-02",
        "The launch is 2 April 2026",
        "Port: 8080 (as of 2026-02-30)",
        "Build 12026-04-02 is out",
        "Version 2026-04-02-rc1",
        "May 5 people come",
        "The march of 12 people",
    ] {
        check(sentence, Some((sentence, None)));
    }
}

#[test]
fn several_dates_and_ends_are_anyones_guess() {
    check("From 2026-04-02 on, or 2026-05-02", None);
    check("Port: 8080 until 2026-04-02", None);
    check("Port: 8080 (valid through 2026-04-02)", None);
}

#[test]
fn a_heading_may_be_a_date() {
    assert_eq!(of_heading("2026-04-02").1, Some(APRIL_2));
    assert_eq!(of_heading("Log of 2 April 2026").0.trim(), "Log of");
    assert_eq!(of_heading("Deploys"), ("Deploys".to_owned(), None));
}

#[test]
fn days_are_those_of_the_calendar() {
    assert_eq!(days(1970, 1, 1), 0);
    assert_eq!(days(2024, 2, 29), 19_782);
    assert_eq!(midnight(2026, 4, 31), None);
    assert_eq!(midnight(1969, 1, 1), None);
}

#[test]
fn a_moment_has_the_day_that_calendars_give_it() {
    for (at_ms, expected) in [
        (0, "1970-01-01"),
        (951_782_399_999, "2000-02-28"),
        (951_782_400_000, "2000-02-29"),
        (951_868_800_000, "2000-03-01"),
        (19_782 * DAY_MS, "2024-02-29"),
        (1_767_225_599_999, "2025-12-31"),
        (1_767_225_600_000, "2026-01-01"),
        (APRIL_2, "2026-04-02"),
        (APRIL_2 + DAY_MS - 1, "2026-04-02"),
        (1_798_675_200_000, "2026-12-31"),
    ] {
        assert_eq!(day(at_ms), expected, "{at_ms}");
    }
}

#[test]
fn the_day_of_a_midnight_is_the_one_that_it_was_made_of() {
    for year in 1970..2410 {
        for (month, day_of_month) in [(1, 1), (2, 28), (2, 29), (3, 1), (12, 31)] {
            let Some(at_ms) = midnight(year, month, day_of_month) else { continue };
            assert_eq!(day(at_ms), format!("{year:04}-{month:02}-{day_of_month:02}"));
        }
    }
}
