//! What the report is about.

/// What a message asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The column of the exports that is reported on.
    pub quantity: String,
    /// The first day, such as `2026-01-05`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What the mean of one day should not be above.
    pub limit: f64,
    /// The unit of the limit, and of the report.
    pub unit: String,
}

impl Task {
    /// Reads a task out of a message such as `Report on pm25 from 2026-01-05 to 2026-01-31. The
    /// limit for one day is 15 µg/m³.`
    pub fn find(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let clean = |word: &str| word.trim_matches(|c: char| ".,;:()".contains(c)).to_owned();
        let after = |place: usize, by: usize| words.get(place + by).map(|word| clean(word));
        let about = words.windows(2).position(|pair| pair == ["report", "on"])?;
        let limit = words.iter().position(|word| *word == "limit")?;
        let is = limit + words.get(limit..)?.iter().position(|word| *word == "is")?;
        let mut days = words.iter().map(|word| clean(word)).filter(|word| is_day(word));
        let (from, to) = (days.next()?, days.next()?);
        Some(Self {
            quantity: after(about, 2)?,
            limit: after(is, 1)?.parse().ok().filter(|limit: &f64| limit.is_finite())?,
            unit: after(is, 2)?,
            from,
            to,
        })
        .filter(|task| task.from <= task.to)
    }

    /// The task as a message.
    pub fn text(&self) -> String {
        let Self { quantity, from, to, limit, unit } = self;
        format!("report on {quantity} from {from} to {to}; the limit for one day is {limit} {unit}")
    }
}

/// Whether a text is a day such as `2026-01-05`.
pub fn is_day(text: &str) -> bool {
    let digit = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_found_in_ordinary_sentences_and_in_its_own_text() {
        let text = "Please write a report on no2 from 2026-01-01 to 2026-01-31. The limit for \
                    one day is 22.5 µg/m³.";
        let task = Task::find(text).unwrap();
        assert_eq!((task.quantity.as_str(), task.limit, &*task.unit), ("no2", 22.5, "µg/m³"));
        assert_eq!((&*task.from, &*task.to), ("2026-01-01", "2026-01-31"));
        assert_eq!(Task::find(&task.text()), Some(task));
    }

    #[test]
    fn a_message_that_lacks_something_is_no_task() {
        for text in [
            "",
            "A report on pm25 from 2026-01-01 to 2026-01-31.",
            "A report on pm25 from 2026-01-01. The limit is 15 µg/m³.",
            "A report on pm25 from 2026-02-01 to 2026-01-31. The limit is 15 µg/m³.",
            "A report on pm25 from 2026-01-01 to 2026-01-31. The limit is high enough.",
            "From 2026-01-01 to 2026-01-31. The limit is 15 µg/m³.",
        ] {
            assert_eq!(Task::find(text), None, "{text}");
        }
    }
}
