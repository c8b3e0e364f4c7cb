//! Traces for whoever collects them: requests, and what sessions do, in OpenTelemetry's form.
//!
//! Off unless a collector is named. What cannot be sent is dropped and told: nothing waits for a
//! collector.

mod request;
mod runs;
mod send;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lucid_core::Result;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SpanData;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::log::Log;

pub(crate) use request::{Answered, Caller};
pub(crate) use runs::Runs;

/// Spans that wait to be sent at most.
const WAITING_MAX: usize = 4_096;

/// Where traces go. A clone is the same.
#[derive(Clone)]
pub struct Traces(Option<Arc<Sending>>);

struct Sending {
    queue: mpsc::Sender<SpanData>,
    /// What sends, until it begins to.
    idle: Mutex<Option<(SpanExporter, mpsc::Receiver<SpanData>)>>,
    /// Spans that found the queue full since that was last told.
    dropped: Arc<AtomicU64>,
    ending: CancellationToken,
    task: TaskTracker,
}

impl fmt::Debug for Traces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Traces").field(&self.0.is_some()).finish()
    }
}

impl Traces {
    /// Nowhere.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// To a collector, by OTLP over HTTP: the whole URL, such as
    /// `http://127.0.0.1:4318/v1/traces`.
    ///
    /// # Errors
    /// Invalid, when it is no URL that can be sent to; failed, when TLS cannot be set up.
    pub fn to(endpoint: &str) -> Result<Self> {
        let exporter = send::exporter(endpoint)?;
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let idle = Mutex::new(Some((exporter, waiting)));
        let (dropped, task) = (Arc::new(AtomicU64::new(0)), TaskTracker::new());
        let ending = CancellationToken::new();
        Ok(Self(Some(Arc::new(Sending { queue, idle, dropped, ending, task }))))
    }

    /// Begins to send.
    pub(crate) fn begin(&self, log: &Log) {
        let Some(sending) = &self.0 else { return };
        let idle = sending.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((exporter, waiting)) = idle {
            let (dropped, ending) = (sending.dropped.clone(), sending.ending.clone());
            sending.task.spawn(send::all(exporter, waiting, dropped, ending, log.clone()));
        }
        sending.task.close();
    }

    /// Whether anything is sent: else nothing needs to be made.
    pub(crate) fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Sends what has ended.
    pub(crate) fn ended(&self, spans: impl IntoIterator<Item = SpanData>) {
        let Some(sending) = &self.0 else { return };
        for span in spans {
            if sending.queue.try_send(span).is_err() {
                sending.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Sends the span of a request.
    pub(crate) fn answered(&self, answered: Answered<'_>, caller: Option<Caller>) {
        if self.are_on() {
            self.ended(request::span(answered, caller));
        }
    }

    /// Sends what waits, and nothing after it.
    pub(crate) async fn end(&self) {
        if let Some(sending) = &self.0 {
            sending.ending.cancel();
            sending.task.wait().await;
        }
    }
}
