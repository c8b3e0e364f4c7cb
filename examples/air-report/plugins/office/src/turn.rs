//! A conversation, and how an agent goes through it.
//!
//! An agent is written as if its tools answered at once. What it wants to know is looked up
//! among the calls of the conversation; what was not called yet ends the turn with these
//! calls, and the next turn comes past them.

use lucid_sdk::model::{Block, Request, Role, ToolResult, ToolUse};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A tool and its input.
pub type Call = (&'static str, Value);

/// How a turn ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// With calls of tools.
    Calls(Vec<Call>),
    /// With a text, for whoever asked.
    Say(String),
}

/// What an agent has, or how its turn ends before it has it.
pub type Step<T> = Result<T, Turn>;

/// How a text begins that says why the work ended early.
pub const STOPPED: &str = "Stopped: ";

/// Ends the work early.
///
/// # Errors
/// Always: the text that says why.
pub fn stop<T>(why: impl std::fmt::Display) -> Step<T> {
    Err(Turn::Say(format!("{STOPPED}{why}.")))
}

/// The end of a turn that waits for somebody.
///
/// # Errors
/// Always: the text that says for what.
pub fn wait<T>(what: &str) -> Step<T> {
    Err(Turn::Say(format!("Waiting for {what}.")))
}

/// A conversation from the view of the agent that is to go on with it.
pub struct Conversation<'a> {
    texts: Vec<&'a str>,
    calls: Vec<&'a ToolUse>,
    results: Vec<&'a ToolResult>,
}

impl<'a> Conversation<'a> {
    /// Reads a request.
    pub fn new(request: &'a Request) -> Self {
        let mut read = Self { texts: Vec::new(), calls: Vec::new(), results: Vec::new() };
        for message in &request.messages {
            for block in &message.content {
                match (message.role, block) {
                    (Role::User, Block::Text(text)) => read.texts.push(text),
                    (Role::Assistant, Block::ToolUse(call)) => read.calls.push(call),
                    (_, Block::ToolResult(result)) => read.results.push(result),
                    _ => {}
                }
            }
        }
        read
    }

    /// What it was told, in order.
    pub fn texts(&self) -> &[&'a str] {
        &self.texts
    }

    /// What another agent said, in order.
    pub fn said_by(&self, agent: &str) -> Vec<&'a str> {
        let head = format!("Message from agent \"{agent}\":");
        self.texts.iter().filter_map(|text| text.strip_prefix(&head)).map(str::trim).collect()
    }

    /// The results of these calls, in their order.
    ///
    /// # Errors
    /// The calls that were not made yet, or the reason of the first that failed.
    pub fn all(&self, wanted: &[Call]) -> Step<Vec<&'a str>> {
        let made = |(name, input): &Call| {
            let input = input.to_string();
            self.calls.iter().find(|call| call.name == *name && call.input_json == input)
        };
        let missing: Vec<Call> =
            wanted.iter().filter(|call| made(call).is_none()).cloned().collect();
        if !missing.is_empty() {
            return Err(Turn::Calls(missing));
        }
        let mut texts = Vec::new();
        for call in wanted.iter().filter_map(made) {
            match self.results.iter().find(|result| result.tool_use_id == call.id) {
                Some(result) if result.is_error => {
                    return stop(format_args!("{} failed: {}", call.name, result.text));
                }
                Some(result) => texts.push(result.text.as_str()),
                None => return stop(format_args!("{} gave no result", call.name)),
            }
        }
        Ok(texts)
    }

    /// The results of these calls, as JSON.
    ///
    /// # Errors
    /// As [`Self::all`], and what is wrong with a result.
    pub fn all_json<T: DeserializeOwned>(&self, wanted: &[Call]) -> Step<Vec<T>> {
        let read = |(text, call): (&str, &Call)| match serde_json::from_str(text) {
            Ok(value) => Ok(value),
            Err(error) => stop(format_args!("the result of {} is unreadable: {error}", call.0)),
        };
        self.all(wanted)?.into_iter().zip(wanted).map(read).collect()
    }

    /// The result of one call.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn one(&self, call: Call) -> Step<&'a str> {
        Ok(self.all(&[call])?.first().copied().unwrap_or_default())
    }

    /// The files below a folder that fit a pattern, in the order of their paths.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn files(&self, folder: &str, pattern: &str) -> Step<Vec<String>> {
        let listed = self.one(("glob", json!({"pattern": pattern, "path": folder})))?;
        let paths = listed.lines().map(str::trim).filter(|line| line.starts_with(folder));
        let mut paths: Vec<String> = paths.map(str::to_owned).collect();
        paths.sort();
        Ok(paths)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn read(&self, path: &str) -> Step<&'a str> {
        self.one(("read", json!({"file_path": path})))
    }

    /// Reads a file that is JSON.
    ///
    /// # Errors
    /// As [`Self::all_json`].
    pub fn read_json<T: DeserializeOwned>(&self, path: &str) -> Step<T> {
        let text = self.read(path)?;
        serde_json::from_str(text)
            .or_else(|error| stop(format_args!("{path} is unreadable: {error}")))
    }
}

