//! Reading a conversation, and making what comes next.

use super::{Block, Completion, Message, Request, Role, StopReason, ToolResult, ToolUse, Usage};

/// Bytes of text per token, roughly; for models that count no tokens of their own.
const BYTES_PER_TOKEN: u64 = 4;

/// The longest answer that [`Request::asking`] wants, in tokens.
const ANSWER_TOKENS: u32 = 4_096;

impl Request {
    /// A question without anything around it: no system prompt and no tools. The answer is to
    /// be at most 4,096 tokens long.
    ///
    /// ```
    /// use lucid_sdk::model::Request;
    ///
    /// let request = Request { max_tokens: 20, ..Request::asking("What is two and two?") };
    /// assert_eq!(request.first_user_text().as_deref(), Some("What is two and two?"));
    /// ```
    pub fn asking(question: impl Into<String>) -> Self {
        let content = vec![Block::Text(question.into())];
        Self {
            system: String::new(),
            messages: vec![Message { role: Role::User, content }],
            tools: Vec::new(),
            max_tokens: ANSWER_TOKENS,
        }
    }

    /// The text of the first message of a user; none without such a message.
    ///
    /// ```
    /// # use lucid_sdk::testing::Conversation;
    /// let talk = Conversation::new("").saying("Move the load.").saying("And quickly.");
    /// assert_eq!(talk.request().first_user_text().as_deref(), Some("Move the load."));
    /// ```
    pub fn first_user_text(&self) -> Option<String> {
        let said = self.messages.iter().find(|message| message.role == Role::User)?;
        Some(texts(&said.content))
    }

    /// The results that the last message brings; none when it is of something else.
    ///
    /// ```
    /// # use lucid_sdk::testing::Conversation;
    /// let talk = Conversation::new("").saying("Move the load.");
    /// assert_eq!(talk.request().last_results().count(), 0);
    /// ```
    pub fn last_results(&self) -> impl Iterator<Item = &ToolResult> {
        self.messages.last().into_iter().flat_map(results)
    }

    /// The results of all calls so far, in order.
    ///
    /// ```
    /// # use lucid_sdk::testing::Conversation;
    /// let talk = Conversation::new("").saying("Move the load.");
    /// assert_eq!(talk.request().results().count(), 0);
    /// ```
    pub fn results(&self) -> impl DoubleEndedIterator<Item = &ToolResult> {
        self.messages.iter().flat_map(results)
    }

    /// The latest result of a call in the whole conversation.
    ///
    /// ```
    /// # use lucid_sdk::testing::Conversation;
    /// let talk = Conversation::new("").saying("Move the load.");
    /// assert_eq!(talk.request().last_result(), None);
    /// ```
    pub fn last_result(&self) -> Option<&ToolResult> {
        self.results().next_back()
    }

    /// How often the model has answered so far.
    ///
    /// ```
    /// # use lucid_sdk::testing::Conversation;
    /// let talk = Conversation::new("").saying("Move the load.");
    /// assert_eq!(talk.request().answers(), 0);
    /// ```
    pub fn answers(&self) -> usize {
        self.messages.iter().filter(|message| message.role == Role::Assistant).count()
    }

    /// Whether a tool is on offer.
    ///
    /// ```
    /// # use lucid_sdk::testing::Conversation;
    /// let talk = Conversation::new("").offering("move");
    /// assert!(talk.request().offers("move") && !talk.request().offers("lift"));
    /// ```
    pub fn offers(&self, tool: &str) -> bool {
        self.tools.iter().any(|offered| offered.name == tool)
    }
}

fn results(message: &Message) -> impl DoubleEndedIterator<Item = &ToolResult> {
    message.content.iter().filter_map(|block| match block {
        Block::ToolResult(result) => Some(result),
        _ => None,
    })
}

