//! The seven events that clients send, and what may be sent when.

mod batch;
mod size;

use std::collections::BTreeSet;

use lucid_core::{Clock, Confirmation, Entropy, Event, SessionState, SessionStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::content::{self, ContentBlock, Files, Place};
use crate::error::{ApiError, Result};

use batch::Batch;

pub use size::check_size;

/// Events of one request at most.
const EVENTS_MAX: usize = 1_000;
/// Events that a session begins with at most.
const INITIAL_MAX: usize = 50;
/// Files in them at most.
const INITIAL_FILES_MAX: usize = 100;
const DENY_CHARACTERS_MAX: usize = 10_000;
const DESCRIPTION_CHARACTERS_MAX: usize = 10_000;
const RUBRIC_CHARACTERS_MAX: usize = 262_144;
const ITERATIONS: u32 = 3;
const ITERATIONS_MAX: u32 = 20;
const SYSTEM_BLOCKS_MAX: usize = 1_000;

/// The body of a request that sends events.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// The events, in order.
    pub events: Vec<SentEvent>,
}

/// An event as a client sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum SentEvent {
    /// A person says something.
    #[serde(rename = "user.message")]
    Message {
        /// What.
        content: Vec<ContentBlock>,
    },
    /// A person stops a turn, or all.
    #[serde(rename = "user.interrupt")]
    Interrupt {
        /// Whose.
        #[serde(default)]
        session_thread_id: Option<String>,
    },
    /// A person decides about a call that asks.
    #[serde(rename = "user.tool_confirmation")]
    Confirmation {
        /// The event of the call.
        tool_use_id: String,
        /// What they decided.
        result: Confirmation,
        /// What the agent is told, where it may not run.
        #[serde(default)]
        deny_message: Option<String>,
        /// The thread of the call, which is known anyway.
        #[serde(default)]
        session_thread_id: Option<String>,
    },
    /// The client answers a call of a tool of its own.
    #[serde(rename = "user.custom_tool_result")]
    CustomResult {
        /// The event of the call.
        custom_tool_use_id: String,
        /// The result.
        #[serde(default)]
        content: Option<Vec<ContentBlock>>,
        /// Whether it failed.
        #[serde(default)]
        is_error: Option<bool>,
        /// The thread of the call, which is known anyway.
        #[serde(default)]
        session_thread_id: Option<String>,
    },
    /// A worker answers a call that it ran.
    #[serde(rename = "user.tool_result")]
    WorkerResult {
        /// The event of the call.
        tool_use_id: String,
        /// The result.
        #[serde(default)]
        content: Option<Vec<ContentBlock>>,
        /// Whether it failed.
        #[serde(default)]
        is_error: Option<bool>,
        /// The thread of the call, which is known anyway.
        #[serde(default)]
        session_thread_id: Option<String>,
    },
    /// What is to be achieved.
    #[serde(rename = "user.define_outcome")]
    Outcome {
        /// What it is about.
        description: String,
        /// What done looks like.
        rubric: Rubric,
        /// How often it is evaluated at most.
        #[serde(default)]
        max_iterations: Option<u32>,
    },
    /// The system prompt goes on.
    #[serde(rename = "system.message")]
    System {
        /// With what: texts.
        content: Vec<SystemBlock>,
    },
}

/// What done looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rubric {
    /// In Markdown.
    Text {
        /// The text.
        content: String,
    },
    /// A file that was uploaded.
    File {
        /// Its id.
        file_id: String,
    },
}

/// One text of a system message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SystemBlock {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
}

impl SentEvent {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "user.message",
            Self::Interrupt { .. } => "user.interrupt",
            Self::Confirmation { .. } => "user.tool_confirmation",
            Self::CustomResult { .. } => "user.custom_tool_result",
            Self::WorkerResult { .. } => "user.tool_result",
            Self::Outcome { .. } => "user.define_outcome",
            Self::System { .. } => "system.message",
        }
    }

    fn blocks(&self) -> &[ContentBlock] {
        match self {
            Self::Message { content } => content,
            Self::CustomResult { content, .. } | Self::WorkerResult { content, .. } => {
                content.as_deref().unwrap_or_default()
            }
            _ => &[],
        }
    }
}

/// The files that events name, each once.
#[must_use]
pub fn file_ids(events: &[SentEvent]) -> BTreeSet<&str> {
    named(events).collect()
}

/// The files that events name, each as often as it is named.
fn named(events: &[SentEvent]) -> impl Iterator<Item = &str> {
    let of = |event| {
        let event: &SentEvent = event;
        let rubric = match event {
            SentEvent::Outcome { rubric: Rubric::File { file_id }, .. } => Some(file_id.as_str()),
            _ => None,
        };
        event.blocks().iter().filter_map(ContentBlock::file_id).chain(rubric)
    };
    events.iter().flat_map(of)
}

