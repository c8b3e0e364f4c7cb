//! A conversation with a model, turn by turn.

use crate::model::{
    Block, Completion, Message, Model, ModelError, Request, Role, ToolDefinition, ToolResult,
};

/// A conversation with a model that is tested.
///
/// ```
/// use lucid_sdk::testing::Conversation;
/// # use lucid_sdk::model::{Completion, Model, ModelError, Request};
/// # pub struct Echo;
/// # impl Model for Echo {
/// #     fn complete(request: &Request) -> Result<Completion, ModelError> {
/// #         Ok(Completion::text(request.first_user_text().unwrap_or_default()))
/// #     }
/// # }
///
/// let mut talk = Conversation::new("Say it back.").saying("Hello.");
/// assert_eq!(talk.turn::<Echo>().unwrap().plain_text(), "Hello.");
/// ```
#[derive(Debug, Clone)]
pub struct Conversation {
    request: Request,
    /// The calls of the last answer, which wait for their results.
    waiting: Vec<String>,
    calls: usize,
}

impl Conversation {
    /// A conversation with this system prompt, in which nothing was said yet.
    ///
    /// ```
    /// let talk = lucid_sdk::testing::Conversation::new("Be brief.");
    /// assert_eq!(talk.request().system, "Be brief.");
    /// ```
    pub fn new(system: impl Into<String>) -> Self {
        let request = Request {
            system: system.into(),
            messages: Vec::new(),
            tools: Vec::new(),
            max_tokens: 8_192,
        };
        Self { request, waiting: Vec::new(), calls: 0 }
    }

    /// Offers a tool that takes any object.
    ///
    /// ```
    /// let talk = lucid_sdk::testing::Conversation::new("").offering("look");
    /// assert!(talk.request().offers("look"));
    /// ```
    #[must_use]
    pub fn offering(mut self, tool: impl Into<String>) -> Self {
        self.request.tools.push(ToolDefinition {
            name: tool.into(),
            description: "A tool.".to_owned(),
            input_schema: r#"{"type":"object"}"#.to_owned(),
        });
        self
    }

    /// A person says something.
    ///
    /// ```
    /// let talk = lucid_sdk::testing::Conversation::new("").saying("Hello.");
    /// assert_eq!(talk.request().first_user_text().as_deref(), Some("Hello."));
    /// ```
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.hear(vec![Block::Text(text.into())]);
        self
    }

    /// Asks the model, whose answer becomes part of the conversation.
    ///
    /// # Errors
    /// The model's own.
    ///
    /// ```
    /// # use lucid_sdk::model::{Completion, Model, ModelError, Request};
    /// # use lucid_sdk::testing::Conversation;
    /// # pub struct Counter;
    /// # impl Model for Counter {
    /// #     fn complete(request: &Request) -> Result<Completion, ModelError> {
    /// #         Ok(Completion::text(request.answers().to_string()))
    /// #     }
    /// # }
    /// let mut talk = Conversation::new("").saying("How often did you answer?");
    /// assert_eq!(talk.turn::<Counter>().unwrap().plain_text(), "0");
    /// assert_eq!(talk.turn::<Counter>().unwrap().plain_text(), "1");
    /// ```
    pub fn turn<M: Model>(&mut self) -> Result<Completion, ModelError> {
        let mut completion = M::complete(&self.request)?;
        self.waiting.clear();
        for block in &mut completion.content {
            if let Block::ToolUse(call) = block {
                // As the host does, whatever the model wrote.
                call.id = format!("toolu_{}", self.calls);
                self.calls += 1;
                self.waiting.push(call.id.clone());
            }
        }
        let content = completion.content.clone();
        self.request.messages.push(Message { role: Role::Assistant, content });
        Ok(completion)
    }

    /// Answers the calls of the last turn, each with this result.
    ///
    /// ```
    /// # use lucid_sdk::model::{Completion, Model, ModelError, Request};
    /// # use lucid_sdk::testing::Conversation;
    /// # pub struct Looker;
    /// # impl Model for Looker {
    /// #     fn complete(request: &Request) -> Result<Completion, ModelError> {
    /// #         Ok(Completion::calls([("look", serde_json::json!({}))]))
    /// #     }
    /// # }
    /// # let mut talk = Conversation::new("").offering("look").saying("Look.");
    /// talk.turn::<Looker>().unwrap();
    /// talk.result("a door");
    /// assert_eq!(talk.request().last_result().unwrap().text, "a door");
    /// ```
    pub fn result(&mut self, text: &str) {
        self.results(text, false);
    }

    /// Answers the calls of the last turn: they failed.
    ///
    /// ```
    /// # use lucid_sdk::model::{Completion, Model, ModelError, Request};
    /// # use lucid_sdk::testing::Conversation;
    /// # pub struct Looker;
    /// # impl Model for Looker {
    /// #     fn complete(request: &Request) -> Result<Completion, ModelError> {
    /// #         Ok(Completion::calls([("look", serde_json::json!({}))]))
    /// #     }
    /// # }
    /// # let mut talk = Conversation::new("").offering("look").saying("Look.");
    /// talk.turn::<Looker>().unwrap();
    /// talk.error("it is dark");
    /// assert!(talk.request().last_result().unwrap().is_error);
    /// ```
    pub fn error(&mut self, text: &str) {
        self.results(text, true);
    }

    /// What the model is asked next.
    ///
    /// ```
    /// let talk = lucid_sdk::testing::Conversation::new("").saying("Hello.");
    /// assert_eq!(talk.request().messages.len(), 1);
    /// ```
    pub fn request(&self) -> &Request {
        &self.request
    }

    fn results(&mut self, text: &str, is_error: bool) {
        let result = |tool_use_id| {
            Block::ToolResult(ToolResult { tool_use_id, text: text.to_owned(), is_error })
        };
        let results = self.waiting.drain(..).map(result).collect();
        self.hear(results);
    }

    fn hear(&mut self, content: Vec<Block>) {
        self.request.messages.push(Message { role: Role::User, content });
    }
}
