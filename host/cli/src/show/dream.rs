//! A dream and what it changed.

use lucid_core::{Change, Dream, Operation, Place, Rejection, Support};
use lucid_runtime::FileDiff;

use super::short;

/// A dream: what it proposed, why, and what became of every entry.
pub(crate) fn render(dream: &Dream) -> String {
    let mut text = format!(
        "{}  {}  with {}\n{} sessions, {} -> {}\n{}\n",
        dream.id,
        format!("{:?}", dream.status).to_lowercase(),
        dream.strategy,
        dream.input_session_ids.len(),
        dream.memory_store_in,
        dream.memory_store_out.as_ref().map_or("no store".to_owned(), ToString::to_string),
        dream.summary,
    );
    if let Some(error) = &dream.error {
        text.push_str(&format!("failed: {error}\n"));
    }
    text.push_str("\noperations\n");
    for (number, operation) in dream.operations.iter().enumerate() {
        text.push_str(&format!(
            "  {number:>3}  {:<13} {}\n",
            operation.change.name(),
            short(&operation.reason, 100)
        ));
        if let Change::Add { support: Some(support), .. } = &operation.change {
            text.push_str(&format!("       {}\n", rule(support)));
        }
    }
    text.push_str(&refused(&dream.rejections));
    text.push_str("\nledger\n");
    for line in &dream.ledger {
        let place = match &line.place {
            Place::Kept => "kept".to_owned(),
            Place::MergedInto { entry_id } => format!("merged into {entry_id}"),
            Place::SupersededBy { entry_id, since } => {
                format!("superseded by {entry_id} since {since}")
            }
            Place::Dropped => "dropped".to_owned(),
            Place::InConflict { .. } => "in conflict, kept".to_owned(),
        };
        let entry = format!("{} {}", line.path, short(&line.text, 50));
        text.push_str(&format!("  {} {:<70} {place}\n", line.entry_id, entry));
    }
    text
}

/// The operations that were refused, and why.
pub(crate) fn refused(rejections: &[(Operation, Rejection)]) -> String {
    if rejections.is_empty() {
        return String::new();
    }
    let mut text = "\nrefused\n".to_owned();
    for (operation, rejection) in rejections {
        text.push_str(&format!("  {:<13} {}\n", operation.change.name(), rejection));
    }
    text
}

/// The numbers behind a rule, on one line.
pub(crate) fn rule(support: &Support) -> String {
    format!(
        "{}: {} of {} with, {} of {} without (p = {:.3}; check sessions {} of {} and {} of {})",
        support.statement,
        support.followed.hits,
        support.followed.total,
        support.not_followed.hits,
        support.not_followed.total,
        support.p_value,
        support.check_followed.hits,
        support.check_followed.total,
        support.check_not_followed.hits,
        support.check_not_followed.total,
    )
}

/// What changed, file by file; coloured where there is a terminal.
pub(crate) fn diff(files: &[FileDiff]) -> String {
    let style = |colour: anstyle::AnsiColor| anstyle::Style::new().fg_color(Some(colour.into()));
    let (green, red) = (style(anstyle::AnsiColor::Green), style(anstyle::AnsiColor::Red));
    let mut text = String::new();
    for file in files {
        for line in file.to_string().lines() {
            // Memories may hold anything; a terminal must not act on it.
            let line = short(line, 2_000);
            match line.chars().next() {
                Some('+') => text.push_str(&format!("{green}{line}{green:#}\n")),
                Some('-') => text.push_str(&format!("{red}{line}{red:#}\n")),
                _ => text.push_str(&format!("{line}\n")),
            }
        }
        text.push('\n');
    }
    if text.is_empty() { "no changes\n".to_owned() } else { text }
}
