//! What can be told about a machine check from its text alone.
//!
//! The grader has the language itself; here is no more than what finds a check that says
//! nothing, or two that cannot both hold. Where anything is not understood, nothing is said.

mod bound;
mod token;
mod truth;

pub(crate) use bound::{Bound, Fact};
pub use truth::Truth;

use token::{Kind, Token, tokens};

/// The longest check, in bytes.
pub const MAX_LENGTH: usize = 2_048;
/// The most opening brackets, so the deepest nesting.
pub const MAX_BRACKETS: usize = 32;
/// The most operators, dots, quotes and brackets.
pub const MAX_SIGNS: usize = 160;

/// The functions that a check may call by name. Those of a value, such as `.contains('x')`, are
/// not among them, nor are those with a dot in their name.
#[rustfmt::skip]
pub const FUNCTIONS: [&str; 27] = [
    // Over the outputs.
    "json", "csv", "text", "yaml", "toml", "markdown", "html", "docx", "pptx", "xlsx",
    "json_schema", "csv_rules", "source", "exists", "size", "lines", "sha256", "files",
    // CEL's own.
    "has", "type", "dyn", "int", "uint", "double", "string", "bytes", "bool",
];

/// What else may stand in a check by name: types, what is one value, and where the functions
/// with a dot in their name are.
const NAMES: [&str; 18] = [
    "true",
    "false",
    "null",
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
    "math",
    "lists",
    "strings",
    "optional",
];

/// Refuses a check that a parser or an evaluation could run out of stack on. Strings are counted
/// like code: telling them apart is the parser's work, and this stands before it.
///
/// # Errors
/// What there is too much of, in one sentence.
pub fn bounded(check: &str) -> Result<(), String> {
    if check.is_empty() {
        return Err("the check is empty".to_owned());
    }
    if check.len() > MAX_LENGTH {
        return Err(format!("the check is longer than {MAX_LENGTH} bytes"));
    }
    let count = |matches: fn(char) -> bool| check.chars().filter(|c| matches(*c)).count();
    if count(|c| matches!(c, '(' | '[' | '{')) > MAX_BRACKETS {
        return Err(format!("the check has more than {MAX_BRACKETS} brackets"));
    }
    let words = check.split_ascii_whitespace().filter(|word| *word == "in").count();
    if count(|c| c.is_ascii_punctuation() && c != '_') + words > MAX_SIGNS {
        return Err(format!("the check has more than {MAX_SIGNS} operators and other signs"));
    }
    Ok(())
}

/// A check, in parts.
#[derive(Debug, Clone)]
pub(crate) struct Outline(Vec<Token>);

impl Outline {
    /// Reads a check that is [`bounded`]; nothing, when it has a sign that no check has.
    pub(crate) fn read(check: &str) -> Option<Self> {
        bounded(check).ok()?;
        tokens(check).map(Self)
    }

    /// The check without what makes no difference: blanks, and the kind of quotes.
    pub(crate) fn plain(&self) -> String {
        token::plain(&self.0)
    }

    /// Whether the check says the same whatever the outputs are.
    pub(crate) fn truth(&self) -> Truth {
        truth::of(&self.0)
    }

    /// What has to hold for the check to be true, as far as it is understood.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        truth::facts(&self.0)
    }

    /// The functions that it calls by name and checks do not have.
    pub(crate) fn unknown_functions(&self) -> Vec<&str> {
        let unknown = |place: &Place<'_>| {
            place.is_called && !place.is_part && !FUNCTIONS.contains(&place.name)
        };
        self.names(unknown)
    }

    /// The names that stand for a value and are those of nothing: no type, and no variable of a
    /// macro anywhere in the check.
    pub(crate) fn unknown_names(&self) -> Vec<&str> {
        let bound = self.names(|place| place.is_bound);
        let unknown = |place: &Place<'_>| {
            let is_value = !place.is_called && !place.is_part && !place.is_bound;
            is_value && !NAMES.contains(&place.name) && !bound.contains(&place.name)
        };
        self.names(unknown)
    }

    /// The names at some places, each once.
    fn names<'s>(&'s self, wanted: impl Fn(&Place<'s>) -> bool) -> Vec<&'s str> {
        let mut names = Vec::new();
        for (at, token) in self.0.iter().enumerate() {
            if token.kind != Kind::Name || token.text == "in" {
                continue;
            }
            let is = |at: Option<usize>, sign: &str| {
                at.and_then(|at| self.0.get(at)).is_some_and(|token| token.is(sign))
            };
            let (before, after) = (at.checked_sub(1), Some(at + 1));
            let place = Place {
                name: &token.text,
                is_called: is(after, "("),
                // Also of what may be missing: `a.?b`.
                is_part: is(before, ".") || (is(before, "?") && is(at.checked_sub(2), ".")),
                // `.all(s, …)` and `.all(at, s, …)`
                is_bound: is(after, ",")
                    && ((is(before, "(") && is(at.checked_sub(3), "."))
                        || (is(at.checked_sub(3), "(") && is(at.checked_sub(5), "."))),
            };
            if wanted(&place) && !names.contains(&place.name) {
                names.push(place.name);
            }
        }
        names
    }
}

/// A name, and where it stands.
struct Place<'s> {
    name: &'s str,
    is_called: bool,
    is_part: bool,
    is_bound: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_difference_to_a_check_is_not_part_of_it() {
        let plain = |check: &str| Outline::read(check).unwrap().plain();
        assert_eq!(plain("size( \"a\" )>  1 // why"), plain("size('a') > 1"));
        assert_ne!(plain("size('a') > 1"), plain("size('A') > 1"));
        assert_ne!(plain("a b"), plain("ab"));
        assert!(Outline::read("size('a").is_none());
        assert!(Outline::read("a § b").is_none());
    }

    #[test]
    fn a_function_that_checks_do_not_have_is_named() {
        let unknown = |check: &str| {
            let outline = Outline::read(check).unwrap();
            outline.unknown_functions().join(",")
        };
        assert_eq!(unknown("jsn('a').n == len(x) && jsn('b')"), "jsn,len");
        assert_eq!(unknown("has(json('a').n) && 'jsn(1)' in (['a']) && math.greatest(1) > 0"), "");
        assert_eq!(unknown("text('a').contains('b') && type(1) == int"), "");
    }

    #[test]
    fn a_name_that_means_nothing_is_found() {
        let unknown = |check: &str| Outline::read(check).unwrap().unknown_names().join(",");
        assert_eq!(unknown("report.n == 1 && exists(path) && report.m"), "report,path");
        assert_eq!(unknown("json('a').b.all(s, s.v > 1 && t.v > 1)"), "t");
        assert_eq!(unknown("csv('a').all(i, r, i < 2 && type(r.v) in [int, double])"), "");
        assert_eq!(unknown("math.abs(1) == 1 && null != true && {'a': 1}.a == 1"), "");
    }

    #[test]
    fn what_could_use_up_a_stack_is_refused() {
        assert!(bounded("").is_err());
        assert!(bounded(&"a".repeat(MAX_LENGTH + 1)).is_err());
        assert!(bounded(&"(".repeat(MAX_BRACKETS + 1)).is_err());
        assert!(bounded(&"!".repeat(MAX_SIGNS + 1)).is_err());
        assert!(bounded(&" in".repeat(MAX_SIGNS + 1)).is_err());
        assert!(bounded(&"_".repeat(MAX_LENGTH)).is_ok());
    }
}
