//! Teams: several threads of one agent, waiting for them, and what keeps them apart.

use lucid_core::Event;
use lucid_runtime::RunOptions;
use lucid_tests::{Missions, log};

use super::{once, results};

const MISSION: &str = r#"
name = "team"
lead = "lead"
message = "Go."

[session]
threads = 2

[agents.lead]
model = "plugin:script"
system = '''
call start_thread {"agent_name": "worker", "message": "first"}
and call start_thread {"agent_name": "worker", "message": "second"}
and call start_thread {"agent_name": "worker", "message": "third"}
call await_threads {}
call list_agents {}
say {result}
'''
roster = ["worker"]

[agents.worker]
model = "plugin:echo"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lead_starts_several_threads_of_one_agent_and_waits_for_all_of_them() {
    let missions = Missions::new(&[("mission.toml", MISSION)], &[]);
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.threads, 3, "the lead and two workers, which are the most");
    let results = results(&runtime, &session.id).await;
    assert!(results[2].0 && results[2].1.contains("2 threads are there already"), "{results:?}");
    let awaited: serde_json::Value = serde_json::from_str(&results[3].1).unwrap();
    let threads = awaited["threads"].as_array().unwrap();
    assert_eq!(threads.len(), 2);
    assert!(threads.iter().all(|thread| thread["status"] == "idle"), "{awaited}");
    let ids: Vec<_> = threads.iter().map(|thread| &thread["session_thread_id"]).collect();
    assert_ne!(ids[0], ids[1]);
    // Their answers came before the lead was asked again, each from its own context.
    let log = log(&runtime, &session.id).await;
    let heard = log.iter().filter_map(|(_, _, event)| match event {
        Event::ThreadMessageReceived { from_agent_name, content, .. }
            if from_agent_name == "worker" =>
        {
            Some(lucid_core::Content::join(content))
        }
        _ => None,
    });
    let mut heard: Vec<_> = heard.collect();
    heard.sort();
    assert_eq!(heard.len(), 2);
    assert!(heard[0].contains("first") && !heard[0].contains("second"), "{heard:?}");
    assert!(heard[1].contains("second") && !heard[1].contains("first"), "{heard:?}");
}
