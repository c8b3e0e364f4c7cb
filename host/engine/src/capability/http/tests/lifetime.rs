//! Nothing goes on when nobody waits for it.

use super::*;

/// A caller, and what says that its server was hung up on.
fn watched() -> (Caller, tokio::sync::watch::Receiver<bool>) {
    let (closed, watch) = tokio::sync::watch::channel(false);
    let closed = Arc::new(Closing(closed));
    let begins = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok";
    let network = FakeNetwork::answering(move |seen| {
        let _kept = &closed;
        seen.ends_with(b"\r\n\r\n").then(|| begins.into())
    });
    let network = FakeNetwork { stays: true, ..network };
    (Caller::new(network, &["a.example"]), watch)
}

/// Lives as long as any server of the network.
struct Closing(tokio::sync::watch::Sender<bool>);

impl Drop for Closing {
    fn drop(&mut self) {
        let _ = self.0.send(true);
    }
}

#[tokio::test]
async fn an_answer_that_is_dropped_closes_its_connection() {
    let (caller, mut closed) = watched();
    let request = get("http://a.example/");
    let target = caller.session.admit(&request).unwrap();
    let options = RequestOptions::default();
    let sent = exchange::send(caller.session.clone(), target, request, options).await.unwrap();
    drop(caller);
    assert!(!*closed.borrow_and_update());
    drop(sent);
    // The server was the last to hold on to this.
    closed.wait_for(|closed| *closed).await.unwrap();
}

#[tokio::test]
async fn a_request_that_is_dropped_before_its_answer_closes_its_connection() {
    let (closed, mut watch) = tokio::sync::watch::channel(false);
    let closed = Arc::new(Closing(closed));
    let (heard, mut hears) = tokio::sync::watch::channel(false);
    let network = FakeNetwork::answering(move |_| {
        let _kept = &closed;
        let _ = heard.send(true);
        None
    });
    let caller = Caller::new(network, &["a.example"]);
    let request = get("http://a.example/");
    let target = caller.session.admit(&request).unwrap();
    let session = caller.session.clone();
    let sending = tokio::spawn(exchange::send(session, target, request, RequestOptions::default()));
    hears.wait_for(|heard| *heard).await.unwrap();
    drop(caller);
    assert!(!*watch.borrow_and_update());
    sending.abort();
    watch.wait_for(|closed| *closed).await.unwrap();
}
