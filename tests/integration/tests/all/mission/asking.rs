//! A plugin that was granted a model asks it, as far as its budget goes.

use lucid_core::{Content, Event};
use lucid_runtime::{RunOptions, World};
use lucid_tests::{Missions, log};

const MISSION: &str = r#"
name = "asking"
lead = "lead"
message = "Go."

[plugins.greedy]
file = "greedy.wasm"
files = "read-write"
model = "plugin:echo"
LIMITS

[plugins.parrot]
file = "parrot.wasm"

[agents.lead]
model = "plugin:parrot"
system = '''
call gather {"times": 5}
'''
tools = ["greedy"]
view = { "/workspace" = "rw" }
"#;

/// What the tool said in a mission with these limits.
async fn gathered(limits: &str) -> String {
    let mission = MISSION.replace("LIMITS", limits);
    let missions = Missions::new(&[("mission.toml", &mission)], &["greedy", "parrot"]);
    let (runtime, mission) = missions.load().await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let log = log(&runtime, &session.id).await;
    let said = log.iter().find_map(|(_, _, event)| match event {
        Event::ToolResult { content, .. } => Some(Content::join(content)),
        _ => None,
    });
    said.expect("the tool was called")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_granted_model_answers_until_its_budget_is_spent() {
    assert_eq!(gathered("").await, "5 answers");
    // Question and answer are eleven tokens each: the third request finds nothing left.
    let budget = gathered("limits = { model_tokens = 40 }").await;
    assert!(budget.starts_with("2 answers, then "), "{budget}");
    assert!(budget.contains("BudgetExceeded") && budget.contains("40"), "{budget}");
}
