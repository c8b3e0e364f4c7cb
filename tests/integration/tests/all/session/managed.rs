//! Sessions that somebody talks to, as a server has them: made, woken, answered.

use std::sync::Arc;

use lucid_core::{
    Author, Clock as _, Confirmation, Content, Entropy, Event, EventId, IdleReason, MemoryStore,
    MemoryStoreId, OutcomeId, SeededEntropy, SessionId, SessionState, SessionStatus, StepClock,
    Timestamp, Via,
};
use lucid_runtime::{Live, MountedStore, NewSession, Runtime, SystemClock, SystemEntropy};
use lucid_tests::{Missions, log};

const FILES: &str = "\n[plugins.files]\nfiles = \"read-write\"\n";

/// The text of a session's mission whose lead plays a script.
pub(super) fn mission(script: &str, agent: &str) -> String {
    format!(
        "name = \"talk\"\nlead = \"lead\"\n{FILES}\n[agents.lead]\nmodel = \"plugin:script\"\n\
         system = '''\n{script}\n'''\nview = {{ \"/workspace\" = \"rw\", \
         \"/mnt/session/outputs\" = \"rw\", \"/mnt/session/uploads\" = \"ro\" }}\n{agent}"
    )
}

pub(super) struct Talk {
    pub(super) folder: tempfile::TempDir,
    pub(super) runtime: Runtime,
    pub(super) live: Live,
    pub(super) id: SessionId,
}

