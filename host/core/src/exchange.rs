//! Sessions as JSON lines, to carry them from one place to another.
//!
//! A file holds any number of sessions. Each is a line that says what it is, then one line
//! for each event, as the log has it:
//!
//! ```json
//! {"type":"session","id":"sesn_…","title":"…","created_at":"…","agent":{"name":"…"},"metadata":{}}
//! {"id":"sevt_…","type":"user.message","content":[…],"processed_at":"…"}
//! ```
//!
//! Sessions may have been made elsewhere: events of unknown types are kept as they are, and
//! so is every field. Only ids of another form are replaced, wherever they stand, because
//! ids have to say what they name; see [`read_sessions`].

mod ids;
mod json;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::{
    Clock, Entropy, EventRecord, Failure, OutcomeResult, Result, Session, SessionId, Timestamp,
};
use ids::Ids;
use json::Members;

/// The longest line, in bytes: 16 MiB.
const LINE_BYTES_MAX: usize = 16 << 20;

/// What a session was called elsewhere, where that is no id here.
const IMPORTED_ID: &str = "lucid.imported_id";

/// What people said of a session's success; an outcome's result says it too.
const LABEL: &str = "lucid.label";

/// Writes a session as JSON lines: itself, then its events as they stand in the log.
///
/// Where the session has an outcome, its metadata say `lucid.label`: `success` when it was
/// satisfied, else `failure`.
#[must_use]
pub fn write_session(
    session: &Session,
    outcome: Option<OutcomeResult>,
    events: &[EventRecord],
) -> String {
    let mut metadata: BTreeMap<&str, &str> =
        session.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Some(outcome) = outcome {
        let success = outcome == OutcomeResult::Satisfied;
        metadata.insert(LABEL, if success { "success" } else { "failure" });
    }
    let first = json!({
        "type": "session",
        "id": session.id,
        "title": session.title,
        "created_at": session.created_at,
        "agent": {"name": session.agent},
        "metadata": metadata,
    });
    let bytes: usize = events.iter().map(|event| event.body.len() + 1).sum();
    let mut text = format!("{first}\n");
    text.reserve(bytes);
    for event in events {
        // A line break can only stand between the parts of a JSON text, where a space does
        // as well. What Lucid writes itself has none.
        match event.body.contains(['\n', '\r']) {
            true => text.push_str(&event.body.replace(['\n', '\r'], " ")),
            false => text.push_str(&event.body),
        }
        text.push('\n');
    }
    text
}

/// Reads sessions that were written as JSON lines, by [`write_session`] or elsewhere.
///
/// - A body is the line as it stands, byte for byte, unless an id in it has to be replaced.
/// - Ids that are missing or not of the right form (`sesn_…`, `sevt_…`, `sthr_…`, `outc_…`)
///   are made anew, and what refers to them changes with them: fields of the event whose
///   names end in `_id` or `_ids`, and those of its `stop_reason`. Nothing said or done in a
///   session is looked into, such as `content` or `input`.
/// - An event without `processed_at` was written when the session was made.
/// - An event without `session_thread_id` is of the primary thread, which is named by the
///   first `session.thread_status_…` event of a thread that no other one created.
///
/// # Errors
/// Invalid, when there is no session, or a line is not of this form, with the number of the
/// line; exceeded, when a line is longer than 16 MiB.
pub fn read_sessions(
    text: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Vec<(Session, Vec<EventRecord>)>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut first_lines = HashMap::new();
    for (number, line) in (1_usize..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        let line = Line::read(number, line)?;
        if line.kind == "session" {
            let part = Part::begin(&line, clock, entropy)?;
            if let Some(first) = first_lines.insert(part.name.clone(), number) {
                let what = format!("session {} is on line {first} too", shown(&part.name));
                return Err(line.wrong(what, "leave out one of them"));
            }
            parts.push(part);
        } else {
            let Some(part) = parts.last_mut() else {
                let hint = r#"begin the file with a line such as {"type":"session",…}"#;
                return Err(line.wrong("there is an event before the first session", hint));
            };
            part.events.push(EventLine::read(line)?);
        }
    }
    if parts.is_empty() {
        let hint = "`lucid session export ID` writes the lines of a session";
        return Err(Failure::invalid("line 1: there is no session").hint(hint));
    }
    parts.into_iter().map(|part| part.finish(clock, entropy)).collect()
}

/// One line that is a JSON object with a type.
struct Line<'a> {
    number: usize,
    text: &'a str,
    members: Members,
    kind: String,
}

