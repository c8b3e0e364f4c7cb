//! Whether an operation makes sense on its own.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{Change, Draft, Failure, Operation, Rejection, Result, RuleKind};

use super::numbers;
use crate::split;

/// The longest path of a memory.
const PATH_BYTES_MAX: usize = 1_024;

/// The most entries that one conflict names: a person has to look at all of them.
const CONFLICT_ENTRIES_MAX: usize = 32;

/// The most entries that one merge names.
const MERGED_ENTRIES_MAX: usize = 1_024;

/// Fewer bytes stand in any text: they quote nothing.
const QUOTE_BYTES_MIN: usize = 3;

/// How much of what a guest said is repeated to it.
const SHOWN_CHARS: usize = 80;

/// Checks the path of a memory: absolute, of plain segments, and Markdown.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_path(path: &str) -> Result<()> {
    let wrong = |why: &str| Err(Failure::invalid(format!("path {:?} {why}", shown(path))));
    if path.len() > PATH_BYTES_MAX {
        return wrong("is longer than 1,024 bytes");
    }
    let Some(inner) = path.strip_prefix('/') else {
        return wrong("does not start with /");
    };
    if inner.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return wrong("has a segment that is empty, . or ..");
    }
    if inner.chars().any(|character| character.is_control() || character == '\\') {
        return wrong("has a control character or a backslash");
    }
    let name = inner.rsplit('/').next().unwrap_or(inner);
    match name.strip_suffix(".md") {
        None | Some("") => wrong("does not end in a name and .md"),
        Some(_) => Ok(()),
    }
}

/// Whether a new file can stand beside the others: no path is a folder of another.
pub(super) fn check_beside(path: &str, others: &BTreeMap<String, u64>) -> Result<(), Rejection> {
    let folder = format!("{path}/");
    let below = others.range(folder.clone()..).next();
    let below = below.is_some_and(|(other, _)| other.starts_with(&folder));
    let mut parents = path.match_indices('/').map(|(slash, _)| &path[..slash]);
    if below || parents.any(|parent| others.contains_key(parent)) {
        return malformed(&format!("{} is a file and a folder at once", shown(path)));
    }
    Ok(())
}

pub(super) fn check(operation: &Operation) -> Result<(), Rejection> {
    if operation.reason.trim().is_empty() {
        return malformed("a reason is needed");
    }
    if operation.evidence.iter().any(|evidence| evidence.quote.len() < QUOTE_BYTES_MIN) {
        return malformed("a quote of fewer than three bytes");
    }
    match &operation.change {
        Change::Keep { .. } | Change::Drop { .. } => Ok(()),
        Change::Merge { entry_ids, survivor_id } => {
            if entry_ids.len() > MERGED_ENTRIES_MAX {
                let most = format!("{MERGED_ENTRIES_MAX} entries of a merge are the most");
                Err(Rejection::TooLarge(most))
            } else if distinct(entry_ids).count() < 2 {
                malformed("a merge of fewer than two entries")
            } else if !entry_ids.contains(survivor_id) {
                malformed("the survivor of a merge is not among its entries")
            } else {
                Ok(())
            }
        }
        Change::Supersede { loser_id, winner_id, .. } if loser_id == winner_id => {
            malformed("an entry cannot supersede itself")
        }
        Change::Supersede { .. } => Ok(()),
        Change::FlagConflict { entry_ids } => match distinct(entry_ids).count() {
            0 | 1 => malformed("a conflict of fewer than two entries"),
            2..=CONFLICT_ENTRIES_MAX => Ok(()),
            _ => {
                let most = format!("{CONFLICT_ENTRIES_MAX} entries of a conflict are the most");
                Err(Rejection::TooLarge(most))
            }
        },
        Change::Add { draft, kind, statistics } => {
            check_path(&draft.path).or_else(|failure| malformed(&failure.message))?;
            check_draft(draft)?;
            match statistics {
                Some(statistics) => numbers::check(statistics),
                None if *kind == RuleKind::Contrast => malformed("a contrast without its numbers"),
                None => Ok(()),
            }
        }
    }
}

pub(super) fn check_draft(draft: &Draft) -> Result<(), Rejection> {
    let text = draft.text.as_str();
    let hidden = |c: char| (c.is_control() && !"\n\r\t".contains(c)) || c == '\u{feff}';
    if text.trim().is_empty() {
        return malformed("an addition without text");
    }
    if text.contains(hidden) {
        return malformed("an addition with control characters");
    }
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        return malformed("an addition with spaces or line breaks around its text");
    }
    // In the middle of a memory, where it will stand: there it must not swallow what
    // follows, and `---` begins no front matter.
    let around = format!("\n{text}\n\nend");
    match split::split(&around).as_slice() {
        [entry, _] if around[entry.start..entry.end] == *text => Ok(()),
        [entry] if entry.open => malformed("an addition with a block that is not closed"),
        _ => malformed("an addition that is more than one entry"),
    }
}

/// Each id once, in order.
pub(crate) fn distinct(ids: &[String]) -> impl Iterator<Item = &str> {
    let mut seen = HashSet::new();
    ids.iter().map(String::as_str).filter(move |id| seen.insert(*id))
}

/// The start of what a guest said.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

pub(super) fn malformed(why: &str) -> Result<(), Rejection> {
    Err(Rejection::Malformed(why.to_owned()))
}
