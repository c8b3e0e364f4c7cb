//! Dates that say since when a fact holds.

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;
/// Words between a statement and its date.
const LINKS: [&str; 6] = ["as", "of", "since", "from", "updated", "on"];

/// The line without its date, and the date in milliseconds since 1970-01-01T00:00Z.
///
/// A date dates the line where it stands in brackets, after "as of" or the like, or in
/// front with a colon. Anywhere else it belongs to what is said. `None` where there are
/// several dates: which of them counts is anyone's guess.
pub(crate) fn take(line: &str) -> Option<(String, Option<u64>)> {
    let mut found = line.char_indices().filter_map(|(at, _)| Some((at, date(line, at)?)));
    let Some((at, ms)) = found.next() else {
        return Some((line.to_owned(), None));
    };
    if found.next().is_some() {
        return None;
    }
    let (before, after) = (&line[..at], &line[at + 10..]);
    if before.trim().is_empty() {
        let rest = after.trim_start().strip_prefix([':', '-', '\u{2014}', '\u{2013}']);
        return Some(
            rest.map_or_else(|| (line.to_owned(), None), |rest| (rest.trim().to_owned(), Some(ms))),
        );
    }
    let mut left = before.trim_end();
    let mut linked = false;
    while let Some(word) = left.rsplit([' ', '(', '[']).next() {
        if word.is_empty() || !LINKS.contains(&word.to_lowercase().as_str()) {
            break;
        }
        left = left[..left.len() - word.len()].trim_end();
        linked = true;
    }
    let open = left.strip_suffix(['(', '[']);
    let close = after.trim_start().strip_prefix([')', ']']);
    match (open, close) {
        (Some(left), Some(right)) => Some((join(left, right), Some(ms))),
        _ if linked => Some((join(left.trim_end_matches(','), after), Some(ms))),
        _ => Some((line.to_owned(), None)),
    }
}

fn join(left: &str, right: &str) -> String {
    format!("{} {}", left.trim_end(), right.trim_start()).trim().to_owned()
}

/// The ISO date that starts at byte `at`.
fn date(line: &str, at: usize) -> Option<u64> {
    let digit_before = line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
    let text = line.get(at..at + 10)?;
    let bytes = text.as_bytes();
    let digit_after = line[at + 10..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
    if digit_before || digit_after || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<u64> {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let valid = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| days(year, month, day) * DAY_MS)
}

/// Days from 1970-01-01 (Howard Hinnant, `days_from_civil`), for years from 1970 on.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const APRIL_2: u64 = 1_775_088_000_000;

    #[test]
    fn a_date_in_brackets_after_as_of_or_in_front_dates_the_line() {
        for line in [
            "Port: 8080 (as of 2026-04-02)",
            "Port: 8080 (2026-04-02)",
            "Port: 8080, as of 2026-04-02",
            "Port: 8080 since 2026-04-02",
            "2026-04-02: Port: 8080",
        ] {
            assert_eq!(take(line), Some(("Port: 8080".to_owned(), Some(APRIL_2))), "{line}");
        }
    }

    #[test]
    fn a_date_that_is_the_value_dates_nothing() {
        let line = "Launch: 2026-04-02";
        assert_eq!(take(line), Some((line.to_owned(), None)));
        assert_eq!(take("From 2026-04-02 to 2026-05-02"), None);
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2024, 2, 29), 19_782);
    }
}
