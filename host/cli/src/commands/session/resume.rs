//! `lucid session resume`, and going on with a session that something was written to.

use lucid_core::{Failure, Result, SessionId, SessionSummary};
use lucid_runtime::NoObserver;
use lucid_verbs::LeftSessions;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::read::{find, state};
use crate::commands::ask;
use crate::failure::{self, Ended};
use crate::place::Place;
use crate::show::ending::Ending;
use crate::show::live::Live;
use crate::show::{print, print_json};

/// Goes on with a session until it rests, and shows what it came to.
pub(super) async fn resume(
    place: &Place,
    session: &SessionSummary,
    later: bool,
    json: bool,
) -> failure::Result {
    let live = Live::begin(place.clone(), json);
    let approver = ask::approver(later, live.progress());
    let ended = Box::pin(place.go_on(session, approver, live.observer())).await;
    live.end().await;
    ended?;
    let id = &session.session.id;
    let state = state(place, id).await?;
    let ending = Ending::of(id, &state, place.outputs(id));
    if json {
        print_json(&ending.document(None))?;
    } else {
        print(&ending.text())?;
    }
    Ok(ending.ended())
}

/// Goes on with all sessions whose process ended while they worked, beside each other.
pub(super) async fn all(place: &Place, later: bool, json: bool) -> failure::Result {
    let approver = ask::approver(later, None);
    let mut running = JoinSet::new();
    for id in place.ask(LeftSessions {}).await? {
        let (place, approver) = (place.clone(), approver.clone());
        running.spawn(async move {
            let ended = match find(&place, id.as_str()).await {
                Ok(found) => {
                    let observer = std::sync::Arc::new(NoObserver);
                    Box::pin(place.go_on(&found, approver, observer)).await
                }
                Err(failure) => Err(failure),
            };
            (id, ended)
        });
    }
    let (mut documents, mut worst) = (Vec::new(), Ended::Done);
    if running.is_empty() && !json {
        print("no session was left while it worked\n")?;
    }
    while let Some(ended) = running.join_next().await {
        let (id, ended) = ended.map_err(|error| Failure::bug(error.to_string()))?;
        let (document, ended) = told(place, &id, ended, json).await?;
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
    place: &Place,
    id: &SessionId,
    ended: Result<()>,
    json: bool,
) -> Result<(Value, Ended)> {
    match ended {
        Ok(()) => {
            let state = state(place, id).await?;
            let ending = Ending::of(id, &state, place.outputs(id));
            if !json {
                print(&format!("{id}\n{}\n", ending.text()))?;
            }
            Ok((ending.document(None), ending.ended()))
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
