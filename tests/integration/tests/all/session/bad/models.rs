//! Models behind a network that cannot be reached, or that say no.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lucid_core::{Event, Failure, FailureKind, IdleReason, SessionId};
use lucid_runtime::{RunOptions, Runtime, RuntimeOptions, VariableSource};
use lucid_tests::{Missions, log};

use super::{CANARY, Faults, everything, faults, open, says};
use crate::session::{kinds, once};

use FailureKind::{Failed, Invalid};

/// A mission whose model is at an address.
fn remote(address: &str, more: &str) -> Missions {
    let text = format!(
        r#"
name = "remote"
lead = "lead"
message = "Go."

[models."openai:small"]
base_url = "http://{address}/v1"
key = {{ env = "SMALL_KEY" }}

[agents.lead]
model = "openai:small"
{more}
"#
    );
    Missions::new(&[("mission.toml", &text)], &[])
}

fn with_key(missions: &Missions) -> RuntimeOptions {
    let variables =
        VariableSource::new(|name: &str| (name == "SMALL_KEY").then(|| CANARY.to_owned()));
    RuntimeOptions { variables, ..Missions::options(&missions.state()) }
}

/// Reads one request: its head, and as much of a body as that says.
fn request(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length =
        |line: &str| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
    let length: usize = head.lines().find_map(length).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).unwrap();
    head
}

/// A server that answers everything so, and counts. `HEARD` in the body becomes the key that
/// it was sent.
fn server(status: &'static str, body: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let counts = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = request(&mut stream);
            if head.is_empty() {
                continue;
            }
            counts.fetch_add(1, Ordering::SeqCst);
            let key = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
            let body = body.replace("HEARD", key.unwrap_or("no key"));
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, asked)
}

/// The errors in a session's log: what kind, whether it is tried again, and as a failure.
async fn errors(runtime: &Runtime, session: &SessionId) -> Vec<(String, String, Failure)> {
    let error = |event: Event| {
        let Event::Error { error } = event else { return None };
        let text = |pointer: &str| error.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let failure = serde_json::from_value(error["lucid"].clone()).unwrap();
        Some((text("/type"), text("/retry_status/type"), failure))
    };
    log(runtime, session).await.into_iter().filter_map(|(_, _, event)| error(event)).collect()
}

/// Every request that was begun has its end, and the last event says that the session rests.
async fn assert_in_order(runtime: &Runtime, session: &SessionId) -> usize {
    let kinds = kinds(runtime, session).await;
    let count = |kind: &str| kinds.iter().filter(|found| *found == kind).count();
    let begun = count("span.model_request_start");
    assert_eq!(begun, count("span.model_request_end"), "{kinds:?}");
    assert_eq!(kinds.last().unwrap(), "session.status_idle");
    begun
}

/// How long a model is waited for has no setting of its own: it is tried eight times, with
/// waits that grow to a minute. A budget of time ends that sooner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_listens_the_session_ends_with_its_errors_and_the_next_step() {
    // No system gives this port to anybody who asks for a free one.
    let address = "127.0.0.1:9".to_owned();
    let missions = remote(&address, "\n[budget]\nwall_ms = 3_000");
    let (runtime, mission) =
        Runtime::open_for(with_key(&missions), &missions.mission()).await.unwrap();
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.idle, IdleReason::BudgetReached);
    let errors = errors(&runtime, &session.id).await;
    assert!((1..8).contains(&errors.len()), "{errors:?}");
    assert_eq!(assert_in_order(&runtime, &session.id).await, errors.len());
    for (kind, retry, failure) in &errors {
        assert_eq!((kind.as_str(), retry.as_str()), ("model_request_failed_error", "retrying"));
        let faults = faults(failure, Failed, &format!("openai:small at {address}: no connection"));
        assert!(faults.is_empty(), "{faults:?}: {failure:?}");
        assert!(failure.hint.as_ref().unwrap().contains("`base_url`"), "{failure:?}");
    }
    // Going on with what its budget has ended asks nobody and changes nothing.
    let before = everything(&runtime).await;
    runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(everything(&runtime).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_fail_again_is_asked_once_and_the_log_has_no_key() {
    let cases = [
        ("404 Not Found", r#"{"error":{"message":"no model `small`"}}"#, "no model `small`"),
        ("404 Not Found", "<html>Not here</html>", "a web page"),
        ("200 OK", r#"{"hello":"world"}"#, "neither an answer nor an error"),
        ("302 Found", "", "not followed"),
        ("400 Bad Request", "", "400"),
        ("401 Unauthorized", r#"{"error":{"message":"wrong key HEARD"}}"#, "wrong key [key]"),
        ("403 Forbidden", r#"{"error":{"message":"HEARD may not"}}"#, "[key] may not"),
        ("402 Payment Required", r#"{"error":{"message":"pay"}}"#, "pay"),
    ];
    for (status, body, what) in cases {
        let (address, asked) = server(status, body);
        let missions = remote(&address, "");
        let (runtime, mission) =
            Runtime::open_for(with_key(&missions), &missions.mission()).await.unwrap();
        let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
        assert_eq!(end.idle, IdleReason::RetriesExhausted, "{status}");
        assert!(end.last_text.starts_with("I could not go on: openai:small"), "{}", end.last_text);
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{status}");
        assert_eq!(assert_in_order(&runtime, &session.id).await, 1, "{status}");
        let errors = errors(&runtime, &session.id).await;
        let [(_, retry, failure)] = errors.as_slice() else { panic!("{status}: {errors:?}") };
        assert_eq!(retry, "exhausted", "{status}");
        let faults = faults(failure, Failed, what);
        assert!(faults.is_empty(), "{status}: {faults:?}: {failure:?}");
        let everything = everything(&runtime).await;
        assert!(!format!("{everything:?}").contains(CANARY), "{status}");
        runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
        assert_eq!(super::everything(&runtime).await, everything, "{status}");
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{status}: going on asks nobody");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_model_has_lost_its_key_is_not_gone_on_with() {
    let (address, asked) = server("401 Unauthorized", "{}");
    let missions = remote(&address, "");
    let (runtime, mission) =
        Runtime::open_for(with_key(&missions), &missions.mission()).await.unwrap();
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    runtime.post(&session.id, vec![says("And now?")]).await.unwrap();
    let before = everything(&runtime).await;
    let mut wrong = Faults::default();
    let resumed = open(&missions).resume(&session.id, &RunOptions::default()).await;
    wrong.take("without its key", Invalid, "SMALL_KEY", resumed);
    wrong.none();
    assert_eq!(everything(&runtime).await, before);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "nobody was asked without the key");
}
