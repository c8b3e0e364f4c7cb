//! People who speak while a model does.

use std::sync::Arc;

use lucid_core::{Content, Event, IdleReason, SessionId};
use lucid_runtime::{Mission, RunOptions, Runtime, SessionEnd};
use lucid_tests::log;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::server::{Reply, Server, soon};
use super::wire::{Answer, FORMATS, Format};
use super::{count, errors, load, said, usage};
use crate::session::{once, until};

fn says(text: &str) -> Event {
    Event::UserMessage { content: Content::text(text) }
}

const INTERRUPT: Event = Event::Interrupt { session_thread_id: None };

fn begin(runtime: &Runtime, mission: Mission) -> JoinHandle<SessionEnd> {
    let runtime = runtime.clone();
    tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await.1 })
}

/// The session, once its model was asked.
async fn asked(runtime: &Runtime) -> SessionId {
    until(runtime, None, |event| matches!(event, Event::ModelRequestStart {})).await.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_a_request_at_once_and_half_an_answer_is_neither_shown_nor_billed() {
    for format in FORMATS {
        let half = Answer { text: "I begin, and", tokens: (500, 0, 9), ..Answer::default() };
        let stream = format.stream(&half);
        let reached = Arc::new(Notify::new());
        let at = stream.len() / 4 * 3;
        let server = Server::start(vec![Reply::stalled(&stream, at, &reached)]).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
        let run = begin(&runtime, mission);
        soon(&reached).await;
        let id = asked(&runtime).await;
        assert!(runtime.post(&id, vec![INTERRUPT]).await.unwrap().is_running);
        server.left().await;
        assert_eq!(run.await.unwrap().idle, IdleReason::EndTurn);
        let before = log(&runtime, &id).await;
        assert_eq!((said(&before), errors(&before)), (vec![], vec![]));
        assert_eq!(usage(&runtime, &id).await.total(), 0);
        let stopped = before.iter().filter_map(|(_, _, event)| match event {
            Event::ModelRequestEnd { is_error, lucid, .. } => {
                let failure = lucid.as_ref().unwrap().failure.as_ref().unwrap();
                Some((*is_error, failure.message.clone()))
            }
            _ => None,
        });
        let why = "a person interrupted it".to_owned();
        assert_eq!(stopped.collect::<Vec<_>>(), [(true, why)]);
        assert_eq!(server.seen().len(), 1);

        // It rests until somebody speaks, and the next request knows nothing of the half.
        runtime.resume(&id, &RunOptions::default()).await.unwrap();
        assert_eq!(log(&runtime, &id).await, before);
        let whole = Answer { text: "Rather that.", tokens: (50, 0, 5), ..Answer::default() };
        server.script(vec![format.says(&whole)]);
        runtime.post(&id, vec![says("Rather this.")]).await.unwrap();
        let end = runtime.resume(&id, &RunOptions::default()).await.unwrap();
        assert_eq!(end.last_text, "Rather that.");
        let texts = format.texts(&server.seen()[1].body);
        assert_eq!(texts, ["What do the files say?", "Rather this."]);
        assert_eq!(usage(&runtime, &id).await.total(), 55);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_while_a_model_answers_is_answered_next() {
    for format in FORMATS {
        let first = Answer { text: "One moment.", tokens: (10, 0, 5), ..Answer::default() };
        let input = json!({"pattern": "*", "path": "/workspace"});
        let calls = vec![("glob", input)];
        let second = Answer { text: "I look.", calls, tokens: (20, 0, 5), ..Answer::default() };
        let third = Answer { text: "There is none.", tokens: (30, 0, 5), ..Answer::default() };
        let (reached, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let held = |answer: &Answer| {
            let stream = format.stream(answer);
            Reply::held(&stream, stream.len() / 2, &reached, &go)
        };
        let replies = vec![held(&first), held(&second), format.says(&third)];
        let server = Server::start(replies).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
        let run = begin(&runtime, mission);
        for text in ["And b.txt?", "And c.txt?"] {
            soon(&reached).await;
            let id = asked(&runtime).await;
            assert!(runtime.post(&id, vec![says(text)]).await.unwrap().is_running);
            go.notify_one();
        }
        assert_eq!(run.await.unwrap().last_text, "There is none.");
        let id = asked(&runtime).await;
        let log = log(&runtime, &id).await;
        assert_eq!(said(&log), ["One moment.", "I look.", "There is none."]);
        assert_eq!(count(&log, "session.status_idle"), 1, "it never rested in between");
        let seen = server.seen();
        assert_eq!(seen.len(), 3);
        seen.iter().for_each(|request| format.assert_paired(&request.body));
        let texts = format.texts(&seen[1].body);
        assert_eq!(texts, ["What do the files say?", "One moment.", "And b.txt?"]);
        // Behind the result of the call, not in front of it.
        let texts = format.texts(&seen[2].body);
        assert_eq!(texts.last().unwrap(), "And c.txt?");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_the_wait_for_a_provider_that_wants_to_be_left_alone() {
    let format = Format::Anthropic;
    let server = Server::start(vec![format.rate_limited("600")]).await;
    let (_missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
    let run = begin(&runtime, mission);
    let waits = |event: &Event| matches!(event, Event::StatusRescheduled {});
    let (id, _) = until(&runtime, None, waits).await;
    assert!(runtime.post(&id, vec![INTERRUPT]).await.unwrap().is_running);
    // The wait was for ten minutes.
    assert_eq!(run.await.unwrap().idle, IdleReason::EndTurn);
    assert_eq!(server.seen().len(), 1);
    let state = runtime.session_state(&id).await.unwrap();
    assert!(!state.is_working());
}
