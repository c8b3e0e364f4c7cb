//! Rules that a dream left in memory, read out of Markdown.
//!
//! A rule names an input field of a tool in backticks and bounds it right after the name:
//!
//! - Rule: `fly.brake_ratio` between 1.2 and 1.6. Why: …
//! - Rule: `scan.altitude_m` at most 83 (22 of 24 …)
//! - Rule: `fly.mode` is "x"
//!
//! Whatever follows is for people and may hold more numbers.

/// What a rule asks of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// From the first to the second.
    Between(f64, f64),
    /// Not over this.
    AtMost(f64),
    /// Not under this.
    AtLeast(f64),
    /// Just this word or number.
    Is(String),
}

/// A rule about one input field of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The field as `<tool>.<field>`.
    pub name: String,
    /// What is asked of it.
    pub bound: Bound,
}

/// Every rule in a text, in order. What does not read as a rule is left out.
pub fn rules(text: &str) -> Vec<Rule> {
    text.split("Rule: `").skip(1).filter_map(rule).collect()
}

/// The last rule about a name: later entries correct earlier ones.
pub fn last<'a>(rules: &'a [Rule], name: &str) -> Option<&'a Rule> {
    rules.iter().rev().find(|rule| rule.name == name)
}

fn rule(text: &str) -> Option<Rule> {
    let (name, rest) = text.split_once('`')?;
    let bound = bound(rest.trim_start())?;
    (name.contains('.') && !name.contains(char::is_whitespace))
        .then(|| Rule { name: name.to_owned(), bound })
}

fn bound(text: &str) -> Option<Bound> {
    if let Some(rest) = text.strip_prefix("between ") {
        let mut words = rest.split_whitespace();
        let low = number(words.next()?)?;
        let and = words.next()?;
        let high = number(words.next()?)?;
        return (and == "and" && low <= high).then_some(Bound::Between(low, high));
    }
    if let Some(rest) = text.strip_prefix("at most ") {
        return Some(Bound::AtMost(number(rest.split_whitespace().next()?)?));
    }
    if let Some(rest) = text.strip_prefix("at least ") {
        return Some(Bound::AtLeast(number(rest.split_whitespace().next()?)?));
    }
    let rest = text.strip_prefix("is ")?;
    match rest.strip_prefix('"') {
        Some(quoted) => Some(Bound::Is(quoted.split_once('"')?.0.to_owned())),
        None => Some(Bound::Is(number(rest.split_whitespace().next()?)?.to_string())),
    }
}

fn number(word: &str) -> Option<f64> {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<Bound> {
        rules(text).pop().map(|rule| rule.bound)
    }

    #[test]
    fn every_form_of_a_rule_is_read_and_later_numbers_are_not() {
        let between = "- Rule: `fly.brake_ratio` between 1.21 and 1.58. Of 40, 9 and 99 failed.";
        assert_eq!(rules(between)[0].name, "fly.brake_ratio");
        assert_eq!(one(between), Some(Bound::Between(1.21, 1.58)));
        assert_eq!(one("* Rule: `scan.a` at most 83 (p 0.1)"), Some(Bound::AtMost(83.0)));
        assert_eq!(one("- Rule: `scan.a` at least -0.5."), Some(Bound::AtLeast(-0.5)));
        assert_eq!(one("Rule: `fly.mode` is \"soft 3\", 7"), Some(Bound::Is("soft 3".into())));
    }

    #[test]
    fn what_is_no_rule_is_left_out() {
        for text in [
            "`fly.brake_ratio` between 1 and 2",
            "Rule: `fly.brake_ratio` between 2 and 1",
            "Rule: `fly.brake_ratio` between 1 or 2",
            "Rule: `fly.brake_ratio` usually 1",
            "Rule: `nothing` at most 3",
            "Rule: `fly.x` at most NaN",
            "Rule: `fly.x",
            "",
        ] {
            assert_eq!(rules(text), Vec::new(), "{text}");
        }
    }

    #[test]
    fn the_last_rule_about_a_name_wins() {
        let all =
            rules("- Rule: `a.b` at most 3\n- Rule: `a.c` at most 1\n- Rule: `a.b` at most 2");
        assert_eq!(last(&all, "a.b").map(|rule| &rule.bound), Some(&Bound::AtMost(2.0)));
        assert_eq!(last(&all, "a.d"), None);
    }
}
