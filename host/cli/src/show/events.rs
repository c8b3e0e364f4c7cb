//! An event log for people: one line an event, below it what a call changed and what it was
//! not allowed.

use std::collections::BTreeMap;

use lucid_core::{Confirmation, Content, Denial, Event, EventRecord, Span, ThreadId};
use serde_json::Value;

use super::{short, team};

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
        Some(Event::Interrupt { session_thread_id: None }) => "every thread".to_owned(),
        Some(Event::ToolConfirmation { tool_use_id, result, deny_message }) => {
            let verb = match result {
                Confirmation::Allow => "allow",
                Confirmation::Deny => "deny",
            };
            format!("{verb} {tool_use_id} {}", deny_message.unwrap_or_default())
        }
        Some(Event::StatusIdle { stop_reason } | Event::ThreadIdle { stop_reason, .. }) => {
            team::idle(&stop_reason)
        }
        Some(Event::ContextCompacted { lucid }) => {
            format!("{} older messages put in short", lucid.messages)
        }
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
        Some(Event::DreamProgress { phase, done, total, session_id }) => {
            let session = session_id.map_or(String::new(), |id| format!(" {id}"));
            format!("{phase} {done}/{total}{session}")
        }
        Some(Event::DreamOperation { operation_id, operation, rejection, .. }) => {
            let (id, name) = (operation_id.unwrap_or_default(), operation.change.name());
            match rejection {
                Some(rejection) => format!("{id} {name} refused: {rejection}"),
                None => format!("{id} {name}: {}", operation.reason),
            }
        }
        _ => String::new(),
    }
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
