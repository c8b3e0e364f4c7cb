//! Lines of a file, read without holding the file.

use crate::files;
use crate::read::MAX_TEXT;
use lucid_sdk::tool::ToolError;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// A range of lines, both ends included, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    first: usize,
    /// None means the end of the file.
    last: Option<usize>,
}

impl Range {
    /// Every line.
    pub const ALL: Self = Self { first: 1, last: None };

    /// Reads what an agent wrote: a last line of 0 or less means the end of the file.
    ///
    /// # Errors
    /// [`ToolError::InvalidInput`] where that is no range.
    pub fn new(range: &[i64]) -> Result<Self, ToolError> {
        let wrong = |why: &str| Err(ToolError::InvalidInput(why.to_owned()));
        let [first, last] = *range else {
            return wrong("view_range has a first and a last line, as in [1, 100]");
        };
        let Some(first) = usize::try_from(first).ok().filter(|first| *first > 0) else {
            return wrong("view_range counts lines from 1");
        };
        let last = if last > 0 { usize::try_from(last).ok() } else { None };
        if last.is_some_and(|last| last < first) {
            return wrong("view_range ends before it starts");
        }
        Ok(Self { first, last })
    }

    /// The lines of a file, with their ends. More than [`MAX_TEXT`] bytes are cut, with a note
    /// of where to read on.
    ///
    /// # Errors
    /// [`ToolError::InvalidInput`] when the file has fewer lines, [`ToolError::Failed`] when
    /// these lines are no text, and why the file cannot be read.
    pub fn read(self, path: &Path, file: File, size: u64) -> Result<String, ToolError> {
        let mut reader = BufReader::with_capacity(CHUNK, file);
        let mut found = Found { range: self, line: 1, begun: false, bytes: Vec::new() };
        while !found.is_complete() {
            let chunk = reader.fill_buf().map_err(|error| files::explain(path, &error))?;
            if chunk.is_empty() {
                break;
            }
            let count = chunk.len();
            found.take(chunk);
            reader.consume(count);
        }
        found.text(path, size)
    }
}

/// What was found so far.
struct Found {
    range: Range,
    /// The line that the next byte is in.
    line: usize,
    /// Whether that line has a byte.
    begun: bool,
    bytes: Vec<u8>,
}

impl Found {
    fn is_complete(&self) -> bool {
        self.range.last.is_some_and(|last| self.line > last) || self.bytes.len() > MAX_TEXT
    }

    fn take(&mut self, chunk: &[u8]) {
        for line in chunk.split_inclusive(|byte| *byte == b'\n') {
            if self.is_complete() {
                return;
            }
            if self.line >= self.range.first {
                self.bytes.extend_from_slice(line);
            }
            let ends = line.ends_with(b"\n");
            self.line += usize::from(ends);
            self.begun = !ends;
        }
    }

    fn text(mut self, path: &Path, size: u64) -> Result<String, ToolError> {
        let first = self.range.first;
        if self.bytes.is_empty() && first > 1 {
            let count = self.line - usize::from(!self.begun);
            let what = format!("{} has {count} lines", path.display());
            return Err(ToolError::InvalidInput(what));
        }
        if self.bytes.len() <= MAX_TEXT {
            return String::from_utf8(self.bytes).map_err(|_| files::not_text(path));
        }
        self.bytes.truncate(MAX_TEXT);
        let mut text = match String::from_utf8(self.bytes) {
            Ok(text) => text,
            // The cut may go through a character.
            Err(error) if error.utf8_error().error_len().is_none() => {
                let end = error.utf8_error().valid_up_to();
                let mut bytes = error.into_bytes();
                bytes.truncate(end);
                String::from_utf8(bytes).map_err(|_| files::not_text(path))?
            }
            Err(_) => return Err(files::not_text(path)),
        };
        text.push_str(&note(&text, self.range, size));
        Ok(text)
    }
}

/// What is said below a text that was cut.
fn note(text: &str, range: Range, size: u64) -> String {
    let line = range.first + text.matches('\n').count();
    let shown = text.len();
    let whole = format!("the file has {size} bytes");
    if line == range.first {
        // A line begins where a range does; there is no way to begin inside of one.
        let why = "which is longer than one call gives";
        return format!("\n[cut after {shown} bytes, in line {line}, {why}; {whole}]");
    }
    let last = range.last.unwrap_or_default();
    let more = format!("give view_range [{line}, {last}] to read on");
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{end}[cut after {shown} bytes; {more}; {whole}]")
}
