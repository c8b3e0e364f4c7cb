//! A dream that waits for a model stops as soon as one that computes.

#[allow(dead_code, clippy::duplicate_mod, reason = "sessions have it too, and use more of it")]
#[path = "../session/remote/server.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use lucid_core::DreamStatus;
use lucid_runtime::{DreamAsked, DreamRun, Runtime, RuntimeOptions, SessionChoice, VariableSource};
use lucid_tests::Missions;
use serde_json::json;
use tokio::sync::Notify;

use server::{Reply, Server};

const MODEL: &str = "openai:scripted";

fn mission(url: &str) -> String {
    format!(
        r#"
name = "asking"
lead = "idle"
message = "Rest."

[models."{MODEL}"]
base_url = "{url}"
key = {{ env = "OPENAI_API_KEY" }}

[plugins.reflect]
model = "{MODEL}"

[agents.idle]
model = "plugin:script"
system = "say Done."

[memory.notes]
folder = "memory"

[dream]
strategy = "reflect"
memory = "notes"
"#
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_waits_for_a_model_is_canceled_and_its_input_is_as_it_was() {
    let reached = Arc::new(Notify::new());
    let server = Server::start(Vec::new()).await;
    server.script(vec![Reply::stalled("", 0, &reached)]);
    let text = mission(&server.url);
    let files = [("mission.toml", text.as_str()), ("memory/notes.md", "- One door.\n")];
    let missions = Missions::new(&files, &[]);
    let options = RuntimeOptions {
        variables: VariableSource::new(|name| {
            (name == "OPENAI_API_KEY").then(|| "sk-scripted-0123456789".to_owned())
        }),
        ..Missions::options(&missions.state())
    };
    let runtime = Runtime::open(options).unwrap();
    let begins = json!({"type": "session", "id": "sesn_01ask", "title": "t",
        "created_at": "2026-01-01T00:00:00Z", "agent": {"name": "a"}, "metadata": {}});
    let said = json!({"id": "sevt_01ask", "type": "user.message",
        "content": [{"type": "text", "text": "The relay channel is 7."}],
        "processed_at": "2026-01-01T00:00:01Z"});
    runtime.import(&format!("{begins}\n{said}\n")).await.unwrap();
    let texts = [("/notes.md".to_owned(), "- One door.\n".to_owned())];
    let store = runtime.import_memory_store("notes", "", texts.into()).await.unwrap().id;
    let asked = DreamAsked {
        mission: Some(missions.mission()),
        ..DreamAsked::new("reflect", store.clone(), SessionChoice::All)
    };
    let planned = runtime.plan_dream(&asked).await.unwrap();
    let (id, another) = (planned.id.clone(), runtime.clone());
    let run = tokio::spawn(async move { another.run_dream(&id, &DreamRun::default()).await });
    // The model has the question and says nothing.
    reached.notified().await;
    runtime.cancel_dream(&planned.id).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), run).await.unwrap();
    let ended = ended.unwrap().unwrap();
    assert_eq!((ended.status, &ended.error), (DreamStatus::Canceled, &None));
    for id in [&store, ended.memory_store_out.as_ref().unwrap()] {
        let memories = runtime.store.memories(id).await.unwrap();
        let texts: Vec<_> = memories.iter().map(|memory| memory.content.as_str()).collect();
        assert_eq!(texts, ["- One door.\n"]);
    }
}
