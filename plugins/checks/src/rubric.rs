//! Reads a rubric: ordinary Markdown in which list items are criteria.

use crate::mistake;
use lucid_sdk::grader::RubricMistake;
use pulldown_cmark::{Event, OffsetIter, Parser, Tag, TagEnd};
use std::ops::Range;

/// The longest rubric, in bytes.
pub const MAX_RUBRIC: usize = 256 * 1024;
/// The most criteria in a rubric.
pub const MAX_CRITERIA: usize = 500;
/// What a code span begins with when it is a machine check.
const PREFIX: &str = "check:";

/// One thing the rubric asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The text, as the rubric has it, without the check.
    pub text: String,
    /// The line it starts on, from 1.
    pub line: u32,
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
    /// Where its code span is in the rubric, in bytes.
    span: Range<usize>,
}

/// What may become a criterion: a list item or a paragraph.
struct Block {
    span: Range<usize>,
    is_item: bool,
    /// Whether it only groups others: an item with a list inside, a preamble.
    is_context: bool,
    checks: Vec<Source>,
}

/// Finds the criteria: the list items that have no list inside them or, in a rubric without
/// lists, the paragraphs under its headings (all of them, if it has no headings).
///
/// # Errors
/// A rubric that is too long, a criterion with two checks, and a check that belongs to no
/// criterion, which would silently never run.
pub fn parse(rubric: &str) -> Result<Vec<Item>, RubricMistake> {
    if rubric.len() > MAX_RUBRIC {
        return Err(mistake(1, format!("the rubric is longer than {MAX_RUBRIC} bytes")));
    }
    let lines = Lines::new(rubric);
    let mut reader = Reader::new(&lines);
    reader.read(Parser::new(rubric).into_offset_iter());
    let mut blocks = reader.blocks;
    blocks.sort_by_key(|block| block.span.start);

    let lists = blocks.iter().any(|block| block.is_item);
    let is_criterion = |block: &Block| !block.is_context && block.is_item == lists;
    let stray = blocks.iter().filter(|block| !is_criterion(block)).flat_map(|b| &b.checks);
    if let Some(check) = reader.stray.iter().chain(stray).next() {
        let message = "this check belongs to no criterion, so it would never run: put it in a \
                       list item that has no list inside it";
        return Err(mistake(check.line, message.to_owned()));
    }
    let criteria: Vec<&Block> = blocks.iter().filter(|block| is_criterion(block)).collect();
    if let Some(block) = criteria.get(MAX_CRITERIA) {
        let line = lines.of(block.span.start);
        return Err(mistake(line, format!("the rubric has more than {MAX_CRITERIA} criteria")));
    }
    criteria.into_iter().map(|block| item(rubric, &lines, block)).collect()
}

fn item(rubric: &str, lines: &Lines, block: &Block) -> Result<Item, RubricMistake> {
    if let [_, second, ..] = block.checks.as_slice() {
        let message = "this criterion has two checks: join them with `&&`, or make two criteria";
        return Err(mistake(second.line, message.to_owned()));
    }
    let check = block.checks.first().cloned();
    let source = rubric.get(block.span.clone()).unwrap_or_default();
    let mut text = match &check {
        None => tidy(source),
        Some(check) => {
            let before = rubric.get(block.span.start..check.span.start).unwrap_or_default();
            let after = rubric.get(check.span.end..block.span.end).unwrap_or_default();
            tidy(&format!("{before} {after}"))
        }
    };
    if text.is_empty() {
        text = check.as_ref().map(|check| check.text.clone()).unwrap_or_default();
    }
    Ok(Item { text, line: lines.of(block.span.start), check })
}

/// One line of text, without the list's own marks.
fn tidy(source: &str) -> String {
    let words: Vec<&str> = source.split_whitespace().collect();
    let marked = words.first().is_some_and(|word| is_marker(word));
    let words = &words[usize::from(marked)..];
    let text = words.join(" ");
    let text = ["[ ] ", "[x] ", "[X] "].iter().find_map(|b| text.strip_prefix(b)).unwrap_or(&text);
    text.to_owned()
}

