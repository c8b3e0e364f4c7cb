//! Bodies on their way: what a guest sends is as long as it said, what it gets is masked.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use lucid_policy::redact::RedactedStream;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, WasiBody};

use super::exchange::failed;
use super::session::Session;

/// The body of a request. Trailers are left out.
pub(super) struct RequestBody {
    guest: WasiBody,
    /// Bytes that are still to come, where the guest said how many.
    left: Option<u64>,
    ended: bool,
}

impl RequestBody {
    pub(super) fn new(guest: WasiBody, declared: Option<u64>) -> Self {
        Self { guest, left: declared, ended: false }
    }

    /// Counts the bytes of a chunk against what was said.
    fn take(&mut self, count: usize) -> Result<(), Error> {
        let Some(left) = self.left else { return Ok(()) };
        self.left = left.checked_sub(count as u64);
        if self.left.is_some() { Ok(()) } else { Err(Error::HttpRequestBodySize(None)) }
    }

    fn end(&mut self) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.ended = true;
        match self.left {
            None | Some(0) => Poll::Ready(None),
            Some(_) => Poll::Ready(Some(Err(Error::HttpRequestBodySize(None)))),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        loop {
            match ready!(Pin::new(&mut self.guest).poll_frame(context)) {
                None => return self.end(),
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                Some(Ok(frame)) => {
                    // Trailers come last.
                    let Ok(bytes) = frame.into_data() else { return self.end() };
                    // An empty chunk would be the mark of the end.
                    if bytes.is_empty() {
                        continue;
                    }
                    let fits = self.take(bytes.len());
                    self.ended = fits.is_err();
                    return Poll::Ready(Some(fits.map(|()| Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.left == Some(0) || self.guest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(|| self.guest.size_hint(), SizeHint::with_exact)
    }
}

/// The body of an answer. Trailers are left out.
pub(super) struct ResponseBody {
    server: Incoming,
    session: Arc<Session>,
    masking: RedactedStream,
    /// How long may pass between two chunks, and when the next is late.
    pause: Duration,
    late: Pin<Box<Sleep>>,
    ended: bool,
}

impl ResponseBody {
    pub(super) fn new(server: Incoming, session: Arc<Session>, pause: Duration) -> Self {
        let masking = session.redactor().stream();
        let late = Box::pin(tokio::time::sleep(pause));
        Self { server, session, masking, pause, late, ended: false }
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.ended = true;
        Poll::Ready(Some(Err(error)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        while !self.ended {
            let given = match Pin::new(&mut self.server).poll_frame(context) {
                Poll::Pending => {
                    ready!(self.late.as_mut().poll(context));
                    return self.fail(Error::ConnectionReadTimeout);
                }
                Poll::Ready(Some(Err(error))) => {
                    let error = failed(&self.session, &error);
                    return self.fail(error);
                }
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    let next = Instant::now() + self.pause;
                    self.late.as_mut().reset(next);
                    self.masking.push(&bytes)
                }
                Poll::Ready(None) => {
                    self.ended = true;
                    self.masking.finish()
                }
            };
            // What is held back because it could be a secret is no chunk yet.
            if !given.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(given.into()))));
            }
        }
        Poll::Ready(None)
    }
}
