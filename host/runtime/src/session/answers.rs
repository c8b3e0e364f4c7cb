//! What comes of asking a model: an answer, a failure that may pass, or one that does not.

use lucid_core::{
    Block, Compaction, CompletionRequest, Content, Event, EventId, Failure, Message, ModelUsage,
    Result, Role, StopReason, TokenUsage,
};
use lucid_model::{Backoff, ModelError, ModelErrorKind};

use super::calls::NEVER_RAN;
use super::driver::Driver;
use super::effects::{self, Answer, NoAnswer, What};
use super::turn;
use crate::mission::{Agent, AgentModel};

/// How often a model is asked before somebody has to write to its thread again.
const REQUESTS_MAX: u32 = 200;

/// How full a model's window is when its context is put in short, in percent.
const COMPACT_AT_PERCENT: u64 = 80;

/// Messages at the end of a context that are never put in short.
const KEPT_MESSAGES: usize = 2;

/// The type of the error of a turn whose context could not be put in short.
const NOT_COMPACTED: &str = "compaction_limit_reached_error";

const SUMMARISE: &str = "Your context is nearly full. Write down, for yourself, everything of \
    the conversation so far that you need to go on: the task and its rules, what was done and \
    found, decisions and their reasons, names, numbers and paths exactly, and what is still to \
    do. The older messages will be replaced by this text.";

