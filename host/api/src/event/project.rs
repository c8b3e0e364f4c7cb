//! One record of the log as the API shows it.
//!
//! The log has the API's own names, and more: what Lucid alone knows stands under `lucid`, or
//! in events of its own, and goes to nobody. Every field that the API has is written, with a
//! null where nothing is known, because strict clients look for it.

use lucid_core::EventRecord;
use serde_json::{Map, Value, json};

use crate::content;

/// What stands in a field when the log has nothing there.
#[derive(Clone, Copy)]
enum Field {
    /// As the log has it; else null.
    Any,
    /// A text; else an empty one.
    Text,
    /// A number; else 0.
    Number,
    /// A flag; else false.
    Flag,
    /// An object; else an empty one. A call's input that is no object stands in one.
    Object,
    /// A list; else an empty one.
    List,
    /// Blocks of content of some types.
    Blocks(&'static [&'static str]),
    /// Why something is idle; else because its turn ended.
    StopReason,
    /// What a refusal was about.
    StopDetails,
    /// The rule that decided about a call.
    Evaluation,
    /// What a session used.
    SessionUsage,
    /// What a model used.
    ModelUsage,
    /// What went wrong.
    Error,
    /// What done looks like.
    Rubric,
}

use Field::{
    Any, Blocks, Error, Evaluation, Flag, List, ModelUsage, Number, Object, Rubric, SessionUsage,
    StopDetails, StopReason, Text,
};

const SAID: Field = Blocks(&["text", "image", "document", "redacted"]);
const WRITTEN: Field = Blocks(&["text", "redacted"]);
const GIVEN: Field = Blocks(&["text", "image", "document", "search_result"]);
const TEXTS: Field = Blocks(&["text"]);

type Fields = &'static [(&'static str, Field)];

const THREAD: Fields = &[("session_thread_id", Text), ("agent_name", Text)];
const RUN: Fields = &[("workflow_run_id", Text)];
const EVALUATION: Fields = &[("outcome_id", Text), ("iteration", Number)];

/// The types of events that a log of the API has, with the fields of each beside `id`, `type`
/// and `processed_at`.
const FIELDS: [(&str, Fields); 42] = [
    ("user.message", &[("content", SAID)]),
    ("user.interrupt", &[("session_thread_id", Any)]),
    (
        "user.tool_confirmation",
        &[
            ("tool_use_id", Text),
            ("result", Text),
            ("deny_message", Any),
            ("session_thread_id", Any),
        ],
    ),
    (
        "user.custom_tool_result",
        &[
            ("custom_tool_use_id", Text),
            ("content", GIVEN),
            ("is_error", Flag),
            ("session_thread_id", Any),
        ],
    ),
    (
        "user.tool_result",
        &[
            ("tool_use_id", Text),
            ("content", GIVEN),
            ("is_error", Flag),
            ("session_thread_id", Any),
        ],
    ),
    (
        "user.define_outcome",
        &[("outcome_id", Text), ("description", Text), ("rubric", Rubric), ("max_iterations", Any)],
    ),
    ("system.message", &[("content", TEXTS)]),
    ("agent.message", &[("content", WRITTEN)]),
    ("agent.thinking", &[]),
    (
        "agent.tool_use",
        &[
            ("name", Text),
            ("input", Object),
            ("evaluated_permission", Any),
            ("evaluation", Evaluation),
            ("session_thread_id", Any),
        ],
    ),
    ("agent.tool_result", &[("tool_use_id", Text), ("content", GIVEN), ("is_error", Flag)]),
    (
        "agent.mcp_tool_use",
        &[
            ("mcp_server_name", Text),
            ("name", Text),
            ("input", Object),
            ("evaluated_permission", Any),
            ("evaluation", Evaluation),
            ("session_thread_id", Any),
        ],
    ),
    ("agent.mcp_tool_result", &[("mcp_tool_use_id", Text), ("content", GIVEN), ("is_error", Flag)]),
    ("agent.custom_tool_use", &[("name", Text), ("input", Object), ("session_thread_id", Any)]),
    (
        "agent.thread_message_sent",
        &[("to_session_thread_id", Text), ("to_agent_name", Any), ("content", SAID)],
    ),
    (
        "agent.thread_message_received",
        &[("from_session_thread_id", Text), ("from_agent_name", Any), ("content", SAID)],
    ),
    ("agent.thread_context_compacted", &[]),
    ("session.status_running", &[]),
    ("session.status_rescheduled", &[]),
    ("session.status_terminated", &[]),
    ("session.status_idle", &[("stop_reason", StopReason), ("stop_details", StopDetails)]),
    ("session.updated", &[("agent", Any), ("title", Any), ("metadata", Any), ("budget", Any)]),
    ("session.usage", &[("usage", SessionUsage), ("budget", Any)]),
    ("session.error", &[("error", Error)]),
    ("session.deleted", &[]),
    (
        "session.thread_created",
        &[("session_thread_id", Text), ("agent_name", Text), ("workflow_run_id", Any)],
    ),
    ("session.thread_status_running", THREAD),
    ("session.thread_status_rescheduled", THREAD),
    ("session.thread_status_terminated", THREAD),
    (
        "session.thread_status_idle",
        &[
            ("session_thread_id", Text),
            ("agent_name", Text),
            ("stop_reason", StopReason),
            ("stop_details", StopDetails),
        ],
    ),
    ("span.model_request_start", &[]),
    (
        "span.model_request_end",
        &[("model_request_start_id", Text), ("model_usage", ModelUsage), ("is_error", Flag)],
    ),
    ("span.outcome_evaluation_start", EVALUATION),
    ("span.outcome_evaluation_ongoing", EVALUATION),
    (
        "span.outcome_evaluation_end",
        &[
            ("outcome_id", Text),
            ("outcome_evaluation_start_id", Text),
            ("iteration", Number),
            ("result", Text),
            ("explanation", Text),
            ("usage", ModelUsage),
        ],
    ),
    (
        "workflow_run.created",
        &[("workflow_run_id", Text), ("name", Text), ("description", Any), ("phases", List)],
    ),
    ("workflow_run.status_running", RUN),
    ("workflow_run.status_idle", RUN),
    ("workflow_run.status_ended", &[("workflow_run_id", Text), ("result", Object)]),
    ("workflow_run.error", &[("workflow_run_id", Any), ("error", Object)]),
    ("workflow_run.phase_started", &[("workflow_run_id", Text), ("workflow_run_phase_id", Text)]),
    (
        "workflow_run.phase_ended",
        &[("workflow_run_id", Text), ("workflow_run_phase_id", Text), ("phase_started_id", Text)],
    ),
];

