//! What one connection is sent, frame by frame.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use lucid_core::{EventId, EventRecord, SessionId};
use lucid_runtime::Heard;
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::reader::Told;
use crate::app::App;
use crate::auth;
use crate::events::Shown;
use crate::metrics::Open;
use crate::space::Caller;

/// How often a connection on which nothing happens shows that it is there.
const ALIVE: Duration = Duration::from_secs(15);

/// Bytes of a message that wait for the event that its request began.
const EARLY_BYTES_MAX: usize = 256 << 10;

/// Where a connection hears from.
pub(super) struct Listener {
    /// What is written.
    pub(super) told: broadcast::Receiver<Told>,
    /// What a model says while it says it, where the client reads along.
    pub(super) heard: Option<broadcast::Receiver<Heard>>,
    /// The session.
    pub(super) session: SessionId,
    /// Who listens: somebody whose key is revoked hears no more.
    pub(super) caller: Caller,
    /// The server, which may stop.
    pub(super) app: App,
    /// Counts the stream as long as it is open.
    pub(super) _open: Open,
}

/// The frames of one connection.
pub(super) struct Frames {
    listener: Listener,
    shown: Shown,
    alive: Interval,
    waiting: VecDeque<Bytes>,
    along: Along,
    over: bool,
}

/// One of the things that can happen.
enum Next {
    Told(Result<Told, RecvError>),
    Heard(Result<Heard, RecvError>),
    Alive,
    Stop,
}

impl Frames {
    /// Begins with a comment, so that the client knows that it is heard.
    pub(super) fn new(listener: Listener, shown: Shown) -> Self {
        let mut alive = interval_at(tokio::time::Instant::now() + ALIVE, ALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let waiting = VecDeque::from([comment("open")]);
        Self { listener, shown, alive, waiting, along: Along::default(), over: false }
    }

    /// The next frame; none when the connection ends.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            if self.over {
                return None;
            }
            match self.happens().await {
                Next::Told(Ok(Told::Written(record))) => self.written(&record),
                Next::Told(Ok(Told::Large(number))) => {
                    let Listener { caller, session, .. } = &self.listener;
                    let store = &caller.space.runtime.store;
                    let read = store.events(session, number.checked_sub(1), 1).await;
                    match read {
                        Ok(read) => read.iter().for_each(|(_, record)| self.written(record)),
                        Err(_) => self.over = true,
                    }
                }
                Next::Told(Ok(Told::Gone)) => {
                    // Its log is gone, and nobody can list this one.
                    let space = &self.listener.caller.space;
                    let event = json!({"id": space.new_id(EventId::new), "type": "session.deleted",
                        "processed_at": space.clock.now()});
                    self.waiting.push_back(frame(&event));
                    self.over = true;
                }
                // Too slow, or there is nothing to hear from any more.
                Next::Told(Err(_)) | Next::Stop => self.over = true,
                Next::Heard(Ok(heard)) => self.along.heard(heard, &mut self.waiting),
                Next::Heard(Err(RecvError::Lagged(_))) => self.along.lost(),
                Next::Heard(Err(RecvError::Closed)) => self.listener.heard = None,
                Next::Alive => {
                    let Listener { app, caller, .. } = &self.listener;
                    if matches!(auth::still_may(app, caller).await, Ok(true)) {
                        return Some(comment("keep-alive"));
                    }
                    self.over = true;
                }
            }
        }
    }

    /// Takes an event, where it belongs to the log that is told.
    fn written(&mut self, record: &EventRecord) {
        if let Some(event) = self.shown.show(record) {
            self.waiting.push_back(frame(&event));
            self.along.shown(&event, &mut self.waiting);
        }
    }

    async fn happens(&mut self) -> Next {
        let Listener { told, heard, session, app, .. } = &mut self.listener;
        let next_heard = async {
            let Some(heard) = heard else { return std::future::pending().await };
            loop {
                match heard.recv().await {
                    Ok(other) if other.session_id != *session => {}
                    next => return next,
                }
            }
        };
        tokio::select! {
            biased;
            () = app.stopping.cancelled() => Next::Stop,
            next = told.recv() => Next::Told(next),
            next = next_heard => Next::Heard(next),
            _ = self.alive.tick() => Next::Alive,
        }
    }
}

/// A message that is told while it is said.
#[derive(Default)]
struct Along {
    /// Whether the client was told that a model is asked.
    is_asked: bool,
    /// What came before the client was told so.
    early: Option<(EventId, String)>,
    /// The message whose start the client was told.
    open: Option<EventId>,
    /// The message of which nothing is told any more: it is there, or a piece of it was lost.
    over: Option<EventId>,
}

