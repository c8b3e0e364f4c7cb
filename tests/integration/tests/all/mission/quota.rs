//! What a whole session may keep on disk, whoever of it writes.

use std::path::Path;

use lucid_core::{Event, FailureKind, Span};
use lucid_runtime::{DiskQuota, RunOptions, Runtime, World};
use lucid_tests::{Found, Missions, log, tree};

const MISSION: &str = r#"
name = "small"
lead = "lead"
message = "Go."

[session]
disk_bytes = 10_000
disk_files = 20

[plugins.files]
files = "read-write"

[plugins.parrot]
file = "parrot.wasm"

[agents.lead]
model = "plugin:parrot"
system = '''
CALLS
'''
tools = ["files.write"]
view = { "/workspace" = "rw" }
roster = ["second"]

[agents.second]
model = "plugin:parrot"
system = '''
call write {"file_path": "/mnt/session/outputs/second.txt", "content": "CONTENT"}
'''
tools = ["files.write"]
view = { "/mnt/session/outputs" = "rw" }
"#;

/// Every call's span, in the order of the log, and where the session's folders are.
async fn run(calls: &str, content: usize) -> (Vec<Span>, Missions) {
    let text = MISSION.replace("CALLS", calls).replace("CONTENT", &"x".repeat(content));
    let missions = Missions::new(&[("mission.toml", &text)], &["parrot"]);
    let (runtime, mission) = missions.load().await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let spans = log(&runtime, &session.id).await.into_iter().filter_map(|(_, _, event)| {
        let Event::ToolResult { lucid, .. } = event else { return None };
        Some(lucid)
    });
    (spans.collect(), missions)
}

fn bytes_in(folder: &Path) -> u64 {
    let size = |found: &Found| match found {
        Found::File(bytes, _) => bytes.len() as u64,
        Found::Folder | Found::Link(_) => 0,
    };
    tree(folder).values().map(size).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_writer_of_a_session_finds_what_the_first_one_left() {
    let calls = r#"
call write {"file_path": "/workspace/first.txt", "content": "CONTENT"}
call send_to_agent {"agent_name": "second", "message": "Your turn."}
"#;
    let (spans, missions) = run(calls, 6_000).await;
    let [first, _, second] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!(first.failure, None);
    let failure = second.failure.as_ref().expect("twice 6,000 bytes are more than 10,000");
    assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
    assert!(failure.hint.as_ref().unwrap().contains("session.disk_bytes"), "{failure:?}");
    assert!(bytes_in(&missions.state().join("sessions")) <= 10_000);
    let (spans, _) = run(calls, 4_000).await;
    assert!(spans.iter().all(|span| span.failure.is_none()), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_over_is_given_back_between_the_steps() {
    // Each of 200 answers writes the same file again: 4,000 bytes are there, 8,000 are
    // charged while one call runs, 800,000 were written in all.
    let again = r#"again write {"file_path": "/workspace/a.txt", "content": "CONTENT"}"#;
    let (spans, _) = run(again, 4_000).await;
    let failed: Vec<_> = spans.iter().filter_map(|span| span.failure.as_ref()).collect();
    assert!(spans.len() > 100 && failed.is_empty(), "{}: {failed:?}", spans.len());
    // Twice as much does not fit while the old text is still charged.
    let (spans, _) = run(again, 8_000).await;
    assert!(spans[0].failure.is_none() && spans[1].failure.is_some(), "{:?}", &spans[..2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_counted_over_the_whole_session() {
    let call =
        |n| format!("call write {{\"file_path\": \"/workspace/{n}.txt\", \"content\": \"\"}}");
    let calls: Vec<_> = (0..25).map(call).collect();
    let (spans, missions) = run(&calls.join("\n"), 0).await;
    let failed = spans.iter().filter(|span| span.failure.is_some()).count();
    assert_eq!((spans.len(), failed), (25, 5), "20 files are allowed");
    let there = tree(&missions.state().join("sessions"));
    assert_eq!(there.keys().filter(|name| name.ends_with(".txt")).count(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_has_the_standard_quota_unless_its_mission_says_otherwise() {
    let text = MISSION.replace("CALLS", "").replace("CONTENT", "");
    let (section, rest) = text.split_once("[session]").unwrap();
    let (_, rest) = rest.split_once("disk_files = 20").unwrap();
    let missions = Missions::new(&[("mission.toml", &format!("{section}{rest}"))], &["parrot"]);
    let (_, mission) = missions.load().await;
    assert_eq!(mission.disk, DiskQuota::STANDARD);
    missions.write("mission.toml", &text.replace("10_000", "\"2 GiB\""));
    let (_, mission) = missions.load().await;
    assert_eq!(mission.disk, DiskQuota { bytes: 2 << 30, files: 20 });
    missions.write("mission.toml", &text.replace("10_000", "\"much\""));
    let opened = Runtime::open_for(Missions::options(&missions.state()), &missions.mission()).await;
    let failure = opened.err().expect("no size");
    assert!(failure.message.contains("mission.toml:7: `disk_bytes`"), "{failure}");
}
