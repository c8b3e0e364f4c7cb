//! Whole conversations, from the first refusal to the last word.

use std::sync::Arc;

use lucid_core::{Block, Completion, SeededEntropy, StopReason, TokenUsage};
use lucid_model::cassette::{Pace, Player};
use lucid_model::{Backoff, ModelErrorKind, RemoteModel};

use crate::scene::{FORMATS, Format, KEY, ask, attached, from_user, question, request, text};
use crate::scene::{model, with_results};
use crate::server::{Exchange, Reply, Seen, Server, exchanges};

/// What came of one attempt: an answer, or a kind of error and how long to wait at least.
type Attempt = Result<Completion, (ModelErrorKind, Option<u64>)>;

fn replies(exchanges: &[Exchange]) -> Vec<Reply> {
    exchanges.iter().map(|exchange| exchange.reply.clone()).collect()
}

/// Has the conversation of the cassette, asking again where that may help; gives all that was
/// heard and came back.
async fn converse(model: &RemoteModel) -> Vec<(String, Attempt)> {
    let mut attempts = Vec::new();
    let mut asked = question();
    for _ in 0..10 {
        let (answer, heard) = ask(model, &asked).await;
        let attempt = answer.map_err(|error| (error.kind, error.retry_after_ms));
        attempts.push((heard, attempt.clone()));
        match attempt {
            Ok(answer) if answer.stop_reason == StopReason::ToolUse => {
                asked = with_results(&answer);
            }
            Err((kind, _)) if kind.is_transient() => {}
            _ => break,
        }
    }
    attempts
}

fn check_requests(seen: &[Seen], exchanges: &[Exchange]) {
    assert_eq!(seen.len(), exchanges.len());
    for (seen, exchange) in seen.iter().zip(exchanges) {
        assert_eq!(seen.line, format!("POST {} HTTP/1.1", exchange.path));
        let (asked, expected) = (seen.json(), &exchange.body);
        assert_eq!(&asked, expected, "\nasked:\n{asked}\nrecorded:\n{expected}");
    }
}

#[tokio::test]
async fn a_conversation_gets_through_overload_rate_limit_and_a_cut_to_its_end() {
    for format in FORMATS {
        let exchanges = exchanges(format.conversation());
        let server = Server::start(replies(&exchanges)).await;
        let attempts = converse(&format.model(&server.url)).await;
        check_requests(&server.seen(), &exchanges);

        let [overloaded, limited, cut, called, done] = attempts.as_slice() else {
            panic!("{attempts:?}");
        };
        assert!(matches!(overloaded.1, Err((ModelErrorKind::Overloaded, _))), "{overloaded:?}");
        assert_eq!(limited.1, Err((ModelErrorKind::RateLimited, Some(2_000))));
        assert_eq!(cut.1, Err((ModelErrorKind::Unavailable, None)));

        let answer = called.1.as_ref().unwrap();
        assert_eq!(called.0, "I look at both files.", "only text is said");
        assert_eq!(answer.stop_reason, StopReason::ToolUse);
        let [Block::Thinking { text: thought, signature }, Block::Text { text }, calls @ ..] =
            answer.content.as_slice()
        else {
            panic!("{answer:?}");
        };
        assert_eq!(thought, "Two files: I read both at once — naïvely.");
        assert_eq!(signature.is_some(), format == Format::Anthropic);
        assert_eq!(text, "I look at both files.");
        for (call, path) in calls.iter().zip(["a.txt", "b.txt"]) {
            let Block::ToolUse { name, input_json, .. } = call else { panic!("{call:?}") };
            let input: serde_json::Value = serde_json::from_str(input_json).unwrap();
            assert_eq!((name.as_str(), &input["path"]), ("read", &path.into()));
        }
        assert_eq!(calls.len(), 2);

        let last = done.1.as_ref().unwrap();
        assert_eq!(last.stop_reason, StopReason::EndTurn);
        assert_eq!(done.0, "a.txt says four — in two ways; b.txt is not there.");
        let usage = match format {
            Format::Anthropic => (57, 21, 412, 101),
            Format::OpenAi => (112, 21, 790, 0),
        };
        let TokenUsage { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } =
            last.usage;
        let used = (input_tokens, output_tokens, cache_read_tokens, cache_write_tokens);
        assert_eq!(used, usage);
    }
}

#[tokio::test]
async fn what_the_server_asks_for_is_waited_at_least() {
    for format in FORMATS {
        let exchanges = exchanges(format.conversation());
        let server = Server::start(vec![exchanges[1].reply.clone()]).await;
        let error = ask(&format.model(&server.url), &question()).await.0.unwrap_err();
        for seed in 0..20 {
            let entropy = SeededEntropy::new(seed);
            let wait_ms = Backoff::STANDARD.delay_ms(0, &error, &entropy).unwrap();
            assert!((2_000..=3_000).contains(&wait_ms), "{wait_ms} ms");
        }
    }
}