impl Talk {
    pub(super) async fn new(mission: String, memory: &[(MemoryStore, bool)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(Missions::options(&folder.path().join("state"))).unwrap();
        for (store, _) in memory {
            runtime.store.create_memory_store(store).await.unwrap();
        }
        let tell = |id: &SessionId, failure: &lucid_core::Failure| panic!("{id}: {failure:?}");
        let live = Live::new(runtime.clone(), Arc::new(tell));
        let clock = SystemClock::default();
        let id = SessionId::new(&clock, &SystemEntropy);
        let mounted = |(store, writable): &(MemoryStore, bool)| MountedStore {
            id: store.id.clone(),
            writable: *writable,
        };
        let new = NewSession {
            id: id.clone(),
            title: "Talk".into(),
            agent: "lead".into(),
            metadata: [].into(),
            mission,
            memory: memory.iter().map(mounted).collect(),
            created_at: clock.now(),
        };
        runtime.create_session(new).await.unwrap();
        Self { folder, runtime, live, id }
    }

    /// Sends events and waits until the session rests.
    pub(super) async fn send(&self, events: Vec<Event>) -> SessionState {
        self.runtime.post_events(&self.id, events).await.unwrap();
        self.live.wake(&self.id);
        self.rest().await
    }

    pub(super) async fn rest(&self) -> SessionState {
        while self.live.is_working(&self.id) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        self.runtime.session_state(&self.id).await.unwrap()
    }

    async fn events(&self) -> Vec<Event> {
        log(&self.runtime, &self.id).await.into_iter().map(|(_, _, event)| event).collect()
    }
}

pub(super) fn says(text: &str) -> Event {
    Event::UserMessage { content: Content::text(text) }
}

fn waiting(state: &SessionState) -> Vec<EventId> {
    match &state.idle {
        Some(IdleReason::RequiresAction { event_ids }) => event_ids.clone(),
        other => panic!("{other:?}"),
    }
}

fn gives(call: &EventId, text: &str) -> Event {
    let custom_tool_use_id = call.clone();
    Event::CustomToolResult { custom_tool_use_id, content: Content::text(text), is_error: false }
}

const LOOK_UP: &str = "client_tools = [{ name = \"look_up\", description = \"d\", input_schema = \
    '{\"type\":\"object\"}', by = \"custom\" }]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_rests_until_somebody_speaks_and_answers_each_time() {
    let talk = Talk::new(mission("say First.\nsay Second.", ""), &[]).await;
    let state = talk.runtime.session_state(&talk.id).await.unwrap();
    assert_eq!((state.status, state.threads.len()), (SessionStatus::Idle, 1));
    assert_eq!(state.threads[0].agent, "lead");
    assert_eq!(talk.send(vec![says("Go.")]).await.last_text(), "First.");
    let state = talk.send(vec![says("And?")]).await;
    assert_eq!(state.last_text(), "Second.");
    assert_eq!(state.idle, Some(IdleReason::EndTurn));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_the_clients_own_tools_wait_until_each_is_answered() {
    let script = "call look_up {\"n\": 1}\nand call look_up {\"n\": 2}\nsay It is {result}.";
    let talk = Talk::new(mission(script, LOOK_UP), &[]).await;
    let calls = waiting(&talk.send(vec![says("Go.")]).await);
    assert_eq!(calls.len(), 2);
    let state = talk.send(vec![gives(&calls[0], "one")]).await;
    assert_eq!(waiting(&state), calls[1..], "the other still waits");
    let twice = talk.runtime.post_events(&talk.id, vec![gives(&calls[0], "again")]).await;
    assert!(twice.unwrap_err().message.contains("waits for no such result"));
    let worker = Event::WorkerToolResult {
        tool_use_id: calls[1].clone(),
        content: Content::text("x"),
        is_error: false,
    };
    talk.runtime.post_events(&talk.id, vec![worker]).await.unwrap_err();
    let state = talk.send(vec![gives(&calls[1], "two")]).await;
    assert_eq!((state.last_text(), state.tool_calls), ("It is two.", 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workers_call_that_needs_permission_is_handed_out_once_it_is_given() {
    let tool = "client_tools = [{ name = \"bash\", input_schema = '{\"type\":\"object\"}', by = \
                \"worker\", permission = \"always_ask\" }]\n";
    let script = "call bash {\"command\": \"ls\"}\nsay {result}\ncall bash {}\nsay {result}";
    let talk = Talk::new(mission(script, tool), &[]).await;
    let call = waiting(&talk.send(vec![says("Go.")]).await).remove(0);
    let early = Event::WorkerToolResult {
        tool_use_id: call.clone(),
        content: Content::text("a.txt"),
        is_error: false,
    };
    talk.runtime.post_events(&talk.id, vec![early.clone()]).await.unwrap_err();
    let decided = |result, call: &EventId| Event::ToolConfirmation {
        tool_use_id: call.clone(),
        result,
        deny_message: None,
    };
    let state = talk.send(vec![decided(Confirmation::Allow, &call)]).await;
    assert_eq!(waiting(&state), [call]);
    assert_eq!(talk.send(vec![early]).await.last_text(), "a.txt");
    // One that is denied is answered here.
    let call = waiting(&talk.send(vec![says("Again.")]).await).remove(0);
    let state = talk.send(vec![decided(Confirmation::Deny, &call)]).await;
    assert!(state.last_text().contains("has been denied"), "{}", state.last_text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_closes_calls_that_wait_for_the_client() {
    let talk = Talk::new(mission("call look_up {}\nsay {result}", LOOK_UP), &[]).await;
    let call = waiting(&talk.send(vec![says("Go.")]).await).remove(0);
    let state = talk.send(vec![Event::Interrupt { session_thread_id: None }]).await;
    assert_eq!(state.idle, Some(IdleReason::EndTurn));
    talk.runtime.post_events(&talk.id, vec![gives(&call, "late")]).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_denied_gets_its_result_in_a_turn() {
    let tool = "client_tools = [{ name = \"bash\", input_schema = '{\"type\":\"object\"}', by = \
                \"worker\", permission = \"always_ask\" }]\n";
    let script = "call bash {\"n\": 1}\nand call bash {\"n\": 2}\nsay {result}";
    let talk = Talk::new(mission(script, tool), &[]).await;
    let calls = waiting(&talk.send(vec![says("Go.")]).await);
    let deny = |call: &EventId| Event::ToolConfirmation {
        tool_use_id: call.clone(),
        result: Confirmation::Deny,
        deny_message: None,
    };
    // While another call of the turn waits there is nothing to go on with.
    let state = talk.send(vec![deny(&calls[0])]).await;
    assert_eq!(waiting(&state), calls[1..]);
    let before = talk.events().await.len();
    talk.send(vec![deny(&calls[1])]).await;
    let events = &talk.events().await[before..];
    let place = |of: fn(&Event) -> bool| events.iter().position(of).unwrap();
    let result = place(|event| matches!(event, Event::ToolResult { .. }));
    assert!(place(|event| matches!(event, Event::StatusRunning {})) < result, "{events:?}");
    assert!(place(|event| matches!(event, Event::ThreadRunning { .. })) < result, "{events:?}");
    assert!(result < place(|event| matches!(event, Event::ModelRequestStart {})), "{events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_that_ends_an_outcome_alone_is_followed_by_an_idle_session() {
    // Nobody judges here, so that the outcome stays open while the session rests.
    let talk = Talk::new(mission("say Done.", ""), &[]).await;
    let outcome = Event::DefineOutcome {
        outcome_id: OutcomeId::new(&SystemClock::default(), &SystemEntropy),
        description: "A page.".into(),
        rubric: serde_json::json!({"type": "text", "content": "- It is there."}),
        max_iterations: 3,
    };
    let state = talk.send(vec![outcome]).await;
    assert_eq!((state.status, &state.idle), (SessionStatus::Idle, &Some(IdleReason::EndTurn)));
    assert!(state.outcome.unwrap().is_open());
    let before = talk.events().await.len();
    let state = talk.send(vec![Event::Interrupt { session_thread_id: None }]).await;
    assert!(!state.outcome.unwrap().is_open());
    let events = &talk.events().await[before..];
    let [.., idle, usage, rests] = events else { panic!("{events:?}") };
    assert!(matches!(idle, Event::ThreadIdle { .. }), "{events:?}");
    assert!(matches!(usage, Event::Usage { .. }), "{events:?}");
    assert!(matches!(rests, Event::StatusIdle { .. }), "{events:?}");
    let rests = events.iter().filter(|event| matches!(event, Event::StatusIdle { .. }));
    assert_eq!(rests.count(), 1, "{events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_stands_for_a_server_is_named_in_its_calls_and_results() {
    let agent = "tools = [\"files.glob\"]\nservers = { disk = \"files\" }\n";
    let talk = Talk::new(mission("call glob {\"pattern\": \"*\"}\nsay ok", agent), &[]).await;
    talk.send(vec![says("Go.")]).await;
    let events = talk.events().await;
    let server = Some(Via::Mcp { server: "disk".into() });
    assert!(events.iter().any(|event| matches!(event,
        Event::ToolUse { lucid, .. } if *lucid == server)));
    assert!(events.iter().any(|event| matches!(event,
        Event::ToolResult { lucid, .. } if lucid.server.as_deref() == Some("disk"))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_agents_write_into_memory_becomes_versions_and_what_others_write_arrives() {
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(7));
    let store = MemoryStore {
        id: MemoryStoreId::new(&clock, &entropy as &dyn Entropy),
        name: "Notes".into(),
        description: "d".into(),
        created_at: Timestamp(1),
        dreamt_from: None,
    };
    let write = |path: &str, text: &str| {
        let input = serde_json::json!({"file_path": path, "content": text});
        format!("call write {input}\nsay ok")
    };
    let script = [
        write("/mnt/memory/notes/a.md", "first"),
        write("/mnt/memory/notes/deep/b.md", "second"),
        "call read {\"file_path\": \"/mnt/memory/notes/a.md\"}\nsay {result}".to_owned(),
    ];
    let text = mission(&script.join("\n"), "tools = [\"files\"]\n");
    let talk = Talk::new(text, &[(store.clone(), true)]).await;
    talk.send(vec![says("Go.")]).await;
    let versions = talk.runtime.store.memory_versions(&store.id, None).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].created_by, Author::Session { session_id: talk.id.clone() });
    assert_eq!(versions[0].content.as_deref(), Some("first"));
    // Somebody else changes it between two turns.
    let mut other = versions[0].clone();
    other.id = lucid_core::MemoryVersionId::new(&clock, &entropy);
    other.operation = lucid_core::MemoryOperation::Modified;
    other.content = Some("theirs".into());
    talk.runtime.store.write_memories(&store.id, vec![other]).await.unwrap();
    talk.send(vec![says("Go on.")]).await;
    let memories = talk.runtime.store.memories(&store.id).await.unwrap();
    let now: Vec<_> = memories.iter().map(|m| (m.path.as_str(), m.content.as_str())).collect();
    assert_eq!(now, [("/a.md", "theirs"), ("/deep/b.md", "second")]);
    let state = talk.send(vec![says("Read.")]).await;
    assert!(state.last_text().contains("theirs"), "{}", state.last_text());
}

/// A memory store that is called `Notes`.
fn notes(seed: u64) -> MemoryStore {
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(seed));
    MemoryStore {
        id: MemoryStoreId::new(&clock, &entropy as &dyn Entropy),
        name: "Notes".into(),
        description: String::new(),
        created_at: Timestamp(1),
        dreamt_from: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_when_its_memory_store_was_deleted_and_says_so_once() {
    for writable in [true, false] {
        let store = notes(9);
        let script = "call glob {\"pattern\": \"*\"}\nsay One.\nsay Two.\nsay Three.";
        let text = mission(script, "tools = [\"files\"]\n");
        let talk = Talk::new(text, &[(store.clone(), writable)]).await;
        assert_eq!(talk.send(vec![says("Go.")]).await.last_text(), "One.");
        talk.runtime.delete_memory_store(&store.id).await.unwrap();
        assert_eq!(talk.send(vec![says("Go on.")]).await.last_text(), "Two.");
        assert_eq!(talk.send(vec![says("Go on.")]).await.last_text(), "Three.");
        let events = talk.events().await;
        let said = events.iter().filter(
            |event| matches!(event, Event::Log { message, .. } if message.contains("was deleted")),
        );
        assert_eq!(said.count(), 1, "writable: {writable}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_that_was_redacted_is_in_no_file_of_a_session() {
    let store = notes(10);
    let write = |text: &str| {
        let path = "/mnt/memory/notes/a.md";
        let input = serde_json::json!({"file_path": path, "content": text});
        format!("call write {input}\nsay ok")
    };
    let text = mission(&write("a secret"), "tools = [\"files\"]\n");
    let talk = Talk::new(text, &[(store.clone(), true)]).await;
    talk.send(vec![says("Go.")]).await;
    let keeper = &talk.runtime.store;
    let first = keeper.memory_versions(&store.id, None).await.unwrap().remove(0);
    let file = talk.runtime.workspace(&talk.id).outputs_folder();
    let file = file.parent().unwrap().join("memory").join(store.id.as_str()).join("a.md");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a secret");
    // Somebody else changes it, and has what it was redacted.
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(11));
    let mut other = first.clone();
    other.id = lucid_core::MemoryVersionId::new(&clock, &entropy);
    other.operation = lucid_core::MemoryOperation::Modified;
    other.content = Some("fine".into());
    keeper.write_memories(&store.id, vec![other]).await.unwrap();
    talk.runtime.redact_memory_version(&first.id).await.unwrap();
    assert!(!file.exists());
    assert_eq!(keeper.memory_versions(&store.id, None).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_that_is_mounted_to_read_cannot_be_written() {
    let (clock, entropy) = (StepClock::starting_at(Timestamp(1)), SeededEntropy::new(8));
    let store = MemoryStore {
        id: MemoryStoreId::new(&clock, &entropy as &dyn Entropy),
        name: "Notes".into(),
        description: String::new(),
        created_at: Timestamp(1),
        dreamt_from: None,
    };
    let script = "call write {\"file_path\": \"/mnt/memory/notes/a.md\", \"content\": \"x\"}\nsay \
                  {result}";
    let text = mission(script, "tools = [\"files\"]\n");
    let talk = Talk::new(text, &[(store.clone(), false)]).await;
    talk.send(vec![says("Go.")]).await;
    assert!(talk.runtime.store.memories(&store.id).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_just_before_a_process_ended_is_not_forgotten() {
    let talk = Talk::new(mission("say First.", ""), &[]).await;
    talk.runtime.post_events(&talk.id, vec![says("Go.")]).await.unwrap();
    assert_eq!(talk.live.wake_all().await.unwrap(), 1);
    assert_eq!(talk.rest().await.last_text(), "First.");
    assert_eq!(talk.live.wake_all().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_go_in_as_uploads_and_come_out_as_outputs() {
    let script = "call read {\"file_path\": \"/mnt/session/uploads/in/a.txt\"}\ncall write \
                  {\"file_path\": \"/mnt/session/outputs/out/b.txt\", \"content\": \"made\"}\nsay \
                  ok";
    let talk = Talk::new(mission(script, "tools = [\"files\"]\n"), &[]).await;
    talk.runtime.upload(&talk.id, "in/a.txt", &b"given"[..]).await.unwrap();
    talk.runtime.upload(&talk.id, "../a.txt", &b""[..]).await.unwrap_err();
    talk.send(vec![says("Go.")]).await;
    let read = talk.events().await.into_iter().find_map(|event| match event {
        Event::ToolResult { content, .. } => Some(Content::join(&content)),
        _ => None,
    });
    assert!(read.unwrap().contains("given"));
    let outputs = talk.runtime.outputs(&talk.id).await.unwrap();
    assert_eq!((outputs[0].path.as_str(), outputs[0].bytes), ("out/b.txt", 4));
    let mut bytes = String::new();
    let opened = talk.runtime.open_output(&talk.id, "out/b.txt").await.unwrap();
    std::io::Read::read_to_string(&mut opened.unwrap(), &mut bytes).unwrap();
    assert_eq!(bytes, "made");
    assert!(talk.runtime.open_output(&talk.id, "out/c.txt").await.unwrap().is_none());
    talk.runtime.open_output(&talk.id, "../uploads/in/a.txt").await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_mission_does_not_load_leaves_nothing() {
    let talk = Talk::new(mission("say ok", ""), &[]).await;
    let new = NewSession {
        id: SessionId::new(&SystemClock::default(), &SystemEntropy),
        title: String::new(),
        agent: "lead".into(),
        metadata: [].into(),
        mission: mission("say ok", "tools = [\"no-such-plugin\"]\n"),
        memory: Vec::new(),
        created_at: Timestamp(1),
    };
    let id = new.id.clone();
    talk.runtime.create_session(new).await.unwrap_err();
    assert!(talk.runtime.store.session(&id).await.unwrap().is_none());
    assert!(!talk.runtime.workspace(&id).outputs_folder().parent().unwrap().exists());
}