fn texts(content: &[Block]) -> String {
    let texts = content.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

impl Completion {
    /// An answer that ends the turn.
    ///
    /// ```
    /// use lucid_sdk::model::{Completion, StopReason};
    ///
    /// assert_eq!(Completion::text("Done.").stop_reason, StopReason::EndTurn);
    /// ```
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
    ///
    /// ```
    /// use lucid_sdk::model::{Completion, StopReason};
    ///
    /// let answer = Completion::calls([("move", serde_json::json!({ "speed": 2 }))]);
    /// assert_eq!(answer.stop_reason, StopReason::ToolUse);
    /// ```
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
    ///
    /// ```
    /// use lucid_sdk::model::Completion;
    ///
    /// let answer = Completion::calls([("look", serde_json::json!({}))]).saying("I look.");
    /// assert_eq!(answer.plain_text(), "I look.");
    /// ```
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.content.insert(0, Block::Text(text.into()));
        self
    }

    /// Fills in the usage from the length of what was read and written.
    ///
    /// ```
    /// use lucid_sdk::model::{Completion, Request};
    ///
    /// let request = Request::asking("12345678");
    /// let answer = Completion::text("1234").estimating_usage(&request);
    /// assert_eq!((answer.usage.input_tokens, answer.usage.output_tokens), (2, 1));
    /// ```
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

    /// The texts of the answer, joined by line breaks.
    ///
    /// ```
    /// use lucid_sdk::model::Completion;
    ///
    /// assert_eq!(Completion::text("Four.").plain_text(), "Four.");
    /// ```
    pub fn plain_text(&self) -> String {
        texts(&self.content)
    }

    /// The calls of the answer.
    ///
    /// ```
    /// use lucid_sdk::model::Completion;
    ///
    /// let answer = Completion::calls([("move", serde_json::json!({ "speed": 2 }))]);
    /// let inputs: Vec<_> = answer.tool_uses().map(|call| call.input_json.as_str()).collect();
    /// assert_eq!(inputs, [r#"{"speed":2}"#]);
    /// ```
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUse> {
        self.content.iter().filter_map(|block| match block {
            Block::ToolUse(call) => Some(call),
            _ => None,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn result(text: &str) -> Block {
        let (tool_use_id, text) = ("call_0".to_owned(), text.to_owned());
        Block::ToolResult(ToolResult { tool_use_id, text, is_error: false })
    }

    fn conversation(messages: Vec<(Role, Vec<Block>)>) -> Request {
        let message = |(role, content)| Message { role, content };
        let messages = messages.into_iter().map(message).collect();
        Request { system: "12345678".into(), messages, tools: Vec::new(), max_tokens: 10 }
    }

    #[test]
    fn usage_is_estimated_from_what_was_read_and_written() {
        let request = conversation(vec![(Role::User, vec![Block::Text("1234".into())])]);
        let completion = Completion::text("12345").estimating_usage(&request);
        assert_eq!(completion.usage, Usage { input_tokens: 3, output_tokens: 2 });
    }

    #[test]
    fn results_are_those_of_the_last_message_and_the_latest_of_all() {
        let mut request = conversation(vec![
            (Role::User, vec![Block::Text("a".into()), Block::Text("b".into())]),
            (Role::Assistant, Completion::calls([("x", serde_json::json!({}))]).content),
            (Role::User, vec![result("1"), Block::Text("c".into()), result("2")]),
        ]);
        let texts: Vec<_> = request.last_results().map(|result| result.text.as_str()).collect();
        assert_eq!(texts, ["1", "2"]);
        assert_eq!((request.first_user_text().as_deref(), request.answers()), (Some("a\nb"), 1));
        let content = Completion::text("d").content;
        request.messages.push(Message { role: Role::Assistant, content });
        assert_eq!((request.last_results().count(), request.results().count()), (0, 2));
        assert_eq!(request.last_result().map(|result| result.text.as_str()), Some("2"));
    }

    #[test]
    fn an_empty_conversation_has_nothing_to_read() {
        let request = conversation(Vec::new());
        assert_eq!((request.first_user_text(), request.last_result()), (None, None));
        assert_eq!((request.last_results().count(), request.answers()), (0, 0));
    }
}
