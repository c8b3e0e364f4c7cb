//! The events of a streamed message, put together.
//!
//! What is not known is passed over, because the API adds events, blocks and deltas as it
//! grows. What is known and cannot be read is a broken answer, and so is one that ends
//! without its last event.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use lucid_core::{Block, Completion, StopReason, TokenUsage};
use serde::Deserialize;
use serde_json::Value;

use super::{Reported, in_words};
use crate::error::ModelErrorKind;
use crate::sse;
use crate::wire::{Decode, Fault, Said};

/// An event's data.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Start,
    },
    ContentBlockStart {
        index: u64,
        content_block: Begun,
    },
    ContentBlockDelta {
        index: u64,
        delta: Delta,
    },
    MessageDelta {
        delta: End,
        usage: Option<Usage>,
    },
    MessageStop,
    Error(Reported),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Start {
    usage: Option<Usage>,
}

/// A block as it begins.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Begun {
    Text {
        #[serde(default)]
        text: String,
    },
    Thinking {
        #[serde(default)]
        thinking: String,
        #[serde(default)]
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    #[serde(other)]
    Other,
}

/// A piece of a block.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct End {
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

/// An answer, as far as it has come.
#[derive(Default)]
pub(super) struct Answer {
    /// The blocks by their index; `None` for one of a kind that is not known.
    blocks: BTreeMap<u64, Option<Block>>,
    /// The block of the text that is heard while it comes.
    heard: Option<u64>,
    usage: TokenUsage,
    stop_reason: Option<String>,
    /// Whether the last event came.
    stopped: bool,
}

