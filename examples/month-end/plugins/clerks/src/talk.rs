//! A conversation, as rounds: what an agent was told, and what it did about it.

use lucid_sdk::model::{Block, Request, Role, ToolUse};
use serde_json::Value;

/// A tool and its input.
pub type Call = (&'static str, Value);

/// How a turn ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// With calls of tools.
    Call(Vec<Call>),
    /// With a text, for whoever asked.
    Say(String),
}

/// How a text begins that says why the work ended early.
pub const STOPPED: &str = "Stopped: ";

/// Ends the work early, with the text that says why.
pub fn stop(why: impl std::fmt::Display) -> Turn {
    Turn::Say(format!("{STOPPED}{why}."))
}

/// A call that was made, with what came of it.
#[derive(Debug, Clone)]
pub struct Made<'a> {
    /// The tool.
    pub name: &'a str,
    /// Its input.
    pub input: Value,
    /// Its result's text, or its error's; none while there is none.
    pub result: Option<Result<&'a str, &'a str>>,
}

/// What an agent was told at one time, and did then.
#[derive(Debug, Clone, Default)]
pub struct Round<'a> {
    /// What it was told, in order.
    pub told: Vec<&'a str>,
    /// The calls it made, in order.
    pub calls: Vec<Made<'a>>,
    /// Whether it said or did anything yet.
    pub answered: bool,
}

/// A conversation from the view of the agent that is to go on with it.
#[derive(Debug, Clone, Default)]
pub struct Talk<'a> {
    /// Its rounds, in order.
    pub rounds: Vec<Round<'a>>,
}

impl<'a> Talk<'a> {
    /// Reads a request.
    pub fn new(request: &'a Request) -> Self {
        let mut talk = Self::default();
        let blocks = request
            .messages
            .iter()
            .flat_map(|message| message.content.iter().map(move |block| (message.role, block)));
        for (role, block) in blocks {
            match (role, block) {
                (Role::User, Block::Text(text)) => talk.tell(text),
                (Role::Assistant, block) => talk.answer(block, request),
                _ => {}
            }
        }
        talk
    }

    fn tell(&mut self, text: &'a str) {
        match self.rounds.last_mut().filter(|round| !round.answered) {
            Some(round) => round.told.push(text),
            None => self.rounds.push(Round { told: vec![text], ..Round::default() }),
        }
    }

    fn answer(&mut self, block: &'a Block, request: &'a Request) {
        let Some(round) = self.rounds.last_mut() else { return };
        round.answered = true;
        if let Block::ToolUse(call) = block {
            let input = serde_json::from_str(&call.input_json).unwrap_or(Value::Null);
            round.calls.push(Made { name: &call.name, input, result: result(request, call) });
        }
    }

    /// Everything it was told, in order.
    pub fn told(&self) -> impl Iterator<Item = &'a str> {
        self.rounds.iter().flat_map(|round| round.told.iter().copied())
    }

    /// Every call of a tool, in order.
    pub fn calls(&self, name: &str) -> impl DoubleEndedIterator<Item = &Made<'a>> {
        let calls = self.rounds.iter().flat_map(|round| &round.calls);
        calls.filter(move |call| call.name == name)
    }

    /// The first call that failed, as the text that ends the work.
    pub fn failure(&self) -> Option<Turn> {
        let mut calls = self.rounds.iter().flat_map(|round| &round.calls);
        calls.find_map(|call| match call.result {
            Some(Err(why)) => Some(stop(format_args!("{} failed: {why}", call.name))),
            _ => None,
        })
    }

    /// What another agent said, in order.
    pub fn said_by(&self, agent: &str) -> Vec<&'a str> {
        self.told().filter_map(|text| from(text, agent)).collect()
    }
}

/// What an agent said in a text, where it is from that agent.
pub fn from<'a>(text: &'a str, agent: &str) -> Option<&'a str> {
    text.strip_prefix(&format!("Message from agent \"{agent}\":")).map(str::trim)
}

fn result<'a>(request: &'a Request, call: &ToolUse) -> Option<Result<&'a str, &'a str>> {
    let found = request.results().find(|result| result.tool_use_id == call.id)?;
    Some(if found.is_error { Err(&*found.text) } else { Ok(&*found.text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::model::{Completion, Message, ToolResult};
    use serde_json::json;

    fn user(content: Vec<Block>) -> Message {
        Message { role: Role::User, content }
    }

    #[test]
    fn a_round_is_what_was_told_at_one_time_with_the_calls_that_followed() {
        let mut look = Completion::calls([("look", json!({"at": 1}))]).content;
        if let Block::ToolUse(call) = &mut look[0] {
            call.id = "a".to_owned();
        }
        let said = Completion::text("done").content;
        let result = ToolResult { tool_use_id: "a".into(), text: "seen".into(), is_error: false };
        let text = |text: &str| Block::Text(text.to_owned());
        let messages = vec![
            user(vec![text("one"), text("two")]),
            Message { role: Role::Assistant, content: look },
            user(vec![Block::ToolResult(result)]),
            Message { role: Role::Assistant, content: said },
            user(vec![text("Message from agent \"lead\":\n\nthree")]),
        ];
        let request =
            Request { system: String::new(), messages, tools: Vec::new(), max_tokens: 10 };
        let talk = Talk::new(&request);
        assert_eq!(talk.rounds.len(), 2);
        assert_eq!(talk.rounds[0].told, ["one", "two"]);
        assert_eq!(talk.rounds[0].calls[0].result, Some(Ok("seen")));
        assert!(talk.rounds[1].calls.is_empty() && !talk.rounds[1].answered);
        assert_eq!(talk.said_by("lead"), ["three"]);
        assert_eq!((talk.calls("look").count(), talk.failure()), (1, None));
    }
}
