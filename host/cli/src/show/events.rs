//! An event log for people: one line an event, below it what a call changed and what it was
//! not allowed; and a session at a glance.

use std::collections::BTreeMap;

use lucid_core::{Content, Denial, Event, EventRecord, SessionSummary, Span, ThreadId, Verdict};
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

/// Changes, and denials, of one call that are shown; the rest is counted.
const EFFECTS_SHOWN_MAX: usize = 8;

/// One line for each event, and below it one for each effect of its call.
pub(crate) fn lines(agents: &BTreeMap<ThreadId, String>, records: &[(u32, EventRecord)]) -> String {
    let line = |(number, record): &(u32, EventRecord)| {
        let agent = record.thread_id.as_ref().and_then(|id| agents.get(id));
        format!(
            "{number:>5}  {}  {:<12} {:<32} {}\n{}",
            record.created_at,
            short(agent.map_or("-", String::as_str), 12),
            record.kind,
            short(&content(record), WIDTH),
            span(record).map(|span| effects(&span)).unwrap_or_default(),
        )
    };
    records.iter().map(line).collect()
}

/// What Lucid knows of the call that an event ends.
fn span(record: &EventRecord) -> Option<Span> {
    match record.event()? {
        Event::ToolResult { lucid, .. } => Some(lucid),
        Event::ModelRequestEnd { lucid, .. } => lucid,
        Event::EvaluationEnd { lucid, .. } => serde_json::from_value(lucid).ok(),
        _ => None,
    }
}

/// What a call changed and what it was not allowed, one line each.
fn effects(span: &Span) -> String {
    let indent = " ".repeat(7);
    let mut text = String::new();
    for file in span.files.iter().take(EFFECTS_SHOWN_MAX) {
        let path = short(&file.path, WIDTH);
        text.push_str(&format!("{indent}{:<8} {path} ({} bytes)\n", file.change, file.bytes));
    }
    for Denial { capability, what, rule, hint } in span.denied.iter().take(EFFECTS_SHOWN_MAX) {
        let what = short(what, WIDTH);
        text.push_str(&format!(
            "{indent}denied   {} {what}: {}\n",
            short(capability, 20),
            short(rule, 40)
        ));
        text.push_str(&format!("{indent}         hint: {}\n", short(hint, 3 * WIDTH)));
    }
    let more = |count: usize| count.saturating_sub(EFFECTS_SHOWN_MAX) as u64;
    let hidden = more(span.files.len()) + more(span.denied.len()) + span.unlisted;
    if hidden > 0 {
        text.push_str(&format!("{indent}and {hidden} more\n"));
    }
    text
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

#[cfg(test)]
mod tests {
    use lucid_core::{Clock as _, EventId, FileChange, FileChangeKind, SeededEntropy, StepClock};

    use super::*;

    fn result(lucid: Span) -> (u32, EventRecord) {
        let clock = StepClock::starting_at(lucid_core::Timestamp(1_000));
        let entropy = SeededEntropy::new(1);
        let id = || EventId::new(&clock, &entropy);
        let event = Event::ToolResult {
            tool_use_id: id(),
            content: Content::text("done"),
            is_error: false,
            lucid,
        };
        (7, EventRecord::new(id(), &event, None, false, clock.now()).unwrap())
    }

    #[test]
    fn a_result_shows_what_its_call_changed_and_what_it_was_not_allowed() {
        let file = FileChange {
            path: "/workspace/a\u{1b}[2J".into(),
            change: FileChangeKind::Created,
            bytes: 13,
        };
        let denial = Denial {
            capability: "files".into(),
            what: "/mnt/memory/notes\nx".into(),
            rule: "read_only".into(),
            hint: "grant it with `view`".into(),
        };
        let span = Span { files: vec![file; 9], denied: vec![denial], ..Span::default() };
        let text = lines(&BTreeMap::new(), &[result(span)]);
        assert!(text.contains("created  /workspace/a\u{fffd}[2J (13 bytes)\n"), "{text}");
        assert!(text.contains("denied   files /mnt/memory/notes x: read_only\n"), "{text}");
        assert!(text.contains("hint: grant it with `view`\n"), "{text}");
        assert!(text.contains("and 1 more\n"), "{text}");
        assert_eq!(text.lines().count(), 1 + EFFECTS_SHOWN_MAX + 2 + 1);
        assert_eq!(lines(&BTreeMap::new(), &[result(Span::default())]).lines().count(), 1);
    }
}
