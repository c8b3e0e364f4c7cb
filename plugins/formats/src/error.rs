//! Why a document could not be read.

use std::fmt;

/// How much of a document's own text an error repeats, in characters.
const EXCERPT_CHARS: usize = 60;

/// Why a document could not be read or judged: one lower-case sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError(String);

impl FormatError {
    /// An error that says `sentence`, on one line.
    pub(crate) fn new(sentence: impl fmt::Display) -> Self {
        let sentence = sentence.to_string();
        let words: Vec<&str> = sentence.split_whitespace().collect();
        Self(words.join(" "))
    }

    /// The error for something of which there is more than a limit allows.
    pub(crate) fn over(what: &str, limit: usize, unit: &str) -> Self {
        Self(format!("{what} is over the limit of {limit} {unit}"))
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for FormatError {}

/// Text of a document, on one line and short enough for a sentence.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short = String::new();
    for (at, character) in text.chars().enumerate() {
        if at >= EXCERPT_CHARS {
            short.push('…');
            break;
        }
        short.push(if character.is_control() { ' ' } else { character });
    }
    short
}