/// Checks the events that a session, or a deployment's sessions, begin with.
///
/// # Errors
/// Invalid, saying which event may not be there.
pub fn initial(events: &[SentEvent]) -> Result<()> {
    if events.len() > INITIAL_MAX {
        let text = format!("initial_events: more than {INITIAL_MAX}");
        return Err(ApiError::invalid(text));
    }
    let (mut outcomes, mut files) = (0, 0);
    for (index, event) in events.iter().enumerate() {
        let field = format!("initial_events[{index}]");
        match event {
            SentEvent::Message { content } => {
                content::check(&format!("{field}.content"), content, Place::Message)?;
                files += content.iter().filter_map(ContentBlock::file_id).count();
            }
            SentEvent::Outcome { description, rubric, max_iterations } => {
                outcomes += 1;
                check_outcome(&field, description, rubric, *max_iterations)?;
            }
            other => {
                let kind = other.kind();
                return Err(ApiError::invalid(format!(
                    "{field}: a session begins with user.message and user.define_outcome, not \
                     with {kind}"
                )));
            }
        }
    }
    if outcomes > 1 {
        return Err(ApiError::invalid("initial_events: a session works for one outcome at a time"));
    }
    if files > INITIAL_FILES_MAX {
        let text = format!("initial_events: more than {INITIAL_FILES_MAX} files");
        return Err(ApiError::invalid(text));
    }
    Ok(())
}

/// What events are checked against.
pub struct Sending<'a> {
    /// What the session is now.
    pub state: &'a SessionState,
    /// Whether a worker runs its tools.
    pub self_hosted: bool,
    /// The files that the events name ([`file_ids`]).
    pub files: &'a Files,
    /// The time, for ids.
    pub clock: &'a dyn Clock,
    /// Random numbers, for ids.
    pub entropy: &'a dyn Entropy,
}

/// Checks events against the session, and makes them events of its log. All or none.
///
/// # Errors
/// Conflict, when the session is over; invalid, naming the event and what may be sent.
pub fn accept(events: &[SentEvent], sending: &Sending<'_>) -> Result<Vec<Event>> {
    if events.is_empty() {
        return Err(ApiError::invalid("events: there is none"));
    }
    if events.len() > EVENTS_MAX {
        return Err(ApiError::invalid(format!("events: more than {EVENTS_MAX}")));
    }
    if sending.state.status == SessionStatus::Terminated {
        let text = "the session is over: it can be read, and nothing can be sent to it";
        return Err(ApiError::conflict(text));
    }
    let mut batch = Batch::new(sending);
    let mut accepted = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let field = format!("events[{index}]");
        check_system(&field, events, index)?;
        if batch.paused && !batch.settles(event) {
            return Err(ApiError::invalid(format!(
                "{field}: the session's budget is used up; until it is raised or removed only \
                 user.tool_confirmation, user.tool_result, user.custom_tool_result and \
                 user.interrupt may be sent"
            )));
        }
        accepted.extend(batch.take(&field, event)?);
    }
    Ok(accepted)
}

fn check_outcome(
    field: &str,
    description: &str,
    rubric: &Rubric,
    max_iterations: Option<u32>,
) -> Result<()> {
    let name = format!("{field}.description");
    crate::text(&name, description, 1..=DESCRIPTION_CHARACTERS_MAX)?;
    if description.trim().is_empty() {
        return Err(ApiError::invalid(format!("{name}: say what the outcome is about")));
    }
    match rubric {
        Rubric::Text { content } => check_rubric(&format!("{field}.rubric.content"), content)?,
        Rubric::File { file_id } => {
            crate::id(&format!("{field}.rubric.file_id"), "file_", file_id)?;
        }
    }
    match max_iterations {
        Some(number) if !(1..=ITERATIONS_MAX).contains(&number) => Err(ApiError::invalid(format!(
            "{field}.max_iterations: a number from 1 to {ITERATIONS_MAX}"
        ))),
        _ => Ok(()),
    }
}

fn check_rubric(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(ApiError::invalid(format!("{field}: say in Markdown what done means")));
    }
    crate::text(field, text, 1..=RUBRIC_CHARACTERS_MAX)
}

/// Where a system message may stand: last, behind what a person or a tool said.
fn check_system(field: &str, events: &[SentEvent], index: usize) -> Result<()> {
    let Some(SentEvent::System { content }) = events.get(index) else { return Ok(()) };
    if !(1..=SYSTEM_BLOCKS_MAX).contains(&content.len()) {
        let text = format!("{field}.content: 1 to {SYSTEM_BLOCKS_MAX} blocks may be here");
        return Err(ApiError::invalid(text));
    }
    let before = index.checked_sub(1).and_then(|index| events.get(index));
    let follows = matches!(
        before,
        Some(
            SentEvent::Message { .. }
                | SentEvent::WorkerResult { .. }
                | SentEvent::CustomResult { .. }
        )
    );
    if !follows || index + 1 != events.len() {
        return Err(ApiError::invalid(format!(
            "{field}: a system.message is the last event, right behind a user.message, a \
             user.tool_result or a user.custom_tool_result"
        )));
    }
    Ok(())
}

/// The events of a log that answer a request which sent some: what the host adds to an
/// outcome's definition is not told.
#[must_use]
pub fn echoed(shown: Vec<Value>) -> Vec<Value> {
    let mut echoed: Vec<Value> = Vec::new();
    let mut said = None;
    for event in shown {
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        let text = event.pointer("/content/0/text").and_then(Value::as_str);
        if kind == "user.message" && said.is_some() && text == said.as_deref() {
            said = None;
            continue;
        }
        let description = event.get("description").and_then(Value::as_str).map(str::to_owned);
        said = description.filter(|_| kind == "user.define_outcome");
        echoed.push(event);
    }
    echoed
}

#[cfg(test)]
#[path = "sent_tests.rs"]
mod tests;
