//! Models that do not answer.

use lucid_core::{Content, Event, IdleReason, ModelUsage};
use lucid_runtime::{AgentModel, Pace, RunOptions, Runtime, Transports};
use lucid_tests::{Found, Missions, log, tree};
use serde_json::{Value, json};

use super::server::Server;
use super::wire::{Answer, FORMATS, Format};
use super::{KEY, count, errors, load, options, usage};
use crate::session::once;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_refused_is_told_by_its_variable_and_never_shown() {
    for format in FORMATS {
        let message = format!("Incorrect API key provided: {KEY}.");
        let kinds = ["authentication_error", "invalid_api_key"];
        let server = Server::start(vec![format.refuses(401, kinds, &message)]).await;
        let (missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!(end.idle, IdleReason::RetriesExhausted);
        let seen = server.seen();
        assert_eq!(seen.len(), 1, "asking again would not help");
        let sent = [seen[0].header("x-api-key"), seen[0].header("authorization")];
        assert!(sent.iter().flatten().any(|value| value.ends_with(KEY)));
        let log = log(&runtime, &session.id).await;
        let kind = "model_request_failed_error".to_owned();
        assert_eq!(errors(&log), [(kind, "exhausted".to_owned())]);
        assert_eq!(count(&log, "session.status_rescheduled"), 0);
        let error = log.iter().find_map(|(_, _, event)| match event {
            Event::Error { error } => Some(error.clone()),
            _ => None,
        });
        let error = error.unwrap();
        let hint = error["lucid"]["hint"].as_str().unwrap();
        assert!(hint.contains(format.variable()), "{hint}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("401") && message.contains(format.model()), "{message}");
        let AgentModel::Remote(model) = &mission.agents["lead"].model else { panic!("a plugin") };
        assert!(!format!("{end:?} {model:?}").contains(KEY));
        // The log, the database, and whatever else a run leaves.
        for (name, found) in tree(missions.root()) {
            let Found::File(bytes, _) = found else { continue };
            let shown = bytes.windows(KEY.len()).any(|bytes| bytes == KEY.as_bytes());
            assert!(!shown, "the key is in {name}");
        }
    }
}

/// A cassette line.
fn exchange(url: &str, asked: &Value, status: u16, content_type: &str, said: &str) -> String {
    let request = json!({"method": "POST", "url": url, "body": asked});
    let headers = json!([["content-type", content_type]]);
    let response = json!({"status": status, "headers": headers, "chunks": [{"text": said}]});
    format!("{}\n", json!({"request": request, "response": response}))
}

// Its minutes of waiting are a clock's that is turned: one thread, and no network meanwhile.
#[tokio::test]
async fn asking_again_has_an_end_and_whoever_writes_then_is_answered() {
    let format = Format::OpenAi;
    let hello = Answer { text: "Hello.", tokens: (10, 0, 5), ..Answer::default() };
    let server = Server::start(vec![format.says(&hello)]).await;
    let mission = format.mission(&server.url, "").replace("tools = [\"files\"]", "tools = []");
    let (section, rest) = ("[plugins.files]\nfiles = \"read-write\"\n", mission.as_str());
    let (missions, runtime, mission) = load(&rest.replace(section, "")).await;
    once(&runtime, &mission, &RunOptions::default()).await;
    let asked = server.seen()[0].body.clone();
    let mut again = asked.clone();
    again["messages"].as_array_mut().unwrap().push(json!({"role": "user", "content": "Again."}));
    let url = format!("{}/v1/chat/completions", server.url);
    drop(server);

    tokio::time::pause();
    let overloaded = json!({"error": {"message": "Overloaded", "code": "engine_overloaded"}});
    let refused =
        |asked: &Value| exchange(&url, asked, 503, "application/json", &overloaded.to_string());
    let mut cassette = "{\"cassette\":1}\n".to_owned();
    // More than are asked for: that it stops is its own doing.
    (0..20).for_each(|_| cassette.push_str(&refused(&asked)));
    cassette.push_str(&refused(&again));
    cassette.push_str(&exchange(&url, &again, 200, "text/event-stream", &format.stream(&hello)));
    let replay = Transports::replay(&cassette, Pace::AtOnce).unwrap();
    let replayed = options(&missions, "replayed", replay);
    let (runtime, mission) = Runtime::open_for(replayed, &missions.mission()).await.unwrap();
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.idle, IdleReason::RetriesExhausted);
    assert!(end.last_text.starts_with("I could not go on: "), "{}", end.last_text);
    let first = log(&runtime, &session.id).await;
    assert_eq!(count(&first, "span.model_request_start"), 8);
    assert_eq!(count(&first, "session.status_rescheduled"), 7);
    let kind = |retry: &str| ("model_overloaded_error".to_owned(), retry.to_owned());
    let mut expected = vec![kind("retrying"); 7];
    expected.push(kind("exhausted"));
    assert_eq!(errors(&first), expected);
    let last: Vec<_> = first.iter().rev().take(3).map(|(_, record, _)| &record.kind).collect();
    let rests = ["session.status_idle", "session.usage", "session.thread_status_idle"];
    assert_eq!(last, rests);
    let free = |event: &Event| match event {
        Event::ModelRequestEnd { is_error, model_usage, .. } => {
            *is_error && *model_usage == ModelUsage::default()
        }
        _ => true,
    };
    assert!(first.iter().all(|(_, _, event)| free(event)));

    // What failed then is no reason to try less now.
    let said = Event::UserMessage { content: Content::text("Again.") };
    runtime.post(&session.id, vec![said]).await.unwrap();
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, "Hello."));
    assert_eq!(usage(&runtime, &session.id).await.total(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_key_is_told_before_anything_begins() {
    for format in FORMATS {
        let mission = format.mission("http://127.0.0.1:9", "");
        let missions = Missions::new(&[("mission.toml", &mission)], &[]);
        let none = Missions::options(&missions.state());
        let Err(refused) = Runtime::open_for(none, &missions.mission()).await else {
            panic!("there is no key")
        };
        assert!(refused.message.contains(format.variable()), "{refused}");
        assert!(refused.hint.unwrap().contains(format.variable()));
        assert!(!missions.state().join("lucid.db").exists());
    }
}
