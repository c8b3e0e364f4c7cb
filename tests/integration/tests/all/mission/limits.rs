//! Limits: the standard of a kind, then mission, plugin, agent and command line.

use lucid_core::{Event, FailureKind, Limits};
use lucid_runtime::{AgentModel, LimitChanges, Mission, RunOptions, Runtime, World};
use lucid_tests::{Missions, log};

const MISSION: &str = r#"
name = "small"
lead = "lead"
message = "Go."

[limits]
deadline_ms = "20 s"
file_bytes = 500
random_bytes = 1_000
stdio_bytes = "2 KiB"

[plugins.files]
files = "read-write"

[plugins.files.limits]
file_bytes = "2 KiB"
random_bytes = 2_000

[plugins.parrot]
file = "parrot.wasm"

[plugins.nosy-grader]
file = "nosy-grader.wasm"

[agents.lead]
model = "plugin:parrot"
system = '''
call write {"file_path": "/workspace/lead.txt", "content": "CONTENT"}
call send_to_agent {"agent_name": "low", "message": "Go on."}
'''
tools = ["files.write"]
view = { "/workspace" = "rw" }
roster = ["low"]

[agents.low]
model = "plugin:parrot"
system = '''
call write {"file_path": "/workspace/low.txt", "content": "CONTENT"}
'''
tools = ["files.write"]
view = { "/workspace" = "rw" }
limits = { file_bytes = 100 }

[outcome]
description = "d"
rubric = "rubric.md"
grader = "nosy-grader"
max_iterations = 1
"#;

fn missions() -> Missions {
    let text = MISSION.replace("CONTENT", &"x".repeat(1_000));
    let files = [("mission.toml", text.as_str()), ("rubric.md", "- a\n")];
    Missions::new(&files, &["parrot", "nosy-grader"])
}

/// Loads the mission with `--limit` flags.
async fn load(missions: &Missions, flags: &[&str]) -> (Runtime, Mission) {
    let mut options = Missions::options(&missions.state());
    options.limits = LimitChanges::parse(flags.iter().copied()).unwrap();
    Runtime::open_for(options, &missions.mission()).await.unwrap()
}

/// The limits of an agent's model.
fn of_the_model(mission: &Mission, agent: &str) -> Limits {
    let AgentModel::Plugin(plugin) = &mission.agents[agent].model else { panic!("no plugin") };
    plugin.limits
}

/// The limits of `write` for an agent.
fn of(mission: &Mission, agent: &str) -> Limits {
    mission.agents[agent].tools["write"].plugin.limits
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_nearest_word_on_a_limit_wins_and_the_others_stay() {
    let missions = missions();
    let (_, mission) = load(&missions, &[]).await;
    let of_the_mission = |standard: Limits| Limits {
        deadline_ms: 20_000,
        file_bytes: 500,
        random_bytes: 1_000,
        stdio_bytes: 2_048,
        ..standard
    };
    let of_the_plugin =
        Limits { file_bytes: 2_048, random_bytes: 2_000, ..of_the_mission(Limits::STANDARD) };
    assert_eq!(of(&mission, "lead"), of_the_plugin);
    assert_eq!(of(&mission, "low"), Limits { file_bytes: 100, ..of_the_plugin });
    let parrot = of_the_mission(Limits::STANDARD);
    assert_eq!(of_the_model(&mission, "lead"), parrot);
    assert_eq!(of_the_model(&mission, "low"), Limits { file_bytes: 100, ..parrot });
    let grader = mission.outcome.unwrap().graders.grader.limits;
    assert_eq!(grader, of_the_mission(Limits::GRADER));
    let (_, mission) = load(&missions, &["file_bytes=10", "deadline_ms=9s"]).await;
    let flagged = Limits { file_bytes: 10, deadline_ms: 9_000, ..of_the_plugin };
    assert_eq!((of(&mission, "lead"), of(&mission, "low")), (flagged, flagged));
}

/// Which writers failed, and how, in the order of the log.
async fn failures(flags: &[&str]) -> Vec<Option<FailureKind>> {
    let missions = missions();
    let (runtime, mission) = load(&missions, flags).await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let log = log(&runtime, &session.id).await;
    let mut writes = std::collections::BTreeSet::new();
    let mut failures = Vec::new();
    for (_, record, event) in log {
        match event {
            Event::ToolUse { name, .. } if name == "write" => {
                writes.insert(record.id);
            }
            Event::ToolResult { tool_use_id, lucid, .. } if writes.contains(&tool_use_id) => {
                failures.push(lucid.failure.map(|failure| failure.kind));
            }
            _ => {}
        }
    }
    failures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_is_held_to_the_limits_of_its_agent() {
    let exceeded = Some(FailureKind::Exceeded);
    // 1,000 bytes: the mission would not allow them, the plugin does, the second agent does
    // not.
    assert_eq!(failures(&[]).await, [None, exceeded]);
    assert_eq!(failures(&["file_bytes=1 MiB"]).await, [None, None]);
    assert_eq!(failures(&["file_bytes=10"]).await, [exceeded, exceeded]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_makes_no_sense_is_refused_with_its_line() {
    let missions = missions();
    let text = MISSION.replace("CONTENT", "x");
    let places = ["deadline_ms = \"20 s\"", "random_bytes = 2_000", "file_bytes = 100"];
    let mistakes = [
        ("deadline = 5", "no such limit: `deadline`", "deadline_ms"),
        ("deadline_ms = 1.5", "`deadline_ms` cannot be `1.5`", "min"),
        ("deadline_ms = -1", "`deadline_ms` cannot be `-1`", "whole number"),
        ("memory_bytes = \"9 GiB\"", "`memory_bytes` is 9663676416", "1073741824"),
        ("files = \"7 files\"", "`files` cannot be `7 files`", "whole number"),
    ];
    for place in places {
        let line = text[..text.find(place).unwrap()].matches('\n').count() + 1;
        for (mistake, says, hints) in mistakes {
            missions.write("mission.toml", &text.replacen(place, mistake, 1));
            let options = Missions::options(&missions.state());
            let opened = Runtime::open_for(options, &missions.mission()).await;
            let failure = opened.err().unwrap_or_else(|| panic!("{mistake} loads"));
            assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
            let place = format!("mission.toml:{line}: ");
            assert!(failure.message.contains(&place), "{mistake}: {failure}");
            assert_eq!(failure.message.matches("mission.toml:").count(), 1, "{failure}");
            assert!(failure.message.contains(says), "{mistake}: {failure}");
            assert!(failure.hint.unwrap().contains(hints), "{mistake}");
        }
    }
}