/// The errors of a session that the API has; any other is an unknown one.
const ERRORS: [&str; 15] = [
    "unknown_error",
    "model_overloaded_error",
    "model_rate_limited_error",
    "model_request_failed_error",
    "mcp_connection_failed_error",
    "mcp_authentication_failed_error",
    "billing_error",
    "credential_host_unreachable_error",
    "tool_use_limit_reached_error",
    "compaction_limit_reached_error",
    "repository_authentication_error",
    "repository_forbidden_error",
    "repository_not_found_error",
    "repository_checkout_error",
    "repository_clone_error",
];

/// The types of events that a log of the API has.
pub fn types() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(kind, _)| *kind)
}

/// Shows a record as the API has it; none where the API has no such event.
#[must_use]
pub fn project(record: &EventRecord) -> Option<Value> {
    let Ok(Value::Object(body)) = serde_json::from_str(&record.body) else { return None };
    let (kind, body) = renamed(&record.kind, body);
    let (_, fields) = FIELDS.iter().find(|(name, _)| *name == kind)?;
    let mut event = Map::new();
    event.insert("id".into(), record.id.as_str().into());
    event.insert("type".into(), kind.into());
    let written = || record.created_at.to_string().into();
    let processed = body.get("processed_at").filter(|at| at.is_string()).cloned();
    event.insert("processed_at".into(), processed.unwrap_or_else(written));
    for (name, field) in *fields {
        // Only what changed is told, and what was taken away is a null.
        if kind == "session.updated" && !body.contains_key(*name) {
            continue;
        }
        event.insert((*name).into(), field.shown(body.get(*name), &body));
    }
    Some(Value::Object(event))
}

/// The type that an event has in the API, where that depends on who runs a call.
fn renamed(kind: &str, mut body: Map<String, Value>) -> (&'static str, Map<String, Value>) {
    let kind = types().find(|name| *name == kind).unwrap_or_default();
    let lucid = body.remove("lucid").unwrap_or_default();
    let word = |name: &str| lucid.get(name).and_then(Value::as_str);
    match (kind, word("via"), word("server")) {
        ("agent.tool_use", Some("custom"), _) => ("agent.custom_tool_use", body),
        ("agent.tool_use", Some("mcp"), Some(server)) => {
            body.insert("mcp_server_name".into(), server.into());
            ("agent.mcp_tool_use", body)
        }
        ("agent.tool_result", _, Some(_)) => {
            let call = body.remove("tool_use_id").unwrap_or_default();
            body.insert("mcp_tool_use_id".into(), call);
            ("agent.mcp_tool_result", body)
        }
        _ => (kind, body),
    }
}

