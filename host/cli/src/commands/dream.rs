//! `lucid dream`.

mod evaluate;
mod review;
mod schedule;
mod score;
mod start;
mod watch;

use lucid_core::{Dream, Failure, Result};
use lucid_runtime::{Runtime, RuntimeOptions, Store};

use super::pick::pick;
use crate::args::DreamCommand;
use crate::failure::{self, Ended};
use crate::show::{dream as text, print, print_json, print_list, table};

pub(crate) async fn run(
    options: RuntimeOptions,
    command: DreamCommand,
    json: bool,
) -> failure::Result {
    // Those that come with a mission open the state folder once it is loaded.
    match command {
        DreamCommand::Start(args) => start::start(options, args, json).await,
        DreamCommand::Evaluate(args) => evaluate::evaluate(options, args, json).await,
        DreamCommand::Schedule(command) => schedule::run(options, command, json).await,
        DreamCommand::Scheduler { once } => schedule::scheduler(options, once, json).await,
        command => {
            let runtime = super::open(options)?;
            let ended = on(&runtime, command, json).await;
            runtime.store.close().await?;
            ended
        }
    }
}

async fn on(runtime: &Runtime, command: DreamCommand, json: bool) -> failure::Result {
    let find = async |wanted: &str| find(runtime.store.as_ref(), wanted).await;
    match command {
        DreamCommand::List { limit } => list(runtime, limit, json).await?,
        DreamCommand::Show { id, score } => {
            let dream = find(&id).await?;
            return score::show(runtime, &dream, score.as_deref(), json).await;
        }
        DreamCommand::Watch { id } => return watch::watch(runtime, &find(&id).await?, json).await,
        DreamCommand::Resume { id } => {
            return start::resume(runtime, &find(&id).await?, json).await;
        }
        DreamCommand::Cancel { id } => {
            return start::cancel(runtime, &find(&id).await?, json).await;
        }
        DreamCommand::Diff { id } => review::diff(runtime, &find(&id).await?, json).await?,
        DreamCommand::Queue => review::queue(runtime, json).await?,
        DreamCommand::Accept(args) => {
            review::review(runtime, review::Verb::Accept, &args, json).await?;
        }
        DreamCommand::Reject(args) => {
            review::review(runtime, review::Verb::Reject, &args, json).await?;
        }
        DreamCommand::Undo(args) => {
            review::review(runtime, review::Verb::Undo, &args, json).await?;
        }
        DreamCommand::Start(_)
        | DreamCommand::Evaluate(_)
        | DreamCommand::Schedule(_)
        | DreamCommand::Scheduler { .. } => {}
    }
    Ok(Ended::Done)
}

async fn list(runtime: &Runtime, limit: u32, json: bool) -> Result<()> {
    let mut dreams = Vec::new();
    for dream in runtime.store.dreams_in_short().await?.iter().take(limit as usize) {
        dreams.extend(runtime.store.dream(&dream.id).await?);
    }
    if json {
        print_list(dreams.iter().map(text::document))
    } else {
        print(&table::dreams(&dreams))
    }
}

async fn find(store: &dyn Store, wanted: &str) -> Result<Dream> {
    let all = store.dreams_in_short().await?;
    let id = &pick(&all, |dream| dream.id.as_str(), wanted, "dream")?.id;
    store.dream(id).await?.ok_or_else(|| Failure::bug(format!("dream {id} is gone")))
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
