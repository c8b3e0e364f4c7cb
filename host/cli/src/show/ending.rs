//! What a session came to when it rests.

use lucid_core::{EventId, IdleReason, OutcomeResult, SessionId, SessionState};
use lucid_runtime::SessionEnd;
use serde_json::{Value, json};

use super::{plain, table, team, width};
use crate::failure::Ended;

/// Columns of the names of an agent and its tool.
const NAME_COLUMNS: usize = 60;

/// A call that waits for a person.
pub(crate) struct Waiting {
    agent: String,
    tool: String,
    call: EventId,
    input: Value,
}

/// The calls of a session that wait for a person.
pub(crate) fn waiting(state: &SessionState) -> Vec<Waiting> {
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

/// A session that rests as one document.
pub(crate) fn document(
    mission: Option<&str>,
    id: &SessionId,
    end: &SessionEnd,
    waiting: &[Waiting],
) -> Value {
    let criteria: Vec<_> = end.evaluation.iter().flat_map(|e| &e.criteria).collect();
    let calls = waiting.iter().map(|waits| {
        let Waiting { agent, tool, call, input } = waits;
        json!({"id": call, "agent_name": agent, "name": tool, "input": input})
    });
    let calls: Vec<Value> = calls.collect();
    let mut document = json!({
        "mission": mission,
        "session_id": id,
        "outcome": end.outcome,
        "evaluations": end.evaluations,
        "explanation": end.explanation,
        "criteria": criteria,
        "text": end.last_text,
        "outputs": end.workspace.outputs_folder(),
        "tool_calls": end.tool_calls,
        "threads": end.threads,
        "events": end.events,
        "stop_reason": end.idle,
        "waiting": calls,
    });
    if let (None, Some(fields)) = (mission, document.as_object_mut()) {
        fields.shift_remove("mission");
    }
    document
}

/// The same for people.
pub(crate) fn text(id: &SessionId, end: &SessionEnd, waiting: &[Waiting]) -> String {
    let mut parts = vec![plain(end.last_text.trim())];
    let criteria: Vec<_> = end.evaluation.iter().flat_map(|e| &e.criteria).collect();
    if !criteria.is_empty() {
        parts.push(table::criteria(&criteria).trim_end().to_owned());
    }
    // The table has one short line for each; what is missing is told whole.
    let missing = end.outcome.is_some_and(|outcome| outcome != OutcomeResult::Satisfied);
    let why = end.explanation.as_ref().filter(|_| missing);
    parts.extend(why.map(|why| plain(why.trim())));
    let mut last = Vec::new();
    last.extend(end.outcome.map(|outcome| {
        let times = if end.evaluations == 1 { "evaluation" } else { "evaluations" };
        format!("outcome  {}, {} {times}", outcome.as_str(), end.evaluations)
    }));
    if end.idle != IdleReason::EndTurn {
        last.push(format!("stopped  {}", team::idle(&end.idle)));
    }
    last.push(format!("outputs  {}", end.workspace.outputs_folder().display()));
    last.push(format!("events   lucid session events {id}"));
    parts.push(last.join("\n"));
    parts.retain(|part| !part.is_empty());
    let mut text = format!("{}\n", parts.join("\n\n"));
    for Waiting { agent, tool, call, .. } in waiting {
        text.push_str(&format!("\n{}", waits(id, agent, tool, call)));
    }
    text
}

/// How the program ends with it. What waits for a person was left so, and is no failure.
pub(crate) fn ended(outcome: Option<OutcomeResult>, idle: &IdleReason) -> Ended {
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
