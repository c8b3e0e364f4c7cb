//! Asking servers that are none, or far away.

mod secure;

use lucid_core::FailureKind;
use lucid_verbs::ListSessions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

/// A server whose client trusts the public authorities, and that may be asked in the clear only
/// on this machine.
fn remote(url: &str, key: Option<&str>) -> Result<Remote> {
    Remote::new(url, key, false, Authorities::public())
}

/// Reads one request and answers it so; gives what it was.
async fn answer_one(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0);
        request.extend_from_slice(&part[..read]);
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    String::from_utf8(request).unwrap()
}

/// A server that answers the next request so; gives what it was asked.
async fn answering(answer: &str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = answer.to_owned();
    let asked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        answer_one(stream, &answer).await
    });
    (url, asked)
}

#[tokio::test]
async fn a_verb_goes_out_as_json_with_the_key() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
    let (url, asked) = answering(answer).await;
    let remote = remote(&url, Some("lucid_abc")).unwrap();
    let list = ListSessions { limit: Some(3), ..ListSessions::default() };
    assert_eq!(remote.ask(list).await, Ok(Vec::new()));
    let request = asked.await.unwrap();
    assert!(request.starts_with("POST /v1/lucid/list_sessions HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nx-api-key: lucid_abc\r\n"), "{request}");
    assert!(request.contains("\"limit\":3"), "{request}");
}

#[tokio::test]
async fn nobody_is_led_elsewhere_with_the_key() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{address}/\r\n\
         content-length: 0\r\n\r\n"
    );
    let (url, asked) = answering(&answer).await;
    let remote = remote(&url, Some("lucid_abc")).unwrap();
    let failure = remote.ask(ListSessions::default()).await.unwrap_err();
    assert!(failure.message.contains("no `lucid serve` (status 307)"), "{failure}");
    asked.await.unwrap();
    tokio::select! {
        biased;
        _ = elsewhere.accept() => panic!("the redirect was followed"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_the_next_step() {
    // No system gives this port to anybody who asks for a free one, as other tests do meanwhile.
    let url = "http://127.0.0.1:9";
    let remote = remote(url, None).unwrap();
    let failure = remote.ask(ListSessions::default()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Failed);
    assert!(failure.message.starts_with(&format!("no server answers at {url}: ")), "{failure}");
    assert!(failure.hint.unwrap().contains("--server URL"));
}

#[test]
fn a_key_that_is_none_is_refused_and_not_repeated() {
    for key in ["tell no one", "tell-no-one\n", "schlüssel-tell-no-one", "tell-no-one\u{0}"] {
        let failure = remote("https://x", Some(key)).err().unwrap();
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(!format!("{failure:?}").contains("tell"), "{failure:?}");
    }
}

#[test]
fn what_no_server_takes_is_not_sent() {
    assert_eq!(check_size(REQUEST_BYTES_MAX), Ok(()));
    let failure = check_size(REQUEST_BYTES_MAX + 1).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Exceeded);
    assert!(failure.message.contains("32 MB") && failure.hint.is_some(), "{failure}");
}
