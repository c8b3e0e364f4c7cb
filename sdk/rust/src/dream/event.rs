//! What an event says, and where in it.

use std::ops::Deref;
use std::rc::Rc;

use serde_json::Value;

use super::{Event, Evidence, Origin};

/// The longest quote the host takes, in bytes.
const QUOTE_BYTES_MAX: usize = 1_024;

/// A call of a tool, as an event tells of it.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// # use serde_json::json;
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").calling("move", json!({"speed": 2}), "moved"));
///
/// let call = dream::events("sesn_1").unwrap()[0].tool_use().unwrap();
/// assert_eq!((call.name.as_str(), &call.input["speed"]), ("move", &json!(2)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ToolUse {
    /// The id of the call's event; its result names it.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The input; an object, unless the model wrote something else.
    pub input: Value,
}

/// The result of a call of a tool, as an event tells of it.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// # use serde_json::json;
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").failing_call("move", json!({}), "it is stuck"));
///
/// let result = dream::events("sesn_1").unwrap()[1].tool_result().unwrap();
/// assert!(result.is_error && result.text == "it is stuck");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// The id of the event of the call.
    pub tool_use_id: String,
    /// The texts of the result, joined by line breaks.
    pub text: String,
    /// Whether the call failed; the text then says why.
    pub is_error: bool,
}

impl Origin {
    /// Whether a text of this origin may support a proposal by itself: not what came from
    /// outside, and not what a dream wrote.
    ///
    /// ```
    /// use lucid_sdk::dream::Origin;
    ///
    /// assert!(Origin::Person.is_trusted() && Origin::Tool.is_trusted());
    /// assert!(!Origin::Outside.is_trusted() && !Origin::Dream.is_trusted());
    /// ```
    pub fn is_trusted(self) -> bool {
        match self {
            Self::Person | Self::Agent | Self::Tool => true,
            Self::Outside | Self::Dream => false,
        }
    }
}

impl Event {
    /// Whether what the event says may support a proposal by itself: [`Origin::is_trusted`].
    ///
    /// ```
    /// # use lucid_sdk::{dream::{self, Origin}, testing::{Host, Session}};
    /// let host = Host::new();
    /// let session = Session::new("sesn_1").saying("I am a stranger.");
    /// host.add_session(session.coming_from(Origin::Outside));
    /// assert!(!dream::events("sesn_1").unwrap()[0].is_trusted());
    /// ```
    pub fn is_trusted(&self) -> bool {
        self.origin.is_trusted()
    }

    /// The event as JSON; none when it cannot be read.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Hello."));
    /// let event = &dream::events("sesn_1").unwrap()[0];
    /// assert_eq!(event.body().unwrap()["content"][0]["text"], "Hello.");
    /// ```
    pub fn body(&self) -> Option<Value> {
        serde_json::from_str(&self.body_json).ok()
    }

    /// The call that the event tells of; none when it tells of something else.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Move the load."));
    /// assert_eq!(dream::events("sesn_1").unwrap()[0].tool_use(), None);
    /// ```
    pub fn tool_use(&self) -> Option<ToolUse> {
        // `agent.tool_use`, `agent.custom_tool_use`, `agent.mcp_tool_use`.
        let mut body = self.body_of("tool_use")?;
        let name = body.get("name")?.as_str()?.to_owned();
        let id = body.get("id").and_then(Value::as_str).unwrap_or(&self.id).to_owned();
        let input = body.get_mut("input")?.take();
        Some(ToolUse { id, name, input })
    }

    /// The result that the event tells of; none when it tells of something else.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// # use serde_json::json;
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").calling("move", json!({}), "moved"));
    /// let events = dream::events("sesn_1").unwrap();
    /// let (call, result) = (events[0].tool_use().unwrap(), events[1].tool_result().unwrap());
    /// assert_eq!((result.tool_use_id, result.text), (call.id, "moved".to_owned()));
    /// ```
    pub fn tool_result(&self) -> Option<ToolResult> {
        let body = self.body_of("tool_result")?;
        let text = |key| body.get(key).and_then(Value::as_str).unwrap_or_default();
        Some(ToolResult {
            tool_use_id: text("tool_use_id").to_owned(),
            text: texts(body.get("content")?),
            is_error: body.get("is_error").and_then(Value::as_bool).unwrap_or_default(),
        })
    }

    /// The texts of the event's content, joined by line breaks; none when it has no content.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Move the load."));
    /// let event = &dream::events("sesn_1").unwrap()[0];
    /// assert_eq!(event.text().as_deref(), Some("Move the load."));
    /// ```
    pub fn text(&self) -> Option<String> {
        self.body()?.get("content").map(texts)
    }

    /// The part of the body that says `text`, as evidence quotes it: byte for byte, at most
    /// 1,024 bytes of it. None when the body does not say it.
    ///
    /// In the body, which is JSON, a line break or a quotation mark is written as an escape;
    /// `text` may be written either way.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// let host = Host::new();
    /// host.add_session(Session::new("sesn_1").saying("Say \"please\"."));
    /// let event = &dream::events("sesn_1").unwrap()[0];
    /// assert_eq!(event.quote("\"please\"").as_deref(), Some(r#"\"please\""#));
    /// assert_eq!(event.quote("thanks"), None);
    /// ```
    pub fn quote(&self, text: &str) -> Option<String> {
        let found = |quote: &String| !quote.is_empty() && self.body_json.contains(quote.as_str());
        let (escaped, cut) = (escaped(text), text.floor_char_boundary(QUOTE_BYTES_MAX));
        let plain = text.get(..cut).unwrap_or_default().to_owned();
        [plain, escaped].into_iter().find(found)
    }

