//! What reaches an agent: messages and files it may see, and nothing else.

use std::collections::BTreeMap;

use lucid_core::{Content, Event};
use lucid_runtime::{RunOptions, World};
use lucid_tests::{Missions, log, tree};

const MISSION: &str = r#"
name = "small"
lead = "boss"
message = "For the boss: MESSAGE-OF-BOSS."

[plugins.files]
files = "read-write"

[plugins.parrot]
file = "parrot.wasm"

[agents.boss]
model = "plugin:parrot"
system = '''
SYSTEM-OF-BOSS
call send_to_agent {"agent_name": "alice", "message": "MESSAGE-TO-ALICE"}
call send_to_agent {"agent_name": "bob", "message": "MESSAGE-TO-BOB"}
call read {"file_path": "/workspace/alice/plan.txt"}
call fly {"to": "the moon"}
'''
tools = ["files.read"]
view = { "/workspace/boss" = "rw" }
roster = ["alice", "bob"]

[agents.alice]
model = "plugin:parrot"
system = '''
SYSTEM-OF-ALICE
call write {"file_path": "/workspace/alice/plan.txt", "content": "PLAN-OF-ALICE"}
call write {"file_path": "/workspace/bob/plan.txt", "content": "PLAN-OF-ALICE"}
call write {"file_path": "/mnt/memory/notes/new.md", "content": "PLAN-OF-ALICE"}
call send_to_agent {"agent_name": "bob", "message": "GOSSIP-OF-ALICE"}
'''
tools = ["files.write"]
view = { "/workspace/alice" = "rw", "/workspace/bob" = "ro" }

[agents.bob]
model = "plugin:parrot"
system = "SYSTEM-OF-BOB"
view = { "/workspace/bob" = "rw" }

[memory.notes]
folder = "memory"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_see_only_their_own_context() {
    let said = run().await;
    let first = |agent: &str| said[agent].first().unwrap();
    let sees = |agent: &str, own: &[&str], others: &[&str]| {
        let dump = first(agent);
        for own in own {
            assert!(dump.contains(own), "{agent} does not see {own}: {dump}");
        }
        for other in others {
            assert!(!dump.contains(other), "{agent} sees {other}: {dump}");
        }
    };
    sees(
        "alice",
        &["SYSTEM-OF-ALICE", "MESSAGE-TO-ALICE", "Message from agent \"boss\"", "TOOLS write\n"],
        &["OF-BOSS", "OF-BOB", "TO-BOB"],
    );
    sees(
        "bob",
        &["SYSTEM-OF-BOB", "MESSAGE-TO-BOB", "TOOLS \n"],
        &["OF-BOSS", "OF-ALICE", "TO-ALICE"],
    );
    sees("boss", &["SYSTEM-OF-BOSS", "MESSAGE-OF-BOSS"], &[]);
    // Of the others it hears what they answer, and nothing else.
    let own = first("boss").split("Message from agent").next().unwrap();
    for other in ["SYSTEM-OF-BOB", "SYSTEM-OF-ALICE", "PLAN-OF-ALICE"] {
        assert!(!own.contains(other), "boss sees {other}: {own}");
    }
    let last = said["boss"].last().unwrap();
    for agent in ["alice", "bob"] {
        assert!(last.contains(&format!("Message from agent \"{agent}\"")), "{last}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_has_its_own_tools_and_its_own_view() {
    let said = run().await;
    let boss = said["boss"].first().unwrap();
    assert!(boss.contains("RESULT Permission to use fly has been denied."), "{boss}");
    let refused = boss.lines().any(|line| line.contains("RESULT") && line.contains("alice/plan"));
    assert!(refused, "the boss does not see alice's folder: {boss}");
    let alice = said["alice"].first().unwrap();
    assert!(alice.contains("RESULT Permission to use send_to_agent has been denied."), "{alice}");
    let results: Vec<_> = alice.lines().filter(|line| line.contains("RESULT")).collect();
    assert_eq!(results.len(), 4, "{results:?}");
    for result in &results[1..3] {
        assert!(result.contains("denied") || result.contains("failed"), "{results:?}");
    }
}

/// What each agent said, in order.
async fn run() -> BTreeMap<String, Vec<String>> {
    let missions =
        Missions::new(&[("mission.toml", MISSION), ("memory/notes.md", "- a note\n")], &["parrot"]);
    let (runtime, mission) = missions.load().await;
    let (session, _) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    let folder = missions.state().join("sessions").join(session.id.as_str());
    let plan = std::fs::read_to_string(folder.join("workspace/alice/plan.txt")).unwrap();
    assert_eq!(plan, "PLAN-OF-ALICE");
    assert!(!folder.join("workspace/bob/plan.txt").exists(), "alice wrote into bob's folder");
    let memory = tree(&missions.state().join("memory")).into_keys();
    let memory: Vec<_> = memory.filter(|path| path.ends_with(".md")).collect();
    assert_eq!(memory.len(), 1, "alice wrote into the memory: {memory:?}");
    let (mut names, mut said) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
    for (_, record, event) in log(&runtime, &session.id).await {
        match event {
            Event::ThreadRunning { session_thread_id, agent_name } => {
                names.insert(session_thread_id, agent_name);
            }
            Event::AgentMessage { content } => {
                let name = names[&record.thread_id.unwrap()].clone();
                said.entry(name).or_default().push(Content::join(&content));
            }
            _ => {}
        }
    }
    said
}
