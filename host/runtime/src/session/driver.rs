//! Running a session: what its log says is what is done next.
//!
//! The driver looks at the state that the log folds to, writes down what it is about to do,
//! puts that on disk, does it, and writes down what came of it. Effects run beside each
//! other and are applied as they end; in a deterministic session they are applied together,
//! in the threads' order, so that the log is the same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use lucid_core::{
    Content, Event, EventId, Failure, IdleReason, LogLevel, Result, SessionId, SessionStatus,
    ThreadId, ThreadState,
};
use tokio::sync::broadcast;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::approval::{Approver, Ask};
use super::effects::{self, Done, Effects, Surroundings, What};
use super::log::SessionLog;
use super::preview::{Heard, Preview};
use super::toolbox::ToolCall;
use super::turn;
use crate::mission::{Agent, Mission};

/// How often is looked for what others wrote into the log, in milliseconds.
const LOOK_MS: u64 = 100;

/// What is about to happen, once its intent is on disk.
pub(super) enum Intent {
    /// A model is asked; the event says so.
    Ask(EventId),
    /// A model puts so many messages of its thread in short.
    Compact(u32),
    /// A call runs.
    Run(ToolCall),
    /// A person is asked about a call.
    Decide(Ask),
}

/// A session while it runs.
pub(crate) struct Driver<'a> {
    pub(super) mission: &'a Mission,
    pub(super) id: SessionId,
    pub(super) log: SessionLog,
    pub(super) world: Arc<Surroundings>,
    pub(super) approver: Arc<dyn Approver>,
    pub(super) deterministic: bool,
    pub(super) effects: Effects,
    /// Compactions that failed one after the other, by thread.
    pub(super) compactions: BTreeMap<usize, u32>,
    /// Calls that nobody decides about now.
    pub(super) later: BTreeSet<EventId>,
    /// Whether a person stopped a thread, and the session was not said to rest since.
    pub(super) stopped: bool,
    /// Whether a call ran since memory was last looked at.
    ran: bool,
    /// Where answers are heard while they come.
    pub(super) previews: Option<broadcast::Sender<Heard>>,
    look: Interval,
}