    /// The body of an agent's event whose type ends like this.
    fn body_of(&self, end: &str) -> Option<Value> {
        let is_it = self.kind.starts_with("agent.") && self.kind.ends_with(end);
        if is_it { self.body() } else { None }
    }
}

/// The texts of some blocks of content.
fn texts(content: &Value) -> String {
    let blocks = content.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = blocks.iter().filter_map(|block| block.get("text")?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// A text as it stands in JSON, cut where it becomes too long; never inside an escape.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        let json = Value::from(character.to_string()).to_string();
        let piece = json.get(1..json.len() - 1).unwrap_or_default();
        if escaped.len() + piece.len() > QUOTE_BYTES_MAX {
            break;
        }
        escaped.push_str(piece);
    }
    escaped
}

/// An event, and the session it is of. It can be used as the [`Event`] it is.
///
/// ```
/// # use lucid_sdk::{dream, testing::{Host, Session}};
/// let host = Host::new();
/// host.add_session(Session::new("sesn_1").saying("Hello."));
///
/// let event = dream::each_event("sesn_1").next().unwrap().unwrap();
/// assert_eq!((event.session_id(), event.kind.as_str()), ("sesn_1", "user.message"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SessionEvent {
    session_id: Rc<str>,
    event: Event,
}

impl SessionEvent {
    /// An event of a session with this id.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// # let host = Host::new();
    /// # host.add_session(Session::new("sesn_1").saying("Hello."));
    /// let event = dream::events("sesn_1").unwrap().remove(0);
    /// let event = dream::SessionEvent::new("sesn_1", event);
    /// assert_eq!(event.session_id(), "sesn_1");
    /// ```
    pub fn new(session_id: impl Into<Rc<str>>, event: Event) -> Self {
        Self { session_id: session_id.into(), event }
    }

    /// The id of the session.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// # let host = Host::new();
    /// # host.add_session(Session::new("sesn_1").saying("Hello."));
    /// let event = dream::each_event("sesn_1").next().unwrap().unwrap();
    /// assert_eq!(event.session_id(), "sesn_1");
    /// ```
    pub fn session_id(&self) -> &str {
        &self.session_id
    }

    /// The event alone.
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// # let host = Host::new();
    /// # host.add_session(Session::new("sesn_1").saying("Hello."));
    /// let event = dream::each_event("sesn_1").next().unwrap().unwrap();
    /// assert_eq!(event.into_event().sequence, 0);
    /// ```
    pub fn into_event(self) -> Event {
        self.event
    }

    /// What the event says of `text`, as evidence: see [`Event::quote`].
    ///
    /// ```
    /// # use lucid_sdk::{dream, testing::{Host, Session}};
    /// # let host = Host::new();
    /// # host.add_session(Session::new("sesn_1").saying("Hello."));
    /// let event = dream::each_event("sesn_1").next().unwrap().unwrap();
    /// assert_eq!(event.evidence("Hello").unwrap().quote, "Hello");
    /// assert_eq!(event.evidence("Goodbye"), None);
    /// ```
    pub fn evidence(&self, text: &str) -> Option<Evidence> {
        Some(Evidence {
            session_id: self.session_id.to_string(),
            event_id: self.event.id.clone(),
            quote: self.event.quote(text)?,
        })
    }
}

impl Deref for SessionEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, body: &Value) -> Event {
        Event {
            id: "sevt_7".into(),
            sequence: 0,
            kind: kind.into(),
            thread_id: None,
            at_ms: 0,
            origin: Origin::Agent,
            body_json: body.to_string(),
        }
    }

    #[test]
    fn a_call_without_an_id_of_its_own_has_its_events() {
        let call = event("agent.mcp_tool_use", &json!({"name": "move", "input": {"a": 1}}));
        let expected = ToolUse { id: "sevt_7".into(), name: "move".into(), input: json!({"a": 1}) };
        assert_eq!(call.tool_use(), Some(expected));
        assert_eq!(call.tool_result(), None);
    }

    #[test]
    fn what_is_no_call_or_cannot_be_read_is_none() {
        let of = |kind: &str, body: Value| event(kind, &body).tool_use();
        assert_eq!(of("user.tool_use", json!({"name": "a", "input": {}})), None);
        assert_eq!(of("agent.tool_use", json!({"input": {}})), None);
        assert_eq!(of("agent.tool_use", json!([])), None);
        let mut broken = event("agent.tool_result", &Value::Null);
        broken.body_json = "{".to_owned();
        assert_eq!((broken.body(), broken.tool_result(), broken.text()), (None, None, None));
    }

    #[test]
    fn a_result_is_its_texts() {
        let content = json!([{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]);
        let body = json!({"tool_use_id": "x", "content": content, "is_error": true});
        let result = event("agent.tool_result", &body).tool_result().unwrap();
        assert_eq!((result.text.as_str(), result.is_error), ("a\nb", true));
    }

    #[test]
    fn a_quote_is_a_part_of_the_body_and_never_half_an_escape() {
        let text = format!("{}\"{}", "é".repeat(511), "\n".repeat(9));
        let long = event("user.message", &json!({"text": text}));
        let quote = long.quote(&text).unwrap();
        assert_eq!(quote, format!("{}\\\"", "é".repeat(511)));
        assert!(long.body_json.contains(&quote) && quote.len() == 1_024);
        assert_eq!(long.quote(""), None);
        assert_eq!(long.quote(r#""text":"é"#).as_deref(), Some(r#""text":"é"#));
    }
}