impl Field {
    /// What the API shows, of what the log has in a field and beside it.
    fn shown(self, value: Option<&Value>, body: &Map<String, Value>) -> Value {
        let kept = |fits: fn(&Value) -> bool, other: Value| {
            value.filter(|value| fits(value)).cloned().unwrap_or(other)
        };
        match self {
            Any => value.cloned().unwrap_or_default(),
            Text => kept(Value::is_string, "".into()),
            Number => kept(Value::is_u64, 0.into()),
            Flag => kept(Value::is_boolean, false.into()),
            List => kept(Value::is_array, json!([])),
            Object => match value {
                Some(Value::Object(object)) => object.clone().into(),
                Some(other) if !other.is_null() => json!({ "input": other }),
                _ => json!({}),
            },
            Blocks(types) => content::shown(value, types),
            StopReason => kept(Value::is_object, json!({"type": "end_turn"})),
            StopDetails => stop_details(value, body),
            Evaluation => evaluation(value),
            SessionUsage => session_usage(value, body.get("cost_micro_usd")),
            ModelUsage => model_usage(value),
            Error => error(value),
            Rubric => kept(Value::is_object, json!({"type": "text", "content": ""})),
        }
    }
}

fn stop_details(value: Option<&Value>, body: &Map<String, Value>) -> Value {
    let reason = body.get("stop_reason").and_then(|reason| reason.get("type"));
    match value.filter(|value| value.is_object()) {
        Some(value) => value.clone(),
        None if reason.and_then(Value::as_str) == Some("refusal") => {
            json!({"type": "refusal", "category": null, "explanation": null})
        }
        None => Value::Null,
    }
}

/// Rules that the API does not have, such as that a tool is not enabled, are not told.
fn evaluation(value: Option<&Value>) -> Value {
    let kind = value.and_then(|value| value.get("type")).and_then(Value::as_str);
    match kind {
        Some("always_allow" | "always_ask" | "auto") => value.cloned().unwrap_or_default(),
        _ => Value::Null,
    }
}

fn tokens(usage: Option<&Value>, name: &str) -> u64 {
    usage.and_then(|usage| usage.get(name)).and_then(Value::as_u64).unwrap_or(0)
}

fn model_usage(usage: Option<&Value>) -> Value {
    json!({
        "input_tokens": tokens(usage, "input_tokens"),
        "output_tokens": tokens(usage, "output_tokens"),
        "cache_read_input_tokens": tokens(usage, "cache_read_input_tokens"),
        "cache_creation_input_tokens": tokens(usage, "cache_creation_input_tokens"),
        "speed": usage.and_then(|usage| usage.get("speed")).cloned().unwrap_or_default(),
    })
}

fn session_usage(usage: Option<&Value>, micro_usd: Option<&Value>) -> Value {
    // One from elsewhere may be in the API's own form already.
    if let Some(usage) = usage.filter(|usage| usage.get("cache_creation").is_some()) {
        return usage.clone();
    }
    let cost = micro_usd.and_then(Value::as_u64);
    json!({
        "input_tokens": tokens(usage, "input_tokens"),
        "output_tokens": tokens(usage, "output_tokens"),
        "cache_read_input_tokens": tokens(usage, "cache_read_input_tokens"),
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens(usage, "cache_creation_input_tokens"),
            "ephemeral_1h_input_tokens": 0,
        },
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "list_cost": cost.map(crate::session::cents),
    })
}

fn error(value: Option<&Value>) -> Value {
    let mut error = value.and_then(Value::as_object).cloned().unwrap_or_default();
    error.remove("lucid");
    let known = error.get("type").and_then(Value::as_str).filter(|kind| ERRORS.contains(kind));
    let kind = known.unwrap_or("unknown_error").to_owned();
    let names: &[&str] = match kind.as_str() {
        "mcp_connection_failed_error" | "mcp_authentication_failed_error" => &["mcp_server_name"],
        "credential_host_unreachable_error" => &["credential_id", "vault_id"],
        _ => &[],
    };
    for name in names.iter().chain(&["message"]) {
        error.entry(*name).or_insert_with(|| "".into());
    }
    error.insert("type".into(), kind.into());
    error.entry("retry_status").or_insert_with(|| json!({"type": "terminal"}));
    error.into()
}

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;
