//! A secret goes to its own origin, and what comes back has none in it.

use lucid_policy::http::Origin;

use super::*;

const CANARY: &str = "Bearer canary-5f0c1d";
const STARS: &str = "********************";

fn secret(origin: &str) -> Secret {
    Secret::new(Origin::parse(origin).unwrap(), "authorization", CANARY).unwrap()
}

/// A caller with a secret for `http://127.0.0.1:8080`, granted that and all else.
fn caller(network: FakeNetwork) -> Caller {
    let granted = ["127.0.0.1:8080", "127.0.0.1:8081", "*"];
    let secrets = [secret("http://127.0.0.1:8080")];
    Caller::with(network, &granted, &secrets, &Limits::STANDARD, &[])
}

/// Whoever is here sends back the head it got: in its own head and, in chunks of so many
/// bytes, in its body.
fn parrot(chunk: usize) -> FakeNetwork {
    FakeNetwork::answering(move |seen| {
        let head = seen.strip_suffix(b"\r\n\r\n")?;
        let line = head.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"auth"));
        let echoed = line.unwrap_or(b"none").trim_ascii();
        let start = [
            &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-echo: "[..],
            echoed,
            b"\r\n\r\n",
        ];
        let mut answer = start.concat();
        for part in echoed.chunks(chunk) {
            answer.extend(format!("{:x}\r\n", part.len()).bytes());
            answer.extend(part);
            answer.extend(b"\r\n");
        }
        answer.extend(b"0\r\n\r\n");
        Some(answer)
    })
}

#[tokio::test]
async fn a_secret_goes_to_its_own_origin_and_to_no_other() {
    let caller = caller(FakeNetwork::saying(OK));
    caller.get("http://127.0.0.1:8080/").await.unwrap();
    for other in ["http://127.0.0.1:8081/", "http://a.example/", "http://127.0.0.1.example/"] {
        caller.get(other).await.unwrap();
    }
    assert!(caller.network.seen(0).contains(&format!("authorization: {CANARY}\r\n")));
    for other in 1..4 {
        assert!(!caller.network.seen(other).contains("canary"), "{}", caller.network.seen(other));
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_does_not_take_the_secret_along() {
    let answer = "HTTP/1.1 307 x\r\nlocation: http://a.example/\r\ncontent-length: 0\r\n\r\n";
    let caller = caller(FakeNetwork::saying(answer));
    let first = caller.get("http://127.0.0.1:8080/").await.unwrap();
    let next = first.headers["location"].to_str().unwrap().to_owned();
    caller.get(&next).await.unwrap();
    assert!(caller.network.seen(0).contains("canary"));
    assert!(!caller.network.seen(1).contains("canary"));
}

#[tokio::test]
async fn what_a_guest_sets_in_the_field_of_a_secret_is_replaced() {
    let caller = caller(FakeNetwork::saying(OK));
    let request = Request::get("http://127.0.0.1:8080/")
        .header("authorization", "mine")
        .header("Authorization", "mine, too")
        .header("accept-encoding", "gzip")
        .body(empty())
        .unwrap();
    caller.send(request).await.unwrap();
    let seen = caller.network.seen(0);
    assert_eq!(seen.matches("authorization").count(), 1, "{seen}");
    assert!(!seen.contains("mine") && seen.contains("accept-encoding: identity\r\n"), "{seen}");
}

#[tokio::test]
async fn a_secret_that_is_sent_back_is_masked_wherever_the_chunks_are_cut() {
    for chunk in [1, 2, 3, 7, 19, 1_000] {
        let caller = caller(parrot(chunk));
        let got = caller.get("http://127.0.0.1:8080/").await.unwrap();
        assert_eq!(got.text(), format!("authorization: {STARS}"), "in chunks of {chunk}");
        assert_eq!(got.headers["x-echo"], format!("authorization: {STARS}"));
    }
}

#[tokio::test]
async fn what_could_be_the_beginning_of_a_secret_and_is_not_comes_through_whole() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nok Bearer canary-5f0";
    let caller = caller(FakeNetwork::saying(answer));
    let got = caller.get("http://127.0.0.1:8080/").await.unwrap();
    assert_eq!((got.text(), got.error.is_none()), ("ok Bearer canary-5f0", true));
    assert_eq!(got.headers["content-length"], "20");
}

#[tokio::test]
async fn a_packed_answer_to_a_request_with_a_secret_is_refused() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx";
    let caller = caller(FakeNetwork::saying(answer));
    let refused = caller.get("http://127.0.0.1:8080/").await;
    assert!(matches!(refused, Err(Error::HttpResponseContentCoding(_))), "{refused:?}");
}

#[tokio::test]
async fn a_packed_answer_is_refused_wherever_there_is_something_to_mask() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx";
    // Whoever was sent the secret may have handed it on.
    let caller = caller(FakeNetwork::saying(answer));
    let request = Request::get("http://127.0.0.1:8081/").header("accept-encoding", "gzip");
    let refused = caller.send(request.body(empty()).unwrap()).await;
    assert!(matches!(refused, Err(Error::HttpResponseContentCoding(_))), "{refused:?}");
    let seen = caller.network.seen(0);
    assert!(seen.contains("accept-encoding: identity") && !seen.contains("gzip"), "{seen}");
    let without = Caller::new(FakeNetwork::saying(answer), &["*"]);
    assert_eq!(without.get("http://a.example/").await.unwrap().text(), "x");
}

#[tokio::test]
async fn a_secret_is_in_no_error_and_no_denial() {
    for answer in [
        format!("{CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 {CANARY}\r\n{CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: {CANARY}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {CANARY}\r\n\r\n"),
    ] {
        let caller = caller(FakeNetwork::saying(answer));
        let error = caller.get("http://127.0.0.1:8080/").await.unwrap_err();
        let said = format!("{error} {error:?} {:?}", caller.denials());
        assert!(!said.contains("canary"), "{said}");
    }
    let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{CANARY}\r\n");
    let got = caller(FakeNetwork::saying(answer)).get("http://127.0.0.1:8080/").await.unwrap();
    let error = got.error.unwrap();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
