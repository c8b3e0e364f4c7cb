//! What goes wrong in a session is in its log, and the session goes on or ends in order.

use lucid_core::{Event, FailureKind, Limits, SessionStatus};
use lucid_runtime::{RunOptions, World};
use lucid_tests::{Missions, log};

use super::grammar;

const MISSION: &str = r#"
name = "small"
lead = "lead"
message = "Go."

[plugins.hostile]
file = "hostile.wasm"
files = "read-write"
environment = { GRANTED = "1" }
limits = { deadline_ms = 8000 }

[plugins.parrot]
file = "parrot.wasm"

[agents.lead]
model = "plugin:parrot"
system = '''
CALLS
'''
tools = ["hostile"]
"#;

fn mission(calls: &str) -> Missions {
    Missions::new(&[("mission.toml", &MISSION.replace("CALLS", calls))], &["hostile", "parrot"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_stopped_is_an_error_the_agent_sees_and_the_session_goes_on() {
    let calls = [
        r#"call panic {"text": "help"}"#,
        r#"call spin {}"#,
        r#"call give {"bytes": 4194304}"#,
        r#"call exit {"code": 1}"#,
        r#"call fine {"text": "all is well"}"#,
        r#"call fine {"wrong": 1}"#,
    ];
    let missions = mission(&calls.join("\n"));
    let (runtime, mission) = missions.load().await;
    let (session, end) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let log = log(&runtime, &session.id).await;
    grammar::check(&log);
    // Calls of one answer run side by side and end in any order: results are read by their calls.
    let calls = log.iter().filter(|(_, _, event)| matches!(event, Event::ToolUse { .. }));
    let results = calls.filter_map(|(_, call, _)| {
        log.iter().find_map(|(_, _, event)| match event {
            Event::ToolResult { tool_use_id, is_error, lucid, .. } if *tool_use_id == call.id => {
                Some((*is_error, lucid.failure.as_ref().map(|failure| failure.kind)))
            }
            _ => None,
        })
    });
    let (trap, exceeded) = (Some(FailureKind::Trap), Some(FailureKind::Exceeded));
    let expected = [
        (true, trap),
        (true, exceeded),
        (true, exceeded),
        (true, trap),
        (false, None),
        (true, None),
    ];
    assert_eq!(results.collect::<Vec<_>>(), expected);
    for said in ["RESULT trap: ", "RESULT exceeded: ", "RESULT all is well", "invalid input"] {
        assert!(end.last_text.contains(said), "{said}: {}", end.last_text);
    }
    let summary = runtime.store.session_summary(&session.id).await.unwrap().unwrap();
    assert_eq!(summary.status, SessionStatus::Idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_never_stops_is_stopped_and_every_call_has_its_result() {
    let missions = mission(r#"again fine {"text": "once more"}"#);
    let (runtime, mission) = missions.load().await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let log = log(&runtime, &session.id).await;
    assert!(log.iter().any(|(_, record, _)| record.kind == "session.error"), "it was stopped");
    grammar::check(&log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_a_mission_sets_leaves_the_others_as_they_are() {
    let text = format!(
        "{MISSION}\n[plugins.nosy-grader]\nfile = \"nosy-grader.wasm\"\n\
         limits = {{ deadline_ms = 5000 }}\n\
         [plugins.wayward-dream]\nfile = \"wayward-dream.wasm\"\n\
         limits = {{ deadline_ms = 5000 }}\n\
         [memory.notes]\nfolder = \"memory\"\n\
         [outcome]\ndescription = \"d\"\nrubric = \"rubric.md\"\ngrader = \"nosy-grader\"\n\
         [dream]\nstrategy = \"wayward-dream\"\nmemory = \"notes\"\n"
    );
    let files =
        [("mission.toml", text.as_str()), ("rubric.md", "- a\n"), ("memory/notes.md", "- a\n")];
    let missions = Missions::new(&files, &["hostile", "nosy-grader", "parrot", "wayward-dream"]);
    let (_, mission) = missions.load().await;
    let with = |limits: Limits| Limits { deadline_ms: 5_000, ..limits };
    let (outcome, dream) = (mission.outcome.unwrap(), mission.dream.unwrap());
    assert_eq!(outcome.graders.grader.limits, with(Limits::GRADER));
    assert_eq!(dream.strategy.limits, with(Limits::DREAM));
}
