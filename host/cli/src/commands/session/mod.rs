//! `lucid session`.

mod events;
mod export;
mod files;
mod import;
mod list;
pub(crate) mod read;
mod remove;
mod resume;
mod send;
mod show;

use read::find;

use crate::args::SessionCommand;
use crate::failure::{self, Ended};
use crate::place::{Place, Site};

pub(crate) async fn run(site: Site, command: SessionCommand, json: bool) -> failure::Result {
    // Sessions can be taken in where there are none yet; all else is about those there are.
    if let SessionCommand::Import { file } = &command {
        return import::import(site, file, json).await;
    }
    let place = site.open()?;
    let ended = on(&place, command, json).await;
    place.close().await?;
    ended
}

async fn on(place: &Place, command: SessionCommand, json: bool) -> failure::Result {
    match command {
        SessionCommand::List { limit } => list::list(place, limit, json).await?,
        SessionCommand::Show { id, follow } => {
            show::show(place, &find(place, &id).await?, follow, json).await?;
        }
        SessionCommand::Events { id, after, follow } => {
            events::events(place, &find(place, &id).await?, after, follow, json).await?;
        }
        SessionCommand::Files { id } => {
            files::files(place, &find(place, &id).await?, json).await?;
        }
        SessionCommand::Export(args) => export::export(place, &args).await?,
        SessionCommand::Archive { id } => {
            remove::archive(place, &find(place, &id).await?, json).await?;
        }
        SessionCommand::Delete { id, yes } => {
            remove::delete(place, &find(place, &id).await?, yes, json).await?;
        }
        SessionCommand::Interrupt { id, thread } => {
            let session = find(place, &id).await?.session.id;
            send::interrupt(place, session, thread, json).await?;
        }
        SessionCommand::Send { id, text, going_on } => {
            let session = find(place, &id).await?;
            return send::send(place, &session, text, going_on, json).await;
        }
        SessionCommand::Outcome { id, description, rubric, max_iterations, going_on } => {
            let session = find(place, &id).await?;
            let outcome = send::Outcome { description, rubric, max_iterations };
            return send::outcome(place, &session, outcome, going_on, json).await;
        }
        SessionCommand::Confirm { id, call, decision, reason, going_on } => {
            let said = send::decided(decision, reason)?;
            let session = find(place, &id).await?;
            return send::confirm(place, &session, call, said, going_on, json).await;
        }
        SessionCommand::Resume { id: Some(id), later, .. } => {
            return resume::resume(place, &find(place, &id).await?, later, json).await;
        }
        SessionCommand::Resume { id: None, later, .. } => {
            return resume::all(place, later, json).await;
        }
        SessionCommand::Import { .. } => {}
    }
    Ok(Ended::Done)
}
