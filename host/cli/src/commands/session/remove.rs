//! `lucid session archive` and `lucid session delete`.

use std::io::{IsTerminal as _, Write as _};

use lucid_core::{Failure, Result, SessionSummary};
use lucid_verbs::{ArchiveSession, DeleteSession};
use serde_json::json;

use crate::place::Place;
use crate::show::{memory, print, print_json, short};

/// Columns of a title in a question.
const TITLE_COLUMNS: usize = 60;

pub(super) async fn archive(place: &Place, session: &SessionSummary, json: bool) -> Result<()> {
    let id = &session.session.id;
    place.ask(ArchiveSession { id: id.clone() }).await?;
    if json {
        return print_json(&json!({"id": id, "type": "session", "status": "terminated"}));
    }
    print(&format!("{id} is archived\n"))
}

pub(super) async fn delete(
    place: &Place,
    session: &SessionSummary,
    yes: bool,
    json: bool,
) -> Result<()> {
    let id = &session.session.id;
    if !yes && !asked(session)? {
        if json {
            return print_json(&json!({"id": id, "type": "session"}));
        }
        return print(&format!("{id} is still there\n"));
    }
    let forgotten = place.ask(DeleteSession { id: id.clone() }).await?;
    if json {
        let dreams = &forgotten.dreams;
        return print_json(&json!({"id": id, "type": "session_deleted", "dreams": dreams}));
    }
    print(&format!("{id} is deleted\n{}", memory::forgotten(&forgotten)))
}

/// Asks the person at the terminal. Only a clear yes is one.
fn asked(session: &SessionSummary) -> Result<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::invalid("there is no terminal to ask whether to delete the session")
            .hint("`--yes` deletes it without asking"));
    }
    let (id, title) = (&session.session.id, short(&session.session.title, TITLE_COLUMNS));
    let mut out = anstream::stderr().lock();
    let question = format!("delete {id} ({title}, {} events)? [y/N] ", session.events);
    let failed = |error: std::io::Error| Failure::failed(format!("the terminal: {error}"));
    out.write_all(question.as_bytes()).and_then(|()| out.flush()).map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(is_yes(&line))
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_deleted_without_a_clear_yes() {
        for line in ["", "\n", "n\n", "ye\n", "yes, please\n"] {
            assert!(!is_yes(line), "{line:?}");
        }
        assert!(is_yes("Y\n") && is_yes("yes"));
    }
}