impl Along {
    /// Takes a piece of a message.
    fn heard(&mut self, heard: Heard, waiting: &mut VecDeque<Bytes>) {
        let Heard { event_id, text, .. } = heard;
        if self.over.as_ref() == Some(&event_id) {
            return;
        }
        if self.open.as_ref() == Some(&event_id) {
            waiting.push_back(delta(&event_id, &text));
        } else if self.is_asked {
            waiting.push_back(start(&event_id));
            waiting.push_back(delta(&event_id, &text));
            self.open = Some(event_id);
        } else {
            let early = self.early.take().filter(|(id, _)| *id == event_id);
            let mut early = early.unwrap_or_else(|| (event_id.clone(), String::new()));
            early.1.push_str(&text);
            match early.1.len() {
                ..=EARLY_BYTES_MAX => self.early = Some(early),
                _ => self.over = Some(event_id),
            }
        }
    }

    /// Pieces were lost: what was told of a message stays its beginning.
    fn lost(&mut self) {
        let early = self.early.take().map(|(id, _)| id);
        self.over = self.open.take().or(early).or(self.over.take());
    }

    /// Follows the events that the client was told.
    fn shown(&mut self, event: &Value, waiting: &mut VecDeque<Bytes>) {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "span.model_request_start" => {
                self.is_asked = true;
                if let Some((id, text)) = self.early.take() {
                    waiting.push_back(start(&id));
                    waiting.push_back(delta(&id, &text));
                    self.open = Some(id);
                }
            }
            "span.model_request_end" => {
                self.is_asked = false;
                // What failed is not told on, although it may be heard still.
                self.lost();
            }
            "agent.message" => {
                let is = |id: &EventId| id.as_str() == text("id");
                self.open = self.open.take().filter(|id| !is(id));
                self.early = self.early.take().filter(|(id, _)| !is(id));
                self.over = EventId::parse(text("id"));
            }
            _ => {}
        }
    }
}

fn start(id: &EventId) -> Bytes {
    frame(&json!({"type": "event_start", "event": {"type": "agent.message", "id": id}}))
}

fn delta(id: &EventId, text: &str) -> Bytes {
    let content = json!({"type": "text", "text": text});
    let delta = json!({"type": "content_delta", "index": 0, "content": content});
    frame(&json!({"type": "event_delta", "event_id": id, "delta": delta}))
}

/// An event as a frame. JSON has no line breaks.
fn frame(event: &Value) -> Bytes {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or("message");
    Bytes::from(format!("event: {kind}\ndata: {event}\n\n"))
}

/// A line that clients skip.
fn comment(text: &str) -> Bytes {
    Bytes::from(format!(": {text}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(id: &str, text: &str) -> Heard {
        Heard {
            session_id: SessionId::parse("sesn_1").unwrap(),
            event_id: EventId::parse(id).unwrap(),
            text: text.into(),
        }
    }

    /// Plays events (by type, or with the id of a message) and pieces, and gives what is told.
    fn told(play: &[(&str, &str)]) -> String {
        let (mut along, mut waiting) = (Along::default(), VecDeque::new());
        for (what, text) in play {
            match *what {
                "lost" => along.lost(),
                kind if kind.contains('.') => {
                    let event = json!({"type": kind, "id": text});
                    along.shown(&event, &mut waiting);
                }
                id => along.heard(heard(id, text), &mut waiting),
            }
        }
        let frames = waiting.iter().map(|frame| {
            let text = std::str::from_utf8(frame).unwrap();
            let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            let event: Value = serde_json::from_str(data).unwrap();
            let delta = event.pointer("/delta/content/text").and_then(Value::as_str);
            delta.map_or_else(|| "start ".to_owned(), str::to_owned)
        });
        frames.collect()
    }

    const ASK: (&str, &str) = ("span.model_request_start", "sevt_0");
    const END: (&str, &str) = ("span.model_request_end", "sevt_9");

    #[test]
    fn what_is_told_along_is_the_beginning_of_the_message() {
        let (one, two) = (("sevt_1", "There "), ("sevt_1", "is"));
        let message = ("agent.message", "sevt_1");
        assert_eq!(told(&[ASK, one, two, message, END]), "start There is");
        assert_eq!(told(&[ASK, one, message, two, END]), "start There ");
        // The request's event is read a little later than the first words come.
        assert_eq!(told(&[one, ASK, two, message, END]), "start There is");
        // The connection was opened while it was said.
        assert_eq!(told(&[one, two, message, END]), "");
        // The request failed, and is made again.
        assert_eq!(told(&[ASK, one, END, two, ASK, ("sevt_2", "a")]), "start There start a");
        assert_eq!(told(&[ASK, one, ("lost", ""), two, message]), "start There ");
        assert_eq!(told(&[one, ("lost", ""), ASK, two, message]), "");
    }

    #[test]
    fn a_frame_has_a_name_and_one_line_of_data() {
        let event = json!({"type": "agent.message", "text": "a\nb\r\n\u{2028}"});
        let frame = frame(&event);
        let text = std::str::from_utf8(&frame).unwrap();
        assert!(text.starts_with("event: agent.message\ndata: {"), "{text}");
        assert_eq!(text.matches('\n').count(), 3);
        assert!(!text.contains('\r'));
    }
}
