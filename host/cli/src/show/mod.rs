//! What people see.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod dream;
pub(crate) mod ending;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod inspect;
pub(crate) mod live;
pub(crate) mod memory;
pub(crate) mod outcome;
pub(crate) mod outcome_study;
mod plot;
pub(crate) mod progress;
pub(crate) mod rubric;
pub(crate) mod session;
pub(crate) mod sight;
pub(crate) mod study;
pub(crate) mod svg;
pub(crate) mod table;
pub(crate) mod team;
pub(crate) mod width;

use std::io::Write as _;

use lucid_core::{Failure, Result};
use serde::Serialize;
use serde_json::{Value, json};

/// Prints text to standard output; colours only where it is a terminal. A reader that
/// went away is no failure.
pub(crate) fn print(text: &str) -> Result<()> {
    match print_live(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints the next part of what goes on being printed; fails when its reader went away.
pub(crate) fn print_live(text: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Prints one JSON document.
pub(crate) fn print_json(document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document)
        .map_err(|error| Failure::bug(format!("a document that is not JSON: {error}")))?;
    print(&format!("{text}\n"))
}

/// Prints a list as one page.
pub(crate) fn print_list(items: impl Iterator<Item = Value>) -> Result<()> {
    let data: Vec<Value> = items.collect();
    print_json(&json!({"data": data, "next_page": null}))
}

/// A text that a terminal only shows: guests and models may have written it, so nothing in
/// it may move the cursor, change colours or turn the direction of writing.
pub(crate) fn plain(text: &str) -> String {
    let acts = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if acts(c) { '\u{fffd}' } else { c }).collect()
}

/// Cuts a text to a width, on one line.
pub(crate) fn short(text: &str, width: usize) -> String {
    let line: String =
        plain(text).chars().map(|c| if c.is_control() { ' ' } else { c }).take(width + 1).collect();
    if line.chars().count() > width {
        let cut: String = line.chars().take(width.saturating_sub(1)).collect();
        format!("{cut}…")
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_stay_on_one_line_and_carry_no_control_characters() {
        assert_eq!(short("a\nb\u{1b}[31m", 20), "a b\u{fffd}[31m");
        assert_eq!(plain("a\u{9b}2J\u{202e}b\n"), "a\u{fffd}2J\u{fffd}b\n");
        assert_eq!(short("abcdef", 4), "abc…");
    }
}
