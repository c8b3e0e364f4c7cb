//! Who wrote a file, and what was denied to whom, can be read from the log.

use std::collections::BTreeMap;

use lucid_core::{Content, Event, EventId, FileChangeKind, ThreadId};
use lucid_runtime::{RunOptions, World};
use lucid_tests::{Missions, log};

const MISSION: &str = r#"
name = "small"
lead = "boss"
message = "Go."

[plugins.files]
files = "read-write"

[plugins.parrot]
file = "parrot.wasm"

[agents.boss]
model = "plugin:parrot"
system = '''
call write {"file_path": "/workspace/plan.txt", "content": "first"}
call send_to_agent {"agent_name": "alice", "message": "Go."}
call send_to_agent {"agent_name": "bob", "message": "Go."}
'''
tools = ["files.write"]
view = { "/workspace" = "rw" }
roster = ["alice", "bob"]

[agents.alice]
model = "plugin:parrot"
system = '''
call write {"file_path": "/workspace/alice.txt", "content": "of alice"}
call edit {"file_path": "/workspace/plan.txt", "old_string": "first", "new_string": "second"}
'''
tools = ["files.write", "files.edit"]
view = { "/workspace" = "rw" }

[agents.bob]
model = "plugin:parrot"
system = '''
call write {"file_path": "/workspace/bob.txt", "content": "of bob"}
'''
tools = ["files.write"]
view = { "/workspace" = "ro" }
"#;

/// One change, as the log has it.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    path: String,
    change: FileChangeKind,
    agent: String,
    tool: String,
}

fn change(path: &str, change: FileChangeKind, agent: &str, tool: &str) -> Change {
    Change { path: path.into(), change, agent: agent.into(), tool: tool.into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_says_which_agent_wrote_which_file_in_which_call() {
    let missions = Missions::new(&[("mission.toml", MISSION)], &["parrot"]);
    let (runtime, mission) = missions.load().await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let mut agents: BTreeMap<ThreadId, String> = BTreeMap::new();
    let mut calls: BTreeMap<EventId, (ThreadId, String)> = BTreeMap::new();
    let mut changes = Vec::new();
    for (_, record, event) in log(&runtime, &session.id).await {
        match event {
            Event::ThreadRunning { session_thread_id, agent_name }
            | Event::ThreadCreated { session_thread_id, agent_name } => {
                agents.insert(session_thread_id, agent_name);
            }
            Event::ToolUse { name, .. } => {
                calls.insert(record.id, (record.thread_id.unwrap(), name));
            }
            Event::ToolResult { tool_use_id, lucid, .. } => {
                let (thread, tool) = &calls[&tool_use_id];
                assert_eq!(record.thread_id.as_ref(), Some(thread), "a result is its caller's");
                let agent = &agents[thread];
                let of =
                    |file: lucid_core::FileChange| change(&file.path, file.change, agent, tool);
                changes.extend(lucid.files.into_iter().map(of));
            }
            _ => {}
        }
    }
    let (created, written) = (FileChangeKind::Created, FileChangeKind::Written);
    let expected = [
        change("/workspace/plan.txt", created, "boss", "write"),
        change("/workspace/alice.txt", created, "alice", "write"),
        change("/workspace/plan.txt", written, "alice", "edit"),
    ];
    assert_eq!(changes, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_is_in_the_log_with_its_rule_and_the_agent_is_told() {
    let missions = Missions::new(&[("mission.toml", MISSION)], &["parrot"]);
    let (runtime, mission) = missions.load().await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let results = log(&runtime, &session.id).await.into_iter().filter_map(|(_, _, event)| {
        let Event::ToolResult { content, is_error, lucid, .. } = event else { return None };
        (!lucid.denied.is_empty()).then_some((Content::join(&content), is_error, lucid))
    });
    let results: Vec<_> = results.collect();
    let [(said, is_error, span)] = results.as_slice() else { panic!("{results:?}") };
    let denial = &span.denied[0];
    assert!(*is_error && span.files.is_empty(), "{span:?}");
    assert_eq!(denial.what, "/workspace/bob.txt");
    assert!(denial.rule.contains("read-only") && denial.hint.contains("view"), "{denial:?}");
    let line = format!("denied: {}: {} (hint: {})", denial.what, denial.rule, denial.hint);
    assert!(said.lines().any(|said| said == line), "{said}");
}
