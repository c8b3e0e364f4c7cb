//! Counts what goes into an answer, before it does.

use crate::error::FormatError;
use crate::limits::Limits;
use serde_json::Value;

/// What is left of [`Limits::items`] and [`Limits::text_bytes`].
pub(crate) struct Budget {
    items_left: usize,
    text_left: usize,
    items: usize,
    text_bytes: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            items_left: limits.items,
            text_left: limits.text_bytes,
            items: limits.items,
            text_bytes: limits.text_bytes,
        }
    }

    /// Takes room for values.
    pub(crate) fn items(&mut self, more: usize) -> Result<(), FormatError> {
        match self.items_left.checked_sub(more) {
            Some(left) => self.items_left = left,
            None => return Err(FormatError::over("the document's content", self.items, "values")),
        }
        Ok(())
    }

    /// Takes room for so much text.
    pub(crate) fn bytes(&mut self, more: usize) -> Result<(), FormatError> {
        match self.text_left.checked_sub(more) {
            Some(left) => self.text_left = left,
            None => {
                let limit = self.text_bytes;
                return Err(FormatError::over("the document's text", limit, "bytes"));
            }
        }
        Ok(())
    }

    /// Takes room for one text.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), FormatError> {
        self.items(1)?;
        self.bytes(text.len())
    }

    /// One text as a value.
    pub(crate) fn value(&mut self, text: impl Into<String>) -> Result<Value, FormatError> {
        let text = text.into();
        self.text(&text)?;
        Ok(Value::String(text))
    }

    /// Adds to a text that was counted before.
    pub(crate) fn push(&mut self, to: &mut String, more: &str) -> Result<(), FormatError> {
        self.bytes(more.len())?;
        to.push_str(more);
        Ok(())
    }
}

/// Text with every run of white space made one space.
pub(crate) fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// A count as a number of JSON.
pub(crate) fn count(number: usize) -> Value {
    Value::from(u64::try_from(number).unwrap_or(u64::MAX))
}

/// How many bytes are counted at once.
const BLOCK: usize = 256;

/// Tells the lines of a text.
pub(crate) struct Lines<'t> {
    text: &'t [u8],
    /// How many lines end before each block.
    before: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let text = text.as_bytes();
        let mut ended = 0;
        let mut before = Vec::with_capacity(text.len() / BLOCK + 1);
        for block in text.chunks(BLOCK) {
            before.push(ended);
            ended += ends(block);
        }
        Self { text, before }
    }

    /// The line of a byte, from 1.
    pub(crate) fn of(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        // The end of the text may be the start of a block that is not there.
        let at = (byte / BLOCK).min(self.before.len().saturating_sub(1));
        let before = self.before.get(at).copied().unwrap_or_default();
        before + ends(self.text.get(at * BLOCK..byte).unwrap_or_default()) + 1
    }
}

fn ends(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_line_in_a_text_of_many_blocks() {
        let text = "a\nbc\n\n".repeat(3_000);
        let lines = Lines::new(&text);
        let mut line = 1;
        for (at, byte) in text.bytes().enumerate() {
            assert_eq!(lines.of(at), line, "{at}");
            line += usize::from(byte == b'\n');
        }
        assert_eq!(lines.of(text.len()), line);
        assert_eq!(lines.of(usize::MAX), line);
        assert_eq!(Lines::new("").of(0), 1);
        assert_eq!(Lines::new(&"\n".repeat(BLOCK)).of(BLOCK), BLOCK + 1);
    }
}
