//! What goes wrong, each with one sentence and a next step.

use std::sync::Arc;
use std::time::Duration;

use lucid_model::ModelErrorKind::{
    self, Billing, Overloaded, Rejected, TooLong, Unauthorized, Unavailable,
};
use lucid_model::{ModelError, RemoteModel};

use crate::scene::{Answering, FORMATS, Format, KEY, ask, model, question};
use crate::server::{End, Reply, Server, exchanges};

async fn error_of(model: &RemoteModel) -> ModelError {
    let error = ask(model, &question()).await.0.unwrap_err();
    let message = &error.failure.message;
    assert!(!message.contains('\n') && !message.ends_with('.'), "one sentence: {message}");
    assert!(message.chars().count() <= 420, "{message}");
    assert!(message.starts_with(&format!("{} at 127.0.0.1", model.name())), "{message}");
    let hint = error.failure.hint.as_deref().unwrap_or_default();
    assert!(!hint.is_empty(), "a next step: {message}");
    assert!(!message.contains(KEY) && !hint.contains(KEY), "{message} / {hint}");
    error
}

/// What each answer of the cassettes with errors means: its kind, a part of the sentence and
/// a part of the hint.
const EXPECTED: [(ModelErrorKind, &str, &str); 14] = [
    (Rejected, "404", "check the model's name"),
    (Unauthorized, "401", "server's key is"),
    (Unauthorized, "403", "server's key is"),
    (TooLong, "400", "larger window"),
    (TooLong, "", "larger window"),
    (Billing, "", "credit"),
    (Rejected, "400", "base_url"),
    (Unavailable, "500", "127.0.0.1"),
    (Unavailable, "502: a web page", "127.0.0.1"),
    (Rejected, "200: a web page", "base_url"),
    (Rejected, "404: a web page", "base_url"),
    (Overloaded, "Overloaded", "another model"),
    (Unavailable, "", "127.0.0.1"),
    (Unavailable, "", "127.0.0.1"),
];

#[tokio::test]
async fn every_refusal_has_its_kind_a_sentence_and_a_next_step() {
    for format in FORMATS {
        let exchanges = exchanges(format.errors());
        assert_eq!(exchanges.len(), EXPECTED.len());
        let replies = exchanges.into_iter().map(|exchange| exchange.reply).collect();
        let server = Server::start(replies).await;
        let model = format.model(&server.url);
        for (number, (kind, part, hint)) in EXPECTED.into_iter().enumerate() {
            let error = error_of(&model).await;
            assert_eq!(error.kind, kind, "{format:?} {number}: {error}");
            assert!(error.failure.message.contains(part), "{format:?} {number}: {error}");
            let given = error.failure.hint.as_deref().unwrap_or_default();
            assert!(given.contains(hint), "{format:?} {number}: {given}");
        }
    }
}

#[tokio::test]
async fn a_missing_key_of_the_provider_is_asked_for_by_the_name_of_its_variable() {
    for (format, variable) in FORMATS.into_iter().zip(["ANTHROPIC_API_KEY", "OPENAI_API_KEY"]) {
        let mut settings = format.settings("");
        (settings.base_url, settings.key) = (None, None);
        // Nothing may be sent to the provider from here.
        let refused = Answering::reply(&exchanges(format.errors())[1].reply);
        let model = RemoteModel::new(settings, Arc::new(refused)).unwrap();
        let error = ask(&model, &question()).await.0.unwrap_err();
        assert_eq!(error.kind, Unauthorized);
        let hint = error.failure.hint.unwrap();
        assert!(hint.contains(variable), "{hint}");
    }
}

#[tokio::test]
async fn a_base_url_where_nobody_listens_is_named() {
    // No system gives this port to anybody who asks for a free one.
    let address = "127.0.0.1:9".to_owned();
    for format in FORMATS {
        let error = error_of(&format.model(&format!("http://{address}"))).await;
        assert_eq!(error.kind, Unavailable);
        assert!(error.failure.message.contains(&address), "{error}");
        assert!(error.failure.message.contains("refused"), "{error}");
        assert!(error.failure.hint.unwrap().contains("base_url"));
    }
}

/// The start of an answer that is never finished.
fn unfinished(format: Format, end: End) -> Reply {
    let cut = &exchanges(format.conversation())[2].reply;
    Reply { end, ..cut.clone() }
}

#[tokio::test]
async fn an_answer_that_stops_coming_is_not_waited_for_for_ever() {
    for format in FORMATS {
        for started in [true, false] {
            let mut reply = unfinished(format, End::Stall);
            if !started {
                reply.chunks.clear();
            }
            let server = Server::start(vec![reply]).await;
            let mut settings = format.settings(&server.url);
            settings.idle_timeout_ms = 80;
            let error = error_of(&model(settings)).await;
            assert_eq!(error.kind, Unavailable);
            assert!(error.failure.message.contains("80 ms"), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_only_trickles_ends_at_the_limit_of_the_whole() {
    for format in FORMATS {
        let mut reply = unfinished(format, End::Stall);
        let keep_alive = b": still here\n\n".to_vec();
        reply.chunks.extend(std::iter::repeat_n((10, keep_alive), 3_000));
        let server = Server::start(vec![reply]).await;
        let mut settings = format.settings(&server.url);
        settings.request_timeout_ms = 120;
        let model = model(settings);
        let error = tokio::time::timeout(Duration::from_secs(20), error_of(&model)).await.unwrap();
        assert_eq!(error.kind, Unavailable);
        assert!(error.failure.message.contains("120 ms"), "{error}");
    }
}

#[tokio::test]
async fn a_stream_is_an_answer_only_with_its_own_end() {
    // Cut by the connection, and cut by a server that says the body is whole.
    for format in FORMATS {
        for end in [End::Cut, End::Whole] {
            let server = Server::start(vec![unfinished(format, end)]).await;
            let error = error_of(&format.model(&server.url)).await;
            assert_eq!(error.kind, Unavailable, "{format:?} {end:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_answers_without_streaming_is_refused_and_not_guessed() {
    for format in FORMATS {
        let whole = r#"{"id":"1","choices":[{"message":{"content":"Hello"}}],"content":[]}"#;
        let server = Server::start(vec![Reply::new(200, "application/json", whole)]).await;
        let error = error_of(&format.model(&server.url)).await;
        assert_eq!(error.kind, Rejected);
    }
}
