//! What people say into a session, and going on with it.

use std::path::Path;

use lucid_core::{
    Confirmation, Content, Event, EventId, Failure, OutcomeId, Result, SessionId, SessionState,
};
use lucid_runtime::{Mission, SystemClock, SystemEntropy, check_talks};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::hidden::without;
use crate::stage::Stage;
use crate::verb::Verb;

/// What became of something that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Whether somebody ran the session already, and so takes it up.
    pub is_running: bool,
}

/// Says something to a session's lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The session.
    pub id: SessionId,
    /// What.
    pub text: String,
    /// Only write it down: nobody goes on because of it.
    #[serde(default)]
    pub queue: bool,
}

impl Verb for SendMessage {
    const NAME: &'static str = "send_message";
    const CHANGES: bool = true;
    type Answer = Said;

    /// # Errors
    /// Invalid, when there is nothing to say, or the session cannot go on.
    async fn perform(self, stage: &Stage) -> Result<Said> {
        let Self { id, text, queue } = self;
        if text.trim().is_empty() {
            return Err(Failure::invalid("there is nothing to send").hint("give a text"));
        }
        let state = stage.runtime.session_state(&id).await?;
        say(stage, &id, &state, Event::UserMessage { content: Content::text(text) }, queue).await
    }
}

/// Says what a session is to achieve next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefineOutcome {
    /// The session.
    pub id: SessionId,
    /// What the outcome is, in a sentence or two.
    pub description: String,
    /// What done means, in Markdown.
    pub rubric: String,
    /// What the rubric is called in errors, such as its file.
    pub rubric_name: String,
    /// How often it is evaluated at most: 1 to 20.
    pub max_iterations: u32,
    /// Only write it down: nobody goes on because of it.
    #[serde(default)]
    pub queue: bool,
}

impl Verb for DefineOutcome {
    const NAME: &'static str = "define_outcome";
    const CHANGES: bool = true;
    type Answer = Said;

    /// # Errors
    /// Invalid, when the session cannot go on, its mission has no grader, or the rubric is none.
    async fn perform(self, stage: &Stage) -> Result<Said> {
        let Self { id, description, rubric, rubric_name, max_iterations, queue } = self;
        let state = stage.runtime.session_state(&id).await?;
        let mission = can_go_on(stage, &id, &state).await?;
        let Some((graders, _)) = mission.graders() else {
            return Err(Failure::invalid(format!("mission `{}` has no grader", mission.name))
                .hint("add `[outcome]` to its mission.toml, which names one"));
        };
        graders.check_rubric(&rubric).await.map_err(|failure| failure.about(rubric_name))?;
        let (clock, entropy) = (SystemClock::default(), SystemEntropy);
        let defined = Event::DefineOutcome {
            outcome_id: OutcomeId::new(&clock, &entropy),
            description,
            rubric: json!({"type": "text", "content": rubric}),
            max_iterations,
        };
        say(stage, &id, &state, defined, queue).await
    }
}

/// Decides about a call that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmCall {
    /// The session.
    pub id: SessionId,
    /// The call's event: its id, or the unique start of one.
    pub call: String,
    /// What is decided.
    pub result: Confirmation,
    /// What the agent is told, where it may not run.
    #[serde(default)]
    pub deny_message: Option<String>,
    /// Only write it down: nobody goes on because of it.
    #[serde(default)]
    pub queue: bool,
}

impl Verb for ConfirmCall {
    const NAME: &'static str = "confirm_call";
    const CHANGES: bool = true;
    type Answer = Said;

