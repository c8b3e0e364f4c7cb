//! `lucid memory redact`.

use std::io::{IsTerminal as _, Write as _};

use lucid_core::{Failure, MemoryVersion, MemoryVersionId, Result};
use lucid_runtime::Runtime;
use serde_json::json;

use super::newest_first;
use crate::commands::pick::pick;
use crate::show::{memory as text, print, print_json, short};

pub(super) async fn redact(runtime: &Runtime, wanted: &str, yes: bool, json: bool) -> Result<()> {
    let version = find(runtime, wanted).await?;
    let id = &version.id;
    if !yes && !asked(&version)? {
        if json {
            return print_json(&json!({"id": id, "type": "memory_version"}));
        }
        return print(&format!("{id} is as it was\n"));
    }
    let forgotten = runtime.redact_memory_version(id).await?;
    if json {
        let dreams = &forgotten.dreams;
        return print_json(&json!({"id": id, "type": "memory_version_redacted", "dreams": dreams}));
    }
    print(&format!("{id} is redacted\n{}", text::forgotten(&forgotten)))
}

/// The version that is meant, in whatever store it is.
async fn find(runtime: &Runtime, wanted: &str) -> Result<MemoryVersion> {
    // With its whole id it is found without all versions of all stores.
    if let Some(id) = MemoryVersionId::parse(wanted)
        && let Some(version) = runtime.store.memory_version(&id).await?
    {
        return Ok(version);
    }
    if wanted == "latest" {
        // Of several stores there is no newest one that anybody could mean.
        return Err(Failure::invalid("which version is not said")
            .hint("`lucid memory versions STORE` lists them"));
    }
    let mut all = Vec::new();
    for store in newest_first(runtime.store.as_ref()).await? {
        all.extend(runtime.store.memory_versions(&store.id, None).await?);
    }
    pick(&all, |version| version.id.as_str(), wanted, "memory version")
        .cloned()
        .map_err(|failure| failure.hint("`lucid memory versions STORE` lists them"))
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
