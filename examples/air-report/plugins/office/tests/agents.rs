//! The three agents in conversations, with made-up results.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it found")]

use lucid_sdk::model::Completion;
use lucid_sdk::testing::Conversation;
use office::Office;
use serde_json::{Value, json};

const TASK: &str = "Write a report on no2 from 2026-01-01 to 2026-01-09. The limit is 5 µg/m³.";

fn agent(role: &str) -> Conversation {
    Conversation::new(format!("You are the {role}."))
}

fn turn(talk: &mut Conversation) -> Completion {
    talk.turn::<Office>().unwrap()
}

/// The calls of an answer: the tool, and a field of its input.
fn calls(answer: &Completion, field: &str) -> Vec<(String, String)> {
    let call = |call: &lucid_sdk::model::ToolUse| {
        let input: Value = serde_json::from_str(&call.input_json).unwrap();
        (call.name.clone(), input[field].as_str().unwrap_or_default().to_owned())
    };
    answer.tool_uses().map(call).collect()
}

fn pair(tool: &str, text: &str) -> (String, String) {
    (tool.to_owned(), text.to_owned())
}

#[test]
fn an_agent_without_a_role_or_a_task_stops_and_says_so() {
    let nobody = turn(&mut Conversation::new("You are kind.").saying(TASK)).plain_text();
    assert!(nobody.starts_with("Stopped: the system prompt"), "{nobody}");
    for role in ["editor", "reader", "analyst"] {
        let text = turn(&mut agent(role).saying("Hello.")).plain_text();
        assert!(text.starts_with("Stopped: the message does not say"), "{text}");
    }
}

#[test]
fn the_editor_sends_both_to_work_at_once_and_then_waits() {
    let mut talk = agent("editor").saying(TASK);
    let sent = calls(&turn(&mut talk), "agent_name");
    assert_eq!(sent, [pair("send_to_agent", "reader"), pair("send_to_agent", "analyst")]);
    talk.result("{}");
    assert_eq!(turn(&mut talk).plain_text(), "Waiting for the reader and the analyst.");
    let mut talk = talk.saying("Message from agent \"reader\":\n\n3 notices read.");
    assert_eq!(turn(&mut talk).plain_text(), "Waiting for the reader and the analyst.");
    let mut talk = talk.saying("Message from agent \"analyst\":\n\nThere are days.");
    assert_eq!(calls(&turn(&mut talk), "agent_name"), [pair("send_to_agent", "analyst")]);
}

#[test]
fn there_is_no_report_when_a_specialist_stopped() {
    let mut talk = agent("editor").saying(TASK);
    turn(&mut talk);
    talk.result("{}");
    let mut talk = talk.saying("Message from agent \"analyst\":\n\nStopped: describe failed.");
    let text = turn(&mut talk).plain_text();
    assert_eq!(text, "Stopped: there is no report, because describe failed.");
}

#[test]
fn the_reader_writes_down_what_tables_say_and_what_it_did_not_understand() {
    let order = format!("Message from agent \"editor\":\n\n{TASK}");
    let mut talk = agent("reader").saying(order);
    assert_eq!(calls(&turn(&mut talk), "pattern"), [pair("glob", "**/*.{html,htm,md}")]);
    talk.result("/mnt/session/uploads/a.html");
    let read = calls(&turn(&mut talk), "path");
    let path = "/mnt/session/uploads/a.html";
    assert_eq!(read, [pair("extract_tables", path), pair("extract_text", path)]);
    // Both calls get this one result, so it has what each of them needs.
    let page = json!({
        "title": "State",
        "blocks": [{"kind": "heading", "text": "X"}, {"kind": "paragraph", "text": "As of now."}],
        "tables": [{
            "columns": ["Station", "Status", "From"],
            "rows": [["X", "closed", "2026-01-02"], ["Y", "closed", "soon"]],
        }],
        "hidden": 1,
    });
    talk.result(&page.to_string());
    let written = turn(&mut talk);
    assert_eq!(calls(&written, "file_path"), [pair("write", "/workspace/notices.json")]);
    let content = calls(&written, "content").remove(0).1;
    let found: Value = serde_json::from_str(&content).unwrap();
    assert_eq!(found["closed"][0]["station"], "X");
    assert_eq!(found["notices"][0]["says"], "As of now.");
    assert_eq!(found["unclear"][0]["row"][0], "Y");
    talk.result("ok");
    let text = turn(&mut talk).plain_text();
    assert!(text.starts_with("1 notice read: 1 station closed, 0 units"), "{text}");
}

#[test]
fn the_analyst_asks_only_for_days_of_the_task_and_stops_without_readings() {
    let order = format!("Message from agent \"editor\":\n\n{TASK}");
    let mut talk = agent("analyst").saying(order);
    turn(&mut talk);
    talk.result("/mnt/session/uploads/a.csv");
    assert_eq!(calls(&turn(&mut talk), "path")[0].0, "describe");
    let column = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let columns = [column("station", "text"), column("date", "date"), column("no2", "number")];
    talk.result(&json!({"path": "/a.csv", "columns": columns}).to_string());
    let asked = turn(&mut talk);
    let query = &asked.tool_uses().next().unwrap().input_json;
    assert!(query.contains("2026-01-01") && query.contains("2026-01-09"), "{query}");
    talk.result(r#"{"columns": ["station", "date", "value", "readings"], "rows": []}"#);
    let text = turn(&mut talk).plain_text();
    assert_eq!(text, "Stopped: no file has the columns station, date and no2.");
}

#[test]
fn a_tool_that_fails_ends_the_work_with_its_reason() {
    let order = format!("Message from agent \"editor\":\n\n{TASK}");
    let mut talk = agent("analyst").saying(order);
    turn(&mut talk);
    talk.error("denied: /mnt/session/uploads may not be read");
    let text = turn(&mut talk).plain_text();
    assert_eq!(text, "Stopped: glob failed: denied: /mnt/session/uploads may not be read.");
}
