//! Recording what the real client does, and playing it back.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::sync::Arc;

use lucid_core::{Completion, CompletionRequest};
use lucid_model::cassette::{Pace, Player, Recorder, Tape};
use lucid_model::{HttpTransport, ModelErrorKind, RemoteModel, Transport};
use tokio::net::TcpSocket;

use crate::scene::{FORMATS, Format, KEY, ask, question, with_results};
use crate::server::{Server, exchanges};

fn text_of(mut file: File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// Asks what the cassette of the conversation was asked; gives what came of it.
async fn all_attempts(
    model: &RemoteModel,
    called: &Completion,
) -> Vec<Result<Completion, ModelErrorKind>> {
    let mut attempts = Vec::new();
    let asked: Vec<CompletionRequest> =
        vec![question(), question(), question(), question(), with_results(called)];
    for request in asked {
        attempts.push(ask(model, &request).await.0.map_err(|error| error.kind));
    }
    attempts
}

/// The answer with calls, from the cassette itself.
async fn called(format: Format) -> Completion {
    let player = Player::open(format.conversation(), Pace::AtOnce).unwrap();
    let model = format.model_through(Arc::new(player));
    for _ in 0..3 {
        ask(&model, &question()).await.0.unwrap_err();
    }
    ask(&model, &question()).await.0.unwrap()
}

#[tokio::test]
async fn a_run_that_was_recorded_plays_back_and_its_key_is_not_in_the_file() {
    for format in FORMATS {
        let script = exchanges(format.conversation());
        let replies = script.iter().map(|exchange| exchange.reply.clone()).collect();
        let server = Server::start(replies).await;
        let settings = format.settings(&server.url);
        let real: Arc<dyn Transport> = Arc::new(HttpTransport::new(&settings).unwrap());
        let file = tempfile::tempfile().unwrap();
        let recorder = Recorder::new(real, Tape::begin(file.try_clone().unwrap()));
        let called = called(format).await;

        let model = RemoteModel::new(settings, Arc::new(recorder)).unwrap();
        let recorded = all_attempts(&model, &called).await;
        assert_eq!(server.seen().len(), 5);
        let text = text_of(file);
        assert!(!text.contains(KEY) && !text.contains("Bearer"), "{text}");

        let written = exchanges(&text);
        assert_eq!(written.len(), script.len());
        for (written, script) in written.iter().zip(&script) {
            assert_eq!((&written.path, &written.body), (&script.path, &script.body));
            assert_eq!(
                (written.reply.status, written.reply.end),
                (script.reply.status, script.reply.end)
            );
            let bytes = |chunks: &[(u64, Vec<u8>)]| {
                chunks.iter().flat_map(|(_, chunk)| chunk.clone()).collect::<Vec<u8>>()
            };
            assert_eq!(bytes(&written.reply.chunks), bytes(&script.reply.chunks));
        }
        let player = Player::open(&text, Pace::AtOnce).unwrap();
        let played = all_attempts(&format.model_through(Arc::new(player)), &called).await;
        assert_eq!(played, recorded);
    }
}

#[tokio::test]
async fn no_connection_is_recorded_and_played_as_that() {
    for format in FORMATS {
        // Nobody listens there, and nobody else can begin to.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let settings = format.settings(&format!("http://{}", socket.local_addr().unwrap()));
        let real: Arc<dyn Transport> = Arc::new(HttpTransport::new(&settings).unwrap());
        let file = tempfile::tempfile().unwrap();
        let recorder = Recorder::new(real, Tape::begin(file.try_clone().unwrap()));
        let model = RemoteModel::new(settings, Arc::new(recorder)).unwrap();
        let error = ask(&model, &question()).await.0.unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::Unavailable, "{error}");
        let player = Player::open(&text_of(file), Pace::AtOnce).unwrap();
        let played = ask(&format.model_through(Arc::new(player)), &question()).await.0;
        assert_eq!(played.unwrap_err().kind, ModelErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn a_cassette_of_another_conversation_is_not_played() {
    for format in FORMATS {
        let player = Arc::new(Player::open(format.attachments(), Pace::AtOnce).unwrap());
        let transport: Arc<Player> = Arc::clone(&player);
        let error = ask(&format.model_through(transport), &question()).await.0.unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::Rejected, "it is not tried again");
        assert!(error.failure.message.contains("differs at /messages"), "{error}");
        assert!(error.failure.hint.unwrap().contains("record it again"));
        assert_eq!(player.unplayed(), 1, "nothing was played");
    }
}
