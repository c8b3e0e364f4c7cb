//! `lucid session`.

use std::collections::BTreeMap;

use lucid_core::{EventRecord, Failure, Result, SessionSummary};
use lucid_runtime::{Runtime, SessionFilter, Store};
use serde_json::{Value, json};

use super::pick::pick;
use crate::args::SessionCommand;
use crate::failure::Ended;
use crate::show::{events, files, print, print_json, print_list, table};

/// Events read at once.
const PAGE: u32 = 1_000;

pub(crate) async fn run(
    runtime: &Runtime,
    command: SessionCommand,
    json: bool,
) -> crate::failure::Result {
    let store = runtime.store.as_ref();
    match command {
        SessionCommand::List { limit } => {
            let sessions = sessions(store, Some(limit)).await?;
            if json {
                print_list(sessions.iter().map(document))?;
            } else {
                print(&table::sessions(&sessions))?;
            }
        }
        SessionCommand::Show { id } => {
            let session = find(store, &id).await?;
            let events = all_events(store, &session).await?;
            if json {
                print_json(&document(&session))?;
            } else {
                print(&events::summary(&session, &events))?;
            }
        }
        SessionCommand::Events { id, after } => {
            let session = find(store, &id).await?;
            // Names of threads stand early in the log, so all of it is read.
            let all = all_events(store, &session).await?;
            let shown = |number: u32| after.is_none_or(|after| number > after);
            let records: Vec<_> = all.iter().filter(|(n, _)| shown(*n)).cloned().collect();
            if json {
                let bodies: Vec<_> = records.iter().map(|(_, r)| r.body.as_str()).collect();
                print(&lines(&bodies))?;
            } else {
                print(&events::lines(&events::agents(&all), &records))?;
            }
        }
        SessionCommand::Files { id } => {
            let session = find(store, &id).await?;
            show_files(&files::of(&all_events(store, &session).await?), json)?;
        }
        SessionCommand::Export { id, out } => {
            let session = find(store, &id).await?;
            let records = all_events(store, &session).await?;
            let text = export(&session, &records);
            match out {
                Some(file) => std::fs::write(&file, text)
                    .map_err(|e| Failure::failed(format!("{}: {e}", file.display())))?,
                None => print(&text)?,
            }
        }
    }
    Ok(Ended::Done)
}

fn show_files(found: &files::Files, json: bool) -> Result<()> {
    if found.unlisted > 0 {
        let unlisted = found.unlisted;
        anstream::eprintln!("{unlisted} changes and denials are counted in the log, not listed");
    }
    if json {
        return print_list(found.files.iter().map(files::document));
    }
    print(&files::text(found))
}

async fn sessions(store: &dyn Store, limit: Option<u32>) -> Result<Vec<SessionSummary>> {
    store.sessions(&SessionFilter { newest_first: true, limit, ..SessionFilter::default() }).await
}

async fn find(store: &dyn Store, wanted: &str) -> Result<SessionSummary> {
    let all = sessions(store, None).await?;
    pick(&all, |summary| summary.session.id.as_str(), wanted, "session").cloned()
}

async fn all_events(
    store: &dyn Store,
    session: &SessionSummary,
) -> Result<Vec<(u32, EventRecord)>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.events(&session.session.id, after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = Some(*last);
        all.extend(page);
    }
}

fn lines(bodies: &[&str]) -> String {
    bodies.iter().map(|body| format!("{body}\n")).collect()
}

/// A session as the API writes it.
fn document(summary: &SessionSummary) -> Value {
    let session = &summary.session;
    let outcomes: Vec<Value> =
        summary.outcome.iter().map(|o| json!({"result": o.as_str()})).collect();
    json!({
        "id": session.id,
        "type": "session",
        "status": summary.status,
        "title": session.title,
        "agent": {"type": "agent", "name": session.agent},
        "metadata": session.metadata,
        "outcome_evaluations": outcomes,
        "events": summary.events,
        "created_at": session.created_at,
        "updated_at": summary.updated_at,
    })
}

/// A session as JSON lines: itself, then its events as they were written.
fn export(summary: &SessionSummary, records: &[(u32, EventRecord)]) -> String {
    let session = &summary.session;
    let mut metadata: BTreeMap<&str, &str> =
        session.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Some(outcome) = summary.outcome {
        let success = outcome == lucid_core::OutcomeResult::Satisfied;
        metadata.insert("lucid.label", if success { "success" } else { "failure" });
    }
    let first = json!({
        "type": "session",
        "id": session.id,
        "title": session.title,
        "created_at": session.created_at,
        "agent": {"name": session.agent},
        "metadata": metadata,
    });
    let bodies: Vec<_> = records.iter().map(|(_, record)| record.body.as_str()).collect();
    format!("{first}\n{}", lines(&bodies))
}
