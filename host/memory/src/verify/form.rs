//! Whether an operation makes sense on its own.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{Change, Draft, Failure, Operation, Ratio, Rejection, Result, Support};

use crate::split;

/// The longest path of a memory.
const PATH_BYTES_MAX: usize = 1_024;

/// The most entries that one conflict names: a person has to look at all of them.
const CONFLICT_ENTRIES_MAX: usize = 32;

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
    if operation.evidence.iter().any(|evidence| evidence.quote.is_empty()) {
        return malformed("an empty quote");
    }
    match &operation.change {
        Change::Keep { .. } | Change::Drop { .. } => Ok(()),
        Change::Merge { entry_ids, survivor_id } => {
            if distinct(entry_ids).count() < 2 {
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
        Change::Add { draft, support } => {
            check_path(&draft.path).or_else(|failure| malformed(&failure.message))?;
            check_draft(draft)?;
            support.as_ref().map_or(Ok(()), check_support)
        }
    }
}

fn check_draft(draft: &Draft) -> Result<(), Rejection> {
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

fn check_support(support: &Support) -> Result<(), Rejection> {
    let Support { followed, not_followed, check_followed, check_not_followed, .. } = support;
    let sessions = distinct(&support.session_ids).count() as u64;
    let both = |one: &Ratio, other: &Ratio| u64::from(one.total) + u64::from(other.total);
    if support.statement.trim().is_empty() || support.statement.contains(['\n', '\r']) {
        return malformed("a statement is one line that is not empty");
    }
    let mut ratios = [followed, not_followed, check_followed, check_not_followed].into_iter();
    if ratios.any(|ratio| ratio.hits > ratio.total) {
        return malformed("more hits than cases");
    }
    // NaN is in no range.
    if !(0.0..=1.0).contains(&support.p_value) {
        return malformed("a probability that is not from 0 to 1");
    }
    let counted = both(followed, not_followed).max(both(check_followed, check_not_followed));
    if counted > sessions {
        return malformed("more cases than sessions");
    }
    Ok(())
}

/// Each id once, in order.
pub(super) fn distinct(ids: &[String]) -> impl Iterator<Item = &str> {
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

fn malformed(why: &str) -> Result<(), Rejection> {
    Err(Rejection::Malformed(why.to_owned()))
}
