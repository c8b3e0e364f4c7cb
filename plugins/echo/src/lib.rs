//! A model that answers with what it was told, for trying things out without a key.

use lucid_sdk::model::{Block, Completion, Message, Model, ModelError, Request, Role};

/// The model.
pub struct Echo;

impl Model for Echo {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        let told = request.messages.iter().rev().find(|message| message.role == Role::User);
        let told = told.ok_or_else(|| ModelError::InvalidRequest("nobody said anything".into()))?;
        Ok(Completion::text(text(told)).estimating_usage(request))
    }
}

fn text(message: &Message) -> String {
    let texts = message.content.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        Block::ToolResult(result) => Some(result.text.as_str()),
        Block::Thinking(_) | Block::ToolUse(_) | Block::Image(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

lucid_sdk::export_model!(Echo);

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::model::{StopReason, ToolResult};

    fn message(role: Role, content: Vec<Block>) -> Message {
        Message { role, content }
    }

    fn answer(messages: Vec<Message>) -> Result<Completion, ModelError> {
        let system = String::new();
        Echo::complete(&Request { system, messages, tools: Vec::new(), max_tokens: 100 })
    }

    #[test]
    fn the_answer_is_what_was_said_last_and_ends_the_turn() {
        let said = vec![
            message(Role::User, vec![Block::Text("one".into())]),
            message(Role::Assistant, vec![Block::Text("one".into())]),
            message(Role::User, vec![Block::Text("12345678".into())]),
        ];
        let answer = answer(said).unwrap();
        assert_eq!(answer.content, [Block::Text("12345678".into())]);
        assert_eq!(answer.stop_reason, StopReason::EndTurn);
        assert_eq!((answer.usage.input_tokens, answer.usage.output_tokens), (4, 2));
    }

    #[test]
    fn the_results_of_calls_are_said_back_too() {
        let result = ToolResult { tool_use_id: "1".into(), text: "42".into(), is_error: false };
        let said = message(Role::User, vec![Block::ToolResult(result), Block::Text("so".into())]);
        assert_eq!(answer(vec![said]).unwrap().content, [Block::Text("42\nso".into())]);
    }

    #[test]
    fn nothing_said_is_an_invalid_request() {
        assert!(matches!(answer(Vec::new()), Err(ModelError::InvalidRequest(_))));
    }
}
