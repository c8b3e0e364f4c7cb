//! A session as a model is shown it: what its events say, in parts that fit a question.
//!
//! What a dream wrote is not shown at all, so no dream learns from its own output. Of what
//! tools and the outside say, lines that give orders are left out. Secrets and personal data
//! are masked before anybody sees them.

use crate::types::{Event, Origin};
use lucid_facts::day;
use serde_json::Value;
use std::fmt::Write;
use std::ops::Range;

/// So much of a part's text is in one question, in bytes.
pub const PART_BYTES: usize = 24 << 10;
/// The most parts of one session; what comes after them is not read.
pub const PARTS_MAX: usize = 16;
/// So much of one event is shown, in bytes: more of what people and agents say.
const TALK_BYTES: usize = 6 << 10;
const TOOL_BYTES: usize = 3 << 10;
/// So much of one event is looked at, in bytes.
const LOOKED_AT_BYTES: usize = 64 << 10;
/// Stands for a line that was left out.
const ORDER: &str = "[a line that gives orders was left out]";
/// Stands for what is between the beginning and the end of a long text.
const CUT: &str = "[more was cut here]";

/// An event that says something, and all of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The event.
    pub event: Event,
    /// What it says, unmasked: what quotes are looked up in.
    pub said: String,
}

/// What one question shows of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The text, which is data.
    pub text: String,
    /// The events in it.
    pub heard: Vec<Heard>,
}

/// The parts of a session, and how many events were left out because there are too many.
pub fn parts(events: Vec<Event>) -> (Vec<Part>, usize) {
    let mut parts: Vec<Part> = Vec::new();
    let mut left_out = 0;
    for event in events {
        let Some(said) = said(&event) else { continue };
        if event.origin == Origin::Dream || said.trim().is_empty() {
            continue;
        }
        let said = cut(&said, LOOKED_AT_BYTES);
        let text = shown(&event, &said);
        let fits = parts.last().is_some_and(|part| part.text.len() + text.len() <= PART_BYTES);
        if !fits {
            if parts.len() == PARTS_MAX {
                left_out += 1;
                continue;
            }
            parts.push(Part::default());
        }
        if let Some(part) = parts.last_mut() {
            part.text.push_str(&text);
            part.heard.push(Heard { event, said });
        }
    }
    (parts, left_out)
}

/// What an event says; none for those that only keep the session going.
pub fn said(event: &Event) -> Option<String> {
    let kind = event.kind.as_str();
    let call = kind.starts_with("agent.") && kind.ends_with("tool_use");
    let talk = matches!(
        kind,
        "user.message"
            | "agent.message"
            | "agent.thread_message_sent"
            | "agent.thread_message_received"
    ) || (kind.starts_with("agent.") && kind.ends_with("tool_result"));
    let other = match kind {
        "user.define_outcome" => Some("/description"),
        "span.outcome_evaluation_end" => Some("/explanation"),
        "session.error" => Some("/error/message"),
        _ => None,
    };
    if !call && !talk && other.is_none() {
        return None;
    }
    let body: Value = serde_json::from_str(&event.body).ok()?;
    if let Some(pointer) = other {
        return body.pointer(pointer)?.as_str().map(str::to_owned);
    }
    if call {
        return Some(format!("{} {}", body.get("name")?.as_str()?, body.get("input")?));
    }
    Some(match body.get("content")? {
        Value::String(text) => text.clone(),
        content => texts(content),
    })
}

/// The texts of some blocks of content.
fn texts(content: &Value) -> String {
    let blocks = content.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = blocks.iter().filter_map(|block| block.get("text")?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

fn shown(event: &Event, said: &str) -> String {
    let talk = matches!(event.origin, Origin::Person | Origin::Agent);
    let plain = match talk {
        true => said.to_owned(),
        false => without_orders(said),
    };
    let (masked, _) = lucid_facts::mask(&plain);
    let cut = cut(&masked, if talk { TALK_BYTES } else { TOOL_BYTES });
    let mut text = format!("[{}] {}, {}", event.number, event.origin.word(), day(event.at_ms));
    if event.kind.ends_with("tool_use") {
        text.push_str(", calls a tool");
    } else if event.kind.ends_with("tool_result") {
        let failed = failed(event);
        text.push_str(if failed { ", the call failed" } else { ", the call's result" });
    }
    let _ = writeln!(text, ":\n{}", cut.trim_end());
    text
}

/// Whether a tool's result is an error.
fn failed(event: &Event) -> bool {
    let body: Option<Value> = serde_json::from_str(&event.body).ok();
    body.and_then(|body| body.get("is_error")?.as_bool()).unwrap_or_default()
}

/// The text without its lines that give orders; several in a row are one gap.
fn without_orders(text: &str) -> String {
    let orders = orders(text);
    let mut kept: Vec<&str> = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        let ordered = orders.iter().any(|order| order.contains(&at));
        at += line.len() + 1;
        match ordered {
            false => kept.push(line),
            true if kept.last() == Some(&ORDER) => {}
            true => kept.push(ORDER),
        }
    }
    kept.join("\n")
}

/// The lines that give orders to whoever reads them, in bytes of the text. An order may go
/// over two lines.
pub fn orders(text: &str) -> Vec<Range<usize>> {
    let mut lines: Vec<(Range<usize>, bool)> = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        lines.push((at..at + line.len().max(1), lucid_facts::instructs(line)));
        at += line.len() + 1;
    }
    for second in 1..lines.len() {
        let (Some(one), Some(other)) = (lines.get(second - 1), lines.get(second)) else { break };
        let joined = text.get(one.0.start..other.0.end.min(text.len())).unwrap_or_default();
        if !one.1 && !other.1 && lucid_facts::instructs(&joined.replace('\n', " ")) {
            lines.iter_mut().skip(second - 1).take(2).for_each(|line| line.1 = true);
        }
    }
    lines.into_iter().filter(|line| line.1).map(|line| line.0).collect()
}

/// The beginning and the end of a text that is too long: errors stand at the end.
fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(bytes / 3 * 2);
    let tail = text.ceil_char_boundary(text.len() - bytes / 3);
    let part = |range: Range<usize>| text.get(range).unwrap_or_default();
    format!("{}\n{CUT}\n{}", part(0..head), part(tail..text.len()))
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;
