//! What changes between two stores, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, DiffTag as Change, capture_diff_slices, group_diff_ops};

/// Lines shown around a change.
const CONTEXT_LINES: usize = 2;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its text differs.
    Changed,
}

/// What a line of a diff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffTag {
    /// Where the lines that follow stand: `@@ -1,5 +1,6 @@`.
    Hunk,
    /// A line in both.
    Context,
    /// A line only before.
    Removed,
    /// A line only after.
    Added,
    /// A remark on the line above: it ends the file without a line break.
    Note,
}

/// One line of a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// What it is.
    pub tag: DiffTag,
    /// Its text, without the line break.
    pub text: String,
}

/// What changes in one file. Its [`Display`](fmt::Display) is a unified diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDiff {
    /// The file.
    pub path: String,
    /// What became of it.
    pub status: FileStatus,
    /// What changes, with two lines of context; every hunk starts with a line of its own.
    pub lines: Vec<DiffLine>,
}

/// Compares two stores, given as texts by path. Files that are the same are left out.
#[must_use]
pub fn diff(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<FileDiff> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let diffs = paths.into_iter().filter_map(|path| {
        let (old, new) = (before.get(path), after.get(path));
        let status = match (old, new) {
            (Some(old), Some(new)) if old == new => return None,
            (Some(_), Some(_)) => FileStatus::Changed,
            (None, _) => FileStatus::Added,
            (_, None) => FileStatus::Removed,
        };
        let text = |side: Option<&'_ String>| side.cloned().unwrap_or_default();
        Some(FileDiff { path: path.clone(), status, lines: lines(&text(old), &text(new)) })
    });
    diffs.collect()
}

fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut lines = Vec::new();
    for hunk in group_diff_ops(ops, CONTEXT_LINES) {
        lines.extend(header(&hunk));
        for op in hunk {
            let removed = &old[op.old_range()];
            let added = &new[op.new_range()];
            if op.tag() == Change::Equal {
                put(&mut lines, DiffTag::Context, removed);
            } else {
                put(&mut lines, DiffTag::Removed, removed);
                put(&mut lines, DiffTag::Added, added);
            }
        }
    }
    lines
}

fn header(hunk: &[DiffOp]) -> Option<DiffLine> {
    let (first, last) = (hunk.first()?, hunk.last()?);
    let place = |start: usize, end: usize| match end - start {
        // An empty range is named by the line before it.
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    };
    let old = place(first.old_range().start, last.old_range().end);
    let new = place(first.new_range().start, last.new_range().end);
    Some(DiffLine { tag: DiffTag::Hunk, text: format!("@@ -{old} +{new} @@") })
}

fn put(lines: &mut Vec<DiffLine>, tag: DiffTag, texts: &[&str]) {
    for text in texts {
        let whole = text.strip_suffix('\n');
        lines.push(DiffLine { tag, text: whole.unwrap_or(text).to_owned() });
        if whole.is_none() {
            let text = "\\ No newline at end of file".to_owned();
            lines.push(DiffLine { tag: DiffTag::Note, text });
        }
    }
}

impl fmt::Display for FileDiff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (old, new) = (format!("a{}", self.path), format!("b{}", self.path));
        let (old, new) = match self.status {
            FileStatus::Added => ("/dev/null", new.as_str()),
            FileStatus::Removed => (old.as_str(), "/dev/null"),
            FileStatus::Changed => (old.as_str(), new.as_str()),
        };
        writeln!(formatter, "--- {old}\n+++ {new}")?;
        for line in &self.lines {
            let sign = match line.tag {
                DiffTag::Hunk | DiffTag::Note => "",
                DiffTag::Context => " ",
                DiffTag::Removed => "-",
                DiffTag::Added => "+",
            };
            writeln!(formatter, "{sign}{}", line.text)?;
        }
        Ok(())
    }
}
