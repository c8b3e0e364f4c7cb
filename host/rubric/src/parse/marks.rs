//! The marks of a criterion: `(should)`, `(weight 2)`.

/// What stands beside the text of a criterion.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Marks {
    /// Whether it must be met, where that is said.
    pub(super) must: Option<bool>,
    /// What it weighs, where that is said.
    pub(super) weight: Option<f64>,
}

impl Marks {
    fn read(inside: &str) -> Option<Self> {
        let mut marks = Self::default();
        for part in inside.split(',') {
            let part = part.trim().to_ascii_lowercase();
            match part.as_str() {
                "must" => marks.must = Some(true),
                "should" => marks.must = Some(false),
                other => {
                    let number = other.strip_prefix("weight")?;
                    let spaced = number.starts_with([' ', ':', '=']);
                    let number = number.trim_start_matches([' ', ':', '=']);
                    marks.weight = Some(weight(number).filter(|_| spaced)?);
                }
            }
        }
        Some(marks)
    }

    /// What is said first counts.
    fn and(self, other: Self) -> Self {
        Self { must: self.must.or(other.must), weight: self.weight.or(other.weight) }
    }
}

/// A weight as people write it: digits, perhaps with a point and a sign.
pub(super) fn weight(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    if !text.chars().all(plain) {
        return None;
    }
    text.parse().ok().filter(|weight: &f64| weight.is_finite())
}

/// Takes the marks off both ends of a text.
pub(super) fn take(text: &str) -> (&str, Marks) {
    let mut text = text.trim();
    let mut marks = Marks::default();
    loop {
        if let Some((rest, found)) = first(text) {
            (text, marks) = (rest, marks.and(found));
        } else if let Some((rest, found)) = last(text) {
            (text, marks) = (rest, marks.and(found));
        } else {
            break;
        }
    }
    // As RFC 2119 has it: in capitals it is meant as a mark.
    let has = |word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    if marks.must.is_none() && has("SHOULD") && !has("MUST") {
        marks.must = Some(false);
    }
    (text, marks)
}

fn first(text: &str) -> Option<(&str, Marks)> {
    for (word, must) in [("should:", false), ("must:", true)] {
        if let Some((head, rest)) = text.split_at_checked(word.len())
            && head.eq_ignore_ascii_case(word)
        {
            return Some((rest.trim_start(), Marks { must: Some(must), weight: None }));
        }
    }
    let (close, inside) = match text.chars().next()? {
        '(' => (')', text.get(1..)?),
        '[' => (']', text.get(1..)?),
        _ => return None,
    };
    let (inside, rest) = inside.split_once(close)?;
    Some((rest.trim_start(), Marks::read(inside)?))
}

fn last(text: &str) -> Option<(&str, Marks)> {
    // The full stop may stand behind the mark.
    let bare = text.strip_suffix('.').unwrap_or(text);
    let (before, inside) = match bare.chars().next_back()? {
        ')' => bare.strip_suffix(')')?.rsplit_once('(')?,
        ']' => bare.strip_suffix(']')?.rsplit_once('[')?,
        _ => return None,
    };
    Some((before.trim_end(), Marks::read(inside)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, must: Option<bool>, weight: Option<f64>) {
        assert_eq!(take(text), (expected, Marks { must, weight }), "{text}");
    }

    #[test]
    fn marks_stand_at_either_end_in_any_order() {
        check("It works.", "It works.", None, None);
        check("It works. (weight 2)", "It works.", None, Some(2.0));
        check("It works (weight: 0.5).", "It works", None, Some(0.5));
        check("(should) It works. (Weight=3)", "It works.", Some(false), Some(3.0));
        check("It works. (weight 2) [should]", "It works.", Some(false), Some(2.0));
        check("It works (should, weight 2)", "It works", Some(false), Some(2.0));
        check("Should: be short", "be short", Some(false), None);
        check("must: be short", "be short", Some(true), None);
        check("It SHOULD work", "It SHOULD work", Some(false), None);
        check("It MUST and SHOULD work", "It MUST and SHOULD work", None, None);
        check("(weight -1) x (weight 0)", "x", None, Some(-1.0));
        check("(should)", "", Some(false), None);
        check("[must]éx (weight 1)", "éx", Some(true), Some(1.0));
        check("must:", "", Some(true), None);
    }

    #[test]
    fn what_only_looks_like_a_mark_is_text() {
        for text in [
            "It should work",
            "It says the mass (weight in kg)",
            "x (weight 1e5)",
            "x (weight inf)",
            "x (weight)",
            "x (weight2)",
            "x (should it?)",
            "Should the input be empty, it says so",
            "(",
            ")",
            "é",
            "ééééé: x",
        ] {
            check(text, text, None, None);
        }
    }
}