impl Decode for Answer {
    fn event(&mut self, event: &sse::Event, said: &Said<'_>) -> Result<ControlFlow<()>, Fault> {
        let data: Event = match serde_json::from_str(&event.data) {
            Ok(data) => data,
            Err(_) if event.name == "error" => {
                let what = format!("the server broke off its answer: {}", in_words(&event.data));
                return Err(unavailable(what));
            }
            Err(error) if is_known(&event.name) => {
                let name = &event.name;
                return Err(unavailable(format!("a `{name}` event cannot be read: {error}")));
            }
            Err(_) => Event::Other,
        };
        match data {
            Event::MessageStart { message } => self.used(message.usage.as_ref()),
            Event::ContentBlockStart { index, content_block } => {
                self.begun(index, content_block, said)?;
            }
            Event::ContentBlockDelta { index, delta } => self.goes_on(index, delta, said)?,
            Event::MessageDelta { delta, usage } => {
                self.used(usage.as_ref());
                self.stop_reason = delta.stop_reason.or(self.stop_reason.take());
            }
            Event::MessageStop => {
                self.stopped = true;
                return Ok(ControlFlow::Break(()));
            }
            Event::Error(reported) => {
                // What has no type that is known happened inside the provider.
                let what = format!("the server broke off its answer: {reported}");
                return Err(Fault::new(reported.kind(500), what));
            }
            Event::Other => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    fn finish(self: Box<Self>) -> Result<Completion, Fault> {
        if !self.stopped {
            return Err(unavailable("the answer broke off before its end"));
        }
        let reason = self.stop_reason.as_deref().unwrap_or_default();
        if reason == "model_context_window_exceeded" {
            let what = "the conversation and the answer do not fit into the model's window";
            return Err(Fault::new(ModelErrorKind::TooLong, what));
        }
        // Such an answer may end inside its last call.
        let cut_short = matches!(reason, "max_tokens" | "refusal");
        let blocks = self.blocks.into_values().flatten();
        let content: Vec<Block> = blocks.filter_map(|block| whole(block, cut_short)).collect();
        let calls = content.iter().any(|block| matches!(block, Block::ToolUse { .. }));
        let stop_reason = match reason {
            "max_tokens" => StopReason::MaxTokens,
            "refusal" => StopReason::Refusal,
            // `end_turn`; `stop_sequence`, of which none is asked for; `pause_turn`, which only
            // follows tools of the provider's own, and none is offered; and what is added
            // later. An answer with calls waits for them, whatever the server calls it.
            _ if calls => StopReason::ToolUse,
            _ => StopReason::EndTurn,
        };
        Ok(Completion { content, stop_reason, usage: self.usage })
    }
}

impl Answer {
    /// Usage counts up: the highest number of each kind is the last.
    fn used(&mut self, usage: Option<&Usage>) {
        let Some(usage) = usage else { return };
        let highest = |count: &mut u64, now: Option<u64>| *count = (*count).max(now.unwrap_or(0));
        highest(&mut self.usage.input_tokens, usage.input_tokens);
        highest(&mut self.usage.output_tokens, usage.output_tokens);
        highest(&mut self.usage.cache_read_tokens, usage.cache_read_input_tokens);
        highest(&mut self.usage.cache_write_tokens, usage.cache_creation_input_tokens);
    }

    fn begun(&mut self, index: u64, block: Begun, said: &Said<'_>) -> Result<(), Fault> {
        let block = match block {
            Begun::Text { text } => {
                if *self.heard.get_or_insert(index) == index {
                    heard(said, &text);
                }
                Some(Block::Text { text })
            }
            Begun::Thinking { thinking, signature } => Some(Block::Thinking {
                text: thinking,
                signature: (!signature.is_empty()).then_some(signature),
            }),
            Begun::RedactedThinking { data } => Some(Block::RedactedThinking { data }),
            Begun::ToolUse { id, name, input } => {
                // Empty here, and then in pieces; but some servers send it whole.
                let given = input.as_object().is_some_and(|input| !input.is_empty());
                let input_json = if given { input.to_string() } else { String::new() };
                Some(Block::ToolUse { id, name, input_json })
            }
            Begun::Other => None,
        };
        match self.blocks.insert(index, block) {
            None => Ok(()),
            Some(_) => Err(unavailable(format!("the answer begins its block {index} twice"))),
        }
    }

    fn goes_on(&mut self, index: u64, delta: Delta, said: &Said<'_>) -> Result<(), Fault> {
        let Some(block) = self.blocks.get_mut(&index) else {
            return Err(unavailable(format!("the answer goes on with block {index} of none")));
        };
        match (block, delta) {
            (Some(Block::Text { text }), Delta::Text { text: more }) => {
                // One text is heard: what follows a call is another message.
                if *self.heard.get_or_insert(index) == index {
                    heard(said, &more);
                }
                text.push_str(&more);
            }
            (Some(Block::Thinking { text, .. }), Delta::Thinking { thinking }) => {
                text.push_str(&thinking);
            }
            (Some(Block::Thinking { signature, .. }), Delta::Signature { signature: given }) => {
                *signature = Some(given)
            }
            (Some(Block::ToolUse { input_json, .. }), Delta::InputJson { partial_json }) => {
                input_json.push_str(&partial_json)
            }
            // Of a kind that is not known, or that this block does not keep.
            _ => {}
        }
        Ok(())
    }
}

/// A block of an answer that is complete, or nothing if there is nothing in it.
fn whole(block: Block, cut_short: bool) -> Option<Block> {
    match block {
        Block::Text { text } if text.is_empty() => None,
        Block::Thinking { text, signature: None } if text.is_empty() => None,
        Block::ToolUse { id, name, input_json } => {
            let none = input_json.trim().is_empty();
            let input_json = if none { "{}".to_owned() } else { input_json };
            let readable = serde_json::from_str::<serde::de::IgnoredAny>(&input_json).is_ok();
            let dropped = cut_short && (none || !readable);
            (!dropped).then_some(Block::ToolUse { id, name, input_json })
        }
        other => Some(other),
    }
}

fn heard(said: &Said<'_>, text: &str) {
    if !text.is_empty() {
        said(text);
    }
}

/// Events without which an answer is not the one that was given.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "message_start"
            | "content_block_start"
            | "content_block_delta"
            | "content_block_stop"
            | "message_delta"
            | "message_stop"
    )
}

fn unavailable(what: impl Into<String>) -> Fault {
    Fault::new(ModelErrorKind::Unavailable, what)
}

#[cfg(test)]
mod tests;
