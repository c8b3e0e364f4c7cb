//! Dates in a text, and which of them says since when something holds.

use std::ops::Range;

/// Milliseconds of a day.
pub(crate) const DAY_MS: u64 = 86_400_000;
/// Words between a statement and the date it holds from.
const LINKS: [&str; 8] = ["as", "of", "since", "from", "updated", "on", "starting", "effective"];
/// Words before a date at which something ends; such a date says nothing of its beginning.
const ENDS: [&str; 6] = ["until", "by", "before", "through", "expires", "ended"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// The rest of the months' names.
const MONTH_ENDS: [&str; 13] =
    ["", "uary", "ruary", "ch", "il", "e", "y", "ust", "tember", "ober", "ember", "t", "."];

/// What dates say about a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dated {
    /// The sentence without the date that it holds from.
    pub(crate) text: String,
    /// That date, in milliseconds since 1970-01-01T00:00Z.
    pub(crate) at_ms: Option<u64>,
}

/// Takes the date from a sentence that was said at `said_at_ms` (0: nobody knows when).
///
/// A date dates the sentence where it stands in brackets, after "as of" or the like, or in
/// front with a colon; "yesterday" and the like always do. Anywhere else it belongs to what
/// is said. `None` where there are several dates, or an end: since when it holds is then
/// anyone's guess.
pub(crate) fn take(sentence: &str, said_at_ms: u64) -> Option<Dated> {
    let found = find(sentence, said_at_ms);
    let whole = |at_ms| Some(Dated { text: sentence.to_owned(), at_ms });
    let (range, ms, relative) = match found.as_slice() {
        [] => return whole(None),
        [one] => one.clone(),
        _ => return None,
    };
    let before = sentence.get(..range.start).unwrap_or_default();
    let after = sentence.get(range.end..).unwrap_or_default();
    let dated = |left: &str, right: &str| {
        let text = format!("{} {}", left.trim_end(), right.trim_start()).trim().to_owned();
        Some(Dated { text, at_ms: ms })
    };
    if before.trim().is_empty() && !relative {
        let rest = after.trim_start().strip_prefix([':', '-', ',', '\u{2014}', '\u{2013}']);
        return rest.map_or_else(|| whole(None), |rest| dated("", rest));
    }
    let mut left = before.trim_end();
    let mut linked = false;
    while let Some(word) = left.rsplit([' ', '(', '[']).next().filter(|word| !word.is_empty()) {
        let small = word.to_lowercase();
        if ENDS.contains(&small.as_str()) && !linked {
            return None;
        }
        if !LINKS.contains(&small.as_str()) {
            break;
        }
        left = left.get(..left.len() - word.len()).unwrap_or_default().trim_end();
        linked = true;
    }
    let open = left.strip_suffix(['(', '[']);
    let close = after.trim_start().strip_prefix([')', ']']);
    match (open, close) {
        (Some(left), Some(right)) => dated(left, right),
        _ if linked || relative => dated(left.trim_end_matches(','), after),
        _ => whole(None),
    }
}

/// The date of a heading such as `## Log of 2026-04-02`, and the heading without it.
pub(crate) fn of_heading(heading: &str) -> (String, Option<u64>) {
    match find(heading, 0).as_slice() {
        [(range, ms, _)] => {
            let before = heading.get(..range.start).unwrap_or_default();
            let after = heading.get(range.end..).unwrap_or_default();
            (format!("{before} {after}"), *ms)
        }
        _ => (heading.to_owned(), None),
    }
}

/// A date's place, its time, and whether it is told from the time of speaking.
type Found = (Range<usize>, Option<u64>, bool);

/// The dates of a sentence, three of them at most.
fn find(text: &str, said_at_ms: u64) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let fresh = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.'));
        before = Some(c);
        let inside = found.last().is_some_and(|(range, ..)| at < range.end);
        if !fresh || inside || !c.is_ascii_alphanumeric() {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let date = absolute(rest).map(|(len, ms)| (at..at + len, Some(ms), false));
        let date = date.or_else(|| {
            let (len, days) = relative(rest)?;
            let ms = said_at_ms.checked_sub(days * DAY_MS).filter(|_| said_at_ms > 0);
            Some((at..at + len, ms, true))
        });
        found.extend(date);
        if found.len() > 2 {
            break;
        }
    }
    found
}

/// "today", "yesterday", "3 days ago": its length, and the days since.
fn relative(text: &str) -> Option<(usize, u64)> {
    let mut words = text.split(' ').map(|word| word.trim_end_matches(['.', ',', ')', ';', '!']));
    let first = words.next()?;
    match first.to_lowercase().as_str() {
        "today" => return Some((first.len(), 0)),
        "yesterday" => return Some((first.len(), 1)),
        _ => {}
    }
    let count: u64 = first.parse().ok().filter(|count| *count <= 10_000)?;
    let (kind, ago) = (words.next()?, words.next()?);
    let days = match kind {
        "day" | "days" => 1,
        "week" | "weeks" => 7,
        _ => return None,
    };
    (ago == "ago").then_some((first.len() + kind.len() + ago.len() + 2, count * days))
}

