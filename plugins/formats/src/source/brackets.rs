//! Brackets that have to match.

use super::Mistake;

/// How deep brackets may nest; no program that works comes near.
const DEPTH: usize = 10_000;

/// The brackets that are open.
#[derive(Default)]
pub(super) struct Brackets {
    open: Vec<(u8, usize)>,
}

impl Brackets {
    /// How many are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Takes a character of the code; the mistake is a closing bracket that fits none.
    pub(super) fn take(&mut self, byte: u8, line: usize) -> Result<(), Mistake> {
        let opens = match byte {
            b'(' | b'[' | b'{' => {
                self.open.push((byte, line));
                if self.open.len() > DEPTH {
                    return Err((line, format!("brackets nest more than {DEPTH} deep")));
                }
                return Ok(());
            }
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            _ => return Ok(()),
        };
        let shown = char::from(byte);
        match self.open.pop() {
            Some((open, _)) if open == opens => Ok(()),
            Some((open, at)) => {
                let open = char::from(open);
                Err((line, format!("`{shown}` does not close `{open}` of line {at}")))
            }
            None => Err((line, format!("`{shown}` closes nothing"))),
        }
    }

    /// The mistake that a bracket is open at the end.
    pub(super) fn finish(&self) -> Option<Mistake> {
        let (open, line) = self.open.last()?;
        Some((*line, format!("`{}` is never closed", char::from(*open))))
    }
}

/// A text that is read byte by byte, and its line.
pub(super) struct Cursor<'t> {
    bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) line: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// The byte so many further on; 0 beyond the end.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or_default()
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    /// Goes on by so many bytes.
    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == b'\n');
            self.at = (self.at + 1).min(self.bytes.len());
        }
    }

    /// Goes on to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while !self.is_end() && self.peek(0) != b'\n' {
            self.skip(1);
        }
    }

    /// Goes on behind `end`; `false` if it does not come. A byte after `escape` is passed over,
    /// and `one_line` is the end of hope at the end of a line.
    pub(super) fn skip_behind(&mut self, end: &str, escape: Option<u8>, one_line: bool) -> bool {
        while !self.is_end() {
            if self.starts_with(end) {
                self.skip(end.len());
                return true;
            }
            if Some(self.peek(0)) == escape {
                self.skip(2);
                continue;
            }
            if one_line && self.peek(0) == b'\n' {
                return false;
            }
            self.skip(1);
        }
        false
    }

    /// Whether a name or number goes on here.
    pub(super) fn in_word(&self) -> bool {
        let byte = self.peek(0);
        byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
    }

    /// Goes on behind a name or number.
    pub(super) fn skip_word(&mut self) {
        while !self.is_end() && self.in_word() {
            self.skip(1);
        }
    }
}

/// Takes step after step through a text; the mistake that was found.
pub(super) fn walk(
    mut cursor: Cursor<'_>,
    step: impl Fn(&mut Cursor<'_>, &mut Brackets) -> Result<(), Mistake>,
) -> Vec<Mistake> {
    let mut brackets = Brackets::default();
    while !cursor.is_end() {
        if let Err(mistake) = step(&mut cursor, &mut brackets) {
            // What follows a mistake is not told apart any more.
            return vec![mistake];
        }
    }
    brackets.finish().into_iter().collect()
}
