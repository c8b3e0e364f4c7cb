//! Answers that are read along while they come.

use lucid_core::{Content, Event, EventId};
use lucid_runtime::{Heard, RunOptions};
use lucid_tests::log;

use super::load;
use super::server::Server;
use super::wire::{Answer, FORMATS};
use crate::session::once;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_heard_of_an_answer_is_the_beginning_of_the_message_with_its_id() {
    for format in FORMATS {
        let answer =
            Answer { text: "The answer has some length.", tokens: (5, 0, 9), ..Answer::default() };
        let server = Server::start(vec![format.says(&answer)]).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
        let mut heard = runtime.previews();
        let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
        let mut pieces: Vec<Heard> = Vec::new();
        while let Ok(piece) = heard.try_recv() {
            pieces.push(piece);
        }
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let said =
            log(&runtime, &session.id).await.into_iter().find_map(
                |(_, record, event)| match event {
                    Event::AgentMessage { content } => Some((record.id, Content::join(&content))),
                    _ => None,
                },
            );
        let (id, whole) = said.unwrap();
        assert!(!text.is_empty() && whole.starts_with(&text), "{text:?} of {whole:?}");
        let ids: Vec<&EventId> = pieces.iter().map(|piece| &piece.event_id).collect();
        assert!(ids.iter().all(|other| **other == id), "{ids:?}");
        assert!(pieces.iter().all(|piece| piece.session_id == session.id));
    }
}