    /// # Errors
    /// Invalid, when no such call waits, or the session cannot go on.
    async fn perform(self, stage: &Stage) -> Result<Said> {
        let Self { id, call, result, deny_message, queue } = self;
        let state = stage.runtime.session_state(&id).await?;
        let waiting: Vec<&EventId> = state.asks().map(|(_, call)| &call.event).collect();
        let tool_use_id = waiting_call(&id, &waiting, &call)?;
        let decided = Event::ToolConfirmation { tool_use_id, result, deny_message };
        say(stage, &id, &state, decided, queue).await
    }
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

/// Writes an event into a session, which then goes on where nobody else runs it.
async fn say(
    stage: &Stage,
    id: &SessionId,
    state: &SessionState,
    event: Event,
    queue: bool,
) -> Result<Said> {
    check_goes_on(stage, id, state)?;
    // Into what nobody can ever go on with, a server writes nothing at all.
    if (!queue || !stage.around().is_here()) && !stage.is_run(id).await? {
        // Asked before anything is written.
        can_go_on(stage, id, state).await?;
    }
    write(stage, id, event).await?;
    // Asked afterwards: a process that has the session now looks once more before it ends.
    let is_running = stage.is_run(id).await?;
    if !queue && !stage.is_run_elsewhere(id).await? {
        stage.around().wake(id, state.events);
    }
    Ok(Said { is_running })
}

/// Writes an event where it makes sense.
pub(crate) async fn write(stage: &Stage, id: &SessionId, event: Event) -> Result<()> {
    let _turn = stage.around().turn(id).await;
    stage.runtime.post_events(id, vec![event]).await.map(drop)
}

/// Checks that whoever goes on with a session may: a server leaves those alone of which all
/// follows from a seed.
pub(crate) fn check_goes_on(stage: &Stage, id: &SessionId, state: &SessionState) -> Result<()> {
    if stage.around().is_here() { Ok(()) } else { check_talks(id, state) }
}

/// The mission that a session goes on with, where it can.
async fn can_go_on(stage: &Stage, id: &SessionId, state: &SessionState) -> Result<Mission> {
    let asked = Box::pin(stage.runtime.can_go_on(id, state)).await;
    asked.map_err(|failure| match stage.around().is_here() {
        true => failure,
        false => without_folder(failure, state),
    })
}

/// A failure that does not say where on the server's machine the session's mission lies.
fn without_folder(failure: Failure, state: &SessionState) -> Failure {
    let folder = state.start.as_ref().and_then(|start| start.get("mission")?.as_str());
    match folder {
        Some(folder) => without(failure, Path::new(folder)),
        None => failure,
    }
}

/// Lets a session go on: where nobody does that by itself, whoever asks does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeSession {
    /// The session.
    pub id: SessionId,
}

impl Verb for ResumeSession {
    const NAME: &'static str = "resume_session";
    const CHANGES: bool = true;
    /// Whether it goes on; false, when another process runs it.
    type Answer = bool;

    /// # Errors
    /// Invalid, when it cannot go on.
    async fn perform(self, stage: &Stage) -> Result<bool> {
        let id = &self.id;
        let state = stage.runtime.session_state(id).await?;
        if stage.around().works_on(id) {
            return Ok(true);
        }
        check_goes_on(stage, id, &state)?;
        can_go_on(stage, id, &state).await?;
        if stage.is_run_elsewhere(id).await? {
            return Ok(false);
        }
        stage.around().wake(id, state.events);
        Ok(true)
    }
}

/// Lists the sessions that a process left while they worked, and that nobody runs now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftSessions {}

impl Verb for LeftSessions {
    const NAME: &'static str = "left_sessions";
    const CHANGES: bool = false;
    type Answer = Vec<SessionId>;

    /// # Errors
    /// Failed, when the store fails.
    async fn perform(self, stage: &Stage) -> Result<Vec<SessionId>> {
        stage.runtime.interrupted().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_mission_lies_on_a_server_is_not_told() {
        let state = |folder: &str| SessionState {
            start: Some(json!({"mission": folder})),
            ..SessionState::new()
        };
        let failure = |folder: &str| {
            Failure::invalid(format!("{folder}/mission.toml is none")).hint(format!("put {folder}"))
        };
        let folder = std::path::absolute("srv").unwrap().display().to_string();
        let told = without_folder(failure(&folder), &state(&folder));
        assert_eq!(told.message, "its mission/mission.toml is none");
        assert_eq!(told.hint.as_deref(), Some("put its mission"));
        // A word that somebody else wrote is no folder.
        assert_eq!(without_folder(failure("a"), &state("a")), failure("a"));
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
}
