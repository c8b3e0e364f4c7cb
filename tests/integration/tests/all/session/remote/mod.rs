//! Sessions on models behind a network: whole conversations through the real HTTP client, to
//! a server on this machine and from a recording.

mod compaction;
mod conversation;
mod failures;
mod preview;
mod server;
mod steering;
mod wire;

use lucid_core::{Content, Event, EventRecord, SessionId, TokenUsage};
use lucid_runtime::{Mission, Runtime, RuntimeOptions, Transports, VariableSource};
use lucid_tests::Missions;

/// What stands for a key.
const KEY: &str = "sk-scripted-0123456789";

/// A session's log as `lucid_tests::log` gives it.
type Log = [(u32, EventRecord, Event)];

/// A runtime over a state folder of its own, that reaches models in this way.
fn options(missions: &Missions, state: &str, transports: Transports) -> RuntimeOptions {
    let keys = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"];
    RuntimeOptions {
        variables: VariableSource::new(move |name| keys.contains(&name).then(|| KEY.to_owned())),
        transports,
        ..Missions::options(&missions.root().join(state))
    }
}

/// Writes a mission and loads it.
async fn load(mission: &str) -> (Missions, Runtime, Mission) {
    let missions = Missions::new(&[("mission.toml", mission)], &[]);
    let options = options(&missions, "state", Transports::default());
    let (runtime, mission) = Runtime::open_for(options, &missions.mission()).await.unwrap();
    (missions, runtime, mission)
}

/// What a session cost.
async fn usage(runtime: &Runtime, session: &SessionId) -> TokenUsage {
    runtime.session_state(session).await.unwrap().usage
}

/// The type and the retry status of each error in a log.
fn errors(log: &Log) -> Vec<(String, String)> {
    let field = |error: &serde_json::Value, pointer: &str| {
        error.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    };
    let error = |event: &Event| match event {
        Event::Error { error } => Some((field(error, "/type"), field(error, "/retry_status/type"))),
        _ => None,
    };
    log.iter().filter_map(|(_, _, event)| error(event)).collect()
}

/// What the agents of a log said.
fn said(log: &Log) -> Vec<String> {
    let text = |event: &Event| match event {
        Event::AgentMessage { content } => Some(Content::join(content)),
        _ => None,
    };
    log.iter().filter_map(|(_, _, event)| text(event)).collect()
}

/// How many events of a type a log has.
fn count(log: &Log, kind: &str) -> usize {
    log.iter().filter(|(_, record, _)| record.kind == kind).count()
}
