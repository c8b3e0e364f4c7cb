//! `lucid session send`, `outcome`, `interrupt` and `confirm`: what people write into a session.

use std::path::PathBuf;

use lucid_core::{Confirmation, Failure, Result, SessionId, SessionSummary};
use lucid_verbs::{
    ConfirmCall, DefineOutcome, InterruptSession, Interrupted, Said, SendMessage, Verb,
};
use serde_json::json;

use super::resume::resume;
use crate::args::{Decision, GoOnArgs};
use crate::commands::rubric;
use crate::failure::{self, Ended};
use crate::place::Place;
use crate::show::{print, print_json};

/// A decision, with what the agent is told.
pub(super) type Decided = (Confirmation, Option<String>);

pub(super) async fn send(
    place: &Place,
    session: &SessionSummary,
    text: String,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    let id = session.session.id.clone();
    let message = SendMessage { id, text, queue: going_on.queue };
    say(place, session, message, going_on, json).await
}

/// What a session is to achieve.
pub(super) struct Outcome {
    pub(super) description: String,
    /// The file of the rubric.
    pub(super) rubric: PathBuf,
    pub(super) max_iterations: u32,
}

pub(super) async fn outcome(
    place: &Place,
    session: &SessionSummary,
    outcome: Outcome,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    let Outcome { description, rubric, max_iterations } = outcome;
    let define = DefineOutcome {
        id: session.session.id.clone(),
        description,
        rubric: rubric::read(&rubric)?,
        rubric_name: rubric.display().to_string(),
        max_iterations,
        queue: going_on.queue,
    };
    say(place, session, define, going_on, json).await
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
    place: &Place,
    session: &SessionSummary,
    call: String,
    (result, deny_message): Decided,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    let (id, queue) = (session.session.id.clone(), going_on.queue);
    let confirm = ConfirmCall { id, call, result, deny_message, queue };
    say(place, session, confirm, going_on, json).await
}

/// Says something to a session, which then goes on where nobody else runs it.
async fn say(
    place: &Place,
    session: &SessionSummary,
    verb: impl Verb<Answer = Said>,
    going_on: GoOnArgs,
    json: bool,
) -> failure::Result {
    let id = &session.session.id;
    let Said { is_running } = place.ask(verb).await?;
    if !is_running && !going_on.queue {
        return resume(place, session, going_on.later, json).await;
    }
    let text = if is_running {
        format!("the process that runs {id} takes it up; watch it:\n")
            + &format!("  lucid session show {id} --follow\n")
    } else {
        format!("it waits in {id}; go on with it:\n  lucid session resume {id}\n")
    };
    tell(id, is_running, &text, json)?;
    Ok(Ended::Done)
}

pub(super) async fn interrupt(
    place: &Place,
    id: SessionId,
    thread: Option<String>,
    json: bool,
) -> Result<()> {
    let stop = InterruptSession { id: id.clone(), thread };
    let Interrupted { is_running, works } = place.ask(stop).await?;
    let text = match (is_running, works) {
        (true, _) => format!("the process that runs {id} stops it\n"),
        (false, true) => {
            format!("nobody runs {id}; it stops when it goes on:\n  lucid session resume {id}\n")
        }
        (false, false) => format!("{id} does not work: there is nothing to stop\n"),
    };
    tell(&id, is_running, &text, json)
}

fn tell(id: &SessionId, is_running: bool, text: &str, json: bool) -> Result<()> {
    if json {
        return print_json(&json!({"session_id": id, "is_running": is_running}));
    }
    print(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_for_what_is_denied() {
        let reason = || Some("not today".to_owned());
        assert_eq!(decided(Decision::Deny, reason()), Ok((Confirmation::Deny, reason())));
        assert_eq!(decided(Decision::Allow, None), Ok((Confirmation::Allow, None)));
        assert!(decided(Decision::Allow, reason()).unwrap_err().hint.is_some());
    }
}
