//! Stopping what a session does.

use lucid_core::{Event, Failure, Result, SessionId, SessionState, ThreadId};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;
use crate::verb::Verb;
use crate::work::{check_goes_on, write};

/// Stops what a session does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptSession {
    /// The session.
    pub id: SessionId,
    /// Only this thread: its name as it is drawn, its id, or the unique start of one.
    #[serde(default)]
    pub thread: Option<String>,
}

/// What there was to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupted {
    /// Whether somebody runs the session, and so stops it.
    pub is_running: bool,
    /// Whether something was begun in it.
    pub works: bool,
}

impl Verb for InterruptSession {
    const NAME: &'static str = "interrupt_session";
    const CHANGES: bool = true;
    type Answer = Interrupted;

    /// # Errors
    /// Invalid, when there is no such thread, or the session is archived.
    async fn perform(self, stage: &Stage) -> Result<Interrupted> {
        let Self { id, thread } = self;
        let state = stage.runtime.session_state(&id).await?;
        check_goes_on(stage, &id, &state)?;
        let session_thread_id = thread.map(|wanted| named(&id, &state, &wanted)).transpose()?;
        let event = Event::Interrupt { session_thread_id };
        write(stage, &id, event).await?;
        let outcome = state.outcome.as_ref().is_some_and(lucid_core::OutcomeState::is_open);
        let works = state.is_working() || state.asks().next().is_some() || outcome;
        if works && !stage.is_run_elsewhere(&id).await? {
            stage.around().wake(&id, state.events);
        }
        // Asked afterwards: whoever was woken runs it now.
        Ok(Interrupted { is_running: stage.is_run(&id).await?, works })
    }
}

/// The thread of a name as it is drawn, of an id, or of the unique start of one.
fn named(id: &SessionId, state: &SessionState, wanted: &str) -> Result<ThreadId> {
    let threads = state.threads.iter().enumerate().filter_map(|(place, thread)| {
        let before = state.threads.iter().take(place);
        let same = before.filter(|other| other.agent == thread.agent).count();
        let name = match same {
            0 => thread.agent.clone(),
            _ => format!("{}#{}", thread.agent, same + 1),
        };
        Some((name, thread.id.clone()?))
    });
    let threads: Vec<(String, ThreadId)> = threads.collect();
    let exact = threads.iter().find(|(name, id)| name == wanted || id.as_str() == wanted);
    let mut starting = threads.iter().filter(|(_, id)| id.as_str().starts_with(wanted));
    let found = match (exact, starting.next(), starting.next()) {
        (Some(exact), _, _) => Some(exact),
        (None, Some(one), None) => Some(one),
        _ => None,
    };
    found.map(|(_, thread)| thread.clone()).ok_or_else(|| {
        Failure::invalid(format!("session {id} has no thread `{wanted}`, or several that fit"))
            .hint(format!("`lucid session show {id}` has the names of its threads"))
    })
}

#[cfg(test)]
mod tests {
    use lucid_core::{EventId, EventRecord, SeededEntropy, StepClock, Timestamp};

    use super::*;

    #[test]
    fn threads_are_named_as_they_are_drawn() {
        let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(1));
        let mut state = SessionState::new();
        let mut ids = Vec::new();
        for agent in ["lead", "worker", "worker"] {
            let thread = ThreadId::new(&clock, &entropy);
            let (session_thread_id, agent_name) = (thread.clone(), agent.to_owned());
            let event = Event::ThreadRunning { session_thread_id, agent_name };
            let id = EventId::new(&clock, &entropy);
            let record = EventRecord::new(id, &event, Some(thread.clone()), true, Timestamp(1));
            state.apply(&record.unwrap());
            ids.push(thread);
        }
        let session = SessionId::parse("sesn_01x").unwrap();
        let find = |wanted: &str| named(&session, &state, wanted);
        assert_eq!(find("worker"), Ok(ids[1].clone()));
        assert_eq!(find("worker#2"), Ok(ids[2].clone()));
        assert_eq!(find(ids[0].as_str()), Ok(ids[0].clone()));
        assert!(find("sthr_").unwrap_err().message.contains("several"));
        assert!(find("critic").is_err());
    }
}
