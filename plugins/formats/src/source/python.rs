//! Python: strings, brackets and indentation.

use super::brackets::{Brackets, Cursor};
use super::python_string::skip_string;
use super::{Checked, Mistake};

/// A tab goes on to the next column that this divides.
const TAB: usize = 8;

pub(super) fn check(text: &str) -> Checked {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        brackets: Brackets::default(),
        indents: vec![0],
        expects_block: None,
        last: 0,
        steps: text.len().saturating_mul(8).saturating_add(1 << 20),
    };
    match reader.read() {
        Ok(()) => Ok(Vec::new()),
        Err(Stop::Mistake(mistake)) => Ok(vec![mistake]),
        Err(Stop::Limit(error)) => Err(error),
    }
}

/// Why reading ends early.
pub(super) enum Stop {
    Mistake(Mistake),
    Limit(crate::error::FormatError),
}

impl From<Mistake> for Stop {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(mistake)
    }
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    brackets: Brackets,
    /// The columns of the blocks that are open.
    indents: Vec<usize>,
    /// The line that ended in `:`, so that a block has to follow.
    expects_block: Option<usize>,
    /// The last character of the line that is no space.
    last: u8,
    steps: usize,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Stop> {
        while !self.cursor.is_end() {
            self.indent()?;
            self.logical_line()?;
        }
        if let Some(mistake) = self.brackets.finish() {
            return Err(mistake.into());
        }
        match self.expects_block {
            Some(line) => Err((line, "a block has to follow".to_owned()).into()),
            None => Ok(()),
        }
    }

    /// Looks how far a line is indented; empty lines and comments do not count.
    fn indent(&mut self) -> Result<(), Stop> {
        let mut column = 0;
        loop {
            match self.cursor.peek(0) {
                b' ' => column += 1,
                b'\t' => column = (column / TAB + 1) * TAB,
                b'\x0c' => column = 0,
                b'\r' | b'\n' if !self.cursor.is_end() => column = 0,
                b'#' => {
                    self.cursor.skip_line();
                    continue;
                }
                _ => break,
            }
            self.cursor.skip(1);
        }
        // A backslash alone joins the next line to this one, whatever its indentation.
        if self.cursor.is_end() || self.cursor.peek(0) == b'\\' {
            return Ok(());
        }
        let line = self.cursor.line;
        let current = self.indents.last().copied().unwrap_or_default();
        if let Some(before) = self.expects_block.take() {
            if column <= current {
                return Err((before, "a block has to follow".to_owned()).into());
            }
            self.indents.push(column);
            return Ok(());
        }
        if column > current {
            return Err((line, "the line is indented without a block".to_owned()).into());
        }
        while self.indents.last().is_some_and(|indent| *indent > column) {
            self.indents.pop();
        }
        if self.indents.last() != Some(&column) {
            return Err((line, "the indentation fits no block around it".to_owned()).into());
        }
        Ok(())
    }

    /// Reads to the end of a line outside brackets.
    fn logical_line(&mut self) -> Result<(), Stop> {
        self.last = 0;
        let first = self.cursor.line;
        while !self.cursor.is_end() {
            let line = self.cursor.line;
            match self.cursor.peek(0) {
                b'\n' if self.brackets.depth() == 0 => {
                    self.cursor.skip(1);
                    break;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' => self.cursor.skip(1),
                b'#' => self.cursor.skip_line(),
                b'\\' => {
                    self.cursor.skip(1);
                    self.cursor.skip(usize::from(self.cursor.peek(0) == b'\r'));
                    if self.cursor.peek(0) != b'\n' {
                        return Err((line, "a backslash stands outside a string".to_owned()).into());
                    }
                    self.cursor.skip(1);
                }
                byte => self.token(byte)?,
            }
        }
        if self.last == b':' {
            self.expects_block = Some(first);
        }
        Ok(())
    }

    fn token(&mut self, byte: u8) -> Result<(), Stop> {
        let line = self.cursor.line;
        self.last = byte;
        match byte {
            b'"' | b'\'' => skip_string(&mut self.cursor, "", &mut self.steps)?,
            b'$' | b'?' | b'`' => {
                let shown = char::from(byte);
                return Err((line, format!("`{shown}` stands outside a string")).into());
            }
            _ if self.cursor.in_word() => {
                let prefix = word(&mut self.cursor);
                if matches!(self.cursor.peek(0), b'"' | b'\'') && is_prefix(&prefix) {
                    skip_string(&mut self.cursor, &prefix, &mut self.steps)?;
                }
            }
            _ => {
                self.brackets.take(byte, line)?;
                self.cursor.skip(1);
            }
        }
        Ok(())
    }
}

/// Goes on behind a word, and says what it is if it is short.
pub(super) fn word(cursor: &mut Cursor<'_>) -> String {
    let mut word = String::new();
    while !cursor.is_end() && cursor.in_word() {
        if word.len() < 3 {
            word.push(char::from(cursor.peek(0)).to_ascii_lowercase());
        }
        cursor.skip(1);
    }
    word
}

/// Whether a word before a quote belongs to the string.
pub(super) fn is_prefix(word: &str) -> bool {
    matches!(word, "r" | "b" | "u" | "f" | "t" | "rb" | "br" | "rf" | "fr" | "rt" | "tr")
}