/// A call that writes a file.
pub fn write(path: &str, content: &str) -> Call {
    ("write", json!({"file_path": path, "content": content}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::model::Message;

    fn request(messages: Vec<(Role, Vec<Block>)>) -> Request {
        let message = |(role, content)| Message { role, content };
        Request {
            system: String::new(),
            messages: messages.into_iter().map(message).collect(),
            tools: Vec::new(),
            max_tokens: 100,
        }
    }

    fn called(id: &str, (name, input): &Call) -> Block {
        let (id, name) = (id.to_owned(), (*name).to_owned());
        Block::ToolUse(ToolUse { id, name, input_json: input.to_string() })
    }

    fn result(id: &str, text: &str, is_error: bool) -> Block {
        Block::ToolResult(ToolResult { tool_use_id: id.into(), text: text.into(), is_error })
    }

    #[test]
    fn what_was_not_called_yet_is_called_and_what_was_is_not_called_again() {
        let calls = [("a", json!({"x": 1})), ("b", json!({})), ("a", json!({"x": 0.1}))];
        let nothing = request(Vec::new());
        assert_eq!(Conversation::new(&nothing).all(&calls), Err(Turn::Calls(calls.to_vec())));
        let first = request(vec![
            (Role::Assistant, vec![called("1", &calls[0]), called("2", &calls[2])]),
            (Role::User, vec![result("2", "two", false), result("1", "one", false)]),
        ]);
        let conversation = Conversation::new(&first);
        assert_eq!(conversation.all(&calls), Err(Turn::Calls(vec![calls[1].clone()])));
        assert_eq!(conversation.all(&[calls[0].clone(), calls[2].clone()]), Ok(vec!["one", "two"]));
    }

    #[test]
    fn a_call_that_failed_ends_the_work_with_its_reason() {
        let call = ("read", json!({}));
        let failed = request(vec![
            (Role::Assistant, vec![called("1", &call)]),
            (Role::User, vec![result("1", "not found: /x", true)]),
        ]);
        let stopped = Conversation::new(&failed).one(call);
        assert_eq!(stopped, Err(Turn::Say("Stopped: read failed: not found: /x.".to_owned())));
    }

    #[test]
    fn only_lines_that_are_paths_of_the_folder_are_files() {
        let call = ("glob", json!({"pattern": "*", "path": "/in"}));
        let listed = request(vec![
            (Role::Assistant, vec![called("1", &call)]),
            (Role::User, vec![result("1", "/in/b\n/in/a\n(3 more)", false)]),
        ]);
        let files = Conversation::new(&listed).files("/in", "*");
        assert_eq!(files, Ok(vec!["/in/a".to_owned(), "/in/b".to_owned()]));
    }
}
