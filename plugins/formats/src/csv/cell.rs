//! What a cell is.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Int,
    Float,
    Date,
    Bool,
    Text,
}

impl Type {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Int,
            "float" => Self::Float,
            "date" => Self::Date,
            "bool" => Self::Bool,
            "text" => Self::Text,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Date => "date",
            Self::Bool => "bool",
            Self::Text => "text",
        }
    }

    /// Whether a cell is of the type.
    pub(super) fn admits(self, cell: &str) -> bool {
        match self {
            Self::Int => cell.parse::<i64>().is_ok(),
            Self::Float => is_number(cell),
            Self::Date => is_date(cell),
            Self::Bool => matches!(cell.to_ascii_lowercase().as_str(), "true" | "false"),
            Self::Text => true,
        }
    }
}

/// A finite decimal number; `nan` and `inf` are names.
pub(super) fn is_number(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    text.bytes().all(plain) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A day that exists, as `2026-02-28`.
pub(crate) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return false;
    }
    let part = |from: usize, to: usize| {
        text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or_default()
    };
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}