fn is_marker(word: &str) -> bool {
    let numbered = |end| {
        let digits = word.strip_suffix::<char>(end);
        digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(word, "-" | "*" | "+") || numbered('.') || numbered(')')
}

/// Where the lines of a text start.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of a byte, from 1.
    fn of(&self, byte: usize) -> u32 {
        let before = self.0.partition_point(|start| *start <= byte);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

/// Walks the Markdown once. Nesting is a stack here, never recursion.
struct Reader<'a> {
    lines: &'a Lines,
    blocks: Vec<Block>,
    /// The items and paragraphs that are open, innermost last.
    open: Vec<Block>,
    /// Checks outside any item or paragraph: in headings, for instance.
    stray: Vec<Source>,
    headings: bool,
}

impl<'a> Reader<'a> {
    fn new(lines: &'a Lines) -> Self {
        Self { lines, blocks: Vec::new(), open: Vec::new(), stray: Vec::new(), headings: false }
    }

    fn read(&mut self, events: OffsetIter<'_>) {
        for (event, span) in events {
            match event {
                Event::Start(Tag::Heading { .. }) => self.heading(),
                Event::Start(Tag::List(_)) => self.list(),
                Event::Start(Tag::Item) => self.start(span, true),
                // A paragraph of an item is part of the item.
                Event::Start(Tag::Paragraph) if self.open.is_empty() => self.start(span, false),
                Event::End(TagEnd::Item) => self.end(),
                Event::End(TagEnd::Paragraph) if self.in_paragraph() => self.end(),
                Event::Code(code) => self.code(&code, span),
                _ => {}
            }
        }
    }

    /// What stands above the first heading introduces the rubric.
    fn heading(&mut self) {
        if !self.headings {
            self.blocks.iter_mut().for_each(|block| block.is_context |= !block.is_item);
        }
        self.headings = true;
    }

    fn list(&mut self) {
        if let Some(parent) = self.open.last_mut() {
            parent.is_context = true;
        }
    }

    fn start(&mut self, span: Range<usize>, is_item: bool) {
        self.open.push(Block { span, is_item, is_context: false, checks: Vec::new() });
    }

    fn in_paragraph(&self) -> bool {
        self.open.last().is_some_and(|block| !block.is_item)
    }

    fn end(&mut self) {
        self.blocks.extend(self.open.pop());
    }

    fn code(&mut self, code: &str, span: Range<usize>) {
        let Some(text) = code.trim_start().strip_prefix(PREFIX) else { return };
        let line = self.lines.of(span.start);
        let check = Source { text: text.trim().to_owned(), line, span };
        match self.open.last_mut() {
            Some(block) => block.checks.push(check),
            None => self.stray.push(check),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rubric: &str) -> Vec<(u32, String)> {
        parse(rubric).unwrap().into_iter().map(|item| (item.line, item.text)).collect()
    }

    #[test]
    fn leaf_items_are_criteria_and_their_parents_are_context() {
        let rubric = "# Done\n\nIntro.\n\n- Data\n  - has rows\n  - is\n    sorted\n1. [ ] Text\n";
        let expected = [(6, "has rows"), (7, "is sorted"), (9, "Text")];
        let expected: Vec<(u32, String)> = expected.map(|(l, t)| (l, t.to_owned())).into();
        assert_eq!(texts(rubric), expected);
    }

    #[test]
    fn without_lists_the_paragraphs_under_headings_are_criteria() {
        assert_eq!(texts("Intro.\n\n# Done\n\nIt works.\n"), [(5, "It works.".to_owned())]);
        assert_eq!(texts("It works.\n"), [(1, "It works.".to_owned())]);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn a_check_is_taken_out_of_the_text_and_knows_its_line() {
        let items = parse("- All are small.\n  `check: size('a') < 3`\n").unwrap();
        assert_eq!(items[0].text, "All are small.");
        let check = items[0].check.as_ref().unwrap();
        assert_eq!((check.text.as_str(), check.line), ("size('a') < 3", 2));
        let bare = parse("- `check: true`").unwrap();
        assert_eq!(bare[0].text, "true");
    }

    #[test]
    fn a_check_that_would_never_run_is_a_mistake() {
        let parent = parse("- Data `check: true`\n  - rows\n").unwrap_err();
        assert_eq!(parent.line, 1);
        let heading = parse("# T `check: true`\n\n- rows\n").unwrap_err();
        assert_eq!(heading.line, 1);
        let paragraph = parse("- rows\n\nText `check: true`\n").unwrap_err();
        assert_eq!(paragraph.line, 3);
        let preamble = parse("Text `check: true`\n\n# T\n\nrows\n").unwrap_err();
        assert_eq!(preamble.line, 1);
    }

    #[test]
    fn two_checks_in_one_criterion_are_a_mistake() {
        let error = parse("- a `check: true`\n  b `check: false`\n").unwrap_err();
        assert_eq!(error.line, 2);
    }

    #[test]
    fn a_hostile_rubric_is_read_without_recursion() {
        let deep = "- ".repeat(50_000);
        assert!(parse(&deep).is_ok());
        assert!(parse(&"> ".repeat(100_000)).is_ok());
        assert!(parse(&"- a\n".repeat(MAX_CRITERIA + 1)).is_err());
        assert!(parse(&"a".repeat(MAX_RUBRIC + 1)).is_err());
    }
}
