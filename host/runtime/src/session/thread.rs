//! One thread: an agent with a context of its own.

use std::collections::VecDeque;
use std::sync::Arc;

use lucid_core::{Block, EventId, Message, Role, ThreadId};
use serde_json::Value;

use crate::mission::Agent;

/// A call that an agent made and that has not run yet.
#[derive(Debug, Clone)]
pub(crate) struct PendingCall {
    /// The model's id of it, unique in the conversation.
    pub(crate) id: String,
    /// The event that says so.
    pub(crate) event: EventId,
    /// The tool.
    pub(crate) name: String,
    /// The input as the model wrote it.
    pub(crate) input_json: String,
    /// The input, where it is a JSON object.
    pub(crate) input: Option<Value>,
    /// Why it may not run, where it may not.
    pub(crate) refused: Option<String>,
}

/// What a thread does next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Nothing, until somebody writes to it.
    Wait,
    /// Ask its model.
    Ask,
    /// Run the calls of its turn.
    Run(Vec<PendingCall>),
}

/// A thread of a session.
pub(crate) struct Thread {
    pub(crate) id: ThreadId,
    pub(crate) agent: Arc<Agent>,
    /// Its context: nothing else ever reaches its model.
    pub(crate) messages: Vec<Message>,
    /// Texts that wait to become its next message.
    pub(crate) inbox: VecDeque<String>,
    pub(crate) next: Next,
    /// How often its model was asked since somebody last wrote to it.
    pub(crate) requests: u32,
    /// How many calls it has made, for ids that are unique in the conversation.
    pub(crate) calls: u32,
}

impl Thread {
    pub(crate) fn new(id: ThreadId, agent: Arc<Agent>) -> Self {
        let (messages, inbox) = (Vec::new(), VecDeque::new());
        Self { id, agent, messages, inbox, next: Next::Wait, requests: 0, calls: 0 }
    }

    /// Turns what waits into the next message; says whether there was anything.
    pub(crate) fn take_inbox(&mut self) -> bool {
        if self.inbox.is_empty() {
            return false;
        }
        let texts = self.inbox.drain(..);
        let content = texts.map(|text| Block::Text { text }).collect();
        self.messages.push(Message { role: Role::User, content });
        self.requests = 0;
        self.next = Next::Ask;
        true
    }
}
