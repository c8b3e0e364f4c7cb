//! Past sessions for a dream to read.

use serde_json::{Map, Value, json};

use crate::dream::{Event, Label, Origin, SessionResult, SessionSummary};

/// When the first session of a test starts: 2026-01-01T00:00Z.
pub(super) const EPOCH_MS: u64 = 1_767_225_600_000;

/// From one event to the next.
const STEP_MS: u64 = 1_000;

/// A past session, with events as the host writes them.
///
/// ```
/// use lucid_sdk::testing::{Host, Session};
/// use serde_json::json;
///
/// let host = Host::new();
/// host.add_session(
///     Session::new("sesn_1")
///         .failed()
///         .labelled("task", "12")
///         .saying("Move the load.")
///         .calling("look", json!({ "at": "the load" }), "it is heavy")
///         .failing_call("move", json!({ "speed": 9 }), "the load fell"),
/// );
/// assert_eq!(lucid_sdk::dream::events("sesn_1").unwrap().len(), 5);
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    pub(super) summary: SessionSummary,
    pub(super) events: Vec<Event>,
}

impl Session {
    /// A session without events, whose outcome is not known.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1"));
    /// assert_eq!(lucid_sdk::dream::sessions()[0].events, 0);
    /// ```
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        let summary = SessionSummary {
            title: format!("Session {id}"),
            id,
            agent: "agent".to_owned(),
            principal: "mission".to_owned(),
            started_at_ms: EPOCH_MS,
            ended_at_ms: EPOCH_MS,
            outcome: SessionResult::Unknown,
            labels: Vec::new(),
            events: 0,
        };
        Self { summary, events: Vec::new() }
    }

    /// Its outcome was satisfied.
    ///
    /// ```
    /// # use lucid_sdk::{dream::SessionResult, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").succeeded());
    /// assert_eq!(lucid_sdk::dream::sessions()[0].outcome, SessionResult::Succeeded);
    /// ```
    #[must_use]
    pub fn succeeded(mut self) -> Self {
        self.summary.outcome = SessionResult::Succeeded;
        self
    }

    /// Its outcome was not satisfied.
    ///
    /// ```
    /// # use lucid_sdk::{dream::SessionResult, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").failed());
    /// assert_eq!(lucid_sdk::dream::sessions()[0].outcome, SessionResult::Failed);
    /// ```
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.summary.outcome = SessionResult::Failed;
        self
    }

    /// Gives it a label, such as `task` = `12`.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").labelled("task", "12"));
    /// assert_eq!(lucid_sdk::dream::sessions()[0].labels[0].value, "12");
    /// ```
    #[must_use]
    pub fn labelled(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.summary.labels.push(Label { name: name.into(), value: value.into() });
        self
    }

    /// Says whose session it was; without it all are of one.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").on_behalf_of("ada"));
    /// assert_eq!(lucid_sdk::dream::sessions()[0].principal, "ada");
    /// ```
    #[must_use]
    pub fn on_behalf_of(mut self, principal: impl Into<String>) -> Self {
        self.summary.principal = principal.into();
        self
    }

    /// A person says something: an event `user.message`.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Move the load."));
    /// let event = &lucid_sdk::dream::events("sesn_1").unwrap()[0];
    /// assert_eq!(event.text().as_deref(), Some("Move the load."));
    /// ```
    #[must_use]
    pub fn saying(self, text: &str) -> Self {
        self.event("user.message", json!({ "content": content(text) }))
    }

    /// The agent calls a tool: events `agent.tool_use` and `agent.tool_result`.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").calling("look", serde_json::json!({}), "a door"));
    /// let events = lucid_sdk::dream::events("sesn_1").unwrap();
    /// assert_eq!(events[1].tool_result().unwrap().text, "a door");
    /// ```
    #[must_use]
    pub fn calling(self, tool: &str, input: Value, result: &str) -> Self {
        self.call(tool, input, result, false)
    }

    /// The agent calls a tool, which fails.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").failing_call("look", serde_json::json!({}), "fog"));
    /// let events = lucid_sdk::dream::events("sesn_1").unwrap();
    /// assert!(events[1].tool_result().unwrap().is_error);
    /// ```
    #[must_use]
    pub fn failing_call(self, tool: &str, input: Value, error: &str) -> Self {
        self.call(tool, input, error, true)
    }

    fn call(self, tool: &str, input: Value, text: &str, is_error: bool) -> Self {
        let id = self.next_id();
        let result = json!({ "tool_use_id": id, "content": content(text), "is_error": is_error });
        self.event("agent.tool_use", json!({ "name": tool, "input": input }))
            .event("agent.tool_result", result)
    }

    /// Any event: its type, and the fields of its body. A body that is no object is one of
    /// no fields.
    ///
    /// ```
    /// # use lucid_sdk::testing::{Host, Session};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").event("agent.thinking", serde_json::json!({})));
    /// assert_eq!(lucid_sdk::dream::events("sesn_1").unwrap()[0].kind, "agent.thinking");
    /// ```
    #[must_use]
    pub fn event(mut self, kind: &str, body: Value) -> Self {
        let id = self.next_id();
        let sequence = self.summary.events;
        let mut written = Map::new();
        written.insert("id".to_owned(), json!(id));
        written.insert("type".to_owned(), json!(kind));
        if let Value::Object(fields) = body {
            written.extend(fields);
        }
        let at_ms = self.summary.started_at_ms + u64::from(sequence) * STEP_MS;
        self.events.push(Event {
            id,
            sequence,
            kind: kind.to_owned(),
            thread_id: None,
            at_ms,
            origin: origin(kind),
            body_json: Value::Object(written).to_string(),
        });
        self.summary.events += 1;
        self.summary.ended_at_ms = at_ms;
        self
    }

    /// Says where the text of the last event comes from. Otherwise it is what follows from the
    /// event's type: a person's, an agent's, or a tool's.
    ///
    /// ```
    /// # use lucid_sdk::{dream::Origin, testing::{Host, Session}};
    /// let session = Session::new("sesn_1").calling("fetch", serde_json::json!({}), "a stranger");
    /// let host = Host::new();
    /// host.add_session(session.coming_from(Origin::Outside));
    /// let events = lucid_sdk::dream::events("sesn_1").unwrap();
    /// assert_eq!((events[0].origin, events[1].origin), (Origin::Agent, Origin::Outside));
    /// ```
    #[must_use]
    pub fn coming_from(mut self, origin: Origin) -> Self {
        if let Some(event) = self.events.last_mut() {
            event.origin = origin;
        }
        self
    }

    fn next_id(&self) -> String {
        format!("sevt_{}_{}", self.summary.id, self.summary.events)
    }

    /// Moves the session and its events to another time.
    pub(super) fn starting_at(mut self, started_at_ms: u64) -> Self {
        let later = started_at_ms - self.summary.started_at_ms;
        self.summary.started_at_ms += later;
        self.summary.ended_at_ms += later;
        self.events.iter_mut().for_each(|event| event.at_ms += later);
        self
    }
}

/// Where the text of an event of this type comes from, unless a test says otherwise.
fn origin(kind: &str) -> Origin {
    match kind.split_once('.') {
        Some(("user", _)) => Origin::Person,
        Some(("agent", rest)) if !rest.ends_with("tool_result") => Origin::Agent,
        _ => Origin::Tool,
    }
}

fn content(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}
