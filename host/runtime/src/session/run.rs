//! Running a session from its first message until nobody has anything left to do.

use std::path::PathBuf;
use std::sync::Arc;

use futures::future::join_all;
use lucid_core::{
    Clock, Content, Entropy, Evaluation, Event, Failure, IdleReason, ModelUsage, OutcomeResult,
    Result, Session, StopReason, TokenUsage,
};
use lucid_engine::GuestTime;
use lucid_store::Store;

use super::conversation;
use super::outcome::{ActiveOutcome, gaps};
use super::platform;
use super::step::{Done, StepWorld, Work, step};
use super::thread::{Next, PendingCall, Thread};
use super::toolbox::CallEnd;
use super::workspace::{MemoryMount, Workspace};
use super::writer::EventWriter;
use crate::mission::{Mission, Variables, fill};

/// How often a model is asked before somebody has to write to its thread again.
const REQUESTS_MAX: u32 = 200;

/// What a session needs to run.
pub(crate) struct SessionPlan {
    /// The session, already in the store.
    pub(crate) session: Session,
    /// The lease under which it writes.
    pub(crate) epoch: u64,
    /// What placeholders stand for.
    pub(crate) variables: Variables,
    /// Where its folders are made.
    pub(crate) folder: PathBuf,
    /// The memory stores its agents see.
    pub(crate) memory: Vec<MemoryMount>,
    /// Its clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// Its ids.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Clocks and random numbers of its tools and models.
    pub(crate) time: GuestTime,
    /// Whether wall times are left out of the log.
    pub(crate) deterministic: bool,
}

/// What a session came to.
#[derive(Debug, Clone)]
pub struct SessionEnd {
    /// What became of its outcome.
    pub outcome: Option<OutcomeResult>,
    /// The last evaluation.
    pub evaluation: Option<Evaluation>,
    /// What the lead said last.
    pub last_text: String,
    /// Its folders.
    pub workspace: Workspace,
    /// Threads it had.
    pub threads: u32,
    /// Tool calls it made.
    pub tool_calls: u32,
    /// Events in its log.
    pub events: u32,
}

/// Runs a session of a mission.
///
/// # Errors
/// Failed or a bug, when the log cannot be written; what goes wrong inside the session is in
/// its log.
pub(crate) async fn run(
    mission: &Mission,
    store: Arc<dyn Store>,
    plan: SessionPlan,
) -> Result<SessionEnd> {
    let lead = mission.agents.get(&mission.lead);
    let lead = lead.ok_or_else(|| Failure::bug("a mission without its lead"))?.clone();
    let views: Vec<_> = mission.agents.values().map(|agent| &agent.view).collect();
    let workspace =
        Workspace::create(plan.folder, plan.memory, &views, &mission.files, mission.disk)?;
    let id = plan.session.id.clone();
    let mut writer = EventWriter::new(store, id, plan.epoch, plan.clock, plan.entropy);
    let primary = Thread::new(writer.new_thread(), lead);
    let world = StepWorld { workspace, variables: plan.variables, time: plan.time };
    let mut running = Running {
        mission,
        writer,
        threads: vec![primary],
        world: Arc::new(world),
        deterministic: plan.deterministic,
        usage: TokenUsage::default(),
        tool_calls: 0,
        last_text: String::new(),
        exhausted: false,
    };
    running.whole().await
}

/// A session while it runs.
pub(super) struct Running<'a> {
    pub(super) mission: &'a Mission,
    pub(super) writer: EventWriter,
    /// The lead's first, then in the order they were started.
    pub(super) threads: Vec<Thread>,
    pub(super) world: Arc<StepWorld>,
    pub(super) deterministic: bool,
    pub(super) usage: TokenUsage,
    pub(super) tool_calls: u32,
    pub(super) last_text: String,
    /// Whether the lead's model failed: nothing goes on without it.
    pub(super) exhausted: bool,
}

