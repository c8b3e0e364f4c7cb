//! Models that answer from memory, in the wire format of chat completions.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream;
use lucid_model::{HttpRequest, HttpResponse, ModelError, Transport};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What a model says last.
pub(super) const LAST_WORD: &str = "done";

/// One call of an answer: the tool and its input.
pub(super) type Called = (String, Value);

/// An answer that calls tools.
pub(super) fn calling(calls: impl IntoIterator<Item = Called>) -> String {
    let calls = (0..).zip(calls).map(|(index, (name, input)): (u32, Called)| {
        let function = json!({"name": name, "arguments": input.to_string()});
        json!({"index": index, "id": format!("call_{index}"), "function": function})
    });
    let calls: Vec<Value> = calls.collect();
    said(&json!({ "tool_calls": calls }), "tool_calls")
}

/// An answer that ends a turn.
fn ending() -> String {
    said(&json!({ "content": LAST_WORD }), "stop")
}

fn said(delta: &Value, finish_reason: &str) -> String {
    let chunk = json!({
        "id": "answer",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    });
    format!("data: {chunk}\n\ndata: [DONE]\n\n")
}

fn answered(text: String) -> HttpResponse {
    HttpResponse {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
        body: stream::once(async move { Ok(text.into()) }).boxed(),
    }
}

/// A model that answers at once: first with its calls, so many times, then with an end.
pub(super) struct Quick {
    calls: String,
    times: AtomicU32,
    asked: Mutex<Vec<Instant>>,
}

impl Quick {
    pub(super) fn new(calls: String) -> Self {
        Self { calls, times: AtomicU32::new(1), asked: Mutex::default() }
    }

    /// What it is to do in the next session: call so many times.
    pub(super) fn call(&self, times: u32) {
        self.times.store(times, Ordering::Relaxed);
        drop(self.asked());
    }

    /// When it was asked since then.
    pub(super) fn asked(&self) -> Vec<Instant> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Transport for Quick {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, ModelError> {
        let now = Instant::now();
        let before = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(now);
            asked.len() - 1
        };
        let calls = u32::try_from(before).is_ok_and(|b| b < self.times.load(Ordering::Relaxed));
        Ok(answered(if calls { self.calls.clone() } else { ending() }))
    }
}

/// A model that answers when it is let.
pub(super) struct Slow {
    waiting: watch::Sender<u32>,
    open: watch::Sender<bool>,
}

impl Slow {
    pub(super) fn new() -> Self {
        Self { waiting: watch::Sender::new(0), open: watch::Sender::new(false) }
    }

    /// Returns once so many wait for it, `each` hearing of how many do.
    pub(super) async fn all_wait(&self, many: u32, each: impl Fn(u32)) {
        let mut waiting = self.waiting.subscribe();
        loop {
            let now = *waiting.borrow_and_update();
            each(now);
            // The sender is this model's own, and so is there.
            if now >= many || waiting.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lets it answer, now and from now on.
    pub(super) fn answer(&self) {
        self.open.send_replace(true);
    }
}

#[async_trait]
impl Transport for Slow {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ModelError> {
        self.waiting.send_modify(|waiting| *waiting += 1);
        // The sender is this model's own, and so is there.
        let _ = self.open.subscribe().wait_for(|open| *open).await;
        self.waiting.send_modify(|waiting| *waiting -= 1);
        // A request is kept as long as it is under way, as a real one would be.
        drop(request);
        Ok(answered(ending()))
    }
}
