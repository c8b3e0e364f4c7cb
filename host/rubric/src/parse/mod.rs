//! Reads a rubric: ordinary Markdown in which list items are criteria.

mod marks;
mod reader;
mod table;

use std::fmt;
use std::sync::Arc;

use pulldown_cmark::{Options, Parser};

use crate::text::Lines;
use reader::{Block, Kind, Reader};

/// The longest rubric, in bytes.
pub const MAX_RUBRIC: usize = 1024 * 1024;
/// The most criteria in a rubric.
pub const MAX_CRITERIA: usize = 10_000;

/// One thing the rubric asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// The text, as the rubric has it, on one line, without the check and the marks.
    pub text: String,
    /// The line it starts on, from 1.
    pub line: u32,
    /// The headings it stands under, outermost first, each cut at 200 characters.
    pub section: Arc<[Arc<str>]>,
    /// What the list item above it says, if it stands in a list inside another item.
    pub parent: Option<Arc<str>>,
    /// Whether a result has to meet it; if not, it is reported and no more. True unless it is
    /// marked with `(should)`.
    pub must: bool,
    /// What it weighs among the others, as it is written. 1 by default; [`crate::lint`] refuses
    /// what is not above 0.
    pub weight: f64,
    /// The machine check, if it has one.
    pub check: Option<Source>,
}

/// The text of a machine check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The CEL expression.
    pub text: String,
    /// The line it starts on, from 1.
    pub line: u32,
}

/// What keeps a rubric from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there, in one sentence.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Mistake {}

/// Finds the criteria, in the rubric's order.
///
/// They are the list items that have no list inside them, and the rows of tables with a column
/// Check, Weight or Must, or whose first column is named Criterion. In a rubric without these,
/// they are the paragraphs under its headings (all of them, if it has no headings), and in one
/// without those too, the rows of any table.
///
/// # Errors
/// A rubric that is too long, a criterion with two checks, a cell that cannot be read, and a
/// check that belongs to no criterion, which would silently never run.
pub fn parse(rubric: &str) -> Result<Vec<Criterion>, Mistake> {
    if rubric.len() > MAX_RUBRIC {
        return Err(mistake(1, format!("the rubric is longer than {MAX_RUBRIC} bytes")));
    }
    let lines = Lines::new(rubric);
    let mut reader = Reader::new(rubric, &lines);
    reader.read(Parser::new_ext(rubric, Options::ENABLE_TABLES).into_offset_iter());
    let Reader { mut blocks, stray, has_items, .. } = reader;
    blocks.sort_by_key(|block| block.span.start);

    let is_any = |wanted: fn(&Block) -> bool| blocks.iter().any(|b| !b.is_context && wanted(b));
    let is_criterion: fn(&Block) -> bool = if has_items || is_any(is_marked) {
        is_marked
    } else if is_any(|block| block.kind == Kind::Paragraph) {
        |block| block.kind == Kind::Paragraph
    } else {
        |_| true
    };
    let is_criterion = |block: &Block| !block.is_context && is_criterion(block);
    let others = blocks.iter().filter(|block| !is_criterion(block)).flat_map(|b| &b.checks);
    let lost = stray.iter().chain(others.map(|found| &found.source));
    if let Some(check) = lost.min_by_key(|check| check.line) {
        let message = "this check belongs to no criterion, so it would never run: put it in a \
                       list item that has no list inside it";
        return Err(mistake(check.line, message.to_owned()));
    }
    let criteria: Vec<&Block> = blocks.iter().filter(|block| is_criterion(block)).collect();
    if let Some(block) = criteria.get(MAX_CRITERIA) {
        let line = lines.of(block.span.start);
        return Err(mistake(line, format!("the rubric has more than {MAX_CRITERIA} criteria")));
    }
    criteria.into_iter().map(|block| criterion(rubric, &lines, block)).collect()
}

fn is_marked(block: &Block) -> bool {
    matches!(block.kind, Kind::Item | Kind::Row(true))
}

fn mistake(line: u32, message: String) -> Mistake {
    Mistake { line, message }
}

fn criterion(rubric: &str, lines: &Lines, block: &Block) -> Result<Criterion, Mistake> {
    let line = lines.of(block.span.start);
    if let [_, second, ..] = block.checks.as_slice() {
        let message = "this criterion has two checks: join them with `&&`, or make two criteria";
        return Err(mistake(second.source.line, message.to_owned()));
    }
    let row = block.row.as_deref();
    if let Some(wrong) = row.and_then(|row| row.mistake.clone()) {
        return Err(mistake(line, wrong));
    }
    let check = block.checks.first();
    let span = row.map_or(&block.span, |row| &row.text);
    let part = |range| rubric.get(range).unwrap_or_default();
    let mut text = match check {
        Some(found) if span.contains(&found.span.start) => {
            let (before, after) = (span.start..found.span.start, found.span.end..span.end);
            tidy(&format!("{} {}", part(before), part(after)))
        }
        _ => tidy(part(span.clone())),
    };
    if row.is_some() {
        text = text.replace("\\|", "|");
    }
    let (bare, marks) = marks::take(&text);
    let (mut text, columns) = (bare.to_owned(), row.map(|row| row.marks).unwrap_or_default());
    if let Some(found) = check.filter(|_| text.is_empty()) {
        text.clone_from(&found.source.text);
    }
    Ok(Criterion {
        text,
        line,
        section: Arc::clone(&block.section),
        parent: block.parent.clone().filter(|parent| !parent.is_empty()),
        must: columns.must.or(marks.must).unwrap_or_else(|| !is_should(&block.section)),
        weight: columns.weight.or(marks.weight).unwrap_or(1.0),
        check: check.map(|found| found.source.clone()),
    })
}

/// Whether the nearest heading that says so makes what stands under it a should.
fn is_should(section: &[Arc<str>]) -> bool {
    let says = |heading: &Arc<str>| {
        let heading = heading.trim().to_ascii_lowercase();
        let is = |word: &str| {
            heading == word
                || [format!("({word})"), format!("[{word}]")]
                    .iter()
                    .any(|mark| heading.ends_with(mark.as_str()))
        };
        if is("should") {
            return Some(true);
        }
        is("must").then_some(false)
    };
    section.iter().rev().find_map(says).unwrap_or(false)
}

/// One line of text, without the list's own marks.
fn tidy(source: &str) -> String {
    let words: Vec<&str> = source.split_whitespace().collect();
    let marked = words.first().is_some_and(|word| is_marker(word));
    let text = words.get(usize::from(marked)..).unwrap_or_default().join(" ");
    let boxes = ["[ ] ", "[x] ", "[X] "];
    boxes.iter().find_map(|tick| text.strip_prefix(tick)).unwrap_or(&text).to_owned()
}

fn is_marker(word: &str) -> bool {
    let numbered = |end| {
        let digits = word.strip_suffix::<char>(end);
        digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(word, "-" | "*" | "+") || numbered('.') || numbered(')')
}

#[cfg(test)]
mod tests;
