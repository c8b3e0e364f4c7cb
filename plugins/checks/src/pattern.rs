//! Regular expressions of bounded size, and what matching them costs.

use regex_lite::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 1_024;
/// How large a compiled pattern may be, in bytes, and what one byte of text costs then, in
/// sixteenths of a step: a match goes through the text once for every state at most.
const SIZES: [(usize, u64); 3] = [(4 << 10, 8), (16 << 10, 32), (64 << 10, 128)];

/// What compiling a pattern takes at most, in steps, whether it can be used or not.
pub const COMPILING: u64 = 1_300;

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It is not a regular expression.
    Syntax(String),
    /// It is too large.
    Large(String),
}

impl Wrong {
    /// The reason.
    pub fn message(&self) -> &str {
        match self {
            Self::Syntax(message) | Self::Large(message) => message,
        }
    }
}

/// A compiled regular expression.
#[derive(Debug)]
pub struct Pattern {
    compiled: Result<(Regex, u64), Wrong>,
}

impl Pattern {
    /// Compiles a pattern.
    pub fn new(source: &str) -> Self {
        Self { compiled: compile(source) }
    }

    /// What it costs to look for the pattern in a text, in steps.
    pub fn steps(&self, text: &str) -> u64 {
        let rate = self.compiled.as_ref().map_or(8, |(_, rate)| *rate);
        10 * rate + text.len() as u64 * rate / 16
    }

    /// Whether it is somewhere in the text.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn is_match(&self, text: &str) -> Result<bool, String> {
        match &self.compiled {
            Ok((regex, _)) => Ok(regex.is_match(text)),
            Err(wrong) => Err(wrong.message().to_owned()),
        }
    }

    /// What is wrong with the pattern, if anything is.
    pub fn wrong(&self) -> Option<&Wrong> {
        self.compiled.as_ref().err()
    }
}

fn compile(source: &str) -> Result<(Regex, u64), Wrong> {
    if source.len() > MAX_PATTERN {
        return Err(Wrong::Large(format!("the pattern is longer than {MAX_PATTERN} bytes")));
    }
    let mut last = String::new();
    for (size, rate) in SIZES {
        match RegexBuilder::new(source).size_limit(size).build() {
            Ok(regex) => return Ok((regex, rate)),
            Err(error) => last = error.to_string(),
        }
    }
    // The library's only error that is not about the pattern's text.
    if last.contains("size limit") {
        let most = SIZES.last().map_or(0, |(size, _)| size >> 10);
        return Err(Wrong::Large(format!("the pattern takes more than {most} KiB when compiled")));
    }
    Err(Wrong::Syntax(format!("the pattern is no regular expression: {last}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_giant_pattern_is_refused_before_it_takes_memory() {
        for giant in ["a{1000}{1000}{1000}", "(?:a{60}){60}{60}", "\\w{900}\\w{900}\\w{900}"] {
            assert!(matches!(Pattern::new(giant).wrong(), Some(Wrong::Large(_))), "{giant}");
        }
        let long = "a".repeat(MAX_PATTERN + 1);
        assert!(matches!(Pattern::new(&long).wrong(), Some(Wrong::Large(_))));
        assert!(matches!(Pattern::new("(").wrong(), Some(Wrong::Syntax(_))));
        assert_eq!(Pattern::new("^a+$").is_match("aaa"), Ok(true));
    }

    #[test]
    fn a_larger_pattern_costs_more() {
        let text = "x".repeat(10_000);
        let (small, large) = (Pattern::new("a+b"), Pattern::new("(?:ab?){300}"));
        assert!(large.wrong().is_none() && large.steps(&text) > small.steps(&text));
    }
}
