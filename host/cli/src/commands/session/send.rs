//! `lucid session send`, `interrupt` and `confirm`: what people write into a session.

use std::path::PathBuf;

use lucid_core::{
    Confirmation, Content, Event, EventId, Failure, OutcomeId, Result, SessionId, SessionState,
    ThreadId,
};
use lucid_runtime::{Runtime, SystemClock, SystemEntropy};
use serde_json::json;

use super::resume::resume;
use crate::args::{Decision, GoOnArgs};
use crate::commands::rubric;
use crate::failure::{self, Ended};
use crate::show::{print, print_json};

/// A decision, with what the agent is told.
pub(super) type Decided = (Confirmation, Option<String>);

pub(super) async fn send(
    runtime: &Runtime,
    id: &SessionId,
    text: &str,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    if text.trim().is_empty() {
        return Err(Failure::invalid("there is nothing to send").hint("give a text").into());
    }
    let said = Event::UserMessage { content: Content::text(text) };
    let state = runtime.session_state(id).await?;
    post(runtime, id, &state, vec![said], going_on, json).await
}

/// What a session is to achieve.
pub(super) struct Outcome {
    pub(super) description: String,
    /// The file of the rubric.
    pub(super) rubric: PathBuf,
    pub(super) max_iterations: u32,
}

pub(super) async fn outcome(
    runtime: &Runtime,
    id: &SessionId,
    outcome: Outcome,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    let Outcome { description, rubric, max_iterations } = outcome;
    let content = rubric::read(&rubric)?;
    let state = runtime.session_state(id).await?;
    let mission = runtime.can_go_on(id, &state).await?;
    let Some((graders, _)) = mission.graders() else {
        return Err(Failure::invalid(format!("mission `{}` has no grader", mission.name))
            .hint("add `[outcome]` to its mission.toml, which names one")
            .into());
    };
    graders.check_rubric(&content).await.map_err(|failure| failure.about(rubric.display()))?;
    let (clock, entropy) = (SystemClock::default(), SystemEntropy);
    let defined = Event::DefineOutcome {
        outcome_id: OutcomeId::new(&clock, &entropy),
        description,
        rubric: json!({"type": "text", "content": content}),
        max_iterations,
    };
    post(runtime, id, &state, vec![defined], going_on, json).await
}

/// What a person decided; a reason is for what is denied.
///
/// # Errors
/// Invalid, when a reason is given for what is allowed.
pub(super) fn decided(decision: Decision, reason: Option<String>) -> Result<Decided> {
    match (decision, &reason) {
        (Decision::Allow, Some(_)) => Err(Failure::invalid("--reason needs a call that is denied")
            .hint("`lucid session send` says something to the lead")),
        (Decision::Allow, None) => Ok((Confirmation::Allow, None)),
        (Decision::Deny, _) => Ok((Confirmation::Deny, reason)),
    }
}

pub(super) async fn confirm(
    runtime: &Runtime,
    id: &SessionId,
    call: &str,
    (result, deny_message): Decided,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    let state = runtime.session_state(id).await?;
    let waiting: Vec<&EventId> = state.asks().map(|(_, call)| &call.event).collect();
    let tool_use_id = waiting_call(id, &waiting, call)?;
    let said = Event::ToolConfirmation { tool_use_id, result, deny_message };
    post(runtime, id, &state, vec![said], going_on, json).await
}

/// The call that is meant, of those that wait.
fn waiting_call(id: &SessionId, waiting: &[&EventId], wanted: &str) -> Result<EventId> {
    let fits = |call: &&&EventId| call.as_str() == wanted;
    if let Some(exact) = waiting.iter().find(fits) {
        return Ok((*exact).clone());
    }
    let fitting: Vec<_> = waiting.iter().filter(|call| call.as_str().starts_with(wanted)).collect();
    if let [one] = fitting.as_slice() {
        return Ok((**one).clone());
    }
    let message = match fitting.len() {
        0 => format!("no call `{wanted}` of session {id} waits for a person"),
        _ => format!("several calls of session {id} that wait start with `{wanted}`"),
    };
    let names: Vec<&str> = waiting.iter().map(|call| call.as_str()).collect();
    let hint = match names.is_empty() {
        true => "no call of it waits for anybody".to_owned(),
        false => format!("these wait: {}", names.join(", ")),
    };
    Err(Failure::invalid(message).hint(hint))
}

