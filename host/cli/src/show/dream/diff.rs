//! What a dream changes, memory by memory: which operations, why, by what evidence.

use anstyle::{AnsiColor, Style};
use lucid_core::DreamOperation;
use lucid_runtime::{FileDiff, MemoryDiff};

use super::{TEXT_COLUMNS, class, quote, rule, state};
use crate::show::short;

/// Quotes that are shown for one operation.
const QUOTES_SHOWN_MAX: usize = 3;

/// What a dream changes.
pub(crate) fn diff(changes: &[MemoryDiff]) -> String {
    let mut text = String::new();
    for change in changes {
        let bold = Style::new().bold();
        let count = change.operations.len();
        text.push_str(&format!(
            "{bold}{}{bold:#}  {count} operation{}\n",
            short(&change.path, TEXT_COLUMNS),
            if count == 1 { "" } else { "s" }
        ));
        text.extend(change.operations.iter().map(operation));
        // Where only a conflict is flagged, no line changes.
        text.push_str(&change.file.as_ref().map(file).unwrap_or_default());
        text.push('\n');
    }
    if text.is_empty() { "no changes\n".to_owned() } else { text }
}

fn operation(operation: &DreamOperation) -> String {
    let mut text = format!(
        "  {:<7} {}, {}, {}: {}\n",
        operation.id,
        operation.op,
        class(operation.class),
        state(operation.state),
        short(&operation.reason, TEXT_COLUMNS)
    );
    if let Some(found) = &operation.statistics {
        text.push_str(&format!("          {}\n", rule(found)));
    }
    let dim = Style::new().dimmed();
    for evidence in operation.evidence.iter().take(QUOTES_SHOWN_MAX) {
        text.push_str(&format!("          {dim}{}{dim:#}\n", quote(evidence)));
    }
    let more = operation.evidence.len().saturating_sub(QUOTES_SHOWN_MAX);
    if more > 0 {
        text.push_str(&format!("          {dim}and {more} more{dim:#}\n"));
    }
    text
}

/// What changed, file by file; coloured where there is a terminal.
pub(crate) fn files(files: &[FileDiff]) -> String {
    let text: String = files.iter().map(|one| format!("{}\n", file(one))).collect();
    if text.is_empty() { "no changes\n".to_owned() } else { text }
}

fn file(file: &FileDiff) -> String {
    let style = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    let (green, red) = (style(AnsiColor::Green), style(AnsiColor::Red));
    let mut text = String::new();
    for line in file.to_string().lines() {
        // Memories may hold anything; a terminal must not act on it.
        let line = short(line, 2_000);
        match line.chars().next() {
            Some('+') => text.push_str(&format!("{green}{line}{green:#}\n")),
            Some('-') => text.push_str(&format!("{red}{line}{red:#}\n")),
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    text
}
