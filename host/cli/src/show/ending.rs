//! What a session came to when it rests.

use std::path::PathBuf;

use lucid_core::{Criterion, EventId, IdleReason, OutcomeResult, SessionId, SessionState};
use serde_json::{Value, json};

use super::{plain, table, team, width};
use crate::failure::Ended;

/// Columns of the names of an agent and its tool.
const NAME_COLUMNS: usize = 60;

/// A call that waits for a person.
struct Waiting {
    agent: String,
    tool: String,
    call: EventId,
    input: Value,
}

/// The calls of a session that wait for a person.
fn waiting(state: &SessionState) -> Vec<Waiting> {
    let asks = state.asks().map(|(thread, call)| Waiting {
        agent: state.threads.get(thread).map(|thread| thread.agent.clone()).unwrap_or_default(),
        tool: call.name.clone(),
        call: call.event.clone(),
        input: call.input.clone(),
    });
    asks.collect()
}

/// A call that waits, and the line that decides about it.
pub(crate) fn waits(session: &SessionId, agent: &str, tool: &str, call: &EventId) -> String {
    let name = width::cut(&format!("{agent}: {tool}"), NAME_COLUMNS);
    format!("{name} waits for a person:\n  lucid session confirm {session} \\\n    {call} allow\n")
}

/// A session that rests, as its log tells.
pub(crate) struct Ending<'a> {
    id: &'a SessionId,
    state: &'a SessionState,
    outputs: Outputs,
    waiting: Vec<Waiting>,
}

/// Where the files are that a session made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outputs {
    /// In a folder of this machine.
    Here(PathBuf),
    /// On a server: how to ask for them.
    There(String),
}

impl<'a> Ending<'a> {
    /// What a session came to.
    pub(crate) fn of(id: &'a SessionId, state: &'a SessionState, outputs: Outputs) -> Self {
        Self { id, state, outputs, waiting: waiting(state) }
    }

    fn outcome(&self) -> Option<OutcomeResult> {
        self.state.outcome.as_ref().and_then(|outcome| outcome.result)
    }

    fn explanation(&self) -> Option<&str> {
        self.state.outcome.as_ref().and_then(|outcome| outcome.explanation.as_deref())
    }

    fn evaluations(&self) -> u32 {
        self.state.outcome.as_ref().map_or(0, |outcome| outcome.iteration)
    }

    fn criteria(&self) -> Vec<&Criterion> {
        let outcome = self.state.outcome.as_ref();
        let evaluation = outcome.and_then(|outcome| outcome.evaluation.as_ref());
        evaluation.iter().flat_map(|evaluation| &evaluation.criteria).collect()
    }

    fn idle(&self) -> &IdleReason {
        self.state.idle.as_ref().unwrap_or(&IdleReason::EndTurn)
    }

    /// The same as one document.
    pub(crate) fn document(&self, mission: Option<&str>) -> Value {
        let calls = self.waiting.iter().map(|waits| {
            let Waiting { agent, tool, call, input } = waits;
            json!({"id": call, "agent_name": agent, "name": tool, "input": input})
        });
        let calls: Vec<Value> = calls.collect();
        let outputs = match &self.outputs {
            Outputs::Here(folder) => Some(folder),
            Outputs::There(_) => None,
        };
        let mut document = json!({
            "mission": mission,
            "session_id": self.id,
            "outcome": self.outcome(),
            "evaluations": self.evaluations(),
            "explanation": self.explanation(),
            "criteria": self.criteria(),
            "text": self.state.last_text(),
            "outputs": outputs,
            "tool_calls": self.state.tool_calls,
            "threads": self.state.threads.len(),
            "events": self.state.events,
            "stop_reason": self.idle(),
            "waiting": calls,
        });
        if let (None, Some(fields)) = (mission, document.as_object_mut()) {
            fields.shift_remove("mission");
        }
        document
    }

