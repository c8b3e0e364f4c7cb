//! `lucid session`.

mod events;
mod export;
mod files;
mod import;
mod list;
mod remove;
mod resume;
mod send;
mod show;

use std::time::Duration;

use lucid_core::{Event, EventRecord, Result, SessionId, SessionStatus, SessionSummary};
use lucid_runtime::{Runtime, RuntimeOptions, SessionFilter, Store};

use super::pick::pick;
use crate::args::SessionCommand;
use crate::failure::{self, Ended};

/// Events read at once.
const PAGE: u32 = 1_000;

/// How often a log that is followed is looked at.
const POLL: Duration = Duration::from_millis(100);

pub(crate) async fn run(
    options: RuntimeOptions,
    command: SessionCommand,
    json: bool,
) -> failure::Result {
    // Sessions can be taken in where there are none yet; all else is about those there are.
    if let SessionCommand::Import { file } = &command {
        return import::import(options, file, json).await;
    }
    let runtime = super::open(options)?;
    let ended = on(&runtime, command, json).await;
    runtime.store.close().await?;
    ended
}

async fn on(runtime: &Runtime, command: SessionCommand, json: bool) -> failure::Result {
    let store = runtime.store.as_ref();
    let find = async |wanted: &str| find(store, wanted).await;
    match command {
        SessionCommand::List { limit } => list::list(store, limit, json).await?,
        SessionCommand::Show { id, follow } => {
            show::show(store, &find(&id).await?, follow, json).await?;
        }
        SessionCommand::Events { id, after, follow } => {
            events::events(store, &find(&id).await?, after, follow, json).await?;
        }
        SessionCommand::Files { id } => files::files(store, &find(&id).await?, json).await?,
        SessionCommand::Export(args) => export::export(store, &args).await?,
        SessionCommand::Archive { id } => {
            remove::archive(runtime, &find(&id).await?, json).await?;
        }
        SessionCommand::Delete { id, yes } => {
            remove::delete(runtime, &find(&id).await?, yes, json).await?;
        }
        SessionCommand::Interrupt { id, thread } => {
            let session = find(&id).await?.session.id;
            send::interrupt(runtime, &session, thread.as_deref(), json).await?;
        }
        SessionCommand::Send { id, text, going_on } => {
            let session = find(&id).await?.session.id;
            return send::send(runtime, &session, &text, going_on, json).await;
        }
        SessionCommand::Outcome { id, description, rubric, max_iterations, going_on } => {
            let session = find(&id).await?.session.id;
            let outcome = send::Outcome { description, rubric, max_iterations };
            return send::outcome(runtime, &session, outcome, going_on, json).await;
        }
        SessionCommand::Confirm { id, call, decision, reason, going_on } => {
            let said = send::decided(decision, reason)?;
            let session = find(&id).await?.session.id;
            return send::confirm(runtime, &session, &call, said, going_on, json).await;
        }
        SessionCommand::Resume { id: Some(id), later, .. } => {
            return resume::resume(runtime, &find(&id).await?.session.id, later, json).await;
        }
        SessionCommand::Resume { id: None, later, .. } => {
            return resume::all(runtime, later, json).await;
        }
        SessionCommand::Import { .. } => {}
    }
    Ok(Ended::Done)
}

/// Sessions at a glance, newest first.
async fn sessions(store: &dyn Store, limit: Option<u32>) -> Result<Vec<SessionSummary>> {
    store.sessions(&SessionFilter { newest_first: true, limit, ..SessionFilter::default() }).await
}

async fn find(store: &dyn Store, wanted: &str) -> Result<SessionSummary> {
    let all = sessions(store, None).await?;
    pick(&all, |summary| summary.session.id.as_str(), wanted, "session").cloned()
}

/// The whole log of a session, as far as it goes now.
async fn all_events(store: &dyn Store, id: &SessionId) -> Result<Vec<(u32, EventRecord)>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.events(id, after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = Some(*last);
        all.extend(page);
    }
}

/// Reads a log as it grows, whoever writes it, until the session is archived or gone. Tells
/// of each page, and of an empty one whenever it looked and nothing was new.
async fn follow(
    store: &dyn Store,
    session: &SessionSummary,
    mut after: Option<u32>,
    mut tell: impl FnMut(&[(u32, EventRecord)]) -> failure::Result<()>,
) -> failure::Result<()> {
    let id = &session.session.id;
    let mut over = session.status == SessionStatus::Terminated;
    loop {
        let next = after.map_or(0, |last| last.saturating_add(1));
        let Some(head) = store.head(id).await? else { return Ok(()) };
        let page = if head > next { store.events(id, after, PAGE).await? } else { Vec::new() };
        tell(&page)?;
        match page.last() {
            Some((last, _)) => after = Some(*last),
            None if over => return Ok(()),
            None => tokio::time::sleep(POLL).await,
        }
        let status = |record: &EventRecord| Event::session_status(&record.kind);
        let mut statuses = page.iter().rev().filter_map(|(_, record)| status(record));
        over |= statuses.next() == Some(SessionStatus::Terminated);
    }
}

#[cfg(test)]
mod tests;
