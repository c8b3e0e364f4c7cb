//! Looking things up in a conversation.

use lucid_sdk::model::{Block, Request, Role};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A tool call that was made, with its result where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'a> {
    /// The tool.
    pub name: &'a str,
    /// What it was given.
    pub input: Value,
    /// What it gave: its text, or its error's text.
    pub result: Option<Result<&'a str, &'a str>>,
}

impl<'a> Call<'a> {
    /// The text of a successful result; else why there is none.
    ///
    /// # Errors
    /// The error's text.
    pub fn text(&self) -> Result<&'a str, String> {
        match self.result {
            Some(Ok(text)) => Ok(text),
            Some(Err(error)) => Err(format!("{} failed: {error}", self.name)),
            None => Err(format!("{} gave no result", self.name)),
        }
    }

    /// The result as JSON.
    ///
    /// # Errors
    /// The error's text, or what is wrong with the JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.text()?)
            .map_err(|error| format!("the result of {} is unreadable: {error}", self.name))
    }

    /// An input field that is text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.input.get(name).and_then(Value::as_str)
    }
}

/// A conversation from the view of the agent that is to go on with it.
#[derive(Debug, Clone)]
pub struct Conversation<'a> {
    /// The system prompt.
    pub system: &'a str,
    /// The texts that the agent was given, in order.
    pub texts: Vec<&'a str>,
    /// The calls that the agent made, in order.
    pub calls: Vec<Call<'a>>,
}

impl<'a> Conversation<'a> {
    /// Reads a request.
    pub fn new(request: &'a Request) -> Self {
        let (mut texts, mut calls) = (Vec::new(), Vec::new());
        for (place, message) in request.messages.iter().enumerate() {
            for block in &message.content {
                match (message.role, block) {
                    (Role::User, Block::Text(text)) => texts.push(text.as_str()),
                    (Role::Assistant, Block::ToolUse(call)) => calls.push(Call {
                        name: &call.name,
                        input: serde_json::from_str(&call.input_json).unwrap_or(Value::Null),
                        result: result(request, place + 1, &call.id),
                    }),
                    _ => {}
                }
            }
        }
        Self { system: &request.system, texts, calls }
    }

    /// The last call of a tool.
    pub fn call(&self, name: &str) -> Option<&Call<'a>> {
        self.calls.iter().rev().find(|call| call.name == name)
    }

    /// The last call of a tool that has a field with a value, such as a path.
    pub fn call_with(&self, name: &str, field: &str, value: &str) -> Option<&Call<'a>> {
        self.calls.iter().rev().find(|c| c.name == name && c.field(field) == Some(value))
    }

    /// What another agent said, in order.
    pub fn messages_from(&self, agent: &str) -> Vec<&'a str> {
        let head = format!("Message from agent \"{agent}\":");
        self.texts.iter().filter_map(|text| text.strip_prefix(&head)).map(str::trim).collect()
    }
}

/// The first result of a call at or after a message.
fn result<'a>(request: &'a Request, from: usize, id: &str) -> Option<Result<&'a str, &'a str>> {
    let blocks = request.messages.get(from..)?.iter().flat_map(|message| &message.content);
    blocks
        .filter_map(|block| match block {
            Block::ToolResult(result) if result.tool_use_id == id => Some(result),
            _ => None,
        })
        .map(|result| if result.is_error { Err(&*result.text) } else { Ok(&*result.text) })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::model::{Message, ToolResult, ToolUse};

    fn request() -> Request {
        let call = |id: &str, path: &str| {
            Block::ToolUse(ToolUse {
                id: id.into(),
                name: "read".into(),
                input_json: format!(r#"{{"file_path":"{path}"}}"#),
            })
        };
        let result = |id: &str, text: &str, is_error| {
            Block::ToolResult(ToolResult { tool_use_id: id.into(), text: text.into(), is_error })
        };
        let say = |text: &str| Block::Text(text.into());
        let user = |content| Message { role: Role::User, content };
        let assistant = |content| Message { role: Role::Assistant, content };
        Request {
            system: String::new(),
            messages: vec![
                user(vec![say("Go.")]),
                assistant(vec![say("I read."), call("1", "/a"), call("2", "/b"), call("3", "/c")]),
                user(vec![result("2", "no such file", true), result("1", "[4]", false)]),
                user(vec![say("Message from agent \"detector\":\n\nDone.")]),
            ],
            tools: Vec::new(),
            max_tokens: 100,
        }
    }

    #[test]
    fn calls_are_paired_with_their_results_by_id() {
        let request = request();
        let conversation = Conversation::new(&request);
        let read = |path| conversation.call_with("read", "file_path", path);
        assert_eq!(read("/a").map(|call| call.json::<Vec<u8>>()), Some(Ok(vec![4])));
        assert!(read("/b").is_some_and(|call| call.text().is_err()));
        assert_eq!(read("/c").map(|call| call.result), Some(None));
        assert_eq!(read("/d"), None);
    }

    #[test]
    fn only_what_others_said_counts_as_said_to_the_agent() {
        let request = request();
        let conversation = Conversation::new(&request);
        assert_eq!(conversation.texts.len(), 2);
        assert_eq!(conversation.messages_from("detector"), ["Done."]);
        assert!(conversation.messages_from("navigator").is_empty());
    }
}
