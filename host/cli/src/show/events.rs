//! An event log for people: one line an event, and a session at a glance.

use std::collections::BTreeMap;

use lucid_core::{Content, Event, EventRecord, SessionSummary, ThreadId, Verdict};
use serde_json::Value;

use super::{short, table};

/// The widest content of a line.
const WIDTH: usize = 100;

/// The agents of a session's threads, by thread.
pub(crate) fn agents(records: &[(u32, EventRecord)]) -> BTreeMap<ThreadId, String> {
    let mut agents = BTreeMap::new();
    for (_, record) in records {
        if let Some(
            Event::ThreadRunning { session_thread_id, agent_name }
            | Event::ThreadCreated { session_thread_id, agent_name },
        ) = record.event()
        {
            agents.entry(session_thread_id).or_insert(agent_name);
        }
    }
    agents
}

/// One line for each event.
pub(crate) fn lines(agents: &BTreeMap<ThreadId, String>, records: &[(u32, EventRecord)]) -> String {
    let line = |(number, record): &(u32, EventRecord)| {
        let agent = record.thread_id.as_ref().and_then(|id| agents.get(id));
        format!(
            "{number:>5}  {}  {:<12} {:<32} {}\n",
            record.created_at,
            short(agent.map_or("-", String::as_str), 12),
            record.kind,
            short(&content(record), WIDTH),
        )
    };
    records.iter().map(line).collect()
}

/// What an event says, in short.
fn content(record: &EventRecord) -> String {
    match record.event() {
        Some(Event::UserMessage { content } | Event::AgentMessage { content }) => {
            Content::join(&content)
        }
        Some(Event::ToolUse { name, input, .. }) => format!("{name} {input}"),
        Some(Event::ToolResult { content, is_error, lucid, .. }) => {
            let how = if is_error { "ERROR " } else { "" };
            format!("{how}{} ({} ms)", short(&Content::join(&content), 80), lucid.usage.wall_ms)
        }
        Some(Event::ThreadMessageSent { to_agent_name, content, .. }) => {
            format!("to {to_agent_name}: {}", Content::join(&content))
        }
        Some(Event::ThreadMessageReceived { from_agent_name, content, .. }) => {
            format!("from {from_agent_name}: {}", Content::join(&content))
        }
        Some(Event::ThreadCreated { agent_name, .. }) => agent_name,
        Some(Event::DefineOutcome { description, .. }) => description,
        Some(Event::EvaluationEnd { result, explanation, .. }) => {
            format!("{}: {explanation}", result.as_str())
        }
        Some(Event::ModelRequestEnd { model_usage, is_error, .. }) => format!(
            "{}{} tokens in, {} out",
            if is_error { "ERROR " } else { "" },
            model_usage.input_tokens,
            model_usage.output_tokens
        ),
        Some(Event::Error { error }) => {
            error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        Some(Event::Log { plugin, level, message }) => {
            format!("{plugin} {}: {message}", format!("{level:?}").to_lowercase())
        }
        Some(Event::DreamProgress { phase, done, total }) => format!("{phase} {done}/{total}"),
        Some(Event::DreamOperation { number, operation, rejection }) => match rejection {
            Some(rejection) => format!("{} refused: {rejection}", operation.change.name()),
            None => format!(
                "{} {}: {}",
                number.unwrap_or_default(),
                operation.change.name(),
                operation.reason
            ),
        },
        _ => String::new(),
    }
}

/// What one thread did.
#[derive(Default)]
struct Work {
    requests: u32,
    calls: u32,
    errors: u32,
    tokens: u64,
}

/// A session at a glance: what each thread did, and the verdicts.
pub(crate) fn summary(session: &SessionSummary, records: &[(u32, EventRecord)]) -> String {
    let agents = agents(records);
    let mut work: BTreeMap<ThreadId, Work> = BTreeMap::new();
    let mut verdicts = String::new();
    for (_, record) in records {
        let event = record.event();
        if let Some(Event::EvaluationEnd { iteration, result, lucid, .. }) = &event {
            verdicts.push_str(&format!("\nevaluation {iteration}: {}\n", result.as_str()));
            verdicts.push_str(&criteria(lucid));
        }
        let Some(thread) = &record.thread_id else { continue };
        let work = work.entry(thread.clone()).or_default();
        match event {
            Some(Event::ToolUse { .. }) => work.calls += 1,
            Some(Event::ToolResult { is_error, .. }) => work.errors += u32::from(is_error),
            Some(Event::ModelRequestEnd { model_usage, .. }) => {
                work.requests += 1;
                work.tokens += model_usage.input_tokens + model_usage.output_tokens;
            }
            _ => {}
        }
    }
    let mut rows = table::table(&["thread", "agent", "requests", "calls", "errors", "tokens"]);
    for (thread, work) in &work {
        rows.add_row(vec![
            thread.to_string(),
            agents.get(thread).cloned().unwrap_or_default(),
            work.requests.to_string(),
            work.calls.to_string(),
            work.errors.to_string(),
            work.tokens.to_string(),
        ]);
    }
    let metadata: String =
        session.session.metadata.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    format!(
        "{}  {}\n{}  {} events, {} to {}\n{}\n\n{}{verdicts}",
        session.session.id,
        session.session.title,
        session.status.as_str(),
        session.events,
        session.session.created_at,
        session.updated_at,
        metadata.trim_end(),
        table::text(&rows),
    )
}

fn criteria(lucid: &Value) -> String {
    let list = lucid.get("criteria").and_then(Value::as_array);
    let mut text = String::new();
    for criterion in list.into_iter().flatten() {
        let field = |name: &str| criterion.get(name).and_then(Value::as_str).unwrap_or_default();
        let verdict = criterion
            .get("verdict")
            .and_then(|verdict| serde_json::from_value::<Verdict>(verdict.clone()).ok());
        text.push_str(&format!(
            "  {:<12} {}: {}\n",
            verdict.map_or("", table::verdict),
            short(field("text"), 60),
            short(field("explanation"), WIDTH),
        ));
    }
    text
}
