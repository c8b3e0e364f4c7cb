//! A form's body, no faster than it is used.
//!
//! What takes forms apart would take in all that has arrived before it gives anything on, and
//! would wait for the end of a part's header however long that is. So the body is given one
//! piece at a time, and ends when too much of it leads to nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, Bytes};
use futures::{Stream, StreamExt as _};

/// Bytes that may come in before anything comes of them: a few pieces as a connection gives
/// them. Nothing else bounds what all uploads together hold.
const UNUSED_BYTES_MAX: usize = 256 << 10;

/// How much came in since anything came of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicUsize>);

impl Progress {
    /// Something came of it.
    pub(super) fn used(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A body that comes piece by piece.
pub(super) fn paced(body: Body, progress: &Progress) -> Body {
    let progress = progress.clone();
    Body::from_stream(Paced { body: body.into_data_stream(), rest: false, progress })
}

struct Paced {
    body: BodyDataStream,
    /// Whether the next poll has nothing, so that what came before it is used first.
    rest: bool,
    progress: Progress,
}

impl Stream for Paced {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rest) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = std::task::ready!(self.body.poll_next_unpin(context));
        if let Some(Ok(bytes)) = &piece {
            self.rest = true;
            let unused = self.progress.0.fetch_add(bytes.len(), Ordering::Relaxed);
            if unused.saturating_add(bytes.len()) > UNUSED_BYTES_MAX.max(bytes.len()) {
                return Poll::Ready(Some(Err(axum::Error::new("a part's header has no end"))));
            }
        }
        Poll::Ready(piece)
    }
}
