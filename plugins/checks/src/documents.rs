//! The kinds of files a check reads, and how each becomes a value.

use crate::data;
use crate::folder::{Folder, confined};
use crate::shelf::{Entry, MAX_FILE};
use cel::common::types::CelString;
use cel::common::value::Val;
use formats::Limits;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One JSON document.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// Text.
    Text,
    /// One YAML document.
    Yaml,
    /// TOML.
    Toml,
    /// The structure of Markdown.
    Markdown,
    /// The structure of HTML.
    Html,
    /// The text and structure of a Word document.
    Docx,
    /// The text and structure of a presentation.
    Pptx,
    /// The sheets and cells of a workbook.
    Xlsx,
    /// What is wrong with a JSON document by the schema in another file.
    JsonSchema,
    /// What is wrong with a CSV file by the column rules in another file.
    CsvRules,
    /// Whether source code in a named language parses.
    Source,
}

/// The functions that read a file whole.
pub const READERS: [(&str, Kind); 13] = [
    ("json", Kind::Json),
    ("csv", Kind::Csv),
    ("text", Kind::Text),
    ("yaml", Kind::Yaml),
    ("toml", Kind::Toml),
    ("markdown", Kind::Markdown),
    ("html", Kind::Html),
    ("docx", Kind::Docx),
    ("pptx", Kind::Pptx),
    ("xlsx", Kind::Xlsx),
    ("json_schema", Kind::JsonSchema),
    ("csv_rules", Kind::CsvRules),
    ("source", Kind::Source),
];

impl Kind {
    /// Whether the second argument is the path of another file.
    fn takes_file(self) -> bool {
        matches!(self, Self::JsonSchema | Self::CsvRules)
    }

    /// What reading so many bytes in this way takes, in steps: markup and rules are dearer than
    /// data.
    pub fn steps(self, bytes: u64) -> u64 {
        match self {
            Self::Text => bytes / 64,
            Self::Json | Self::Csv | Self::Docx | Self::Pptx | Self::Xlsx => bytes / 16,
            Self::Yaml | Self::Toml | Self::Markdown | Self::Html | Self::Source => bytes / 2,
            Self::JsonSchema | Self::CsvRules => RULED + bytes / 16,
        }
    }

    /// How many arguments it takes.
    pub fn arguments(self) -> usize {
        if self.takes_file() || self == Self::Source { 2 } else { 1 }
    }
}

/// What holding a document against a schema or rules takes at most, in steps.
const RULED: u64 = 100_000;
/// The same in the steps of [`formats`], which are smaller.
const RULED_STEPS: u64 = 6_000_000;

/// What a check asks for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// How the file is read.
    pub kind: Kind,
    /// Its path.
    pub path: &'a str,
    /// The second argument: the path of a schema or of rules, or a language; else empty.
    pub with: &'a str,
}

impl<'a> Ask<'a> {
    /// One file read in one way.
    pub fn one(kind: Kind, path: &'a str) -> Self {
        Self { kind, path, with: "" }
    }

    /// The paths that are read.
    pub fn files(&self) -> impl Iterator<Item = &'a str> {
        let second = self.kind.takes_file().then_some(self.with);
        std::iter::once(self.path).chain(second)
    }

    /// The variable the contents stand under. No check can write such a name.
    pub fn name(&self) -> String {
        format!("@{:?} {}\0{}", self.kind, self.path, self.with)
    }
}

/// Reads what was asked for.
pub fn read(folder: &Folder, ask: &Ask<'_>) -> Entry {
    let mut reading = Reading::default();
    let value = contents(folder, ask, &mut reading);
    let values = reading.count.load(Ordering::Relaxed);
    Entry { value, values, bytes: reading.bytes, rows: reading.rows }
}

/// What is known about a file besides its value, even if it has none.
#[derive(Default)]
struct Reading {
    count: AtomicUsize,
    bytes: usize,
    rows: Vec<u32>,
}

fn contents(folder: &Folder, ask: &Ask<'_>, reading: &mut Reading) -> Result<Box<dyn Val>, String> {
    let bytes = folder.read(&confined(ask.path)?, MAX_FILE)?;
    reading.bytes = bytes.len();
    let limits = Limits { steps: RULED_STEPS, ..Limits::default() };
    let document = match ask.kind {
        Kind::Docx => formats::docx(&bytes, &limits),
        Kind::Pptx => formats::pptx(&bytes, &limits),
        Kind::Xlsx => formats::xlsx(&bytes, &limits),
        kind => {
            let text = utf8(bytes)?;
            if kind == Kind::Text && !text.starts_with('\u{feff}') {
                // As it is: a copy of it would be twice the memory.
                return Ok(Box::new(CelString::from(text)));
            }
            let text = plain(&text);
            match kind {
                Kind::Json => return data::json(text, &reading.count),
                Kind::Csv => {
                    let (value, rows) = data::csv_rows(text, &reading.count)?;
                    reading.rows = rows;
                    return Ok(value);
                }
                Kind::Yaml => formats::yaml(text, &limits),
                Kind::Toml => formats::toml(text, &limits),
                Kind::Markdown => formats::markdown(text, &limits),
                Kind::Html => formats::html(text, &limits),
                Kind::Source => formats::source(text, ask.with, &limits),
                Kind::JsonSchema => {
                    let schema = second(folder, ask, reading)?;
                    formats::json_schema(&json(text)?, &schema, &limits)
                }
                Kind::CsvRules => {
                    let rules = second(folder, ask, reading)?;
                    formats::csv_rules(text, &rules, &limits)
                }
                _ => return Ok(Box::new(CelString::from(text.to_owned()))),
            }
        }
    };
    data::convert(document.map_err(|error| error.to_string())?, &reading.count)
}

/// The JSON document in the file that is the second argument.
fn second(folder: &Folder, ask: &Ask<'_>, reading: &mut Reading) -> Result<Value, String> {
    let read = || {
        let bytes = folder.read(&confined(ask.with)?, MAX_FILE)?;
        let length = bytes.len();
        Ok::<_, String>((json(plain(&utf8(bytes)?))?, length))
    };
    let name = || crate::text::shorten(ask.with, 80);
    let (value, length) = read().map_err(|error: String| format!("'{}': {error}", name()))?;
    reading.bytes += length;
    Ok(value)
}

/// A JSON document, refused for the same reasons as by `json(path)`.
fn json(text: &str) -> Result<Value, String> {
    data::json(text, &AtomicUsize::new(0))?;
    serde_json::from_str(text).map_err(|error| format!("it is not usable JSON: {error}"))
}

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// The text without the byte order mark that spreadsheets put in front of what they export.
fn plain(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}
