//! Where a message ends: said once, by the host, and believed only where it is clear.

use super::*;

/// What becomes of an answer with these lines in its head and this body.
async fn answered(lines: &str, body: &str) -> Result<Answered, Error> {
    let answer = format!("HTTP/1.1 200 OK\r\n{lines}\r\n{body}");
    Caller::new(FakeNetwork::saying(answer), &["a.example"]).get("http://a.example/").await
}

fn post() -> http::request::Builder {
    Request::post("http://a.example/").header("x", "1")
}

/// A caller of a server that waits for the end of a body.
fn uploading() -> Caller {
    let ended = |seen: &[u8]| seen.ends_with(b"body") || seen.ends_with(b"\r\n0\r\n\r\n");
    let network = FakeNetwork::answering(move |seen| ended(seen).then(|| OK.into()));
    Caller::new(network, &["a.example"])
}

#[tokio::test]
async fn what_is_on_the_wire_is_what_policy_has_read() {
    let caller = Caller::new(FakeNetwork::saying(OK), &["a.example", "a.example:8080"]);
    let request = Request::get("http://A.Example.:8080/a/../b?c=%20d")
        .header("accept", "text/plain")
        .header("x-forwarded-for", "127.0.0.1")
        .body(empty())
        .unwrap();
    caller.send(request).await.unwrap();
    caller.get("http://a.example").await.unwrap();
    caller.get("http://a.example?q").await.unwrap();
    assert_eq!(
        caller.network.seen(0),
        "GET /a/../b?c=%20d HTTP/1.1\r\nhost: a.example:8080\r\naccept: text/plain\r\n\
         x-forwarded-for: 127.0.0.1\r\nconnection: close\r\n\r\n"
    );
    let plain =
        |path| format!("GET {path} HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n");
    assert_eq!(caller.network.seen(1), plain("/"));
    assert_eq!(caller.network.seen(2), plain("/?q"));
}

