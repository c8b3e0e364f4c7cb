//! One thread: an agent with a context of its own, and what it does next.

use serde_json::{Value, json};

use super::Decided;
use super::content::{blocks, letter};
use crate::{
    Block, Compaction, Confirmation, Content, Event, EventId, FailureKind, IdleReason, Message,
    Permission, Role, SessionStatus, Span, StopReason, Thought, ThreadId, TokenUsage, Via,
};

/// A call of the turn that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct CallState {
    /// Its id in the conversation, unique there.
    pub id: String,
    /// The event that made it.
    pub event: EventId,
    /// The tool.
    pub name: String,
    /// The input: an object, or a text where the model wrote something else.
    pub input: Value,
    /// What policy said.
    pub permission: Permission,
    /// The rule that decided.
    pub rule: String,
    /// By which way it is run, where that is not simply a plugin.
    pub via: Option<Via>,
    /// What a person decided.
    pub confirmation: Option<(Confirmation, Option<String>)>,
    /// Whether it may have begun: at once where nobody is asked, else when its thread was
    /// said to run after somebody had decided.
    pub begun: bool,
    /// What it gave, as the model reads it.
    pub result: Option<Block>,
}

impl CallState {
    /// Whether it waits for somebody outside: for a person who decides, or for whoever runs it.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.asks() || self.is_owed()
    }

    /// Whether it waits for a person who decides about it.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.result.is_none() && self.permission == Permission::Ask && self.confirmation.is_none()
    }

    /// Whether it may run, and somebody outside has to run it. One that makes no sense, or that
    /// may not run, is answered here.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        let outside = self.via.as_ref().is_some_and(Via::is_outside);
        let allowed = match (&self.permission, &self.confirmation) {
            (Permission::Deny, _) | (Permission::Ask, None) => false,
            (_, Some((confirmation, _))) => *confirmation == Confirmation::Allow,
            (Permission::Allow, None) => true,
        };
        self.result.is_none() && outside && allowed && self.input.is_object()
    }

    /// Takes its result; the first one counts.
    pub(super) fn settle(&mut self, event: &Event) -> bool {
        let (Event::ToolResult { content, is_error, .. }
        | Event::CustomToolResult { content, is_error, .. }
        | Event::WorkerToolResult { content, is_error, .. }) = event
        else {
            return false;
        };
        if self.result.is_some() {
            return false;
        }
        let mut attachments = blocks(content);
        attachments.retain(|block| !matches!(block, Block::Text { .. }));
        self.result = Some(Block::ToolResult {
            tool_use_id: self.id.clone(),
            text: Content::join(content),
            is_error: *is_error,
            attachments,
        });
        true
    }
}

/// A thread as the log says it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadState {
    /// Its id; none for the primary thread of a log that never names it.
    pub id: Option<ThreadId>,
    /// Its agent's name.
    pub agent: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// Its context: nothing else ever reaches its model.
    pub messages: Vec<Message>,
    /// What waits to become its next message.
    pub inbox: Vec<Block>,
    /// The event that asked its model, where no answer came yet.
    pub asked: Option<EventId>,
    /// The calls of its turn, in the order the model made them.
    pub calls: Vec<CallState>,
    /// Whether a person stopped its turn, and that is not carried out yet.
    pub interrupted: bool,
    /// Model requests since somebody last wrote to it.
    pub requests: u32,
    /// Requests that failed one after the other, the last ones.
    pub failures: u32,
    /// Tool calls that have a result.
    pub tool_calls: u32,
    /// Tokens of its model.
    pub usage: TokenUsage,
    /// Tokens that its last request read and wrote: what its context takes of the window.
    pub context_tokens: u64,
    /// What it said at the end of its last turn.
    pub last_text: String,
    /// Why its last turn ended.
    pub ended: IdleReason,
    /// Whether its last request failed because its context was too long.
    pub too_long: bool,
    /// Whether its context was put in short since its model last answered.
    pub shortened: bool,
    /// Blocks of the answer that is being written.
    answer: Vec<Block>,
    /// Whether its model is to be asked again after a failure.
    again: bool,
    /// Whether it waits for somebody to write to it, whatever else there is.
    halted: bool,
    /// Calls it ever made, for ids that are unique in its conversation.
    made: u32,
}

