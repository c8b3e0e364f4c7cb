//! Waiting for a run that goes on in a server.

use std::io::IsTerminal as _;
use std::time::Duration;

use lucid_core::{Failure, FailureKind, Result, RunId};
use lucid_runtime::Observer;
use lucid_verbs::{CancelRun, RunBegan, RunEnd, RunResult, WAIT_MS_MAX, WatchRun};

use crate::commands::{ask, interrupt};
use crate::place::Place;
use crate::show::sight::Sight;

/// How long is waited before a run is looked at again that just told something.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits for a run that was begun, shown as it is where it runs here. Where people can be asked,
/// the one at this terminal decides about the calls that wait when it rests.
pub(crate) async fn attend(
    place: &Place,
    began: &RunBegan,
    later: bool,
    quiet: bool,
) -> Result<RunResult> {
    if !quiet && std::io::stderr().is_terminal() {
        anstream::eprint!("{}", heading(began, later));
    }
    let sight = Sight::begin(began.kind, place, quiet);
    let observer = sight.observer();
    let mut ended = attended(place, &began.id, observer.as_ref()).await;
    if let Ok(RunResult::Session { id, .. }) = &ended
        && began.kind.can_wait()
    {
        let approver = ask::approver(later, sight.progress());
        let settled = tokio::select! {
            settled = place.settle(id, approver.as_ref()) => settled,
            () = interrupt::asked_to_end() => Err(Failure::failed(format!("session {id} was left"))
                .hint(format!("go on with it with `lucid session resume {id}`"))),
        };
        if let Err(failure) = settled {
            ended = Err(failure);
        }
    }
    sight.end().await;
    ended
}

/// What whoever waits at a terminal should know.
fn heading(began: &RunBegan, later: bool) -> String {
    let id = &began.id;
    let mut text = format!("run {id} of the server; watch it again: lucid run --watch {id}\n");
    if !later && !began.kind.can_wait() {
        text.push_str("over a server nobody is asked in it: what needs permission is denied\n");
    }
    text
}

/// Waits for a run. The first ctrl-c cancels it, as it ends a run here; the second does not
/// wait for that.
async fn attended(place: &Place, id: &RunId, observer: &dyn Observer) -> Result<RunResult> {
    let ended = Box::pin(to_its_end(place, id, observer));
    let cancel = Box::pin(place.ask(CancelRun { id: id.clone() }));
    interrupt::waited_for(ended, cancel).await.unwrap_or_else(|| Err(left(id)))
}

/// Looks at a run until it has ended, and tells what it tells.
async fn to_its_end(place: &Place, id: &RunId, observer: &dyn Observer) -> Result<RunResult> {
    let mut after = 0;
    loop {
        let watch = WatchRun { id: id.to_string(), after, wait_ms: WAIT_MS_MAX };
        let seen = place.ask(watch).await.map_err(|failure| not_seen(id, failure))?;
        after = seen.at;
        seen.notes.iter().for_each(|note| note.tell(observer));
        match seen.ended {
            Some(RunEnd::Done(result)) => return Ok(result),
            Some(RunEnd::Failed(failure)) => return Err(failure),
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// A look that failed. A server goes on with what it runs, whoever sees it.
fn not_seen(id: &RunId, failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Failed | FailureKind::Bug => failure.about(format!("run {id}")).hint(format!(
            "it goes on as long as the server does; watch it with `lucid run --watch {id}`, \
                 and after a stop of the server go on with `lucid run NAME --resume`"
        )),
        _ => failure,
    }
}

/// A run that nobody waited for while it was being canceled.
fn left(id: &RunId) -> Failure {
    Failure::failed(format!("run {id} was left while it ended"))
        .hint(format!("`lucid run --watch {id}` says how it ended"))
}

#[cfg(test)]
mod tests {
    use lucid_verbs::RunKind;

    use super::*;

    #[test]
    fn who_cannot_be_asked_is_told_so() {
        let id = RunId::parse("mrun_01a").unwrap();
        for kind in [RunKind::Session, RunKind::FixedSession, RunKind::Study, RunKind::Proof] {
            let began = RunBegan { id: id.clone(), kind };
            let text = heading(&began, false);
            assert!(text.contains("--watch mrun_01a"), "{text}");
            assert_eq!(text.contains("is denied"), kind != RunKind::Session, "{text}");
            assert!(!heading(&began, true).contains("is denied"));
        }
    }

    #[test]
    fn whoever_loses_sight_of_a_run_is_told_how_it_is_watched_again() {
        let id = RunId::parse("mrun_01a").unwrap();
        let lost = not_seen(&id, Failure::failed("no server answers"));
        assert!(lost.message.starts_with("run mrun_01a: "), "{lost}");
        assert!(lost.hint.unwrap().contains("--watch mrun_01a"));
        let gone = Failure::invalid("no such run").hint("its own");
        assert_eq!(not_seen(&id, gone.clone()), gone);
    }
}
