//! Regular expressions of a schema or a rule, under limits.

use crate::error::{FormatError, excerpt};
use crate::limits::Limits;
use regex_lite::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
const PATTERN_BYTES: usize = 4_096;
/// The most patterns.
const PATTERNS: usize = 1_000;
/// The sizes a pattern may compile to, in bytes. A pattern of the first takes a step for each
/// byte of text, others more by as much as they are larger.
const SIZES: [usize; 4] = [2 << 10, 16 << 10, 64 << 10, 256 << 10];

/// Compiles patterns. Matching takes time by the size of the pattern times the text's, never
/// more: this engine does not backtrack without bound.
pub(crate) struct Patterns {
    left: usize,
    depth: u32,
}

impl Patterns {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { left: PATTERNS, depth: u32::try_from(limits.depth).unwrap_or(u32::MAX) }
    }

    /// A pattern, and how many steps it takes for each byte of text.
    pub(crate) fn compile(&mut self, pattern: &str) -> Result<(Regex, u64), FormatError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(FormatError::new(format!("there are more than {PATTERNS} patterns")));
        };
        self.left = left;
        if pattern.len() > PATTERN_BYTES {
            return Err(FormatError::over("a pattern", PATTERN_BYTES, "bytes"));
        }
        let mut last = None;
        for size in SIZES {
            let mut builder = RegexBuilder::new(pattern);
            match builder.size_limit(size).nest_limit(self.depth).build() {
                Ok(regex) => {
                    return Ok((regex, u64::try_from(size / SIZES[0]).unwrap_or(u64::MAX)));
                }
                Err(error) => last = Some(error),
            }
        }
        let why = last.map(|error| excerpt(&error.to_string())).unwrap_or_default();
        let pattern = excerpt(pattern);
        Err(FormatError::new(format!("the pattern `{pattern}` cannot be used: {why}")))
    }
}

/// How many steps it takes to match a text: some to begin with, and those for its bytes.
pub(crate) fn match_cost(cost: u64, text: &str) -> u64 {
    const BEGIN: u64 = 16;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    cost.saturating_mul(bytes).saturating_add(BEGIN)
}
