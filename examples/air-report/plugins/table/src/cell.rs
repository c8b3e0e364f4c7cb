//! Cells and the types of columns.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;

/// What all cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// `true` and `false`.
    Boolean,
    /// Days, such as `2026-04-06`.
    Date,
    /// Moments, such as `2026-04-06 08:00` or `2026-04-06T08:00:30Z`.
    DateTime,
    /// Anything.
    Text,
    /// Nothing: no cell is filled.
    Empty,
}

impl Type {
    /// The types that are tried, narrow ones first.
    pub const TRIED: [Self; 5] =
        [Self::Integer, Self::Number, Self::Boolean, Self::Date, Self::DateTime];

    /// Whether a filled cell can be of this type. `comma` says that it may stand for the
    /// decimal point.
    pub fn holds(self, text: &str, comma: bool) -> bool {
        match self {
            Self::Integer => number(text, comma).is_some() && text.parse::<i64>().is_ok(),
            Self::Number => number(text, comma).is_some(),
            Self::Boolean => matches!(text, "true" | "false" | "TRUE" | "FALSE"),
            Self::Date => is_date(text),
            Self::DateTime => is_moment(text),
            Self::Text => true,
            Self::Empty => false,
        }
    }

    /// Whether sums and means make sense.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Empty)
    }

    /// The cell that a text is in a column of this type.
    pub fn cell(self, text: &str, comma: bool) -> Cell {
        let text = text.trim();
        if text.is_empty() {
            return Cell::Empty;
        }
        match self {
            Self::Integer => text.parse().map_or(Cell::Empty, Cell::Integer),
            Self::Number => number(text, comma).map_or(Cell::Empty, Cell::Number),
            Self::Boolean => Cell::Boolean(text.eq_ignore_ascii_case("true")),
            Self::DateTime => Cell::Text(text.replacen('T', " ", 1)),
            Self::Date | Self::Text | Self::Empty => Cell::Text(text.to_owned()),
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Text, a date or a moment: these are in order as text.
    Text(String),
}

impl Cell {
    /// The number in it.
    #[expect(clippy::cast_precision_loss, reason = "a mean is not a whole number")]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Empty | Self::Boolean(_) | Self::Text(_) => None,
        }
    }

    /// The order of two cells of one column. Empty ones come last.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Empty, Self::Empty) => Ordering::Equal,
            (Self::Empty, _) => Ordering::Greater,
            (_, Self::Empty) => Ordering::Less,
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
        }
    }

    /// The cell as JSON.
    pub fn json(&self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Integer(value) => Value::from(*value),
            Self::Number(value) => Value::from(*value),
            Self::Boolean(value) => Value::from(*value),
            Self::Text(text) => Value::from(text.as_str()),
        }
    }
}

/// The finite number that a whole text is. `007` is a name with digits in it.
fn number(text: &str, comma: bool) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    let signs = text.len() - digits.len();
    let padded = digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if signs > 1 || padded || !plain {
        return None;
    }
    let parsed = match comma && text.contains(',') && !text.contains('.') {
        true => text.replacen(',', ".", 1).parse::<f64>(),
        false => text.parse::<f64>(),
    };
    parsed.ok().filter(|number| number.is_finite())
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = fields(text, '-', [4, 2, 2]) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn is_moment(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', ' ']) else { return false };
    let time = time.strip_suffix('Z').unwrap_or(time);
    let clock = match fields(time, ':', [2, 2]) {
        Some([hour, minute]) => hour < 24 && minute < 60,
        None => fields(time, ':', [2, 2, 2])
            .is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second < 60),
    };
    is_date(date) && clock
}

/// Numbers of so many digits each, with a sign between them.
fn fields<const N: usize>(text: &str, sign: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(sign);
    let mut found = [0; N];
    for (number, length) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        let plain = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| plain)?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types_of(text: &str) -> Vec<Type> {
        Type::TRIED.into_iter().filter(|kind| kind.holds(text, false)).collect()
    }

    #[test]
    fn a_text_is_of_a_type_only_as_a_whole() {
        use Type::{Boolean, Date, DateTime, Integer, Number};
        for (text, expected) in [
            ("42", &[Integer, Number][..]),
            ("-7", &[Integer, Number]),
            ("0.5", &[Number]),
            ("-.5", &[Number]),
            ("1e3", &[Number]),
            ("007", &[]),
            ("0", &[Integer, Number]),
            ("--1", &[]),
            ("1,5", &[]),
            ("nan", &[]),
            ("inf", &[]),
            ("1e999", &[]),
            ("3 m", &[]),
            ("true", &[Boolean]),
            ("2026-02-28", &[Date]),
            ("2024-02-29", &[Date]),
            ("2026-02-29", &[]),
            ("2026-13-01", &[]),
            ("2026-4-6", &[]),
            ("2026-04-06 08:00", &[DateTime]),
            ("2026-04-06T23:59:59Z", &[DateTime]),
            ("2026-04-06T24:00", &[]),
            ("+026-04-06", &[]),
        ] {
            assert_eq!(types_of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_comma_is_a_decimal_point_only_where_it_may_be_one() {
        assert!(Type::Number.holds("1,5", true));
        assert!(!Type::Number.holds("1.234,5", true));
        assert!(!Type::Number.holds("1,234,5", true));
        assert_eq!(Type::Number.cell("1,5", true), Cell::Number(1.5));
    }

    #[test]
    fn cells_are_in_order_within_their_type_and_empty_ones_last() {
        let order = |kind: Type, a: &str, b: &str| kind.cell(a, false).order(&kind.cell(b, false));
        assert_eq!(order(Type::Integer, "9", "10"), Ordering::Less);
        assert_eq!(order(Type::Text, "9", "10"), Ordering::Greater);
        assert_eq!(order(Type::Number, "-1.5", "1"), Ordering::Less);
        assert_eq!(order(Type::Date, "2026-04-06", "2026-11-01"), Ordering::Less);
        let moments = order(Type::DateTime, "2026-04-06T08:00", "2026-04-06 08:00");
        assert_eq!(moments, Ordering::Equal);
        assert_eq!(order(Type::Text, "", "a"), Ordering::Greater);
    }
}