impl Driver<'_> {
    /// Writes down what a model answered.
    pub(super) fn answered(
        &mut self,
        index: usize,
        start: EventId,
        mut answer: Answer,
    ) -> Result<()> {
        let (thread, agent) = (self.thread_id(index)?, self.agent(index)?);
        if self.deterministic {
            answer.span.usage.wall_ms = 0;
        }
        self.log.write_logs(Some(&thread), agent.model.name(), answer.logs)?;
        let (usage, is_error) = match &answer.result {
            Ok(completion) => (completion.usage, false),
            Err(_) => (TokenUsage::default(), true),
        };
        let failed = match answer.result {
            Ok(completion) => {
                let id = answer.message_id;
                turn::answer(&mut self.log, &thread, &agent, completion, id)?;
                None
            }
            Err(why) => Some(why),
        };
        let refused = answer.span.stop_reason == Some(StopReason::Refusal);
        let end = Event::ModelRequestEnd {
            model_request_start_id: start,
            model_usage: ModelUsage::from(usage),
            is_error,
            lucid: Some(*answer.span),
        };
        self.log.write(Some(&thread), &end)?;
        if let Some(why) = failed {
            return self.no_answer(index, &why);
        }
        if refused || self.thread(index).calls.is_empty() {
            return self.turn_ended(index);
        }
        if self.thread(index).requests >= REQUESTS_MAX {
            let message = format!("its model was asked {REQUESTS_MAX} times without an end");
            let failure = Failure::exceeded(message);
            return self.give_up(index, "tool_use_limit_reached_error", &failure);
        }
        Ok(())
    }

    /// A model gave no answer: it is asked again later, or not.
    fn no_answer(&mut self, index: usize, why: &NoAnswer) -> Result<()> {
        let NoAnswer::Remote(error) = why else {
            return self.give_up(index, "model_request_failed_error", why.failure());
        };
        let failures = self.thread(index).failures;
        let attempt = failures.saturating_sub(1);
        let delay = Backoff::STANDARD.delay_ms(attempt, error, self.log.entropy());
        let too_long = error.kind == ModelErrorKind::TooLong;
        if too_long && !self.thread(index).shortened && self.cut(index).is_some() {
            // The next thing that happens is that its context is put in short.
            return Ok(());
        }
        let Some(delay) = delay else {
            return self.give_up(index, error.kind.api_type(), &error.failure);
        };
        self.ask_later(index, error, delay)
    }

    /// Asks a model again, after so many milliseconds.
    fn ask_later(&mut self, index: usize, error: &ModelError, delay_ms: u64) -> Result<()> {
        let (thread, agent) = (self.thread_id(index)?, self.thread(index).agent.clone());
        self.log.error(index, error.kind.api_type(), &error.failure, "retrying")?;
        let (session_thread_id, agent_name) = (thread.clone(), agent);
        let waits = Event::ThreadRescheduled { session_thread_id, agent_name };
        self.log.write(Some(&thread), &waits)?;
        if self.effects.is_empty() {
            let lead = self.thread_id(0)?;
            self.log.write(Some(&lead), &Event::StatusRescheduled {})?;
        }
        self.effects.begin(index, What::Wake, effects::wake(delay_ms));
        Ok(())
    }

    /// Ends a turn that cannot go on.
    pub(super) fn give_up(&mut self, index: usize, kind: &str, failure: &Failure) -> Result<()> {
        // Every call that was written down gets its result, also those that never run.
        self.log.close_calls(index, NEVER_RAN)?;
        self.log.error(index, kind, failure, "exhausted")?;
        self.turn_ended(index)
    }

    /// How many messages of a thread are put in short now, where its context is nearly full.
    pub(super) fn to_compact(&self, index: usize, agent: &Agent) -> Option<u32> {
        let AgentModel::Remote(model) = &agent.model else { return None };
        let thread = self.thread(index);
        let full = model.context_tokens().saturating_mul(COMPACT_AT_PERCENT) / 100;
        let too_long = thread.failures > 0 && thread.too_long;
        // Of a context that was put in short just now nothing is known yet.
        let nearly_full = thread.context_tokens > 0 && thread.context_tokens >= full;
        if !nearly_full && !too_long {
            return None;
        }
        self.cut(index)
    }

    /// Where the older part of a context ends: never between a call and its result.
    fn cut(&self, index: usize) -> Option<u32> {
        let messages = &self.thread(index).messages;
        let most = messages.len().checked_sub(KEPT_MESSAGES)?;
        let starts = |message: &Message| {
            let result = |block: &Block| matches!(block, Block::ToolResult { .. });
            !message.content.iter().any(result)
        };
        let cut = (1..=most).rev().find(|cut| messages.get(*cut).is_some_and(starts))?;
        u32::try_from(cut).ok()
    }

    /// What a model is asked, so that it puts its own context in short.
    pub(super) fn compaction(&self, index: usize, agent: &Agent, cut: u32) -> CompletionRequest {
        let mut request = turn::request(self.thread(index), agent, &self.world.workspace);
        request.messages.truncate(cut as usize);
        // The conversation has calls, which some providers only take beside their tools.
        let text = Block::Text { text: SUMMARISE.to_owned() };
        match request.messages.last_mut() {
            Some(last) if last.role == Role::User => last.content.push(text),
            _ => request.messages.push(Message { role: Role::User, content: vec![text] }),
        }
        request
    }

    /// Writes down a context in short.
    pub(super) fn compacted(
        &mut self,
        index: usize,
        messages: u32,
        mut answer: Answer,
    ) -> Result<()> {
        let thread = self.thread_id(index)?;
        let completion = match answer.result {
            Ok(completion) => completion,
            Err(why) => return self.not_compacted(index, &why),
        };
        self.compactions.remove(&index);
        let text = |block: Block| match block {
            Block::Text { text } => Some(text),
            _ => None,
        };
        let texts: Vec<_> = completion.content.into_iter().filter_map(text).collect();
        let summary = texts.join("\n\n");
        let refused = answer.span.stop_reason == Some(StopReason::Refusal);
        if refused || summary.trim().is_empty() {
            // Without words of its own all that it knows would be lost.
            let failure = Failure::failed("its model did not put its full context in short")
                .hint("begin a new session, or name a model with a larger window");
            return self.give_up(index, NOT_COMPACTED, &failure);
        }
        let lucid = Compaction {
            summary: format!("What was before, in short:\n\n{summary}"),
            messages,
            usage: ModelUsage::from(completion.usage),
            model: answer.span.model.take(),
        };
        self.log.write(Some(&thread), &Event::ContextCompacted { lucid }).map(drop)
    }

    /// A context could not be put in short: that is tried again, or the turn ends.
    fn not_compacted(&mut self, index: usize, why: &NoAnswer) -> Result<()> {
        let failures = self.compactions.remove(&index).unwrap_or(0);
        let entropy = self.log.entropy();
        if let NoAnswer::Remote(error) = why
            && let Some(delay) = Backoff::STANDARD.delay_ms(failures, error, entropy)
        {
            self.compactions.insert(index, failures + 1);
            return self.ask_later(index, error, delay);
        }
        self.give_up(index, NOT_COMPACTED, why.failure())
    }

    /// A thread's turn is over: a specialist's answer goes to the lead.
    pub(super) fn turn_ended(&mut self, index: usize) -> Result<()> {
        if index == 0 {
            return Ok(());
        }
        let text = self.thread(index).last_text.clone();
        self.mail(index, 0, &text)?;
        let reason = self.thread(index).ended.clone();
        self.log.thread_idle(index, reason)
    }

    /// Writes a message down on both threads.
    pub(super) fn mail(&mut self, from: usize, to: usize, text: &str) -> Result<()> {
        let (from_id, to_id) = (self.thread_id(from)?, self.thread_id(to)?);
        let (from_name, to_name) = (self.thread(from).agent.clone(), self.thread(to).agent.clone());
        let sent = Event::ThreadMessageSent {
            to_session_thread_id: to_id.clone(),
            to_agent_name: to_name,
            content: Content::text(text),
        };
        let received = Event::ThreadMessageReceived {
            from_session_thread_id: from_id.clone(),
            from_agent_name: from_name,
            content: Content::text(text),
        };
        self.log.write(Some(&from_id), &sent)?;
        self.log.write(Some(&to_id), &received)?;
        Ok(())
    }
}
