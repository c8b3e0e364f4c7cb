//! `lucid memory redact`.

use std::io::{IsTerminal as _, Write as _};

use lucid_core::{Failure, MemoryVersion, Result};
use lucid_verbs::{FindMemoryVersion, RedactMemoryVersion};
use serde_json::json;

use crate::place::Place;
use crate::show::{memory as text, print, print_json, short};

pub(super) async fn redact(place: &Place, version: String, yes: bool, json: bool) -> Result<()> {
    let version = place.ask(FindMemoryVersion { version }).await?;
    let id = &version.id;
    if !yes && !asked(&version)? {
        if json {
            return print_json(&json!({"id": id, "type": "memory_version"}));
        }
        return print(&format!("{id} is as it was\n"));
    }
    let forgotten = place.ask(RedactMemoryVersion { id: id.clone() }).await?;
    if json {
        let dreams = &forgotten.dreams;
        return print_json(&json!({"id": id, "type": "memory_version_redacted", "dreams": dreams}));
    }
    print(&format!("{id} is redacted\n{}", text::forgotten(&forgotten)))
}

/// Asks the person at the terminal. Only a clear yes is one.
fn asked(version: &MemoryVersion) -> Result<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::invalid("there is no terminal to ask whether to redact the version")
            .hint("`--yes` redacts it without asking"));
    }
    let mut out = anstream::stderr().lock();
    let question =
        format!("redact {} of {} for good? [y/N] ", version.id, short(&version.path, 40));
    let failed = |error: std::io::Error| Failure::failed(format!("the terminal: {error}"));
    out.write_all(question.as_bytes()).and_then(|()| out.flush()).map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