impl Running<'_> {
    async fn whole(&mut self) -> Result<SessionEnd> {
        let mission = self.mission;
        let message = fill(&mission.message, &self.world.variables);
        let (lead, name) = (self.threads[0].id.clone(), self.threads[0].agent.name.clone());
        let running = Event::ThreadRunning { session_thread_id: lead.clone(), agent_name: name };
        self.writer.write(Some(&lead), &Event::StatusRunning {})?;
        self.writer.write(Some(&lead), &running)?;
        let said = Event::UserMessage { content: Content::text(&message) };
        self.writer.write(Some(&lead), &said)?;
        self.threads[0].inbox.push_back(message);
        let mut active = match &mission.outcome {
            Some(plan) => {
                Some(ActiveOutcome::define(plan, &self.world.variables, &mut self.writer)?)
            }
            None => None,
        };
        let (mut result, mut evaluation) = (None, None);
        loop {
            self.until_idle().await?;
            let (Some(plan), Some(outcome)) = (&mission.outcome, &mut active) else { break };
            if self.exhausted {
                break;
            }
            let (space, writer) = (&self.world.workspace, &mut self.writer);
            let ended = outcome.evaluate(plan, space, self.deterministic, writer).await?;
            result = Some(ended.result);
            let last = ended.result == OutcomeResult::MaxIterationsReached;
            if last || ended.result == OutcomeResult::NeedsRevision {
                let message = gaps(&ended, last);
                let said = Event::UserMessage { content: Content::text(&message) };
                self.writer.write(Some(&lead), &said)?;
                self.threads[0].inbox.push_back(message);
            }
            evaluation = ended.evaluation;
            match ended.result {
                OutcomeResult::NeedsRevision => {}
                OutcomeResult::MaxIterationsReached => {
                    // One last turn to close the work; it is not evaluated.
                    self.until_idle().await?;
                    break;
                }
                _ => break,
            }
        }
        self.close().await?;
        Ok(SessionEnd {
            outcome: result,
            evaluation,
            last_text: std::mem::take(&mut self.last_text),
            workspace: self.world.workspace.clone(),
            threads: u32::try_from(self.threads.len()).unwrap_or(u32::MAX),
            tool_calls: self.tool_calls,
            events: self.writer.written(),
        })
    }

    async fn close(&mut self) -> Result<()> {
        let lead = &self.threads[0];
        let stop_reason =
            if self.exhausted { IdleReason::RetriesExhausted } else { IdleReason::EndTurn };
        let idle = Event::ThreadIdle {
            session_thread_id: lead.id.clone(),
            agent_name: lead.agent.name.clone(),
            stop_reason: stop_reason.clone(),
        };
        let id = lead.id.clone();
        self.writer.write(Some(&id), &idle)?;
        self.writer.write(Some(&id), &Event::Usage { usage: ModelUsage::from(self.usage) })?;
        self.writer.write(Some(&id), &Event::StatusIdle { stop_reason })?;
        self.writer.flush().await
    }

    /// Steps until no thread can go on.
    async fn until_idle(&mut self) -> Result<()> {
        loop {
            let mut steps = Vec::new();
            for index in 0..self.threads.len() {
                if let Some(work) = self.prepare(index)? {
                    steps.push((index, work));
                }
            }
            if steps.is_empty() {
                return Ok(());
            }
            // What is about to happen is on disk before it happens.
            self.writer.flush().await?;
            let (indices, steps): (Vec<_>, Vec<_>) = steps
                .into_iter()
                .map(|(index, (start, work))| {
                    let agent = self.threads[index].agent.clone();
                    ((index, start), step(self.world.clone(), agent, work))
                })
                .unzip();
            let done = join_all(steps).await;
            for ((index, start), done) in indices.into_iter().zip(done) {
                self.apply(index, start, done?)?;
            }
            // No call runs now: what the session holds can be measured.
            self.world.workspace.settle().await?;
        }
    }

    /// What a thread does in this step; its intent is written down.
    fn prepare(&mut self, index: usize) -> Result<Option<(Option<lucid_core::EventId>, Work)>> {
        let thread = &mut self.threads[index];
        match std::mem::replace(&mut thread.next, Next::Wait) {
            Next::Wait => {
                if !thread.take_inbox() {
                    return Ok(None);
                }
                self.prepare(index)
            }
            Next::Ask => {
                thread.requests += 1;
                let id = thread.id.clone();
                let start = self.writer.write(Some(&id), &Event::ModelRequestStart {})?;
                let request = conversation::request(&self.threads[index], &self.world.workspace);
                Ok(Some((Some(start), Work::Ask(request))))
            }
            Next::Run(calls) => {
                let mut prepared = Vec::new();
                for call in calls {
                    let answered = self.answer_here(index, &call)?;
                    prepared.push((call, answered));
                }
                Ok(Some((None, Work::Run(prepared))))
            }
        }
    }

    /// Answers a call that no plugin runs: a refused one, or one of the host's own tools.
    fn answer_here(&mut self, index: usize, call: &PendingCall) -> Result<Option<CallEnd>> {
        if let Some(why) = &call.refused {
            return Ok(Some(CallEnd::refused(why.clone())));
        }
        let agent = self.threads[index].agent.clone();
        if !platform::is_platform(&agent, &call.name) {
            return Ok(None);
        }
        if call.name == platform::LIST_AGENTS {
            return Ok(Some(CallEnd::answered(platform::list(&agent))));
        }
        let input = call.input.clone().unwrap_or_default();
        match platform::recipient(&agent, &input) {
            Ok((name, message)) => self.send(index, name, message).map(Some),
            Err(why) => Ok(Some(CallEnd::refused(why))),
        }
    }

    /// Writes down what came of a step.
    fn apply(
        &mut self,
        index: usize,
        start: Option<lucid_core::EventId>,
        done: Done,
    ) -> Result<()> {
        match done {
            Done::Ran(calls) => self.apply_calls(index, calls),
            Done::Asked { result, mut span, logs } => {
                if self.deterministic {
                    span.usage.wall_ms = 0;
                }
                let id = self.threads[index].id.clone();
                let model = self.threads[index].agent.model.name.clone();
                self.writer.write_logs(Some(&id), &model, logs)?;
                let (usage, is_error) = match &result {
                    Ok(completion) => (completion.usage, false),
                    Err(_) => (TokenUsage::default(), true),
                };
                self.usage.input_tokens += usage.input_tokens;
                self.usage.output_tokens += usage.output_tokens;
                let refused =
                    matches!(&result, Ok(answer) if answer.stop_reason == StopReason::Refusal);
                let ended = match result {
                    Ok(completion) => {
                        conversation::answer(&mut self.threads[index], completion, &mut self.writer)
                    }
                    Err(failure) => self.model_failed(index, &failure).map(Some),
                }?;
                let Some(start) = start else { return Err(Failure::bug("a request unopened")) };
                let end = Event::ModelRequestEnd {
                    model_request_start_id: start,
                    model_usage: ModelUsage::from(usage),
                    is_error,
                    lucid: Some(*span),
                };
                self.writer.write(Some(&id), &end)?;
                let asked_too_often = self.threads[index].requests >= REQUESTS_MAX;
                match ended {
                    Some(text) => self.turn_ended(index, text, is_error, refused),
                    None if asked_too_often => self.too_many_requests(index),
                    None => Ok(()),
                }
            }
        }
    }

    fn apply_calls(&mut self, index: usize, calls: Vec<(PendingCall, CallEnd)>) -> Result<()> {
        let id = self.threads[index].id.clone();
        let mut content = Vec::new();
        for (call, mut end) in calls {
            self.tool_calls += 1;
            if self.deterministic {
                end.span.usage.wall_ms = 0;
            }
            if let Some((plugin, lines)) = end.logs {
                self.writer.write_logs(Some(&id), &plugin, lines)?;
            }
            let result = Event::ToolResult {
                tool_use_id: call.event,
                content: end.content,
                is_error: end.is_error,
                lucid: end.span,
            };
            self.writer.write(Some(&id), &result)?;
            content.push(lucid_core::Block::ToolResult {
                tool_use_id: call.id,
                text: end.text,
                is_error: end.is_error,
            });
        }
        // What came in meanwhile is read with the results.
        let thread = &mut self.threads[index];
        content.extend(thread.inbox.drain(..).map(|text| lucid_core::Block::Text { text }));
        thread.messages.push(lucid_core::Message { role: lucid_core::Role::User, content });
        thread.next = Next::Ask;
        Ok(())
    }

    fn model_failed(&mut self, index: usize, failure: &Failure) -> Result<String> {
        let id = self.threads[index].id.clone();
        let error = serde_json::json!({
            "type": "model_request_failed_error",
            "message": failure.to_string(),
            "retry_status": {"type": "exhausted"},
            "lucid": failure,
        });
        self.writer.write(Some(&id), &Event::Error { error })?;
        self.threads[index].next = Next::Wait;
        Ok(format!("I could not go on: {failure}"))
    }

    fn too_many_requests(&mut self, index: usize) -> Result<()> {
        // Every call that was written down gets its result, also those that never run.
        if let Next::Run(calls) = std::mem::replace(&mut self.threads[index].next, Next::Wait) {
            let unrun = |call| (call, CallEnd::refused("exceeded: the turn was stopped before it"));
            self.apply_calls(index, calls.into_iter().map(unrun).collect())?;
        }
        let message = format!("its model was asked {REQUESTS_MAX} times without an end");
        let failure = Failure::exceeded(message);
        let text = self.model_failed(index, &failure)?;
        self.turn_ended(index, text, true, false)
    }
}
