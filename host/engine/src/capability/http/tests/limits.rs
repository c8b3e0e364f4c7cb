//! Requests and bytes are counted, in both directions, and stop at the limit.

use std::time::Duration;

use super::*;

fn caller(network: FakeNetwork, requests: u64, bytes: u64) -> Caller {
    let limits = Limits { http_requests: requests, http_bytes: bytes, ..Limits::STANDARD };
    Caller::with(network, &["a.example"], &[], &limits, &[])
}

/// An answer of so many bytes in all.
fn answer_of(bytes: usize) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    assert!(answer.len() <= bytes);
    answer.resize(bytes, b'x');
    answer
}

/// What a request to `http://a.example/` has on the wire.
const REQUEST_BYTES: u64 = 54;

#[tokio::test]
async fn more_requests_than_allowed_are_not_sent() {
    let caller = caller(FakeNetwork::saying(OK), 2, 1 << 20);
    for _ in 0..2 {
        assert!(caller.get("http://a.example/").await.is_ok());
    }
    assert!(caller.session.meter.reached().is_none());
    for _ in 0..3 {
        let refused = caller.get("http://a.example/").await;
        assert!(matches!(refused, Err(Error::ConnectionLimitReached)), "{refused:?}");
    }
    assert_eq!(caller.network.connections().len(), 2);
    assert_eq!(caller.session.meter.requests(), 2);
    assert_eq!(caller.session.meter.reached().unwrap().setting, "http_requests");
}

#[tokio::test]
async fn a_request_that_is_denied_is_not_counted_and_does_not_use_up_the_limit() {
    let caller = caller(FakeNetwork::saying(OK), 1, 1 << 20);
    for _ in 0..5 {
        assert!(caller.get("http://b.example/").await.is_err());
    }
    assert!(caller.get("http://a.example/").await.is_ok());
}

#[tokio::test]
async fn an_answer_that_fits_to_the_byte_comes_whole_and_one_more_byte_does_not() {
    let limit = REQUEST_BYTES + 20_000;
    let fits = caller(FakeNetwork::saying(answer_of(20_000)), 9, limit);
    let got = fits.get("http://a.example/").await.unwrap();
    assert_eq!((got.body.len(), got.error.is_none()), (20_000 - 19, true));
    assert_eq!(fits.session.meter.bytes(), limit);
    assert!(fits.session.meter.reached().is_none());

    let over = caller(FakeNetwork::saying(answer_of(20_001)), 9, limit);
    let got = over.get("http://a.example/").await.unwrap();
    assert!(matches!(got.error, Some(Error::HttpResponseBodySize(Some(_)))), "{:?}", got.error);
    assert!(got.body.len() < 20_000);
    assert_eq!(over.session.meter.reached().unwrap().setting, "http_bytes");
}

#[tokio::test]
async fn bytes_are_summed_over_the_requests_of_a_call() {
    let caller = caller(FakeNetwork::saying(answer_of(1_000)), 9, 2_500);
    for _ in 0..2 {
        assert!(caller.get("http://a.example/").await.unwrap().error.is_none());
    }
    let got = caller.get("http://a.example/").await;
    assert!(got.is_err() || got.unwrap().error.is_some());
    assert!(caller.session.meter.reached().is_some());
}

#[tokio::test]
async fn a_body_is_sent_as_far_as_the_limit_goes() {
    let network = FakeNetwork::answering(|_| None);
    let caller = caller(network, 9, 10_000);
    let piece: &'static str = "0123456789".repeat(100).leak();
    let request = Request::post("http://a.example/").body(pieces(&[piece; 20])).unwrap();
    assert!(caller.send(request).await.is_err());
    assert_eq!(caller.session.meter.reached().unwrap().setting, "http_bytes");
    assert!(caller.network.seen.lock().unwrap()[0].len() <= 10_000);
}

#[tokio::test]
async fn heads_count_too_and_have_an_end() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(200));
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(200_000));
    for head in [many, long, endless] {
        let caller = caller(FakeNetwork::saying(head), 9, 1 << 20);
        let refused = caller.get("http://a.example/").await;
        let too_large = matches!(refused, Err(Error::HttpResponseHeaderSectionSize(_)));
        assert!(too_large, "{refused:?}");
        assert!(caller.session.meter.bytes() < 70_000);
    }
    let hints = "HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n".repeat(10_000);
    let caller = caller(FakeNetwork::saying(hints), 9, 50_000);
    assert!(caller.get("http://a.example/").await.is_err());
    assert_eq!(caller.session.meter.reached().unwrap().setting, "http_bytes");
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for_longer_than_was_asked() {
    let short = Some(Duration::ZERO);
    let silent = caller(FakeNetwork::answering(|_| None), 9, 1 << 20);
    let options = RequestOptions { first_byte_timeout: short, ..RequestOptions::default() };
    let late = silent.send_with(get("http://a.example/"), options).await;
    assert!(matches!(late, Err(Error::ConnectionReadTimeout)), "{late:?}");

    let begins = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok";
    let network = FakeNetwork { stays: true, ..FakeNetwork::saying(begins) };
    let stalled = caller(network, 9, 1 << 20);
    let options = RequestOptions { between_bytes_timeout: short, ..RequestOptions::default() };
    let got = stalled.send_with(get("http://a.example/"), options).await.unwrap();
    assert!(matches!(got.error, Some(Error::ConnectionReadTimeout)), "{:?}", got.error);
    assert_eq!(got.text(), "ok");
}
