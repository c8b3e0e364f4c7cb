//! Days and moments as text. There is no clock: every moment is counted from a fixed one.

/// 2026-01-05, in days since 1970-01-01.
const FIRST_DAY: u64 = 20_458;

/// A day as `2026-01-05`, counted from that one.
pub(crate) fn day(offset: u64) -> String {
    let (year, month, day) = civil(FIRST_DAY + offset);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A moment as `2026-01-05T06:00:00Z`, in seconds from the start of that day.
pub(crate) fn moment(seconds: u64) -> String {
    let (of_day, date) = (seconds % 86_400, day(seconds / 86_400));
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day since 1970-01-01 (Howard Hinnant, `civil_from_days`), for
/// days from then on.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        assert_eq!(day(0), "2026-01-05");
        assert_eq!(day(55), "2026-03-01");
        assert_eq!(day(360), "2026-12-31");
        assert_eq!(day(361), "2027-01-01");
        assert_eq!(day(787), "2028-03-02");
        assert_eq!(moment(86_400 + 3_661), "2026-01-06T01:01:01Z");
    }
}
