//! Walks the Markdown of a rubric once. Nesting is a stack here, never recursion.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, OffsetIter, Tag, TagEnd};

use super::Source;
use super::table::{Row, Table};
use super::tidy;
use crate::text::{Lines, cut};

/// What a code span begins with when it is a machine check.
const PREFIX: &str = "check:";

/// Longer headings, and texts of items above others, are cut at so many characters.
const HEADING: usize = 200;

/// A check, and where its code span is in the rubric, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) span: Range<usize>,
}

/// What a block of the rubric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Item,
    Paragraph,
    /// A row of a table, and whether the table's header says that rows are criteria.
    Row(bool),
}

/// What may become a criterion.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    /// Whether it only groups others: an item with a list inside, a preamble.
    pub(super) is_context: bool,
    pub(super) checks: Vec<Found>,
    pub(super) section: Arc<[Arc<str>]>,
    pub(super) parent: Option<Arc<str>>,
    /// A row's own: what its other cells say.
    pub(super) row: Option<Box<Row>>,
    /// The text of an item before the list in it.
    head: Option<Arc<str>>,
}

/// The check of a code span, if it is one.
pub(super) fn check_of(code: &str) -> Option<String> {
    code.trim_start().strip_prefix(PREFIX).map(|text| text.trim().to_owned())
}

pub(super) struct Reader<'a> {
    rubric: &'a str,
    lines: &'a Lines,
    /// Whether there is any list.
    pub(super) has_items: bool,
    pub(super) blocks: Vec<Block>,
    /// Checks outside any item, paragraph or row: in headings, for instance.
    pub(super) stray: Vec<Source>,
    /// The items and paragraphs that are open, innermost last.
    open: Vec<Block>,
    table: Option<Table>,
    headings: bool,
    heading: Option<String>,
    path: Vec<(HeadingLevel, Arc<str>)>,
    section: Arc<[Arc<str>]>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(rubric: &'a str, lines: &'a Lines) -> Self {
        Self {
            rubric,
            lines,
            has_items: false,
            blocks: Vec::new(),
            stray: Vec::new(),
            open: Vec::new(),
            table: None,
            headings: false,
            heading: None,
            path: Vec::new(),
            section: Arc::default(),
        }
    }

    pub(super) fn read(&mut self, events: OffsetIter<'_>) {
        for (event, span) in events {
            match event {
                Event::Start(Tag::Heading { .. }) => self.start_heading(),
                Event::End(TagEnd::Heading(level)) => self.end_heading(level),
                Event::Start(Tag::List(_)) => self.list(span.start),
                Event::Start(Tag::Item) => self.start(span, Kind::Item),
                // A paragraph of an item is part of the item.
                Event::Start(Tag::Paragraph) if self.open.is_empty() => {
                    self.start(span, Kind::Paragraph);
                }
                Event::End(TagEnd::Item) => self.end(),
                Event::End(TagEnd::Paragraph) if self.in_paragraph() => self.end(),
                // So is a table of an item.
                Event::Start(Tag::Table(_)) if self.open.is_empty() => {
                    self.table = Some(Table::default());
                }
                Event::Code(code) => self.code(&code, span),
                Event::Text(text) => self.text(&text),
                other => self.in_table(&other, span),
            }
        }
    }

    fn in_table(&mut self, event: &Event<'_>, span: Range<usize>) {
        let Some(table) = &mut self.table else { return };
        match event {
            Event::Start(Tag::TableHead) => table.head(),
            Event::End(TagEnd::TableHead) => {
                table.end_head();
                self.stray.extend(table.end_row().stray);
            }
            Event::Start(Tag::TableRow) => table.start_row(),
            Event::End(TagEnd::TableRow) => {
                let row = table.end_row();
                self.row(row, span);
            }
            Event::Start(Tag::TableCell) => table.start_cell(span),
            Event::End(TagEnd::TableCell) => table.end_cell(),
            Event::End(TagEnd::Table) => self.table = None,
            _ => {}
        }
    }

    fn row(&mut self, mut row: Row, span: Range<usize>) {
        self.stray.append(&mut row.stray);
        let text = self.rubric.get(row.text.clone()).unwrap_or_default();
        if text.trim().is_empty() && row.checks.is_empty() && row.mistake.is_none() {
            return;
        }
        let mut block = self.block(span, Kind::Row(row.is_named));
        block.checks = std::mem::take(&mut row.checks);
        block.row = Some(Box::new(row));
        self.blocks.push(block);
    }

    /// What stands above the first heading introduces the rubric.
    fn start_heading(&mut self) {
        if !self.headings {
            let paragraphs = self.blocks.iter_mut().filter(|b| b.kind == Kind::Paragraph);
            paragraphs.for_each(|block| block.is_context = true);
        }
        self.headings = true;
        self.heading = self.open.is_empty().then(String::new);
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let Some(heading) = self.heading.take() else { return };
        while self.path.last().is_some_and(|(above, _)| *above >= level) {
            self.path.pop();
        }
        self.path.push((level, cut(&tidy(&heading), HEADING).into()));
        self.section = self.path.iter().map(|(_, heading)| Arc::clone(heading)).collect();
    }

    fn list(&mut self, start: usize) {
        self.has_items = true;
        if let Some(above) = self.open.last_mut() {
            above.is_context = true;
            let head = self.rubric.get(above.span.start..start).unwrap_or_default();
            above.head.get_or_insert_with(|| cut(&tidy(head), HEADING).into());
        }
    }

    fn block(&self, span: Range<usize>, kind: Kind) -> Block {
        Block {
            kind,
            span,
            is_context: false,
            checks: Vec::new(),
            section: Arc::clone(&self.section),
            parent: self.open.last().and_then(|above| above.head.clone()),
            row: None,
            head: None,
        }
    }

    fn start(&mut self, span: Range<usize>, kind: Kind) {
        let block = self.block(span, kind);
        self.open.push(block);
    }

    fn in_paragraph(&self) -> bool {
        self.open.last().is_some_and(|block| block.kind == Kind::Paragraph)
    }

    fn end(&mut self) {
        let Some(block) = self.open.pop() else { return };
        // Of what only groups others, checks alone matter: there may be very much of it.
        if block.is_context {
            self.stray.extend(block.checks.into_iter().map(|found| found.source));
        } else {
            self.blocks.push(block);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            if heading.len() <= HEADING * 4 {
                heading.push_str(text);
            }
        } else if let Some(table) = &mut self.table {
            table.say(text);
        }
    }

    fn code(&mut self, code: &str, span: Range<usize>) {
        let line = self.lines.of(span.start);
        if let Some(table) = &mut self.table {
            return table.code(code, line, span);
        }
        let Some(text) = check_of(code) else { return self.text(code) };
        let source = Source { text, line };
        match self.open.last_mut() {
            Some(block) => block.checks.push(Found { source, span }),
            None => self.stray.push(source),
        }
    }
}
