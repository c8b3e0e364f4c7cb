//! The strings of Python, with the expressions inside them.

use super::brackets::Cursor;
use super::python::{Stop, is_prefix, word};
use crate::error::FormatError;

/// How deep strings stand in expressions of strings.
const DEPTH: usize = 16;

/// Goes on behind the string that begins with the quote here.
///
/// Since Python 3.12 the same quote may stand in an expression inside. What cannot be read
/// that way is read as before, when the first quote ended the string.
pub(super) fn skip_string(
    cursor: &mut Cursor<'_>,
    prefix: &str,
    steps: &mut usize,
) -> Result<(), Stop> {
    let (at, line) = (cursor.at, cursor.line);
    if prefix.contains(['f', 't']) {
        let mut fields = Fields { cursor, steps, left: DEPTH };
        if fields.string()? {
            return Ok(());
        }
        cursor.at = at;
        cursor.line = line;
    }
    if skip_plain(cursor) {
        return Ok(());
    }
    Err((line, "a string is never closed".to_owned()).into())
}

/// The quotes that end the string that begins here.
fn quotes(cursor: &Cursor<'_>) -> &'static str {
    ["\"\"\"", "'''", "\""].into_iter().find(|quotes| cursor.starts_with(quotes)).unwrap_or("'")
}

fn skip_plain(cursor: &mut Cursor<'_>) -> bool {
    let quotes = quotes(cursor);
    cursor.skip(quotes.len());
    cursor.skip_behind(quotes, Some(b'\\'), quotes.len() == 1)
}

/// Reads a string with expressions in it.
struct Fields<'c, 't, 's> {
    cursor: &'c mut Cursor<'t>,
    steps: &'s mut usize,
    left: usize,
}

impl Fields<'_, '_, '_> {
    fn spend(&mut self, steps: usize) -> Result<(), Stop> {
        match self.steps.checked_sub(steps) {
            Some(left) => *self.steps = left,
            None => {
                let error = FormatError::new("the Python takes too many steps to be checked");
                return Err(Stop::Limit(error));
            }
        }
        Ok(())
    }

    /// Goes on behind a string; `false` if it cannot be read this way.
    fn string(&mut self) -> Result<bool, Stop> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(false) };
        self.left = left;
        let quotes = quotes(self.cursor);
        self.cursor.skip(quotes.len());
        let ended = loop {
            self.spend(1)?;
            if self.cursor.is_end() {
                break false;
            }
            if self.cursor.starts_with(quotes) {
                self.cursor.skip(quotes.len());
                break true;
            }
            match self.cursor.peek(0) {
                b'\\' => self.cursor.skip(2),
                b'\n' if quotes.len() == 1 => break false,
                b'{' if self.cursor.peek(1) == b'{' => self.cursor.skip(2),
                b'{' => {
                    self.cursor.skip(1);
                    if !self.field(quotes)? {
                        break false;
                    }
                }
                _ => self.cursor.skip(1),
            }
        };
        self.left += 1;
        Ok(ended)
    }

    /// Goes on behind a string without expressions.
    fn plain(&mut self) -> Result<bool, Stop> {
        let from = self.cursor.at;
        let ended = skip_plain(self.cursor);
        self.spend(self.cursor.at - from)?;
        Ok(ended)
    }

    /// Goes on behind an expression and its format, in which expressions may stand too.
    fn field(&mut self, quotes: &str) -> Result<bool, Stop> {
        let mut brackets = 0usize;
        // For each expression that is open, whether its format has begun.
        let mut formats = vec![false];
        while !self.cursor.is_end() {
            self.spend(1)?;
            let in_format = formats.last().copied().unwrap_or_default();
            if in_format && self.cursor.starts_with(quotes) {
                return Ok(false);
            }
            match self.cursor.peek(0) {
                b'}' if brackets == 0 => {
                    formats.pop();
                    if formats.is_empty() {
                        self.cursor.skip(1);
                        return Ok(true);
                    }
                }
                b'{' if in_format => formats.push(false),
                _ if in_format => {}
                b'(' | b'[' | b'{' => brackets += 1,
                b')' | b']' | b'}' => match brackets.checked_sub(1) {
                    Some(left) => brackets = left,
                    None => return Ok(false),
                },
                b':' if brackets == 0 => {
                    formats.pop();
                    formats.push(true);
                }
                b'"' | b'\'' => {
                    if !self.plain()? {
                        return Ok(false);
                    }
                    continue;
                }
                _ if self.cursor.in_word() => {
                    let prefix = word(self.cursor);
                    let quoted = matches!(self.cursor.peek(0), b'"' | b'\'');
                    if quoted && is_prefix(&prefix) {
                        let nested = prefix.contains(['f', 't']);
                        let read = if nested { self.string()? } else { self.plain()? };
                        if !read {
                            return Ok(false);
                        }
                    }
                    continue;
                }
                _ => {}
            }
            self.cursor.skip(1);
        }
        Ok(false)
    }
}