/// A date at the start of a text: its length, and its time.
fn absolute(text: &str) -> Option<(usize, u64)> {
    iso(text).or_else(|| named(text))
}

/// `2026-04-02`, `2026/04/02`, and either with `T10:30`, seconds and an offset.
fn iso(text: &str) -> Option<(usize, u64)> {
    let (year, month, day) = (number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?);
    let mark = text.get(4..5)?;
    if !matches!(mark, "-" | "/") || text.get(7..8)? != mark {
        return None;
    }
    let midnight = midnight(year, month, day)?;
    let (len, minutes) = clock(text.get(10..).unwrap_or_default());
    let ends = !text.get(10 + len..)?.starts_with(|c: char| c.is_alphanumeric() || c == '-');
    let ms = i64::try_from(midnight).ok()? + minutes * 60_000;
    Some((10 + len, u64::try_from(ms).ok()?)).filter(|_| ends)
}

/// `T10:30:05Z` after a date: its length, and minutes since midnight in UTC.
fn clock(text: &str) -> (usize, i64) {
    let part = |at| number(text, at, 2).and_then(|value| i64::try_from(value).ok());
    let (Some(hour), Some(minute)) = (part(1), part(4)) else { return (0, 0) };
    if !text.starts_with(['T', ' ']) || text.get(3..4) != Some(":") || hour > 23 || minute > 59 {
        return (0, 0);
    }
    let mut len = 6;
    if text.get(6..7) == Some(":") && part(7).is_some() {
        len = 9;
    }
    let rest = text.get(len..).unwrap_or_default();
    let sign = match rest.chars().next() {
        Some('Z') => return (len + 1, hour * 60 + minute),
        Some('+') => 1,
        Some('-') => -1,
        _ => return (len, hour * 60 + minute),
    };
    match (part(len + 1), rest.get(3..4), part(len + 4)) {
        (Some(hours), Some(":"), Some(minutes)) => {
            (len + 6, (hour - sign * hours) * 60 + minute - sign * minutes)
        }
        _ => (len, hour * 60 + minute),
    }
}

/// `2 April 2026`, `April 2, 2026`, `2nd of Apr 2026`.
fn named(text: &str) -> Option<(usize, u64)> {
    let mut at = 0;
    let (mut day, mut month, mut year) = (None, None, None);
    for word in text.split(' ').take(4) {
        at += word.len() + 1;
        let bare = word.trim_end_matches([',', '.', ')', ':', ';', ']']);
        let digits = bare.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let suffix = bare.get(digits.len()..).unwrap_or_default();
        match digits.parse::<u64>() {
            Ok(value) if (1..=31).contains(&value) && day.is_none() => {
                let fits = matches!(suffix, "" | "st" | "nd" | "rd" | "th");
                day = Some(value).filter(|_| fits);
                day?;
            }
            Ok(value) if (1970..=9999).contains(&value) && suffix.is_empty() => {
                year = Some((value, at - 1 - (word.len() - bare.len())));
                break;
            }
            Ok(_) => return None,
            Err(_) if bare == "of" && day.is_some() => {}
            Err(_) => month = Some(month_of(bare).filter(|_| month.is_none())?),
        }
    }
    let (year, len) = year?;
    Some((len, midnight(year, month?, day?)?))
}

fn month_of(word: &str) -> Option<u64> {
    let small = word.to_lowercase();
    let at = MONTHS.iter().position(|name| small.starts_with(name))?;
    let rest = small.get(3..)?;
    MONTH_ENDS.contains(&rest).then(|| u64::try_from(at + 1).ok())?
}

fn number(text: &str, at: usize, len: usize) -> Option<u64> {
    let digits = text.get(at..at + len)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The beginning of a day that is in the calendar.
fn midnight(year: u64, month: u64, day: u64) -> Option<u64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let valid = year >= 1970 && (1..=length).contains(&day);
    valid.then(|| days(year, month, day) * DAY_MS)
}

/// Days from 1970-01-01 (Howard Hinnant, `days_from_civil`), for years from 1970 on.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day of a moment in UTC, such as `2026-04-02` (Howard Hinnant, `civil_from_days`). The
/// moment is in milliseconds since 1970-01-01T00:00Z.
///
/// ```
/// assert_eq!(lucid_facts::day(1_775_088_000_000), "2026-04-02");
/// ```
#[must_use]
pub fn day(at_ms: u64) -> String {
    // Days since 0000-03-01, so that a leap day is the last of its year.
    let days = at_ms / DAY_MS + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
