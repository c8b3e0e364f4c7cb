//! How much a client may send, and how long it may take for it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

/// The largest body, where a route does not say otherwise.
pub(crate) const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How long a request's head may take; a connection with no request is closed after it, too.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a request's body may take.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(300);

/// Headers of a request at most.
pub(crate) const HEADERS_MAX: usize = 100;

/// Bytes of a request's head at most.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Connections at the same time; one more waits until another is closed.
pub(crate) const CONNECTIONS_MAX: usize = 1_024;

/// Whether a request's body took too long.
#[derive(Debug, Clone, Default)]
pub(crate) struct Late(Arc<AtomicBool>);

impl Late {
    /// Whether it did.
    pub(crate) fn is_late(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Gives every body its time.
pub(crate) async fn bodies(request: Request, next: Next) -> Response {
    next.run(timed(request, BODY_TIME)).await
}

fn timed(request: Request, time: Duration) -> Request {
    if http_body::Body::is_end_stream(request.body()) {
        return request;
    }
    let late = Late::default();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(late.clone());
    let until = Box::pin(tokio::time::sleep(time));
    Request::from_parts(parts, Body::new(Timed { body, until, late }))
}

/// A body that ends with an error when its time is over.
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

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

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
