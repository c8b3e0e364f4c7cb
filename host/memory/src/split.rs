//! Where entries begin and end.
//!
//! Where a block ends follows from its own lines alone, never from what stands before it
//! (but for front matter, which is only at the start). That makes changes local: taking an
//! entry out or putting one in can only ever affect the seam, and a seam can be checked.

use crate::EntryKind;
use crate::line::{CODE_INDENT, Line, lines};

/// One entry as a range of the document.
pub(crate) struct Block {
    /// Its first byte.
    pub(crate) start: usize,
    /// Behind its last byte.
    pub(crate) end: usize,
    /// What it is.
    pub(crate) kind: EntryKind,
    /// Level and title, where it is a heading.
    pub(crate) heading: Option<(u8, String)>,
    /// It has no end of its own, so that whatever follows would become part of it: a code
    /// block or comment that is not closed.
    pub(crate) open: bool,
}

/// What the lines from some line on are, and the line behind them.
struct Found {
    kind: EntryKind,
    next: usize,
    heading: Option<(u8, String)>,
    open: bool,
}

impl Found {
    fn new(kind: EntryKind, next: usize) -> Self {
        Self { kind, next, heading: None, open: false }
    }
}

/// The blocks of a document, in order. Between them is nothing but blank lines.
pub(crate) fn split(text: &str) -> Vec<Block> {
    let lines = lines(text);
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.is_blank() {
            at += 1;
            continue;
        }
        let found = find(&lines, at);
        let content = lines[at..found.next].iter().rev().find(|line| !line.is_blank());
        blocks.push(Block {
            start: line.start,
            end: content.unwrap_or(line).end,
            kind: found.kind,
            heading: found.heading,
            open: found.open,
        });
        at = found.next;
    }
    blocks
}

/// Whether whatever follows this text would become part of its last entry.
pub(crate) fn is_open(text: &str) -> bool {
    split(text).last().is_some_and(|block| block.open)
}

fn find(lines: &[Line<'_>], at: usize) -> Found {
    let line = &lines[at];
    if let Some(next) = front_matter_end(lines, at) {
        Found::new(EntryKind::Block, next)
    } else if line.indent >= CODE_INDENT {
        Found::new(EntryKind::Block, indented_end(lines, at, CODE_INDENT))
    } else if let Some(fence) = line.fence() {
        until(lines, at + 1, |line| line.closes(fence))
    } else if line.is_comment() {
        until(lines, at, |line| line.body.contains("-->"))
    } else if line.is_rule() {
        Found::new(EntryKind::Block, at + 1)
    } else if let Some(heading) = line.heading() {
        Found { heading: Some(heading), ..Found::new(EntryKind::Heading, at + 1) }
    } else if line.is_quote() {
        Found::new(EntryKind::Block, quote_end(lines, at))
    } else if line.is_item() {
        Found::new(EntryKind::Item, item_end(lines, at))
    } else {
        paragraph(lines, at)
    }
}

/// Front matter: from a first line `---` to the next `---` or `...`. It holds no blank
/// line, else text far below could turn a rule at the top into front matter.
fn front_matter_end(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let bare = |line: &Line<'_>| line.indent == 0;
    if at != 0 || !bare(&lines[0]) || lines[0].body != "---" {
        return None;
    }
    let inner = lines[1..].iter().take_while(|line| !line.is_blank());
    let closing =
        inner.clone().position(|line| bare(line) && matches!(line.body, "---" | "..."))?;
    Some(closing + 2)
}

/// Up to and with the first line from `from` on that is the last; to the end of the
/// document when there is none.
fn until(lines: &[Line<'_>], from: usize, is_last: impl Fn(&Line<'_>) -> bool) -> Found {
    match lines[from..].iter().position(is_last) {
        Some(offset) => Found::new(EntryKind::Block, from + offset + 1),
        None => Found { open: true, ..Found::new(EntryKind::Block, lines.len()) },
    }
}

/// The end of the lines that are blank or indented at least so far.
fn indented_end(lines: &[Line<'_>], at: usize, indent: usize) -> usize {
    let inside = |line: &Line<'_>| line.is_blank() || line.indent >= indent;
    let count = lines[at..].iter().take_while(|line| inside(line)).count();
    let blank = lines[at..at + count].iter().rev().take_while(|line| line.is_blank()).count();
    at + count - blank
}

fn quote_end(lines: &[Line<'_>], at: usize) -> usize {
    let inside = |line: &&Line<'_>| {
        line.is_quote() || !(line.is_blank() || line.begins_block() || line.is_item())
    };
    at + 1 + lines[at + 1..].iter().take_while(inside).count()
}

fn item_end(lines: &[Line<'_>], at: usize) -> usize {
    // Two columns, though CommonMark asks for the marker's width: people indent what
    // belongs to `1. ` by two as well.
    let nested = lines[at].indent + 2;
    let mut next = at + 1;
    while let Some(line) = lines.get(next) {
        let deeper = indented_end(lines, next, nested);
        let wrapped =
            !(line.is_blank() || line.begins_block() || line.is_quote() || line.is_item());
        if deeper > next {
            next = deeper;
        } else if wrapped {
            next += 1;
        } else {
            break;
        }
    }
    next
}

fn paragraph(lines: &[Line<'_>], at: usize) -> Found {
    let mut next = at + 1;
    while let Some(line) = lines.get(next) {
        if line.is_blank() {
            break;
        }
        if let Some(level) = line.underline() {
            let title: Vec<_> = lines[at..next].iter().map(|line| line.body).collect();
            let heading = Some((level, title.join(" ")));
            return Found { heading, ..Found::new(EntryKind::Heading, next + 1) };
        }
        if line.interrupts_paragraph() {
            break;
        }
        next += 1;
    }
    let ruled = lines[at + 1..next].first().is_some_and(Line::is_table_rule);
    let table = ruled && lines[at].body.contains('|');
    Found::new(if table { EntryKind::Block } else { EntryKind::Paragraph }, next)
}