    /// The same for people.
    pub(crate) fn text(&self) -> String {
        let mut parts = vec![plain(self.state.last_text().trim())];
        let criteria = self.criteria();
        if !criteria.is_empty() {
            parts.push(table::criteria(&criteria).trim_end().to_owned());
        }
        // The table has one short line for each; what is missing is told whole.
        let missing = self.outcome().is_some_and(|outcome| outcome != OutcomeResult::Satisfied);
        let why = self.explanation().filter(|_| missing);
        parts.extend(why.map(|why| plain(why.trim())));
        let mut last = Vec::new();
        last.extend(self.outcome().map(|outcome| {
            let evaluations = self.evaluations();
            let times = if evaluations == 1 { "evaluation" } else { "evaluations" };
            format!("outcome  {}, {evaluations} {times}", outcome.as_str())
        }));
        if *self.idle() != IdleReason::EndTurn {
            last.push(format!("stopped  {}", team::idle(self.idle())));
        }
        last.push(match &self.outputs {
            Outputs::Here(folder) => format!("outputs  {}", folder.display()),
            Outputs::There(how) => format!("outputs  {how}"),
        });
        last.push(format!("events   lucid session events {}", self.id));
        parts.push(last.join("\n"));
        parts.retain(|part| !part.is_empty());
        let mut text = format!("{}\n", parts.join("\n\n"));
        for Waiting { agent, tool, call, .. } in &self.waiting {
            text.push_str(&format!("\n{}", waits(self.id, agent, tool, call)));
        }
        text
    }

    /// How the program ends with it.
    pub(crate) fn ended(&self) -> Ended {
        ended(self.outcome(), self.idle())
    }
}

/// How the program ends with it. What waits for a person was left so, and is no failure.
fn ended(outcome: Option<OutcomeResult>, idle: &IdleReason) -> Ended {
    match (outcome, idle) {
        (Some(OutcomeResult::Satisfied), _) | (_, IdleReason::RequiresAction { .. }) => Ended::Done,
        (Some(settled), _) if settled != OutcomeResult::NeedsRevision => Ended::NotSatisfied,
        (_, IdleReason::BudgetReached) => Ended::Exceeded,
        (_, IdleReason::RetriesExhausted | IdleReason::Refusal) => Ended::Failed,
        (Some(_), _) => Ended::NotSatisfied,
        (None, _) => Ended::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_sees_how_a_session_ended() {
        use OutcomeResult::{Interrupted, MaxIterationsReached, NeedsRevision, Satisfied};
        let asks = IdleReason::RequiresAction { event_ids: Vec::new() };
        let cases = [
            (None, IdleReason::EndTurn, Ended::Done),
            (Some(Satisfied), IdleReason::EndTurn, Ended::Done),
            (Some(Satisfied), IdleReason::BudgetReached, Ended::Done),
            (Some(NeedsRevision), asks.clone(), Ended::Done),
            (None, asks, Ended::Done),
            (None, IdleReason::BudgetReached, Ended::Exceeded),
            (Some(NeedsRevision), IdleReason::BudgetReached, Ended::Exceeded),
            (None, IdleReason::RetriesExhausted, Ended::Failed),
            (Some(NeedsRevision), IdleReason::RetriesExhausted, Ended::Failed),
            (None, IdleReason::Refusal, Ended::Failed),
            (Some(MaxIterationsReached), IdleReason::EndTurn, Ended::NotSatisfied),
            (Some(MaxIterationsReached), IdleReason::RetriesExhausted, Ended::NotSatisfied),
            (Some(MaxIterationsReached), IdleReason::BudgetReached, Ended::NotSatisfied),
            (Some(Interrupted), IdleReason::EndTurn, Ended::NotSatisfied),
            (Some(Interrupted), IdleReason::BudgetReached, Ended::NotSatisfied),
        ];
        for (outcome, idle, expected) in cases {
            assert_eq!(ended(outcome, &idle), expected, "{outcome:?} {idle:?}");
        }
    }
}
