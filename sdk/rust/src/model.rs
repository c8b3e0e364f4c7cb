//! Models: they answer conversations.
//!
//! The same types serve plugins that *are* a model ([`Model`], [`export_model!`]) and
//! plugins that were granted one and ask it ([`complete`]).
//!
//! [`export_model!`]: crate::export_model

pub use crate::bindings::imports::lucid::plugin::model::complete;
pub use crate::bindings::imports::lucid::plugin::model_types::{
    Block, Completion, Image, Message, ModelError, Request, Role, StopReason, ToolDefinition,
    ToolResult, ToolUse, Usage,
};

/// A model.
pub trait Model {
    /// Continues a conversation.
    ///
    /// # Errors
    /// A [`ModelError`] when there is no answer.
    fn complete(request: &Request) -> Result<Completion, ModelError>;
}

/// Bytes of text per token, roughly; for models that count no tokens of their own.
const BYTES_PER_TOKEN: u64 = 4;

impl Completion {
    /// An answer that ends the turn.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: vec![Block::Text(text.into())],
            stop_reason: StopReason::EndTurn,
            usage: Usage { input_tokens: 0, output_tokens: 0 },
        }
    }

    /// An answer that calls tools, all at once.
    ///
    /// Call ids are `call_0`, `call_1`, …; the host makes them unique in the conversation.
    pub fn calls<N: Into<String>>(calls: impl IntoIterator<Item = (N, serde_json::Value)>) -> Self {
        let uses = calls.into_iter().enumerate().map(|(number, (name, input))| {
            Block::ToolUse(ToolUse {
                id: format!("call_{number}"),
                name: name.into(),
                input_json: input.to_string(),
            })
        });
        Self {
            content: uses.collect(),
            stop_reason: StopReason::ToolUse,
            usage: Usage { input_tokens: 0, output_tokens: 0 },
        }
    }

    /// Puts text before the answer's other blocks.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.content.insert(0, Block::Text(text.into()));
        self
    }

    /// Fills in the usage from the length of what was read and written.
    #[must_use]
    pub fn estimating_usage(mut self, request: &Request) -> Self {
        let read = request.system.len()
            + request.messages.iter().map(|message| length(&message.content)).sum::<usize>();
        self.usage = Usage {
            input_tokens: (read as u64).div_ceil(BYTES_PER_TOKEN),
            output_tokens: (length(&self.content) as u64).div_ceil(BYTES_PER_TOKEN),
        };
        self
    }
}

fn length(content: &[Block]) -> usize {
    let block_length = |block: &Block| match block {
        Block::Text(text) | Block::Thinking(text) => text.len(),
        Block::ToolUse(call) => call.name.len() + call.input_json.len(),
        Block::ToolResult(result) => result.text.len(),
        Block::Image(image) => image.data.len(),
    };
    content.iter().map(block_length).sum()
}

/// Exports a plugin of kind `model`: a type that implements
/// [`Model`](crate::model::Model).
#[macro_export]
macro_rules! export_model {
    ($model:ty) => {
        const _: () = {
            struct Plugin;
            impl $crate::bindings::model::exports::lucid::plugin::model::Guest for Plugin {
                fn complete(
                    request: $crate::model::Request,
                ) -> ::std::result::Result<$crate::model::Completion, $crate::model::ModelError>
                {
                    let completion = <$model as $crate::model::Model>::complete(&request)?;
                    let counted = completion.usage.output_tokens > 0;
                    Ok(if counted { completion } else { completion.estimating_usage(&request) })
                }
            }
            $crate::generated! {
                $crate::bindings::model::export_model!(
                    Plugin with_types_in $crate::bindings::model
                );
            }
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_estimated_from_what_was_read_and_written() {
        let request = Request {
            system: "12345678".into(),
            messages: vec![Message { role: Role::User, content: vec![Block::Text("1234".into())] }],
            tools: Vec::new(),
            max_tokens: 10,
        };
        let completion = Completion::text("12345").estimating_usage(&request);
        assert_eq!(completion.usage, Usage { input_tokens: 3, output_tokens: 2 });
    }
}