impl<'a> Driver<'a> {
    pub(crate) fn new(
        mission: &'a Mission,
        id: SessionId,
        log: SessionLog,
        world: Surroundings,
        approver: Arc<dyn Approver>,
        deterministic: bool,
    ) -> Self {
        let mut look = interval(Duration::from_millis(LOOK_MS));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            mission,
            id,
            log,
            world: Arc::new(world),
            approver,
            deterministic,
            effects: Effects::default(),
            compactions: BTreeMap::new(),
            later: BTreeSet::new(),
            stopped: false,
            ran: false,
            previews: None,
            look,
        }
    }

    /// Goes on until nothing is left to do that needs no person.
    ///
    /// # Errors
    /// Failed or a bug, when the log cannot be written; what goes wrong inside the session is
    /// in its log.
    pub(crate) async fn run(&mut self) -> Result<()> {
        loop {
            if self.log.state().status == SessionStatus::Terminated {
                return Ok(());
            }
            self.carry_out_interrupts()?;
            self.forget_decided();
            let before = self.log.state().events;
            let intents = self.prepare()?;
            if !intents.is_empty() {
                self.log.hold().await?;
            }
            self.log.flush().await?;
            self.begin(intents)?;
            if !self.effects.is_empty() {
                self.wait().await?;
                continue;
            }
            if self.log.state().events != before {
                continue;
            }
            // What was stopped is dropped now: nothing of it runs beside a grader.
            let _ = self.effects.ready();
            if self.evaluate().await? {
                continue;
            }
            self.rest()?;
            // Somebody may have written before this was on disk.
            let others = self.log.flush().await?;
            if others || (self.log.is_behind().await? && self.log.catch_up().await?) {
                continue;
            }
            return Ok(());
        }
    }

    /// Writes down what every thread is about to do.
    fn prepare(&mut self) -> Result<Vec<(usize, Intent)>> {
        let mut intents = Vec::new();
        let mut index = 0;
        // Threads that are started on the way begin at once.
        while index < self.log.state().threads.len() {
            self.prepare_calls(index, &mut intents)?;
            if self.thread(index).wants_model() && !self.is_busy(index) {
                self.prepare_request(index, &mut intents)?;
            }
            index += 1;
        }
        Ok(intents)
    }

    fn is_busy(&self, index: usize) -> bool {
        self.effects.has(index, &What::Model) || self.effects.has(index, &What::Wake)
    }

    fn prepare_request(&mut self, index: usize, intents: &mut Vec<(usize, Intent)>) -> Result<()> {
        let agent = self.agent(index)?;
        if self.used_up().is_some() {
            return Ok(());
        }
        self.ensure_running(index)?;
        if let Some(why) = self.agent_used_up(&agent) {
            let message = format!("the budget of agent `{}` {why}", agent.name);
            return self.give_up(index, "budget_reached_error", &Failure::exceeded(message));
        }
        let thread = self.thread_id(index)?;
        if let Some(messages) = self.to_compact(index, &agent) {
            self.log.write(Some(&thread), &Event::CompactionStarted {})?;
            intents.push((index, Intent::Compact(messages)));
            return Ok(());
        }
        let start = self.log.write(Some(&thread), &Event::ModelRequestStart {})?;
        intents.push((index, Intent::Ask(start)));
        Ok(())
    }

    /// Begins what is on disk.
    fn begin(&mut self, intents: Vec<(usize, Intent)>) -> Result<()> {
        for (index, intent) in intents {
            // Others wrote before this was on disk: what a person stopped or put away does not
            // begin.
            let thread = self.thread(index);
            if thread.interrupted || thread.status == SessionStatus::Terminated {
                continue;
            }
            let agent = self.agent(index)?;
            let world = self.world.clone();
            match intent {
                Intent::Ask(start) => {
                    let space = &self.world.workspace;
                    let request = turn::request(self.thread(index), &agent, space);
                    let preview = self.preview(index);
                    let ask = async move {
                        let answer = effects::ask(world, agent, request, preview).await;
                        Ok(Done::Answered { start, answer })
                    };
                    self.effects.begin(index, What::Model, ask);
                }
                Intent::Compact(messages) => {
                    let request = self.compaction(index, &agent, messages);
                    let ask = async move {
                        let answer = effects::ask(world, agent, request, None).await;
                        Ok(Done::Compacted { messages, answer })
                    };
                    self.effects.begin(index, What::Model, ask);
                }
                Intent::Run(call) => {
                    let what = What::Call(call.event.clone());
                    self.effects.begin(index, what, effects::run(world, agent, call));
                }
                Intent::Decide(ask) => {
                    let call = self.log.state().call(&ask.call);
                    if !call.is_some_and(|(_, call)| call.asks()) {
                        continue;
                    }
                    let what = What::Ask(ask.call.clone());
                    let decide = effects::decide(self.approver.clone(), ask);
                    self.effects.begin(index, what, decide);
                }
            }
        }
        Ok(())
    }

    /// Where the answer of the primary thread's model can be heard while it comes, if anybody
    /// listens: its id is settled then before it is written.
    fn preview(&self, index: usize) -> Option<Preview> {
        let sender = self.previews.as_ref().filter(|sender| sender.receiver_count() > 0)?;
        if index > 0 || self.deterministic {
            return None;
        }
        let event_id = EventId::new(self.log.clock(), self.log.entropy());
        Some(Preview { sender: sender.clone(), session_id: self.id.clone(), event_id })
    }

    /// Waits until something ends, or somebody writes into the log.
    async fn wait(&mut self) -> Result<()> {
        if self.deterministic {
            for (index, done) in self.effects.all().await {
                self.apply(index, done?)?;
            }
            return self.world.workspace.settle().await;
        }
        let mut ended = self.effects.ready();
        if ended.is_none() && self.effects.only_asks() {
            self.wait_for_people()?;
            self.log.flush().await?;
        }
        if ended.is_none() {
            tokio::select! {
                next = self.effects.next() => ended = next,
                _ = self.look.tick() => {
                    if self.log.is_behind().await? {
                        self.log.catch_up().await?;
                    }
                }
            }
        }
        while let Some((index, done)) = ended {
            self.apply(index, done?)?;
            ended = self.effects.ready();
        }
        if self.effects.calls() == 0 {
            // No call runs now: what the session holds can be measured.
            self.world.workspace.settle().await?;
            self.remember().await?;
        }
        Ok(())
    }

    /// Makes versions of what calls changed in memory.
    async fn remember(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.ran) {
            return Ok(());
        }
        let world = self.world.clone();
        for mount in world.workspace.memory() {
            let Some(remembered) = &mount.writable else { continue };
            let (store, clock) = (self.log.store().clone(), self.log.clock());
            remembered.keep(&store, clock, self.log.entropy()).await?;
        }
        self.tell_of_memory()
    }

    /// Writes down what of memory was not kept, once.
    pub(super) fn tell_of_memory(&mut self) -> Result<()> {
        let world = self.world.clone();
        let writable = world.workspace.memory().iter().filter_map(|mount| mount.writable.as_ref());
        for message in writable.flat_map(|remembered| remembered.notices.take_fresh()) {
            self.warn(message)?;
        }
        Ok(())
    }

    /// Writes down what whoever watches should know.
    pub(super) fn warn(&mut self, message: String) -> Result<()> {
        let (plugin, level) = ("lucid".to_owned(), LogLevel::Warn);
        self.log.write(None, &Event::Log { plugin, level, message }).map(drop)
    }

    /// Questions that somebody answered elsewhere are not asked any more.
    fn forget_decided(&mut self) {
        let waiting: BTreeSet<EventId> = self
            .log
            .state()
            .asks()
            .filter(|(_, call)| call.asks())
            .map(|(_, call)| call.event.clone())
            .collect();
        self.effects.stop_asks(|call| !waiting.contains(call));
    }

    /// Writes down what came of an effect.
    fn apply(&mut self, index: usize, done: Done) -> Result<()> {
        match done {
            Done::Answered { start, answer } => self.answered(index, start, answer),
            Done::Compacted { messages, answer } => self.compacted(index, messages, answer),
            Done::Ran { call, end } => {
                self.ran = true;
                self.result(index, call, *end)
            }
            Done::Decided { call, approval } => self.decided(index, call, approval),
            Done::Woken => {
                let (thread, agent) = (self.thread_id(index)?, self.thread(index).agent.clone());
                self.run_again(&thread, &agent)
            }
        }
    }

    /// Writes down that nothing goes on, and why.
    fn rest(&mut self) -> Result<()> {
        if self.log.state().status == SessionStatus::Terminated {
            return Ok(());
        }
        if self.log.state().asks().next().is_some() {
            return self.wait_for_people();
        }
        let works = self.log.state().is_working() || self.due().is_some();
        let out = self.used_up().is_some() && works;
        let reason = if out {
            IdleReason::BudgetReached
        } else {
            let lead = self.log.state().threads.first();
            lead.map_or(IdleReason::EndTurn, |lead| lead.ended.clone())
        };
        if !self.is_news(&reason) {
            return Ok(());
        }
        for index in 0..self.log.state().threads.len() {
            let thread = self.thread(index);
            let said = thread.status == SessionStatus::Idle;
            if (index == 0 && !said) || (out && thread.is_working()) {
                self.log.thread_idle(index, reason.clone())?;
            }
        }
        self.stopped = false;
        self.log.session_idle(reason)
    }

    /// Writes down that calls wait for a person, once for the same calls.
    fn wait_for_people(&mut self) -> Result<()> {
        let asks: Vec<(usize, EventId)> =
            self.log.state().asks().map(|(index, call)| (index, call.event.clone())).collect();
        if asks.is_empty() {
            return Ok(());
        }
        let event_ids: Vec<EventId> = asks.iter().map(|(_, call)| call.clone()).collect();
        let reason = IdleReason::RequiresAction { event_ids };
        if !self.is_news(&reason) {
            return Ok(());
        }
        for index in 0..self.log.state().threads.len() {
            let of_thread = asks.iter().filter(|(thread, _)| *thread == index);
            let event_ids: Vec<EventId> = of_thread.map(|(_, call)| call.clone()).collect();
            if !event_ids.is_empty() {
                self.log.thread_idle(index, IdleReason::RequiresAction { event_ids })?;
            }
        }
        self.stopped = false;
        self.log.session_idle(reason)
    }

    /// Whether the log does not say yet that the session rests for this reason. A person who
    /// stopped something is told anew: whoever sent the interrupt waits for that.
    fn is_news(&self, reason: &IdleReason) -> bool {
        let state = self.log.state();
        let said = state.status == SessionStatus::Idle && state.idle.as_ref() == Some(reason);
        self.stopped || !said
    }

    /// Writes down that the session works again, where it did not.
    pub(super) fn ensure_running(&mut self, index: usize) -> Result<()> {
        let running = SessionStatus::Running;
        if self.log.state().status == running && self.thread(index).status == running {
            return Ok(());
        }
        self.run_on(index)
    }

    /// Writes down that a thread works, whatever was said before.
    pub(super) fn run_on(&mut self, index: usize) -> Result<()> {
        let (thread, agent) = (self.thread_id(index)?, self.thread(index).agent.clone());
        self.run_again(&thread, &agent)
    }

    fn run_again(&mut self, thread: &ThreadId, agent: &str) -> Result<()> {
        if self.log.state().status != SessionStatus::Running {
            let lead = self.thread_id(0)?;
            self.log.write(Some(&lead), &Event::StatusRunning {})?;
        }
        let (session_thread_id, agent_name) = (thread.clone(), agent.to_owned());
        let running = Event::ThreadRunning { session_thread_id, agent_name };
        self.log.write(Some(thread), &running).map(drop)
    }

    pub(super) fn thread(&self, index: usize) -> &ThreadState {
        &self.log.state().threads[index]
    }

    pub(super) fn thread_id(&self, index: usize) -> Result<ThreadId> {
        self.log.thread_id(index)
    }

    pub(super) fn agent(&self, index: usize) -> Result<Arc<Agent>> {
        let name = &self.thread(index).agent;
        let agent = self.mission.agents.get(name).cloned();
        agent.ok_or_else(|| {
            Failure::invalid(format!("mission `{}` has no agent `{name}`", self.mission.name))
                .hint("the session began with one; put it back into the mission's file")
        })
    }

    /// Which part of the session's budget is used up.
    pub(super) fn used_up(&self) -> Option<String> {
        let now = self.log.clock().now();
        let used = self.log.meter().used(self.log.state(), None, now);
        super::meter::used_up(&self.mission.budget, used)
    }

    /// Which part of an agent's budget is used up.
    pub(super) fn agent_used_up(&self, agent: &Agent) -> Option<String> {
        let now = self.log.clock().now();
        let used = self.log.meter().used(self.log.state(), Some(&agent.name), now);
        super::meter::used_up(&agent.budget, used)
    }

    /// A person says something to the lead.
    pub(super) fn say(&mut self, text: &str) -> Result<()> {
        let lead = self.thread_id(0)?;
        let said = Event::UserMessage { content: Content::text(text) };
        self.log.write(Some(&lead), &said).map(drop)
    }
}
