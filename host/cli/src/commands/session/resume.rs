//! `lucid session resume`, and going on with a session that something was written to.

use lucid_core::{Result, SessionId};
use lucid_runtime::{RunOptions, Runtime, SessionEnd};
use serde_json::json;
use tokio::task::JoinSet;

use crate::commands::ask;
use crate::failure::{self, Ended};
use crate::show::live::Live;
use crate::show::{ending, print, print_json};

/// Goes on with a session here until it rests, and shows what it came to.
pub(super) async fn resume(
    runtime: &Runtime,
    id: &SessionId,
    later: bool,
    json: bool,
) -> failure::Result {
    let live = Live::begin(runtime, json);
    let approver = ask::approver(later, live.progress());
    let options = RunOptions { approver, observer: live.observer(), ..RunOptions::default() };
    let ended = runtime.resume(id, &options).await;
    live.end().await;
    let end = ended?;
    let waiting = ending::waiting(&runtime.session_state(id).await?);
    if json {
        print_json(&ending::document(None, id, &end, &waiting))?;
    } else {
        print(&ending::text(id, &end, &waiting))?;
    }
    Ok(ending::ended(end.outcome, &end.idle))
}

/// Goes on with all sessions whose process ended while they worked, beside each other.
pub(super) async fn all(runtime: &Runtime, later: bool, json: bool) -> failure::Result {
    let approver = ask::approver(later, None);
    let mut running = JoinSet::new();
    for id in runtime.interrupted().await? {
        let options = RunOptions { approver: approver.clone(), ..RunOptions::default() };
        let runtime = runtime.clone();
        running.spawn(async move {
            let end = runtime.resume(&id, &options).await;
            (id, end)
        });
    }
    let (mut documents, mut worst) = (Vec::new(), Ended::Done);
    if running.is_empty() && !json {
        print("no session was left while it worked\n")?;
    }
    while let Some(ended) = running.join_next().await {
        let (id, end) = ended.map_err(|error| lucid_core::Failure::bug(error.to_string()))?;
        let (document, ended) = told(runtime, &id, end, json).await?;
        documents.push(document);
        worst = if worst == Ended::Done { ended } else { worst };
    }
    if json {
        print_json(&json!({ "data": documents }))?;
    }
    Ok(worst)
}

/// What one of several came to, told at once where people read it.
async fn told(
    runtime: &Runtime,
    id: &SessionId,
    end: Result<SessionEnd>,
    json: bool,
) -> Result<(serde_json::Value, Ended)> {
    match end {
        Ok(end) => {
            let waiting = ending::waiting(&runtime.session_state(id).await?);
            if !json {
                print(&format!("{id}\n{}\n", ending::text(id, &end, &waiting)))?;
            }
            let ended = ending::ended(end.outcome, &end.idle);
            Ok((ending::document(None, id, &end, &waiting), ended))
        }
        Err(failure) => {
            if !json {
                let hint = failure.hint.iter().map(|hint| format!(" (hint: {hint})"));
                print(&format!("{id}: {failure}{}\n", hint.collect::<String>()))?;
            }
            Ok((json!({"session_id": id, "error": failure}), Ended::Failed))
        }
    }
}
