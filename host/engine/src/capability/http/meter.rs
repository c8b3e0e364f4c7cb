//! Counts the requests of a call and every byte of them, in both directions.
//!
//! Bytes are counted between HTTP and TLS, where heads, bodies and the marks between chunks
//! all pass. So there is nothing that a server could send without end and for free: more
//! headers, more of "100 Continue", longer trailers.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::stopped::LimitReached;

/// What a call has used. All of its connections share one.
pub(super) struct Meter {
    requests: AtomicU64,
    requests_max: u64,
    too_many_requests: AtomicBool,
    bytes: AtomicU64,
    bytes_max: u64,
    too_many_bytes: AtomicBool,
}

impl Meter {
    pub(super) fn new(requests_max: u64, bytes_max: u64) -> Self {
        Self {
            requests: AtomicU64::new(0),
            requests_max,
            too_many_requests: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            bytes_max,
            too_many_bytes: AtomicBool::new(false),
        }
    }

    /// Counts one request; false when there may be no more.
    pub(super) fn count_request(&self) -> bool {
        let more = |count: u64| (count < self.requests_max).then_some(count + 1);
        let counted =
            self.requests.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if !counted {
            self.too_many_requests.store(true, Ordering::Relaxed);
        }
        counted
    }

    /// Whether there may be one more request.
    pub(super) fn has_room(&self) -> bool {
        self.requests() < self.requests_max
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    /// Whether bytes had to be stopped.
    pub(super) fn too_many_bytes(&self) -> bool {
        self.too_many_bytes.load(Ordering::Relaxed)
    }

    /// The limit that was reached.
    pub(super) fn reached(&self) -> Option<LimitReached> {
        if self.too_many_requests.load(Ordering::Relaxed) {
            return Some(LimitReached {
                what: "http requests",
                limit: self.requests_max,
                unit: "requests",
                setting: "http_requests",
            });
        }
        self.too_many_bytes().then_some(LimitReached {
            what: "http bodies and headers",
            limit: self.bytes_max,
            unit: "bytes",
            setting: "http_bytes",
        })
    }

    /// Bytes that may still pass, as far as memory can count them.
    fn left(&self) -> usize {
        usize::try_from(self.bytes_max.saturating_sub(self.bytes())).unwrap_or(usize::MAX)
    }

    /// Counts bytes that passed; an error when they were too many.
    fn spend(&self, count: usize) -> io::Result<()> {
        let before = self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        if before.saturating_add(count as u64) > self.bytes_max {
            return Err(self.stop());
        }
        Ok(())
    }

    fn stop(&self) -> io::Error {
        self.too_many_bytes.store(true, Ordering::Relaxed);
        io::Error::other("over the limit of http bytes")
    }
}

/// A connection whose bytes are counted.
pub(super) struct Metered<C> {
    connection: C,
    meter: Arc<Meter>,
}

impl<C> Metered<C> {
    pub(super) fn new(connection: C, meter: Arc<Meter>) -> Self {
        Self { connection, meter }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Metered<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // One byte more than is left tells an answer that fits from one that does not.
        let room = buffer.remaining().min(self.meter.left().saturating_add(1));
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.connection).poll_read(context, &mut part))?;
        let count = part.filled().len();
        self.meter.spend(count)?;
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Metered<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.meter.left();
        if left == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(self.meter.stop()));
        }
        let part = bytes.get(..left).unwrap_or(bytes);
        let count = ready!(Pin::new(&mut self.connection).poll_write(context, part))?;
        self.meter.spend(count)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}
