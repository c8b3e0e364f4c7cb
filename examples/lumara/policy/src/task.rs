//! What a message asks for: a site and the seed of a flight.

/// One flight to one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Number of the site.
    pub site: u32,
    /// Tells this flight from others to the same site.
    pub flight_seed: u64,
}

impl Task {
    /// Reads a task out of a message such as `Land at site 12. Flight seed 42.`
    pub fn find(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let site = number_after(&text, "site")?;
        let flight_seed = number_after(&text, "flight seed")?;
        Some(Self { site: site.parse().ok()?, flight_seed: flight_seed.parse().ok()? })
    }
}

/// The digits right after the first `key` that has some.
fn number_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split(key).skip(1).find_map(|rest| {
        let digits = rest.trim_start_matches([' ', ':', '#']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        (end > 0).then(|| &digits[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_and_seed_are_found_in_ordinary_sentences() {
        let task = Some(Task { site: 12, flight_seed: u64::MAX });
        for text in [
            "Land at site 12. Flight seed 18446744073709551615.",
            "Flight seed: 18446744073709551615\nThe site is site #12, as ordered.",
        ] {
            assert_eq!(Task::find(text), task, "{text}");
        }
    }

    #[test]
    fn a_message_without_them_is_no_task() {
        for text in ["", "Land!", "Site 12.", "Site twelve, flight seed 4", "site -1 flight seed 2"]
        {
            assert_eq!(Task::find(text), None, "{text}");
        }
    }
}