#[tokio::test]
async fn a_body_is_framed_by_the_host_whatever_the_guest_says() {
    let caller = uploading();
    let sized = |length: &str| {
        post().header("content-length", length).body(pieces(&["bo", "", "dy"])).unwrap()
    };
    caller.send(sized("4")).await.unwrap();
    caller.send(sized("004")).await.unwrap();
    let smuggled = post()
        .header("transfer-encoding", "chunked")
        .header("transfer-encoding", "identity")
        .header("host", "b.example")
        .header("connection", "keep-alive, host")
        .header("te", "trailers")
        .header("trailer", "x")
        .header("expect", "100-continue")
        .header("upgrade", "h2c")
        .header("proxy-authorization", "x")
        .header("content_length", "0")
        .body(pieces(&["bo", "", "dy"]))
        .unwrap();
    caller.send(smuggled).await.unwrap();
    let start = "POST / HTTP/1.1\r\nhost: a.example\r\nx: 1\r\nconnection: close\r\n";
    assert_eq!(caller.network.seen(0), format!("{start}content-length: 4\r\n\r\nbody"));
    assert_eq!(caller.network.seen(1), caller.network.seen(0));
    assert_eq!(
        caller.network.seen(2),
        format!("{start}transfer-encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n")
    );
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_it_said_is_not_sent_as_whole() {
    for length in ["3", "5", "+4", "4, 4", "-1", "", "0x4", "18446744073709551616"] {
        let caller = uploading();
        let request = post().header("content-length", length).body(pieces(&["bo", "dy"])).unwrap();
        let failed = caller.send(request).await;
        assert!(matches!(failed, Err(Error::HttpRequestBodySize(_))), "{length:?}: {failed:?}");
        let sent = caller.network.seen.lock().unwrap().concat();
        assert!(!sent.ends_with(b"body"), "{length:?}: {}", String::from_utf8_lossy(&sent));
    }
    let twice = post().header("content-length", "4").header("content-length", "4");
    let failed = uploading().send(twice.body(pieces(&["body"])).unwrap()).await;
    assert!(matches!(failed, Err(Error::HttpRequestBodySize(_))), "{failed:?}");
}

#[tokio::test]
async fn trailers_are_left_out_in_both_directions() {
    let caller = uploading();
    let mut trailers = HeaderMap::new();
    trailers.insert("host", "b.example".parse().unwrap());
    let frames = [Frame::data(Bytes::from("bo")), Frame::trailers(trailers)];
    let request = post().header("trailer", "host").body(Pieces(frames.into()).boxed_unsync());
    caller.send(request.unwrap()).await.unwrap();
    assert!(caller.network.seen(0).ends_with("\r\n\r\n2\r\nbo\r\n0\r\n\r\n"));
    let chunked = "transfer-encoding: chunked\r\ntrailer: host\r\n";
    let got = answered(chunked, "2\r\nok\r\n0\r\nhost: b.example\r\n\r\n").await.unwrap();
    assert_eq!((got.text(), got.error.is_none()), ("ok", true));
}

#[tokio::test]
async fn an_answer_whose_end_could_be_in_two_places_is_refused() {
    for (lines, body) in [
        ("content-length: 2\r\ncontent-length: 3\r\n", "okk"),
        ("content-length: 2\r\ncontent-length: 2\r\n", "ok"),
        ("content-length: 2, 2\r\n", "ok"),
        ("content-length: +2\r\n", "ok"),
        ("content-length: 2\r\ntransfer-encoding: chunked\r\n", "2\r\nok\r\n0\r\n\r\n"),
        ("transfer-encoding: chunked\r\ncontent-length: 2\r\n", "2\r\nok\r\n0\r\n\r\n"),
        ("transfer-encoding: gzip, chunked\r\n", "2\r\nok\r\n0\r\n\r\n"),
        ("transfer-encoding: gzip\r\n", "ok"),
        ("transfer-encoding: xchunked\r\n", "2\r\nok\r\n0\r\n\r\n"),
        ("transfer-encoding: chunked, identity\r\n", "ok"),
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", "2\r\nok\r\n0\r\n\r\n"),
        ("x: a\r\n folded\r\ncontent-length: 2\r\n", "ok"),
        ("content-length : 2\r\n", "ok"),
        ("no colon\r\n", "ok"),
    ] {
        let refused = answered(lines, body).await;
        assert!(refused.is_err(), "{lines:?}: {refused:?}");
    }
    assert_eq!(
        answered("transfer-encoding: Chunked\r\n", "2\r\nok\r\n0\r\n\r\n").await.unwrap().text(),
        "ok"
    );
    assert_eq!(answered("", "until it closes").await.unwrap().text(), "until it closes");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    for (lines, body) in [
        ("content-length: 9\r\n", "ok"),
        ("transfer-encoding: chunked\r\n", "2\r\nok\r\n"),
        ("transfer-encoding: chunked\r\n", "2\r\nok\r\nzz\r\n"),
    ] {
        let got = answered(lines, body).await.unwrap();
        assert_eq!(got.text(), "ok");
        assert!(got.error.is_some(), "{lines:?} {body:?}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_http_1_is_refused() {
    for text in [
        "",
        "hello",
        "<html>",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
    ] {
        let caller = Caller::new(FakeNetwork::saying(text), &["a.example"]);
        let refused = caller.get("http://a.example/").await;
        assert!(refused.is_err(), "{text:?}: {refused:?}");
    }
}

#[tokio::test]
async fn what_belongs_to_the_connection_is_not_handed_on() {
    let lines = "connection: close, x-hop\r\nx-hop: 1\r\nkeep-alive: 5\r\nproxy-authenticate: b\r\n\
                 x-end: 2\r\ncontent-length: 2\r\n";
    let got = answered(lines, "ok").await.unwrap();
    let mut names: Vec<&str> = got.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "x-end"]);
}

#[tokio::test]
async fn what_is_packed_stays_packed() {
    let got = answered("content-encoding: gzip\r\ncontent-length: 4\r\n", "\u{1f}zip").await;
    let got = got.unwrap();
    assert_eq!(got.headers["content-encoding"], "gzip");
    assert_eq!(got.text(), "\u{1f}zip");
}