impl ThreadState {
    pub(super) fn new(id: Option<ThreadId>) -> Self {
        Self {
            id,
            agent: String::new(),
            status: SessionStatus::Idle,
            messages: Vec::new(),
            inbox: Vec::new(),
            asked: None,
            calls: Vec::new(),
            interrupted: false,
            requests: 0,
            failures: 0,
            tool_calls: 0,
            usage: TokenUsage::default(),
            context_tokens: 0,
            last_text: String::new(),
            ended: IdleReason::EndTurn,
            too_long: false,
            shortened: false,
            answer: Vec::new(),
            again: false,
            halted: false,
            made: 0,
        }
    }

    /// The calls that have no result yet.
    pub fn open_calls(&self) -> impl Iterator<Item = &CallState> {
        self.calls.iter().filter(|call| call.result.is_none())
    }

    /// Whether its model is to be asked now; never that of one that was put away.
    #[must_use]
    pub fn wants_model(&self) -> bool {
        let over = self.status == SessionStatus::Terminated;
        let settled = self.open_calls().next().is_none();
        let something = self.again || !self.calls.is_empty() || !self.inbox.is_empty();
        self.asked.is_none() && !over && !self.halted && settled && something
    }

    /// Whether its turn goes on; one that only waits for a person does not.
    #[must_use]
    pub fn is_working(&self) -> bool {
        self.asked.is_some() || self.wants_model() || self.open_calls().any(|call| !call.waits())
    }

    /// Whether its log does not say yet that its turn is over.
    #[must_use]
    pub fn is_left(&self) -> bool {
        let over = self.status == SessionStatus::Terminated;
        let rests = self.status == SessionStatus::Idle && !self.interrupted;
        !over && (!rests || self.is_working())
    }