impl<'a> Line<'a> {
    fn read(number: usize, text: &'a str) -> Result<Self> {
        let mut line = Self { number, text, members: Members::default(), kind: String::new() };
        if text.len() > LINE_BYTES_MAX {
            let bytes = text.len();
            return Err(Failure::exceeded(format!(
                "line {number}: it has {bytes} bytes, and {LINE_BYTES_MAX} are the most"
            ))
            .hint("leave out that event, or shorten what is in it"));
        }
        if let Err(error) = json::check(text) {
            let hint = "write each session and each event as one JSON object on one line";
            return Err(line.wrong(format!("it is not JSON: {error}"), hint));
        }
        let Some(members) = json::members(text) else {
            return Err(line.wrong("it is not a JSON object", r#"write {"type":…, …}"#));
        };
        line.members = members;
        line.kind = match line.text_of("type")? {
            Some(kind) if !kind.is_empty() => kind,
            _ => {
                let hint = "`type` is `session`, or an event's, such as `user.message`";
                return Err(line.wrong("it has no type", hint));
            }
        };
        Ok(line)
    }

    /// A member that is a text; none when it is null or not there.
    fn text_of(&self, name: &str) -> Result<Option<String>> {
        let mut found = self.members.iter().filter(|(key, _)| key == name);
        let Some((_, place)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(self.wrong(format!("it has `{name}` twice"), "leave out one of them"));
        }
        match json::part(self.text, place) {
            "null" => Ok(None),
            value => json::string(value)
                .map(Some)
                .ok_or_else(|| self.wrong(format!("`{name}` is not a text"), "write it in quotes")),
        }
    }

    /// A member that is a moment.
    fn time_of(&self, name: &str) -> Result<Option<Timestamp>> {
        let Some(text) = self.text_of(name)? else { return Ok(None) };
        let time = Timestamp::parse(&text).ok_or_else(|| {
            let hint = "write it as 2026-11-21T03:04:05Z";
            self.wrong(format!("`{name}` is not a time since 1970"), hint)
        })?;
        Ok(Some(time))
    }

    fn wrong(&self, what: impl AsRef<str>, hint: &str) -> Failure {
        Failure::invalid(format!("line {}: {}", self.number, what.as_ref())).hint(hint)
    }
}

/// One line that is an event.
struct EventLine<'a> {
    line: Line<'a>,
    id: Option<String>,
    thread: Option<String>,
    processed_at: Option<Timestamp>,
}

impl<'a> EventLine<'a> {
    fn read(line: Line<'a>) -> Result<Self> {
        Ok(Self {
            id: line.text_of("id")?,
            thread: line.text_of("session_thread_id")?,
            processed_at: line.time_of("processed_at")?,
            line,
        })
    }
}

/// One session with the lines of its events.
struct Part<'a> {
    session: Session,
    /// Its id as the file has it.
    name: String,
    events: Vec<EventLine<'a>>,
}

impl<'a> Part<'a> {
    fn begin(line: &Line<'a>, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Self> {
        let given = line.text_of("id")?;
        let fits = given.as_deref().and_then(SessionId::parse);
        let id = fits.unwrap_or_else(|| SessionId::new(clock, entropy));
        let created_at = line
            .time_of("created_at")?
            .ok_or_else(|| line.wrong("the session has no `created_at`", "say when it was made"))?;
        // Of the session's own line, every value is small enough to be read.
        let Ok(fields) = serde_json::from_str::<Map<String, Value>>(line.text) else {
            let hint = "leave out what `lucid session export ID` would not write";
            return Err(line.wrong("the session has a value that cannot be read", hint));
        };
        let agent = match fields.get("agent") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(name)) => name.clone(),
            Some(agent) => match agent.get("name") {
                Some(Value::String(name)) => name.clone(),
                _ => {
                    let hint = r#"write "agent":{"name":"…"}"#;
                    return Err(line.wrong("the session's agent has no name", hint));
                }
            },
        };
        let title = line.text_of("title")?.unwrap_or_default();
        let mut metadata = metadata(line, fields.get("metadata"))?;
        if let Some(given) = given.as_ref().filter(|given| *given != id.as_str()) {
            metadata.entry(IMPORTED_ID.to_owned()).or_insert_with(|| given.clone());
        }
        let name = given.unwrap_or_else(|| id.to_string());
        let session = Session { id, title, agent, metadata, created_at };
        Ok(Self { session, name, events: Vec::new() })
    }

    fn finish(
        self,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(Session, Vec<EventRecord>)> {
        let mut ids = Ids::new(clock, entropy);
        ids.renamed_session(&self.name, &self.session.id);
        for event in &self.events {
            ids.meet(event)?;
        }
        let created_at = self.session.created_at;
        let records = self.events.iter().map(|event| ids.record(event, created_at)).collect();
        Ok((self.session, records))
    }
}

fn metadata(line: &Line<'_>, value: Option<&Value>) -> Result<BTreeMap<String, String>> {
    let fields = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(fields)) => fields,
        Some(_) => {
            let hint = r#"write "metadata":{"name":"value"}"#;
            return Err(line.wrong("the session's metadata are not an object", hint));
        }
    };
    let mut metadata = BTreeMap::new();
    for (name, value) in fields {
        let Value::String(value) = value else {
            let what = format!("the session's metadata {} are not a text", shown(name));
            return Err(line.wrong(what, "write the value in quotes"));
        };
        if name == LABEL && !["success", "failure"].contains(&value.as_str()) {
            let what = format!("the session's `{LABEL}` is neither `success` nor `failure`");
            return Err(line.wrong(what, "write one of them, or leave the label out"));
        }
        metadata.insert(name.clone(), value.clone());
    }
    Ok(metadata)
}

/// A name of somebody else's in a message: its beginning, without control characters.
fn shown(name: &str) -> String {
    const CHARACTERS: usize = 60;
    let beginning: String = name.chars().take(CHARACTERS).collect();
    format!("{beginning:?}{}", if beginning.len() < name.len() { "…" } else { "" })
}
