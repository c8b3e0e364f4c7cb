//! The body of a request before it is sent: as it comes, or read first where something is put
//! into it or where it may have to be sent once more.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::{Error, WasiBody};

use super::body::RequestBody;
use super::lending::Lent;
use super::replace::Replacer;

/// Bytes of a body that are read before it is sent. A longer one is sent as it comes, without
/// a length where something is put into it, and only once.
const READ_BYTES_MAX: usize = 256 << 10;

/// A body.
pub(super) enum Draft {
    /// As it comes, once.
    Comes(Option<RequestBody>),
    /// All of it.
    Whole(Bytes),
}

impl Draft {
    /// Reads a body, where that is needed for what was lent.
    pub(super) async fn read(
        guest: WasiBody,
        declared: Option<u64>,
        lent: &Lent,
    ) -> Result<Self, Error> {
        let mut body = RequestBody::new(guest, declared);
        let replacer = lent.for_body();
        if replacer.is_none() && !lent.renewable {
            return Ok(Self::Comes(Some(body)));
        }
        let mut first = Vec::new();
        while first.len() <= READ_BYTES_MAX {
            match body.frame().await {
                None => return Ok(Self::Whole(first.into())),
                Some(frame) => first.extend(frame?.into_data().unwrap_or_default()),
            }
        }
        // The length of what something is put into is known only once it was sent.
        let length = declared.filter(|_| replacer.is_none());
        let rest = Replaced { first, rest: body, replacer, ended: false };
        Ok(Self::Comes(Some(RequestBody::new(rest.boxed_unsync(), length))))
    }

    /// Whether it can be sent once more.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// The body with what was lent.
    pub(super) fn next(&mut self, lent: &Lent) -> Result<RequestBody, Error> {
        match self {
            Self::Comes(body) => body.take().ok_or(Error::HttpRequestBodySize(None)),
            Self::Whole(bytes) => {
                let filled = lent.for_body().and_then(|replacer| replacer.whole(bytes));
                let bytes = filled.map_or_else(|| bytes.clone(), Bytes::from);
                let whole = Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
                Ok(RequestBody::new(whole, None))
            }
        }
    }
}

/// What was read of a body and then the rest of it, placeholders replaced.
struct Replaced {
    first: Vec<u8>,
    rest: RequestBody,
    replacer: Option<Replacer>,
    ended: bool,
}

impl Replaced {
    fn replace(&mut self, bytes: &[u8]) -> Vec<u8> {
        match &mut self.replacer {
            Some(replacer) => replacer.push(bytes),
            None => bytes.to_vec(),
        }
    }
}

impl Body for Replaced {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        while !self.ended {
            let first = std::mem::take(&mut self.first);
            let given = if first.is_empty() {
                match ready!(Pin::new(&mut self.rest).poll_frame(context)) {
                    None => {
                        self.ended = true;
                        self.replacer.as_mut().map(Replacer::finish).unwrap_or_default()
                    }
                    Some(Err(error)) => {
                        self.ended = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                    Some(Ok(frame)) => self.replace(&frame.into_data().unwrap_or_default()),
                }
            } else {
                self.replace(&first)
            };
            // An empty chunk would be the mark of the end.
            if !given.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(given.into()))));
            }
        }
        Poll::Ready(None)
    }
}
