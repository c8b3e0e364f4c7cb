//! Memories as entries: a lossless split of Markdown.
//!
//! The split is our own and line by line, because the promise that matters is that every
//! byte comes back; a Markdown parser keeps meaning, not bytes. Where the two could
//! differ, an entry is rather a little too large than cut in two.

use std::collections::HashMap;

use lucid_core::sha256_hex;
use serde::{Deserialize, Serialize};

use crate::split;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A heading; it frames what follows and is itself accounted for.
    Heading,
    /// A list item with what is nested under it.
    Item,
    /// A paragraph.
    Paragraph,
    /// A code block, table, quotation, comment, rule or front matter.
    Block,
}

/// One entry of a memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Names the entry: derived from its path, its text, and which occurrence of that text
    /// in the memory it is, so that changes elsewhere leave it alone.
    pub id: String,
    /// The memory it stands in, such as `/notes.md`.
    pub path: String,
    /// Its place in the memory, from 0.
    pub index: u32,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// What it is.
    pub kind: EntryKind,
    /// Its exact text, without the blank lines around it.
    pub text: String,
    /// What stands between the entry before (or the start) and this one: line breaks and
    /// blank lines.
    pub leading: String,
}

/// A memory as entries. [`Document::render`] gives back what was parsed, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Where it stands, such as `/notes.md`.
    pub path: String,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// What follows the last entry: line breaks and blank lines.
    pub tail: String,
}

impl Document {
    /// Splits a memory. Every text is a memory: nothing fails.
    #[must_use]
    pub fn parse(path: &str, text: &str) -> Self {
        let mut occurrences: HashMap<&str, u32> = HashMap::new();
        let mut above: Vec<(u8, String)> = Vec::new();
        let mut entries = Vec::new();
        let mut end = 0;
        for (index, block) in (0..).zip(split::split(text)) {
            let entry_text = &text[block.start..block.end];
            let occurrence = occurrences.entry(entry_text).or_default();
            if let Some((level, _)) = &block.heading {
                above.retain(|(other, _)| other < level);
            }
            entries.push(Entry {
                id: entry_id(path, entry_text, *occurrence),
                path: path.to_owned(),
                index,
                headings: above.iter().map(|(_, title)| title.clone()).collect(),
                kind: block.kind,
                text: entry_text.to_owned(),
                leading: text[end..block.start].to_owned(),
            });
            *occurrence += 1;
            above.extend(block.heading);
            end = block.end;
        }
        Self { path: path.to_owned(), entries, tail: text[end..].to_owned() }
    }

    /// The memory's text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            text.push_str(&entry.leading);
            text.push_str(&entry.text);
        }
        text.push_str(&self.tail);
        text
    }
}

/// The id of the entry that has this text for the n-th time in its memory, from 0.
pub(crate) fn entry_id(path: &str, text: &str, occurrence: u32) -> String {
    // The length keeps path and text apart whatever they hold.
    let hash = sha256_hex(format!("{}:{path}{text}\0{occurrence}", path.len()).as_bytes());
    format!("ent_{}", &hash[..16])
}
