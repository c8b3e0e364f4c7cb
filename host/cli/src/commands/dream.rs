//! `lucid dream`.

mod evaluate;
mod review;
mod schedule;
mod score;
mod start;
mod watch;

use lucid_core::{Dream, DreamId, Result};
use lucid_verbs::{DreamDecision, ListDreams, ReadDream};

use crate::args::DreamCommand;
use crate::failure::{self, Ended};
use crate::place::{Place, Site};
use crate::show::{dream as text, print, print_json, print_list, table};
pub(crate) use evaluate::{proof_document, show_proof};

pub(crate) async fn run(site: Site, command: DreamCommand, json: bool) -> failure::Result {
    match command {
        DreamCommand::Evaluate(args) => evaluate::evaluate(site, args, json).await,
        // What runs schedules of this machine.
        DreamCommand::Scheduler { once } => schedule::scheduler(site.here()?, once, json).await,
        DreamCommand::Start(args) => start::start(site, args, json).await,
        command => {
            let place = site.open()?;
            let ended = on(&place, command, json).await;
            place.close().await?;
            ended
        }
    }
}

async fn on(place: &Place, command: DreamCommand, json: bool) -> failure::Result {
    match command {
        DreamCommand::List { limit } => list(place, limit, json).await?,
        DreamCommand::Show { id, score } => {
            let truth = score.as_deref().map(score::read).transpose()?;
            let dream = find(place, &id).await?;
            match truth {
                Some(truth) => score::print_scored(place, &dream, &truth, json).await?,
                None if json => print_json(&text::document(&dream))?,
                None => print(&text::render(&dream))?,
            }
        }
        DreamCommand::Watch { id } => {
            return watch::watch(place, &find(place, &id).await?, json).await;
        }
        DreamCommand::Resume { id } => return start::resume(place, id, json).await,
        DreamCommand::Cancel { id } => return start::cancel(place, id, json).await,
        DreamCommand::Diff { id } => review::diff(place, id, json).await?,
        DreamCommand::Queue => review::queue(place, json).await?,
        DreamCommand::Accept(args) => {
            review::review(place, DreamDecision::Accept, args, json).await?;
        }
        DreamCommand::Reject(args) => {
            review::review(place, DreamDecision::Reject, args, json).await?;
        }
        DreamCommand::Undo(args) => {
            review::review(place, DreamDecision::Undo, args, json).await?;
        }
        DreamCommand::Schedule(command) => schedule::run(place, command, json).await?,
        DreamCommand::Start(_) | DreamCommand::Evaluate(_) | DreamCommand::Scheduler { .. } => {}
    }
    Ok(Ended::Done)
}

async fn list(place: &Place, limit: u32, json: bool) -> Result<()> {
    let (mut dreams, mut left): (Vec<Dream>, u32) = (Vec::new(), limit);
    // One answer may have fewer than were asked for.
    while left > 0 {
        let after = dreams.last().map(|dream| dream.id.clone());
        let page = place.ask(ListDreams { limit: left, after }).await?;
        if page.is_empty() {
            break;
        }
        left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        dreams.extend(page);
    }
    if json {
        print_list(dreams.iter().map(text::document))
    } else {
        print(&table::dreams(&dreams))
    }
}

/// The dream that is meant: an id, the unique start of one, or `latest`.
async fn find(place: &Place, wanted: &str) -> Result<Dream> {
    place.ask(ReadDream { id: wanted.to_owned() }).await
}

/// A dream as it is now.
async fn now(place: &Place, id: &DreamId) -> Result<Dream> {
    find(place, id.as_str()).await
}

/// Prints a dream that has ended, and says what that is as an exit code.
fn show_ended(dream: &Dream, json: bool) -> failure::Result {
    if json {
        print_json(&text::document(dream))?;
    } else {
        print(&text::ended(dream))?;
    }
    Ok(ended(dream))
}

/// How a command ends that waited for a dream.
fn ended(dream: &Dream) -> Ended {
    use lucid_core::{DreamErrorKind, DreamStatus};
    match (dream.status, dream.error.as_ref().map(|error| error.kind)) {
        (DreamStatus::Completed | DreamStatus::Pending | DreamStatus::Running, _) => Ended::Done,
        (
            DreamStatus::Failed,
            Some(
                DreamErrorKind::Timeout
                | DreamErrorKind::InputMemoryStoreTooLarge
                | DreamErrorKind::MemoryStoreOrgLimitExceeded,
            ),
        ) => Ended::Exceeded,
        (DreamStatus::Failed | DreamStatus::Canceled, _) => Ended::Failed,
    }
}
