use lucid_core::{
    Content, Event, EventId, IdleReason, ModelUsage, Permission, Span, ThreadId, Timestamp, Via,
};

use super::*;
use crate::event::grammar::follows_the_grammar;

/// Events that strict clients read, one a line: a turn with an approval, an outcome, and what
/// delegating looks like on the primary thread.
const EXAMPLES: &str = include_str!("examples.jsonl");

fn examples() -> Vec<Value> {
    EXAMPLES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn id(text: &str) -> EventId {
    EventId::parse(text).unwrap()
}

fn record(text: &str, event: &Event, child: bool) -> EventRecord {
    let thread = ThreadId::parse(if child { "sthr_2" } else { "sthr_1" });
    let at = Timestamp::parse("2026-11-20T10:00:00Z").unwrap();
    EventRecord::new(id(text), event, thread, child, at).unwrap()
}

fn shown(event: &Event) -> Value {
    project(&record("sevt_01", event, false)).unwrap()
}

fn raw(kind: &str, body: &Value) -> EventRecord {
    let mut body = body.clone();
    body["type"] = kind.into();
    EventRecord {
        id: id("sevt_1"),
        kind: kind.into(),
        thread_id: None,
        created_at: Timestamp(0),
        body: body.to_string(),
    }
}

/// Every field of `expected` is there as it is, and whatever else is there is null.
#[track_caller]
fn fits(shown: &Value, expected: &Value) {
    match (shown, expected) {
        (Value::Object(shown), Value::Object(expected)) => {
            for (name, value) in expected {
                match shown.get(name) {
                    Some(has) => fits(has, value),
                    // Nobody counts it for an event, and the API has no null for it.
                    None => assert_eq!(name, "active_seconds", "it is not in {shown:?}"),
                }
            }
            for (name, value) in shown {
                assert!(expected.contains_key(name) || value.is_null(), "`{name}`: {value}");
            }
        }
        _ => assert_eq!(shown, expected),
    }
}

#[test]
fn what_strict_clients_read_is_shown_as_it_is() {
    for example in examples() {
        let kind = example["type"].as_str().unwrap();
        let mut record = raw(kind, &example);
        record.id = id(example["id"].as_str().unwrap());
        fits(&project(&record).unwrap(), &example);
    }
}

#[test]
fn the_hosts_own_events_are_shown_as_strict_clients_read_them() {
    let examples = examples();
    let example = |id: &str| examples.iter().find(|event| event["id"] == id).unwrap();
    let usage = ModelUsage { input_tokens: 900, output_tokens: 40, ..ModelUsage::default() };
    let call = Event::ToolUse {
        name: "bash".into(),
        input: json!({"command": "ls"}),
        evaluated_permission: Permission::Ask,
        evaluation: Some(json!({"type": "always_ask"})),
        lucid: Some(Via::Worker),
    };
    let result = Event::ToolResult {
        tool_use_id: id("sevt_05"),
        content: Content::text("a.txt"),
        is_error: false,
        lucid: Span { model: Some("secret".into()), ..Span::default() },
    };
    let end = Event::ModelRequestEnd {
        model_request_start_id: id("sevt_04"),
        model_usage: usage,
        is_error: false,
        lucid: Some(Span::default()),
    };
    let idle = Event::StatusIdle {
        stop_reason: IdleReason::RequiresAction { event_ids: vec![id("sevt_05")] },
    };
    let used = Event::Usage { usage: ModelUsage::default(), cost_micro_usd: Some(4_999) };
    for (number, event) in [
        ("sevt_05", call),
        ("sevt_13", result),
        ("sevt_06", end),
        ("sevt_09", idle),
        ("sevt_08", used),
    ] {
        let shown = project(&record(number, &event, false)).unwrap();
        let mut expected = example(number).clone();
        expected["processed_at"] = "2026-11-20T10:00:00.000Z".into();
        fits(&shown, &expected);
    }
}

#[test]
fn a_call_is_shown_by_who_runs_it() {
    let call = |lucid: Option<Via>| {
        shown(&Event::ToolUse {
            name: "fly".into(),
            input: Value::String("no object".into()),
            evaluated_permission: Permission::Allow,
            evaluation: Some(json!({"type": "the tool is not enabled"})),
            lucid,
        })
    };
    let own = call(None);
    assert_eq!(own["type"], "agent.tool_use");
    assert_eq!(own["input"], json!({"input": "no object"}));
    assert_eq!((&own["evaluated_permission"], &own["evaluation"]), (&"allow".into(), &Value::Null));
    let mcp = call(Some(Via::Mcp { server: "web".into() }));
    assert_eq!(
        (&mcp["type"], &mcp["mcp_server_name"]),
        (&"agent.mcp_tool_use".into(), &"web".into())
    );
    let custom = call(Some(Via::Custom));
    assert_eq!(custom["type"], "agent.custom_tool_use");
    assert!(custom.get("evaluation").is_none() && custom.get("evaluated_permission").is_none());
    let result = Event::ToolResult {
        tool_use_id: id("sevt_05"),
        content: Vec::new(),
        is_error: true,
        lucid: Span { server: Some("web".into()), ..Span::default() },
    };
    let result = shown(&result);
    assert_eq!(result["type"], "agent.mcp_tool_result");
    assert_eq!(result["mcp_tool_use_id"], "sevt_05");
    assert!(result.get("tool_use_id").is_none());
}

#[test]
fn what_lucid_alone_knows_goes_to_nobody() {
    let progress =
        Event::DreamProgress { phase: "read".into(), done: 1, total: 2, session_id: None };
    assert_eq!(project(&record("sevt_1", &progress, false)), None);
    assert_eq!(project(&raw("agent.unheard_of", &json!({}))), None);
    for (kind, fields) in FIELDS {
        let mut body = json!({"lucid": {"x": 1}, "other": 2});
        for (name, _) in fields {
            body[name] = json!({"lucid": 3});
        }
        let shown = project(&raw(kind, &body)).unwrap();
        assert!(shown.get("lucid").is_none() && shown.get("other").is_none(), "{shown}");
    }
    let error = json!({"error": {"type": "budget_reached_error", "message": "m", "lucid": 1}});
    let shown = project(&raw("session.error", &error)).unwrap();
    let expected = json!({"type": "unknown_error", "message": "m",
        "retry_status": {"type": "terminal"}});
    assert_eq!(shown["error"], expected);
}

#[test]
fn an_error_of_a_credential_says_whose_it_is() {
    let shown = |error: Value| {
        project(&raw("session.error", &json!({ "error": error }))).unwrap()["error"].clone()
    };
    let retrying = json!({"type": "retrying"});
    let refused = json!({"type": "mcp_authentication_failed_error", "mcp_server_name": "ledger",
        "message": "m", "retry_status": retrying});
    assert_eq!(shown(refused.clone()), refused);
    let unreached = json!({"type": "credential_host_unreachable_error", "credential_id": "vcrd_1",
        "vault_id": "vlt_1", "message": "m", "retry_status": retrying});
    assert_eq!(shown(unreached.clone()), unreached);
    // One from elsewhere that leaves them out still has the form that clients read.
    let empty = shown(json!({"type": "credential_host_unreachable_error"}));
    assert_eq!((&empty["credential_id"], &empty["vault_id"]), (&json!(""), &json!("")));
    let empty = shown(json!({"type": "mcp_authentication_failed_error"}));
    assert_eq!(empty["mcp_server_name"], "");
}

#[test]
fn every_field_is_there_whatever_a_log_leaves_out() {
    for (kind, fields) in FIELDS {
        let shown = project(&raw(kind, &json!({}))).unwrap();
        assert!(shown["id"].is_string() && shown["processed_at"].is_string());
        for (name, field) in fields {
            let value = shown.get(*name);
            if kind == "session.updated" {
                assert_eq!(value, None);
                continue;
            }
            let optional = matches!(field, Any | Evaluation | StopDetails);
            assert_eq!(value.is_some_and(Value::is_null), optional, "{kind}.{name}");
        }
    }
    let updated = json!({"budget": null, "title": "t"});
    let shown = project(&raw("session.updated", &updated)).unwrap();
    assert_eq!(shown.as_object().unwrap().len(), 5);
    let refused = json!({"stop_reason": {"type": "refusal"}});
    let shown = project(&raw("session.status_idle", &refused)).unwrap();
    assert_eq!(shown["stop_details"]["type"], "refusal");
}

#[test]
fn a_childs_events_say_whose_they_are_where_the_api_does() {
    let call = Event::ToolUse {
        name: "fly".into(),
        input: json!({}),
        evaluated_permission: Permission::Ask,
        evaluation: None,
        lucid: None,
    };
    assert_eq!(project(&record("sevt_1", &call, true)).unwrap()["session_thread_id"], "sthr_2");
    let said = Event::AgentMessage { content: Content::text("x") };
    let said = project(&record("sevt_1", &said, true)).unwrap();
    assert!(said.get("session_thread_id").is_none());
}

#[test]
fn the_turn_of_the_examples_follows_the_grammar() {
    let turn: Vec<Value> = examples().into_iter().take(19).collect();
    follows_the_grammar(&turn).unwrap();
    for (index, event) in turn.iter().enumerate() {
        let kind = event["type"].as_str().unwrap();
        let needed = !kind.starts_with("user.") && kind != "agent.message";
        let mut without = turn.clone();
        without.remove(index);
        assert_eq!(follows_the_grammar(&without).is_err(), needed, "{kind}");
    }
}
