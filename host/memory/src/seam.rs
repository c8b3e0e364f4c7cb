//! Writing a memory anew, seam by seam.
//!
//! A seam is right when parsing what meets there gives both sides back: taking a paragraph
//! out must not make one paragraph of its neighbours.

use std::collections::HashSet;

use crate::split;
use crate::{Document, Entry, EntryKind};

/// What sets two entries apart where a blank line does not, such as a list from code.
const DIVIDER: &str = "<!-- -->";

/// A byte order mark.
const MARK: &str = "\u{feff}";

/// A memory that is being written.
pub(crate) struct Text {
    /// The text so far.
    pub(crate) text: String,
    line_break: &'static str,
    last: Option<Last>,
}

/// The entry written last.
struct Last {
    start: usize,
    kind: EntryKind,
}

impl Text {
    pub(crate) fn new(line_break: &'static str) -> Self {
        Self { text: String::new(), line_break, last: None }
    }

    /// Writes a memory without the entries that are lost and with those that are added.
    /// False when it had entries, and none is left.
    pub(crate) fn rebuild(
        &mut self,
        mut document: Document,
        lost: &HashSet<&str>,
        added: &[&str],
    ) -> bool {
        let had_entries = !document.entries.is_empty();
        if !had_entries && !added.is_empty() {
            // Nothing to keep but a byte order mark, which has to stay in front.
            let mark = document.tail.starts_with(MARK).then_some(MARK);
            self.text.push_str(mark.unwrap_or_default());
            document.tail.clear();
        }
        // Nothing can follow a block that is not closed, so additions go before it.
        let is_open = |entry: &mut Entry| {
            !added.is_empty() && !lost.contains(entry.id.as_str()) && split::is_open(&entry.text)
        };
        let open = document.entries.pop_if(is_open);
        self.keep(document.entries, lost);
        if let (None, Some(open)) = (&self.last, &open) {
            self.text.push_str(&open.leading);
        }
        for addition in added {
            self.append(addition);
        }
        if let Some(open) = &open {
            self.append(&open.text);
        }
        let ended = added.is_empty() || !document.tail.is_empty();
        self.text.push_str(if ended { &document.tail } else { self.line_break });
        self.last.is_some() || !had_entries
    }

    /// Writes an entry at the end.
    pub(crate) fn append(&mut self, entry: &str) {
        let kind = kind_of(entry);
        let in_list = self.last.as_ref().is_some_and(|last| last.kind == EntryKind::Item)
            && kind == EntryKind::Item;
        let gap = match &self.last {
            None => String::new(),
            Some(_) if in_list => self.line_break.to_owned(),
            Some(_) => self.line_break.repeat(2),
        };
        self.join(&gap, entry, kind);
    }

    fn keep(&mut self, entries: Vec<Entry>, lost: &HashSet<&str>) {
        let mut left: Option<String> = None;
        for entry in entries {
            let changed = left.is_some();
            let gap = match left.take() {
                // Where something left, the widest gap stays; at the start the first.
                Some(gap) if self.last.is_none() || breaks(&gap) > breaks(&entry.leading) => gap,
                _ => entry.leading,
            };
            if lost.contains(entry.id.as_str()) {
                left = Some(gap);
            } else if changed {
                self.join(&gap, &entry.text, entry.kind);
            } else {
                self.push(&gap, &entry.text, entry.kind);
            }
        }
    }

    /// Writes an entry behind another than before: with the gap given or, where the two
    /// would become one, a wider one.
    fn join(&mut self, gap: &str, entry: &str, kind: EntryKind) {
        let line_break = self.line_break;
        let blank = line_break.repeat(2);
        let Some(last) = &self.last else {
            // At the start dashes could begin front matter, and a mark would be a file's.
            let apart = is_dashes(entry) || entry.starts_with(MARK);
            let gap = format!("{gap}{}", if apart { line_break } else { "" });
            return self.push(&gap, entry, kind);
        };
        let before = &self.text[last.start..];
        let narrow = is_dashes(before) && breaks(gap) < 2;
        // Front matter is front matter only at the start.
        let start = if matches!(&self.text[..last.start], "" | MARK) { "" } else { "\n" };
        let fits = |gap: &str| {
            let probe = format!("{start}{before}{gap}{entry}");
            let blocks = split::split(&probe);
            let texts = blocks.iter().map(|block| &probe[block.start..block.end]);
            texts.eq([before, entry])
        };
        let gap = if !narrow && fits(gap) {
            gap.to_owned()
        } else if fits(&blank) {
            blank
        } else {
            format!("{blank}{DIVIDER}{blank}")
        };
        self.push(&gap, entry, kind);
    }

    fn push(&mut self, gap: &str, entry: &str, kind: EntryKind) {
        self.text.push_str(gap);
        self.last = Some(Last { start: self.text.len(), kind });
        self.text.push_str(entry);
    }
}

fn kind_of(entry: &str) -> EntryKind {
    let blocks = split::split(entry);
    blocks.first().map_or(EntryKind::Paragraph, |block| block.kind)
}

fn is_dashes(entry: &str) -> bool {
    entry.trim_end() == "---"
}

fn breaks(gap: &str) -> usize {
    gap.bytes().filter(|byte| *byte == b'\n').count()
}