/// Writes an event into a session, which then goes on here where nobody else runs it.
async fn post(
    runtime: &Runtime,
    id: &SessionId,
    state: &SessionState,
    events: Vec<Event>,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    if !going_on.queue && !runtime.is_running(id).await? {
        // Asked before anything is written.
        runtime.can_go_on(id, state).await?;
    }
    let posted = runtime.post(id, events).await?;
    if !posted.is_running && !going_on.queue {
        return resume(runtime, id, going_on.later, json).await;
    }
    let text = if posted.is_running {
        format!("the process that runs {id} takes it up; watch it:\n")
            + &format!("  lucid session show {id} --follow\n")
    } else {
        format!("it waits in {id}; go on with it:\n  lucid session resume {id}\n")
    };
    tell(id, posted.is_running, &text, json)?;
    Ok(Ended::Done)
}

pub(super) async fn interrupt(
    runtime: &Runtime,
    id: &SessionId,
    thread: Option<&str>,
    json: bool,
) -> Result<()> {
    let state = runtime.session_state(id).await?;
    let session_thread_id = thread.map(|wanted| named(id, &state, wanted)).transpose()?;
    let posted = runtime.post(id, vec![Event::Interrupt { session_thread_id }]).await?;
    let outcome = state.outcome.as_ref().is_some_and(lucid_core::OutcomeState::is_open);
    let works = state.is_working() || state.asks().next().is_some() || outcome;
    let text = match (posted.is_running, works) {
        (true, _) => format!("the process that runs {id} stops it\n"),
        (false, true) => {
            format!("nobody runs {id}; it stops when it goes on:\n  lucid session resume {id}\n")
        }
        (false, false) => format!("{id} does not work: there is nothing to stop\n"),
    };
    tell(id, posted.is_running, &text, json)
}

fn tell(id: &SessionId, is_running: bool, text: &str, json: bool) -> Result<()> {
    if json {
        return print_json(&json!({"session_id": id, "is_running": is_running}));
    }
    print(text)
}

/// The thread of a name as it is drawn, of an id, or of the unique start of one.
fn named(id: &SessionId, state: &SessionState, wanted: &str) -> Result<ThreadId> {
    let threads = state.threads.iter().enumerate().filter_map(|(place, thread)| {
        let before = &state.threads[..place];
        let same = before.iter().filter(|other| other.agent == thread.agent).count();
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
    use lucid_core::{EventRecord, SeededEntropy, StepClock, Timestamp};

    use super::*;

    #[test]
    fn a_reason_is_for_what_is_denied() {
        let reason = || Some("not today".to_owned());
        assert_eq!(decided(Decision::Deny, reason()), Ok((Confirmation::Deny, reason())));
        assert_eq!(decided(Decision::Allow, None), Ok((Confirmation::Allow, None)));
        assert!(decided(Decision::Allow, reason()).unwrap_err().hint.is_some());
    }

    #[test]
    fn a_call_may_be_named_by_its_start_but_it_has_to_wait() {
        let session = SessionId::parse("sesn_01x").unwrap();
        let [a, b] = ["sevt_01ab", "sevt_01ac"].map(|id| EventId::parse(id).unwrap());
        let find = |wanted| waiting_call(&session, &[&a, &b], wanted);
        assert_eq!(find("sevt_01ac"), Ok(b.clone()));
        assert_eq!(find("sevt_01ab"), Ok(a.clone()));
        assert!(find("sevt_01").unwrap_err().message.contains("several"));
        let other = find("sevt_02").unwrap_err();
        assert_eq!(other.hint.unwrap(), "these wait: sevt_01ab, sevt_01ac");
        let none = waiting_call(&session, &[], "sevt_01ab").unwrap_err();
        assert_eq!(none.hint.unwrap(), "no call of it waits for anybody");
    }

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
