//! What a check says about one value.

/// What one value has to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    /// A number between two others.
    Within { low: Edge, high: Edge },
    /// This text, or true or false.
    Is(String),
    /// Anything else.
    IsNot(String),
}

/// One end of a range, and whether it belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) at: f64,
    pub(crate) closed: bool,
}

impl Edge {
    const fn open(at: f64) -> Self {
        Self { at, closed: false }
    }
}

/// A value, as the check writes it, and what it has to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    pub(crate) subject: String,
    pub(crate) bound: Bound,
}

impl Bound {
    /// The numbers that stand so to one.
    pub(super) fn number(sign: &str, at: f64) -> Option<Self> {
        let (here, beside) = (Edge { at, closed: true }, Edge::open(at));
        let (low, high) = match sign {
            "==" => (here, here),
            "<" => (Edge::open(f64::NEG_INFINITY), beside),
            "<=" => (Edge::open(f64::NEG_INFINITY), here),
            ">" => (beside, Edge::open(f64::INFINITY)),
            ">=" => (here, Edge::open(f64::INFINITY)),
            _ => return None,
        };
        Some(Self::Within { low, high })
    }

    /// As it is for whole numbers, which sizes are.
    pub(super) fn whole(self) -> Self {
        let Self::Within { low, high } = self else { return self };
        let up = if low.closed { low.at.ceil() } else { low.at.floor() + 1.0 };
        let down = if high.closed { high.at.floor() } else { high.at.ceil() - 1.0 };
        let edge = |at: f64| Edge { at, closed: at.is_finite() };
        Self::Within { low: edge(up), high: edge(down) }
    }

    /// Whether no value is so.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Within { low, high } if is_apart(*low, *high))
    }

    /// Whether no size is so.
    pub(super) fn is_no_size(&self) -> bool {
        matches!(self, Self::Within { high, .. } if high.at < 0.0)
    }

    /// Whether every size is so.
    pub(super) fn is_any_size(&self) -> bool {
        let Self::Within { low, high } = self else { return false };
        low.at <= 0.0 && high.at == f64::INFINITY
    }

    /// Whether no value is both.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Within { low, high }, Self::Within { low: other_low, high: other_high }) => {
                is_apart(*low, *other_high) || is_apart(*other_low, *high)
            }
            (Self::Is(one), Self::Is(other)) => one != other,
            (Self::Is(is), Self::IsNot(not)) | (Self::IsNot(not), Self::Is(is)) => is == not,
            (Self::Within { .. }, Self::Is(_)) | (Self::Is(_), Self::Within { .. }) => true,
            _ => false,
        }
    }

    /// Whether every value is one or the other, if it is of their kind at all.
    pub(super) fn completes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Within { low, high }, Self::Within { low: other_low, high: other_high }) => {
                let meet = |from: &Edge, to: &Edge| {
                    to.at > from.at || (to.at == from.at && (to.closed || from.closed))
                };
                let all = |low: &Edge, high: &Edge| {
                    low.at == f64::NEG_INFINITY && high.at == f64::INFINITY
                };
                (all(low, other_high) && meet(other_low, high))
                    || (all(other_low, high) && meet(low, other_high))
            }
            (Self::Is(is), Self::IsNot(not)) | (Self::IsNot(not), Self::Is(is)) => is == not,
            (Self::Is(one), Self::Is(other)) => {
                let pair = [one.as_str(), other.as_str()];
                pair == ["true", "false"] || pair == ["false", "true"]
            }
            _ => false,
        }
    }
}

/// Whether nothing is above the one and below the other.
fn is_apart(low: Edge, high: Edge) -> bool {
    low.at > high.at || (low.at == high.at && !(low.closed && high.closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(sign: &str, at: f64) -> Bound {
        Bound::number(sign, at).unwrap()
    }

    #[test]
    fn ranges_that_do_not_meet_exclude_each_other() {
        assert!(number(">", 5.0).excludes(&number("<", 3.0)));
        assert!(number(">", 5.0).excludes(&number("<=", 5.0)));
        assert!(!number(">=", 5.0).excludes(&number("<=", 5.0)));
        assert!(number("==", 1.0).excludes(&number("==", 2.0)));
        assert!(!number(">", 5.0).excludes(&number("<", 6.0)));
        assert!(number(">", 5.0).whole().excludes(&number("<", 6.0).whole()));
        assert!(number("<", 0.0).whole().is_no_size());
        assert!(number("==", 2.5).whole().is_empty());
        assert!(number(">", -1.0).whole().is_any_size());
    }

    #[test]
    fn ranges_complete_each_other_when_no_number_is_outside() {
        assert!(number("<", 5.0).completes(&number(">=", 5.0)));
        assert!(number(">", 3.0).completes(&number("<", 5.0)));
        assert!(!number("<", 5.0).completes(&number(">", 5.0)));
        assert!(!number("<", 5.0).completes(&number("<", 7.0)));
    }

    #[test]
    fn a_text_is_one_text() {
        let (a, b) = (Bound::Is("'a'".to_owned()), Bound::Is("'b'".to_owned()));
        assert!(a.excludes(&b) && !a.excludes(&a));
        assert!(a.excludes(&Bound::IsNot("'a'".to_owned())) && a.excludes(&number("<", 1.0)));
        assert!(!a.completes(&b));
    }
}
