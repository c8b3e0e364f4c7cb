//! How much a client may send, and how long it may take for it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use futures::StreamExt as _;
use http_body::{Body as _, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::Sleep;

/// The largest body, where a route does not say otherwise.
pub(crate) const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How long a request's head may take; a connection with no request is closed after it, too.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a request's body may take.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(300);

/// What is still taken of a body after its request was refused: a client that sends does not
/// read, and would be told nothing of why if its connection were closed before it is done.
const REST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long that may take.
const REST_TIME: Duration = Duration::from_secs(10);

/// Headers of a request at most.
pub(crate) const HEADERS_MAX: usize = 100;

/// Bytes of a request's head at most.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Connections at the same time; one more waits until another is closed.
pub(crate) const CONNECTIONS_MAX: usize = 1_024;

/// Requests that change something at the same time. They go on when their clients go away, so
/// the connections alone do not bound them; one more waits.
pub(crate) const CHANGES_MAX: usize = 1_024;

/// Whether a request's body took too long.
#[derive(Debug, Clone, Default)]
pub(crate) struct Late(Arc<AtomicBool>);

impl Late {
    /// Whether it did.
    pub(crate) fn is_late(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Gives a body its time.
pub(crate) fn timed(request: Request, time: Duration) -> Request {
    if http_body::Body::is_end_stream(request.body()) {
        return request;
    }
    let late = Late::default();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(late.clone());
    let until = Box::pin(tokio::time::sleep(time));
    Request::from_parts(parts, Body::new(Timed { body, until, late }))
}

/// A body that ends with an error when its time is over. What nobody reads of it is discarded.
struct Timed {
    body: Body,
    until: Pin<Box<Sleep>>,
    late: Late,
}

impl http_body::Body for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        std::task::ready!(self.until.as_mut().poll(context));
        self.late.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new("the body took too long"))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if self.body.is_end_stream() || self.late.is_late() {
            return;
        }
        let rest = std::mem::take(&mut self.body);
        // Without a runtime there is no connection either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(tokio::time::timeout(REST_TIME, discard(rest)));
        }
    }
}

/// Reads a body to its end, or as much as is taken.
async fn discard(body: Body) {
    let mut left = REST_BYTES_MAX;
    let mut data = body.into_data_stream();
    while let Some(Ok(bytes)) = data.next().await {
        let Some(less) = left.checked_sub(bytes.len()) else { return };
        left = less;
    }
}

#[cfg(test)]
mod tests {
    use futures::SinkExt as _;
    use futures::channel::mpsc;

    use super::*;

    const MEBIBYTE: usize = 1024 * 1024;

    /// A body that comes from a client, piece by piece, and that nobody reads.
    fn refused() -> mpsc::Sender<Result<Bytes, axum::Error>> {
        let (client, body) = mpsc::channel(0);
        drop(timed(Request::new(Body::from_stream(body)), BODY_TIME));
        client
    }

    #[tokio::test]
    async fn a_client_sends_to_the_end_what_nobody_reads() {
        let mut client = refused();
        let piece = Bytes::from(vec![0; MEBIBYTE]);
        for _ in 0..REST_BYTES_MAX / MEBIBYTE {
            client.send(Ok(piece.clone())).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_never_ends_is_not_taken_for_ever() {
        let mut client = refused();
        let piece = Bytes::from(vec![0; MEBIBYTE]);
        let mut sent = 0;
        while client.send(Ok(piece.clone())).await.is_ok() {
            sent += MEBIBYTE;
            assert!(sent <= REST_BYTES_MAX + 4 * MEBIBYTE);
        }
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_late() {
        let never = futures::stream::pending::<Result<Bytes, axum::Error>>();
        let one = futures::stream::iter([Ok(Bytes::from_static(b"{"))]);
        let request = Request::new(Body::from_stream(one.chain(never)));
        let request = timed(request, Duration::from_millis(10));
        let late = request.extensions().get::<Late>().cloned().unwrap();
        assert!(!late.is_late());
        assert!(axum::body::to_bytes(request.into_body(), 100).await.is_err());
        assert!(late.is_late());
    }
}
