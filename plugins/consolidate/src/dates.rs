//! Days as people write them.

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// The day of a time, `2026-04-02`; Howard Hinnant, `civil_from_days`, for times from 1970 on.
pub(crate) fn day(ms: u64) -> String {
    let shifted = ms / DAY_MS + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (19_782 * DAY_MS, "2024-02-29"),
            (1_775_088_000_000, "2026-04-02"),
            (1_775_088_000_000 + DAY_MS - 1, "2026-04-02"),
            (1_798_675_200_000, "2026-12-31"),
        ] {
            assert_eq!(day(ms), text);
        }
    }
}
