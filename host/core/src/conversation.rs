//! A conversation with a model; the shape every kind of model shares.

use serde::{Deserialize, Serialize};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person, another agent, or the host with a tool's result.
    User,
    /// The model.
    Assistant,
}

/// One block of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Reasoning that is not part of the answer.
    Thinking {
        /// The reasoning.
        text: String,
        /// What the provider signed it with; it wants it back unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// Reasoning that the provider keeps to itself, as it gave it; it wants it back.
    RedactedThinking {
        /// What stands for it.
        data: String,
    },
    /// A call the model asks for.
    ToolUse {
        /// Names the call in the conversation.
        id: String,
        /// The tool.
        name: String,
        /// The input object, as JSON text.
        input_json: String,
    },
    /// What a call gave.
    ToolResult {
        /// The call's id.
        tool_use_id: String,
        /// The result as text.
        text: String,
        /// Whether the call failed.
        is_error: bool,
        /// Images and documents of the result.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Block>,
    },
    /// An image.
    Image {
        /// Media type, such as `image/png`.
        media_type: String,
        /// The encoded image.
        data: Vec<u8>,
    },
    /// A document, such as a PDF.
    Document {
        /// Media type, such as `application/pdf`.
        media_type: String,
        /// The encoded document.
        data: Vec<u8>,
        /// Its title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who wrote it.
    pub role: Role,
    /// Its blocks.
    pub content: Vec<Block>,
}

/// A tool as a model sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolOffer {
    /// The name to call.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of the input, as JSON text.
    pub input_schema: String,
}

/// A conversation to be continued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionRequest {
    /// The system prompt.
    pub system: String,
    /// The messages so far.
    pub messages: Vec<Message>,
    /// The tools on offer.
    pub tools: Vec<ToolOffer>,
    /// The longest answer wanted, in tokens.
    pub max_tokens: u32,
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It has said what it had to say.
    EndTurn,
    /// It waits for the results of its calls.
    ToolUse,
    /// It reached the longest answer wanted.
    MaxTokens,
    /// It refused.
    Refusal,
}

/// Tokens read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUsage {
    /// Tokens read, those of a cache not counted.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Tokens read from the provider's cache.
    pub cache_read_tokens: u64,
    /// Tokens written to the provider's cache.
    pub cache_write_tokens: u64,
}

impl TokenUsage {
    /// All of them together.
    #[must_use]
    pub fn total(self) -> u64 {
        self.read().saturating_add(self.output_tokens)
    }

    /// These and others together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cache_read_tokens: self.cache_read_tokens.saturating_add(other.cache_read_tokens),
            cache_write_tokens: self.cache_write_tokens.saturating_add(other.cache_write_tokens),
        }
    }

    /// All that was read: what the conversation takes of a model's window.
    #[must_use]
    pub fn read(self) -> u64 {
        let cached = self.cache_read_tokens.saturating_add(self.cache_write_tokens);
        self.input_tokens.saturating_add(cached)
    }
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The answer's blocks.
    pub content: Vec<Block>,
    /// Why it ends here.
    pub stop_reason: StopReason,
    /// What it cost.
    pub usage: TokenUsage,
}