    /// Takes what somebody said.
    pub(super) fn hear(&mut self, said: Vec<Block>) {
        self.inbox.extend(said);
        self.halted &= self.inbox.is_empty();
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::AgentThinking { lucid: Some(thought) } => self.answer.push(thinking(thought)),
            Event::AgentMessage { content } => self.answer.extend(blocks(content)),
            Event::ContextCompacted { lucid } => self.compact(lucid),
            Event::ThreadMessageReceived { from_agent_name, content, .. } => {
                let text = letter(from_agent_name, &Content::join(content));
                self.hear(vec![Block::Text { text }]);
            }
            Event::Error { error } => {
                let exhausted = error.pointer("/retry_status/type") == Some(&json!("exhausted"));
                if exhausted {
                    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
                    self.last_text = format!("I could not go on: {message}");
                    self.ended = IdleReason::RetriesExhausted;
                    self.give_up();
                }
            }
            _ => {}
        }
    }

    /// Its turn is dead, and what waited goes with it: that stays in the context, and asks
    /// for nothing.
    fn give_up(&mut self) {
        let mut left = self.settled();
        left.append(&mut self.inbox);
        if !left.is_empty() {
            self.messages.push(Message { role: Role::User, content: left });
        }
        (self.again, self.halted) = (false, true);
        (self.failures, self.requests) = (0, 0);
    }

    /// Takes the results of the calls out of the turn.
    fn settled(&mut self) -> Vec<Block> {
        self.calls.drain(..).filter_map(|call| call.result).collect()
    }

    pub(super) fn apply_status(&mut self, event: &Event) {
        // What is over stays over.
        if self.status == SessionStatus::Terminated {
            return;
        }
        match event {
            Event::ThreadRunning { .. } => {
                self.status = SessionStatus::Running;
                for call in &mut self.calls {
                    call.begun |= call.confirmation.is_some();
                }
            }
            Event::ThreadRescheduled { .. } => self.status = SessionStatus::Rescheduling,
            Event::ThreadTerminated { .. } => {
                self.status = SessionStatus::Terminated;
                (self.again, self.interrupted) = (false, false);
            }
            Event::ThreadIdle { stop_reason, .. } => {
                self.status = SessionStatus::Idle;
                let waits = matches!(
                    stop_reason,
                    IdleReason::RequiresAction { .. } | IdleReason::BudgetReached
                );
                if !waits {
                    // Its turn is over. What came in meanwhile begins the next.
                    self.ended.clone_from(stop_reason);
                    self.halted = self.inbox.is_empty();
                    self.again = false;
                    self.interrupted = false;
                    (self.failures, self.requests) = (0, 0);
                }
            }
            _ => {}
        }
    }

    /// Its model is asked: results and what came in become a message.
    pub(super) fn ask(&mut self, event: EventId) {
        let mut content = self.settled();
        if content.is_empty() && !self.again {
            self.requests = 0;
        }
        content.append(&mut self.inbox);
        if !content.is_empty() {
            self.messages.push(Message { role: Role::User, content });
        }
        self.asked = Some(event);
        self.requests = self.requests.saturating_add(1);
        self.answer.clear();
        self.again = false;
        self.ended = IdleReason::EndTurn;
    }

    /// Takes down a call.
    pub(super) fn call(&mut self, event: EventId, made: &Event) {
        let Event::ToolUse { name, input, evaluated_permission, evaluation, lucid } = made else {
            return;
        };
        let id = format!("toolu_{}", self.made);
        self.made = self.made.saturating_add(1);
        let rule = evaluation.as_ref().and_then(|rule| rule.get("type")).and_then(Value::as_str);
        // Providers take an object only.
        let object = match input {
            Value::Object(_) => input.to_string(),
            other => json!({ "input": other }).to_string(),
        };
        self.answer.push(Block::ToolUse { id: id.clone(), name: name.clone(), input_json: object });
        self.calls.push(CallState {
            id,
            event,
            name: name.clone(),
            input: input.clone(),
            permission: *evaluated_permission,
            rule: rule.unwrap_or_default().to_owned(),
            via: lucid.clone(),
            confirmation: None::<Decided>,
            begun: *evaluated_permission != Permission::Ask,
            result: None,
        });
    }

    /// Its model answered, or failed.
    pub(super) fn answered(&mut self, usage: TokenUsage, is_error: bool, span: Option<&Span>) {
        if self.asked.take().is_none() {
            return;
        }
        if is_error {
            let kind = span.and_then(|span| span.failure.as_ref()).map(|failure| failure.kind);
            self.too_long = kind == Some(FailureKind::Exceeded);
            self.again = true;
            self.failures = self.failures.saturating_add(1);
            self.answer.clear();
            return;
        }
        self.failures = 0;
        (self.too_long, self.shortened) = (false, false);
        if span.is_some_and(|span| span.stop_reason == Some(StopReason::Refusal)) {
            self.ended = IdleReason::Refusal;
        }
        self.usage = self.usage.plus(usage);
        self.context_tokens = usage.total();
        if self.calls.is_empty() {
            let text = |block: &Block| match block {
                Block::Text { text } => Some(text.clone()),
                _ => None,
            };
            let texts: Vec<_> = self.answer.iter().filter_map(text).collect();
            self.last_text = texts.join("\n\n");
        }
        let content = std::mem::take(&mut self.answer);
        if !content.is_empty() {
            self.messages.push(Message { role: Role::Assistant, content });
        }
    }

    /// The older part of its context becomes one message.
    fn compact(&mut self, compaction: &Compaction) {
        self.usage = self.usage.plus(TokenUsage::from(compaction.usage));
        let count = usize::try_from(compaction.messages).unwrap_or(usize::MAX);
        let mut kept = self.messages.split_off(count.min(self.messages.len()));
        // A provider signs thinking together with all that was before it, and refuses it
        // behind anything else.
        let thought = |block: &Block| {
            matches!(block, Block::Thinking { .. } | Block::RedactedThinking { .. })
        };
        for message in &mut kept {
            message.content.retain(|block| !thought(block));
        }
        kept.retain(|message| !message.content.is_empty());
        let summary = Block::Text { text: compaction.summary.clone() };
        match kept.first_mut() {
            Some(first) if first.role == Role::User => first.content.insert(0, summary),
            _ => kept.insert(0, Message { role: Role::User, content: vec![summary] }),
        }
        self.messages = kept;
        (self.too_long, self.shortened) = (false, true);
        self.context_tokens = 0;
    }
}

fn thinking(thought: &Thought) -> Block {
    match &thought.redacted {
        Some(data) => Block::RedactedThinking { data: data.clone() },
        None => {
            Block::Thinking { text: thought.text.clone(), signature: thought.signature.clone() }
        }
    }
}