#[tokio::test]
async fn a_cassette_gives_the_same_answers_every_time_and_without_a_network() {
    for format in FORMATS {
        let cassette = format.conversation();
        let mut all = Vec::new();
        for _ in 0..2 {
            let server = Server::start(replies(&exchanges(cassette))).await;
            all.push(converse(&format.model(&server.url)).await);
        }
        for pace in [Pace::AtOnce, Pace::AsRecorded, Pace::AtOnce] {
            let player = Arc::new(Player::open(cassette, pace).unwrap());
            let transport: Arc<Player> = Arc::clone(&player);
            all.push(converse(&format.model_through(transport)).await);
            assert_eq!(player.unplayed(), 0);
        }
        assert!(all.windows(2).all(|two| two[0] == two[1]), "{all:#?}");
    }
}

#[tokio::test]
async fn images_and_documents_are_sent_as_the_format_wants_them() {
    for format in FORMATS {
        let exchanges = exchanges(format.attachments());
        let server = Server::start(replies(&exchanges)).await;
        let answer = ask(&format.model(&server.url), &attached()).await.0.unwrap();
        assert_eq!(answer.content, [text("All three show the number four.")]);
        check_requests(&server.seen(), &exchanges);
    }
}

#[tokio::test]
async fn the_key_is_in_its_header_and_nowhere_else() {
    for format in FORMATS {
        let exchanges = exchanges(format.conversation());
        let server = Server::start(replies(&exchanges)).await;
        converse(&format.model(&server.url)).await;
        let (name, value, other) = match format {
            Format::Anthropic => ("x-api-key", KEY.to_owned(), "authorization"),
            Format::OpenAi => ("authorization", format!("Bearer {KEY}"), "x-api-key"),
        };
        for seen in server.seen() {
            assert_eq!(seen.header(name), Some(value.as_str()));
            assert_eq!(seen.header(other), None);
            let elsewhere = seen.headers.iter().filter(|(header, _)| header != name);
            let elsewhere: Vec<_> = elsewhere.map(|(_, value)| value.clone()).collect();
            assert!(!elsewhere.join("\n").contains(KEY));
            assert!(!seen.line.contains(KEY) && !seen.body.contains(KEY));
        }
    }
}

#[tokio::test]
async fn a_server_that_wants_no_key_gets_none() {
    for format in FORMATS {
        let good = exchanges(format.attachments());
        let server = Server::start(replies(&good)).await;
        let mut settings = format.settings(&server.url);
        settings.key = None;
        ask(&model(settings), &attached()).await.0.unwrap();
        let seen = server.seen();
        assert_eq!((seen[0].header("authorization"), seen[0].header("x-api-key")), (None, None));
    }
}

/// How often a mark for the prompt cache stands in what was sent.
fn marks(seen: &Seen) -> usize {
    seen.body.matches(r#""cache_control":{"type":"ephemeral"}"#).count()
}

#[tokio::test]
async fn the_prompt_cache_is_marked_where_there_are_marks() {
    for format in FORMATS {
        let good = exchanges(format.attachments());
        let server = Server::start(vec![good[0].reply.clone(), good[0].reply.clone()]).await;
        let model = format.model(&server.url);
        let long = (0..9).map(|number| from_user(vec![text(&format!("{number}"))])).collect();
        ask(&model, &question()).await.0.unwrap();
        ask(&model, &request(long)).await.0.unwrap();
        let found: Vec<usize> = server.seen().iter().map(marks).collect();
        match format {
            // Tools, system and one message; then two messages, and never more than four.
            Format::Anthropic => assert_eq!(found, [3, 4]),
            Format::OpenAi => assert_eq!(found, [0, 0]),
        }
    }
}

#[tokio::test]
async fn what_was_sent_once_is_sent_again_byte_for_byte() {
    // A prompt cache finds what begins in the same way; so the second request has to begin as
    // the first one did, but for its marks.
    for format in FORMATS {
        let exchanges = exchanges(format.conversation());
        let server = Server::start(replies(&exchanges)).await;
        converse(&format.model(&server.url)).await;
        let seen = server.seen();
        let plain = |seen: &Seen| seen.body.replace(r#","cache_control":{"type":"ephemeral"}"#, "");
        let (first, second) = (plain(&seen[3]), plain(&seen[4]));
        let end = first.find("What do a.txt and b.txt say?").unwrap();
        assert_eq!(first[..end], second[..end]);
    }
}
