//! Calls of kind `model`, and conversations to and from WIT.

use lucid_core::{
    Block, Completion, CompletionRequest, Failure, Message, Result, Role, StopReason, TokenUsage,
    ToolOffer,
};

use super::wrong_kind;
use crate::bindings::imports::lucid::plugin::model_types as wit;
use crate::call::{Call, Report};
use crate::plugin::{Entry, Plugin};
use crate::run::run;

impl Plugin {
    /// Asks a model plugin to continue a conversation.
    pub async fn complete(&self, call: Call, request: &CompletionRequest) -> Report<Completion> {
        let plugin = self.clone();
        let request = request_to_wit(request);
        let bytes = request_size(&request);
        let answered = run(self, call, bytes, answer_size, move |store| {
            Box::pin(async move {
                let Entry::Model(entry) = plugin.entry() else { return Err(wrong_kind(&plugin)) };
                let model = entry.instantiate_async(&mut *store).await?;
                model.lucid_plugin_model().call_complete(&mut *store, &request).await
            })
        });
        let name = &self.manifest().name;
        answered.await.and_then(|answer| match answer {
            Ok(completion) => Ok(completion_from_wit(completion)),
            Err(error) => Err(error_from_wit(name, error)),
        })
    }
}

fn error_from_wit(name: &str, error: wit::ModelError) -> Failure {
    let (what, message) = match error {
        wit::ModelError::InvalidRequest(message) => ("invalid request", message),
        wit::ModelError::BudgetExceeded(message) => ("budget exceeded", message),
        wit::ModelError::Overloaded(message) => ("overloaded", message),
        wit::ModelError::Failed(message) => ("failed", message),
    };
    Failure::failed(format!("model `{name}` gave no answer: {what}: {message}"))
}

fn blocks_size(blocks: &[wit::Block]) -> usize {
    let size = |block: &wit::Block| match block {
        wit::Block::Text(text) | wit::Block::Thinking(text) => text.len(),
        wit::Block::ToolUse(call) => call.id.len() + call.name.len() + call.input_json.len(),
        wit::Block::ToolResult(result) => result.text.len(),
        wit::Block::Image(image) => image.data.len(),
    };
    blocks.iter().map(size).sum()
}

fn request_size(request: &wit::Request) -> usize {
    request.system.len()
        + request.messages.iter().map(|message| blocks_size(&message.content)).sum::<usize>()
}

fn answer_size(answer: &Result<wit::Completion, wit::ModelError>) -> usize {
    answer.as_ref().map_or(0, |completion| blocks_size(&completion.content))
}

/// Blocks as a plugin reads them: what only one provider understands is left out, images of
/// a result stand behind it, and a document is named.
fn blocks_to_wit(blocks: &[Block]) -> Vec<wit::Block> {
    let mut all = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block.clone() {
            Block::Text { text } => all.push(wit::Block::Text(text)),
            Block::Thinking { text, .. } => all.push(wit::Block::Thinking(text)),
            Block::RedactedThinking { .. } => {}
            Block::ToolUse { id, name, input_json } => {
                all.push(wit::Block::ToolUse(wit::ToolUse { id, name, input_json }));
            }
            Block::ToolResult { tool_use_id, text, is_error, attachments } => {
                let result = wit::ToolResult { tool_use_id, text, is_error };
                all.push(wit::Block::ToolResult(result));
                all.extend(blocks_to_wit(&attachments));
            }
            Block::Image { media_type, data } => {
                all.push(wit::Block::Image(wit::Image { media_type, data }));
            }
            Block::Document { media_type, data, title } => {
                let title = title.unwrap_or_else(|| "without a title".to_owned());
                let bytes = data.len();
                let named = format!("[document {title}: {media_type}, {bytes} bytes]");
                all.push(wit::Block::Text(named));
            }
        }
    }
    all
}

fn block_from_wit(block: wit::Block) -> Block {
    match block {
        wit::Block::Text(text) => Block::Text { text },
        wit::Block::Thinking(text) => Block::Thinking { text, signature: None },
        wit::Block::ToolUse(wit::ToolUse { id, name, input_json }) => {
            Block::ToolUse { id, name, input_json }
        }
        wit::Block::ToolResult(wit::ToolResult { tool_use_id, text, is_error }) => {
            Block::ToolResult { tool_use_id, text, is_error, attachments: Vec::new() }
        }
        wit::Block::Image(wit::Image { media_type, data }) => Block::Image { media_type, data },
    }
}

fn request_to_wit(request: &CompletionRequest) -> wit::Request {
    let message = |message: &Message| wit::Message {
        role: match message.role {
            Role::User => wit::Role::User,
            Role::Assistant => wit::Role::Assistant,
        },
        content: blocks_to_wit(&message.content),
    };
    let tool = |tool: &ToolOffer| wit::ToolDefinition {
        name: tool.name.clone(),
        description: tool.description.clone(),
        input_schema: tool.input_schema.clone(),
    };
    wit::Request {
        system: request.system.clone(),
        messages: request.messages.iter().map(message).collect(),
        tools: request.tools.iter().map(tool).collect(),
        max_tokens: request.max_tokens,
    }
}

/// A guest's request, for the host's model.
pub(crate) fn request_from_wit(request: wit::Request) -> CompletionRequest {
    let message = |message: wit::Message| Message {
        role: match message.role {
            wit::Role::User => Role::User,
            wit::Role::Assistant => Role::Assistant,
        },
        content: message.content.into_iter().map(block_from_wit).collect(),
    };
    let tool = |tool: wit::ToolDefinition| ToolOffer {
        name: tool.name,
        description: tool.description,
        input_schema: tool.input_schema,
    };
    CompletionRequest {
        system: request.system,
        messages: request.messages.into_iter().map(message).collect(),
        tools: request.tools.into_iter().map(tool).collect(),
        max_tokens: request.max_tokens,
    }
}

fn completion_from_wit(completion: wit::Completion) -> Completion {
    Completion {
        content: completion.content.into_iter().map(block_from_wit).collect(),
        stop_reason: match completion.stop_reason {
            wit::StopReason::EndTurn => StopReason::EndTurn,
            wit::StopReason::ToolUse => StopReason::ToolUse,
            wit::StopReason::MaxTokens => StopReason::MaxTokens,
            wit::StopReason::Refusal => StopReason::Refusal,
        },
        usage: TokenUsage {
            input_tokens: completion.usage.input_tokens,
            output_tokens: completion.usage.output_tokens,
            ..TokenUsage::default()
        },
    }
}

/// A host model's answer, for a guest.
pub(crate) fn completion_to_wit(completion: Completion) -> wit::Completion {
    wit::Completion {
        content: blocks_to_wit(&completion.content),
        stop_reason: match completion.stop_reason {
            StopReason::EndTurn => wit::StopReason::EndTurn,
            StopReason::ToolUse => wit::StopReason::ToolUse,
            StopReason::MaxTokens => wit::StopReason::MaxTokens,
            StopReason::Refusal => wit::StopReason::Refusal,
        },
        usage: wit::Usage {
            input_tokens: completion.usage.read(),
            output_tokens: completion.usage.output_tokens,
        },
    }
}
