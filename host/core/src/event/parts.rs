//! What events are made of.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::limits::is_zero;
use crate::{CallUsage, Denial, EventId, Failure, FileChange, StopReason, TokenUsage};

/// One block of content in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// An image.
    Image {
        /// The image, as the API writes it: `{type, media_type, data}`.
        source: Value,
    },
    /// A document, such as a PDF.
    Document {
        /// The document, as the API writes it: `{type, media_type, data}`.
        source: Value,
        /// Its title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// A block of a kind that this version does not know, such as one of a session that was
    /// made elsewhere.
    #[serde(other)]
    Other,
}

/// Reads blocks. A text alone, as logs from elsewhere may have it, is one block of text.
pub(super) fn content<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Content>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Blocks(Vec<Content>),
    }
    Ok(match Written::deserialize(from)? {
        Written::Text(text) => Content::text(text),
        Written::Blocks(blocks) => blocks,
    })
}

impl Content {
    /// A list of one text block.
    pub fn text(text: impl Into<String>) -> Vec<Self> {
        vec![Self::Text { text: text.into() }]
    }

    /// The texts of some blocks, joined by line breaks.
    #[must_use]
    pub fn join(content: &[Self]) -> String {
        let texts = content.iter().filter_map(|block| match block {
            Self::Text { text } => Some(text.as_str()),
            Self::Image { .. } | Self::Document { .. } | Self::Other => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// Why a session or thread is idle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum IdleReason {
    /// The turn is over.
    EndTurn,
    /// The model failed and will not be asked again.
    RetriesExhausted,
    /// The model refused.
    Refusal,
    /// Calls wait for a person.
    RequiresAction {
        /// The events of the calls.
        event_ids: Vec<EventId>,
    },
    /// A budget is used up.
    BudgetReached,
}

/// What a person said to a call that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// It may run.
    Allow,
    /// It may not.
    Deny,
}

/// Reasoning of a model, kept because its provider wants it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thought {
    /// The reasoning; empty where the provider keeps it to itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What the provider signed it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// What stands for reasoning that the provider keeps to itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<String>,
}

/// What stands for the older part of a thread's context from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compaction {
    /// The older part in short, as the model itself put it.
    pub summary: String,
    /// How many messages it stands for.
    pub messages: u32,
    /// What putting it in short cost.
    #[serde(default)]
    pub usage: ModelUsage,
    /// The model that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What policy said to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// It may run.
    Allow,
    /// It waits for a person.
    Ask,
    /// It may not run.
    Deny,
}

/// By which way a call is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case")]
pub enum Via {
    /// A plugin that the agent knows as an MCP server of this name.
    Mcp {
        /// The server's name.
        server: String,
    },
    /// Whoever talks to the session: it is a tool of their own.
    Custom,
    /// A worker, in a sandbox of its own.
    Worker,
}

impl Via {
    /// Whether somebody outside has to answer the call.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        matches!(self, Self::Custom | Self::Worker)
    }
}

/// How much a log message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Step-by-step detail.
    Debug,
    /// Something worth knowing.
    Info,
    /// Something that may be wrong.
    Warn,
    /// Something that went wrong.
    Error,
}

/// Tokens as the API counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ModelUsage {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Tokens read from a cache.
    #[serde(default)]
    pub cache_read_input_tokens: u64,
    /// Tokens written to a cache.
    #[serde(default)]
    pub cache_creation_input_tokens: u64,
}

impl From<TokenUsage> for ModelUsage {
    fn from(usage: TokenUsage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read_input_tokens: usage.cache_read_tokens,
            cache_creation_input_tokens: usage.cache_write_tokens,
        }
    }
}

impl From<ModelUsage> for TokenUsage {
    fn from(usage: ModelUsage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read_tokens: usage.cache_read_input_tokens,
            cache_write_tokens: usage.cache_creation_input_tokens,
        }
    }
}

/// What Lucid knows of a call beyond the API's fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// What the call used.
    pub usage: CallUsage,
    /// Why it failed, where the host stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The MCP server that the tool's plugin stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Whether the result brings in text from outside the session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untrusted: bool,
    /// The files it changed: who wrote what is read here. At most 256, the rest counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileChange>,
    /// What it tried and was not allowed, with the rule. At most 256, the rest counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<Denial>,
    /// Changes and denials that are not listed, because there were too many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlisted: u64,
    /// The model that was asked, as its agent names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Why the model stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
}

#[cfg(test)]
mod tests {
    use crate::{Content, Event};

    #[test]
    fn a_text_alone_is_one_block() {
        let read = |content: &str| {
            let text = format!(r#"{{"type":"user.message","content":{content}}}"#);
            serde_json::from_str::<Event>(&text)
        };
        let said = Event::UserMessage { content: Content::text("Go.") };
        assert_eq!(read(r#""Go.""#).unwrap(), said);
        assert_eq!(read(r#"[{"type":"text","text":"Go."}]"#).unwrap(), said);
        assert!(read("7").is_err());
    }
}
