//! Contexts that outgrow their model's window.

use lucid_core::{Event, IdleReason, ModelUsage};
use lucid_runtime::RunOptions;
use lucid_tests::log;
use serde_json::json;

use super::server::{Reply, Server};
use super::wire::{Answer, FORMATS, Format};
use super::{count, errors, load, said, usage};
use crate::session::once;

/// A window that is nearly full with 800 tokens.
const WINDOW: &str = "context_tokens = 1_000";
const SUMMARY: &str = "a.txt has been written twice; b.txt is still to do.";

/// An answer that writes a file and fills the window so far.
fn writes(number: u64, context: u64) -> Answer {
    let content = format!("version {number}");
    Answer {
        text: "I write.",
        calls: vec![("write", json!({"file_path": "/workspace/a.txt", "content": content}))],
        tokens: (context - 10, 0, 10),
        ..Answer::default()
    }
}

fn last() -> Answer {
    Answer { text: "Done.", tokens: (90, 0, 10), ..Answer::default() }
}

fn summary() -> Answer {
    Answer { text: SUMMARY, tokens: (900, 0, 50), ..Answer::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_that_is_nearly_full_is_put_in_short_and_the_work_goes_on() {
    for format in FORMATS {
        let answers = [writes(1, 300), writes(2, 600), writes(3, 900), summary(), last()];
        let server = Server::start(answers.iter().map(|it| format.says(it)).collect()).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, WINDOW)).await;
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, "Done."));
        let log = log(&runtime, &session.id).await;
        assert!(errors(&log).is_empty());
        assert_eq!(count(&log, "lucid.compaction_started"), 1);
        let compactions = log.iter().filter_map(|(_, _, event)| match event {
            Event::ContextCompacted { lucid } => Some(lucid.clone()),
            _ => None,
        });
        let [compaction] = &compactions.collect::<Vec<_>>()[..] else { panic!("one compaction") };
        // The question, the first answer and its results; what came last is kept as it was.
        assert_eq!(compaction.messages, 3);
        let cost = ModelUsage { input_tokens: 900, output_tokens: 50, ..ModelUsage::default() };
        assert_eq!(compaction.usage, cost);
        assert_eq!(usage(&runtime, &session.id).await.total(), 300 + 600 + 900 + 950 + 100);
        // What the model wrote for itself is nothing that it said.
        assert_eq!(said(&log), ["I write.", "I write.", "I write.", "Done."]);

        let seen = server.seen();
        assert_eq!(seen.len(), 5);
        seen.iter().for_each(|request| format.assert_paired(&request.body));
        let (asked, next) = (&seen[3].body, &seen[4].body);
        let texts = format.texts(asked);
        assert_eq!(texts[0], "What do the files say?");
        assert!(texts.last().unwrap().contains("Write down"), "{texts:?}");
        assert_eq!(asked.to_string().matches("version ").count(), 1, "{asked:#}");
        let texts = format.texts(next);
        assert!(texts[0].contains(SUMMARY), "{texts:?}");
        assert!(!texts.iter().any(|text| text.contains("What do the files say?")), "{texts:?}");
        assert_eq!(next.to_string().matches("version ").count(), 2, "{next:#}");
        assert_eq!(asked["tools"], next["tools"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thinking_is_not_sent_back_behind_a_summary_of_what_was_before_it() {
    let format = Format::Anthropic;
    let thinks = Some(("Hm.", "EqQBCgIYAhIM1gbcDa9G"));
    let thoughtful = |number, context| Answer { thinks, ..writes(number, context) };
    let answers = [thoughtful(1, 300), thoughtful(2, 600), thoughtful(3, 900), summary(), last()];
    let server = Server::start(answers.iter().map(|it| format.says(it)).collect()).await;
    let settings = format!("{WINDOW}\nthinking_tokens = 2_048");
    let (_missions, runtime, mission) = load(&format.mission(&server.url, &settings)).await;
    let (_, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, "Done."));
    let seen = server.seen();
    let signed = |request: usize| {
        let messages = seen[request].body["messages"].to_string();
        messages.matches("EqQBCgIYAhIM1gbcDa9G").count()
    };
    // What a provider signed holds for the conversation it was thought in, and no other.
    assert_eq!([0, 1, 2, 3, 4].map(signed), [0, 1, 2, 1, 0]);
    assert!(seen[3].body.get("thinking").is_some());
    // A turn that goes on without its thoughts is no turn of a model that has to think.
    assert!(seen[4].body.get("thinking").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_is_put_in_short_later_where_the_provider_has_too_much_to_do() {
    for format in FORMATS {
        let mut replies: Vec<Reply> =
            [writes(1, 300), writes(2, 900)].iter().map(|it| format.says(it)).collect();
        replies.extend([format.overloaded(), format.says(&summary()), format.says(&last())]);
        let server = Server::start(replies).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, WINDOW)).await;
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, "Done."));
        let log = log(&runtime, &session.id).await;
        let kind = "model_overloaded_error".to_owned();
        assert_eq!(errors(&log), [(kind, "retrying".to_owned())]);
        assert_eq!(count(&log, "session.status_rescheduled"), 1);
        assert_eq!(count(&log, "agent.thread_context_compacted"), 1);
        let seen = server.seen();
        assert_eq!(seen.len(), 5);
        assert_eq!(seen[2].body, seen[3].body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_that_cannot_be_put_in_short_ends_the_turn_and_is_not_tried_for_ever() {
    let format = Format::Anthropic;
    let no_words = Answer { text: "", ..writes(4, 950) };
    let refused = format.refuses(400, ["invalid_request_error", ""], "no such thing");
    for failing in [refused, format.too_long(), format.says(&no_words)] {
        let mut replies: Vec<Reply> =
            [writes(1, 300), writes(2, 900)].iter().map(|it| format.says(it)).collect();
        replies.push(failing);
        let server = Server::start(replies).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, WINDOW)).await;
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!(end.idle, IdleReason::RetriesExhausted);
        assert!(end.last_text.starts_with("I could not go on: "), "{}", end.last_text);
        assert_eq!(server.seen().len(), 3);
        let before = log(&runtime, &session.id).await;
        let kind = "compaction_limit_reached_error".to_owned();
        assert_eq!(errors(&before), [(kind, "exhausted".to_owned())]);
        assert_eq!(count(&before, "agent.thread_context_compacted"), 0);
        assert_eq!(before.last().unwrap().1.kind, "session.status_idle");
        assert_eq!(count(&before, "agent.tool_use"), 2);
        assert_eq!(count(&before, "agent.tool_result"), 2);
        // Going on does not try it again: nobody has said anything.
        runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
        assert_eq!(log(&runtime, &session.id).await, before);
        assert_eq!(server.seen().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_that_is_too_long_is_put_in_short_once() {
    for format in FORMATS {
        let script = || {
            let [one, short] = [writes(1, 300), summary()];
            vec![format.says(&one), format.too_long(), format.says(&short)]
        };
        // Short enough then, and the work goes on.
        let mut replies = script();
        replies.push(format.says(&last()));
        let server = Server::start(replies).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!((end.idle, end.last_text.as_str()), (IdleReason::EndTurn, "Done."));
        let log_of = log(&runtime, &session.id).await;
        assert!(errors(&log_of).is_empty());
        assert_eq!(count(&log_of, "agent.thread_context_compacted"), 1);
        assert_eq!(usage(&runtime, &session.id).await.total(), 300 + 950 + 100);
        let seen = server.seen();
        assert_eq!(seen.len(), 4);
        seen.iter().for_each(|request| format.assert_paired(&request.body));
        assert!(format.texts(&seen[3].body)[0].contains(SUMMARY));

        // Too long still: nothing more can be left out.
        let mut replies = script();
        replies.push(format.too_long());
        let server = Server::start(replies).await;
        let (_missions, runtime, mission) = load(&format.mission(&server.url, "")).await;
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!(end.idle, IdleReason::RetriesExhausted);
        assert_eq!(server.seen().len(), 4);
        let log = log(&runtime, &session.id).await;
        let kind = "model_request_failed_error".to_owned();
        assert_eq!(errors(&log), [(kind, "exhausted".to_owned())]);
        assert_eq!(count(&log, "agent.thread_context_compacted"), 1);
    }
}
