//! The calls of a turn: which may run, in which order, and what they gave.
//!
//! Calls that only read run at the same time. One that may change something runs alone, in
//! the order in which the model wrote it down; so no call reads what another is writing, and
//! what a turn leaves behind does not depend on which of its calls was faster.

use lucid_core::{
    CallState, Confirmation, Event, EventId, IdleReason, Permission, Result, SessionStatus,
};

use super::approval::{Approval, Ask};
use super::driver::{Driver, Intent};
use super::effects::What;
use super::platform;
use super::toolbox::{CallEnd, ToolCall};
use crate::mission::Agent;

/// What an agent is told of a call that a turn's end left behind.
pub(super) const NEVER_RAN: &str = "exceeded: the turn was stopped before it";

/// How what an agent is told of a call ends, for which nothing is left.
const NO_RUN: &str = "the call did not run";

/// What an agent is told of a call that a person stopped.
const INTERRUPTED: &str = "interrupted: a person stopped this call; what it had done until then \
    is not known, so look before you call it again";

/// What is said of a call whose thread is no more.
const PUT_AWAY: &str = "interrupted: the thread was put away while this call waited or ran";

/// Whether a call changes nothing, by what its tool says of itself.
fn only_reads(agent: &Agent, call: &CallState) -> bool {
    match agent.tools.get(&call.name) {
        Some(tool) => tool.spec.annotations.read_only,
        // The host's own tools wait for nothing but messages.
        None => true,
    }
}

/// The calls of a turn that may run now, `busy` being those that run already.
pub(super) fn runnable<'a>(
    agent: &Agent,
    calls: &'a [CallState],
    busy: impl Fn(&CallState) -> bool,
) -> Vec<&'a CallState> {
    let mut chosen = Vec::new();
    let mut earlier_open = false;
    for call in calls.iter().filter(|call| call.result.is_none()) {
        let reads = only_reads(agent, call);
        if call.waits() || busy(call) {
            earlier_open = true;
            if !reads {
                break;
            }
            continue;
        }
        if !reads && earlier_open {
            break;
        }
        chosen.push(call);
        earlier_open = true;
        if !reads {
            break;
        }
    }
    chosen
}

impl Driver<'_> {
    /// Answers the calls of a thread that no plugin runs, and lets begin what may.
    pub(super) fn prepare_calls(
        &mut self,
        index: usize,
        intents: &mut Vec<(usize, Intent)>,
    ) -> Result<()> {
        if self.thread(index).open_calls().next().is_none() {
            return Ok(());
        }
        let agent = self.agent(index)?;
        self.put_questions(index, &agent, intents);
        let busy = |call: &CallState| self.effects.has(index, &What::Call(call.event.clone()));
        let calls = &self.thread(index).calls;
        let chosen: Vec<CallState> = runnable(&agent, calls, busy).into_iter().cloned().collect();
        let intended = intents.iter().filter(|(_, intent)| matches!(intent, Intent::Run(_)));
        let mut begun = self.effects.calls() + intended.count();
        for call in chosen {
            let refusal = self.refusal(&agent, &call);
            if let Some(why) = refusal.or_else(|| self.no_call_left(begun)) {
                // The turn goes on with it, unless another call of the thread still waits.
                if !self.thread(index).open_calls().any(CallState::waits) {
                    self.ensure_running(index)?;
                }
                self.result(index, call.event, CallEnd::refused(why))?;
            } else if platform::is_platform(&agent, &call.name) {
                if let Some(end) = self.platform_call(index, &agent, &call)? {
                    self.result(index, call.event, end)?;
                }
            } else {
                // What somebody decided begins with an event of its own: without it, whoever
                // goes on knows that the call never began.
                match call.begun {
                    true => self.ensure_running(index)?,
                    false => self.run_on(index)?,
                }
                begun += 1;
                let input_json = call.input.to_string();
                let run = ToolCall { event: call.event, name: call.name, input_json };
                intents.push((index, Intent::Run(run)));
            }
        }
        Ok(())
    }

    /// Asks about calls that wait for a person, each once.
    fn put_questions(&self, index: usize, agent: &Agent, intents: &mut Vec<(usize, Intent)>) {
        for call in self.thread(index).open_calls().filter(|call| call.asks()) {
            let asked = self.effects.has(index, &What::Ask(call.event.clone()));
            if asked || self.later.contains(&call.event) {
                continue;
            }
            let ask = Ask {
                session_id: self.id.clone(),
                agent: agent.name.clone(),
                call: call.event.clone(),
                tool: call.name.clone(),
                input: call.input.clone(),
            };
            intents.push((index, Intent::Decide(ask)));
        }
    }

    /// Why a call does not run, where it does not.
    pub(super) fn refusal(&self, agent: &Agent, call: &CallState) -> Option<String> {
        let name = &call.name;
        let denied = |why: &str| Some(format!("Permission to use {name} has been denied.{why}"));
        let there = agent.tools.contains_key(name)
            || agent.client_tools.contains_key(name)
            || platform::is_platform(agent, name);
        if !there {
            return denied(" (the tool is not enabled)");
        }
        let rule = &call.rule;
        match (call.permission, &call.confirmation) {
            (Permission::Deny, _) => return denied(&format!(" ({rule})")),
            (Permission::Ask, Some((Confirmation::Deny, reason))) => {
                let reason = reason.iter().map(|reason| format!(" {reason}"));
                let reason: String = reason.collect();
                return denied(&format!("{reason} ({rule})"));
            }
            _ => {}
        }
        if !call.input.is_object() {
            return Some("The input is not a JSON object.".to_owned());
        }
        if let Some(used_up) = self.used_up() {
            return Some(format!("exceeded: the session's budget {used_up}; {NO_RUN}"));
        }
        let used_up = self.agent_used_up(agent)?;
        Some(format!("exceeded: the budget of agent `{}` {used_up}; {NO_RUN}", agent.name))
    }

    /// Why no call may begin beside those that run, where the session's calls are limited.
    fn no_call_left(&self, begun: usize) -> Option<String> {
        let most = self.mission.budget.tool_calls?;
        let used = u64::from(self.log.state().tool_calls).saturating_add(begun as u64);
        let text =
            || format!("exceeded: the session's budget of {most} tool calls is used up; {NO_RUN}");
        (used >= most).then(text)
    }

    /// Writes down what a call gave.
    pub(super) fn result(&mut self, index: usize, call: EventId, mut end: CallEnd) -> Result<()> {
        if self.deterministic {
            end.span.usage.wall_ms = 0;
        }
        self.log.result(index, call, end)
    }

    /// Writes down what somebody decided, unless it was decided elsewhere meanwhile.
    pub(super) fn decided(
        &mut self,
        index: usize,
        call: EventId,
        approval: Approval,
    ) -> Result<()> {
        let waits = self.log.state().call(&call).is_some_and(|(_, call)| call.asks());
        if !waits {
            return Ok(());
        }
        let (result, deny_message) = match approval {
            Approval::Allow => (Confirmation::Allow, None),
            Approval::Deny { reason } => (Confirmation::Deny, reason),
            Approval::Later => {
                self.later.insert(call);
                return Ok(());
            }
        };
        let thread = self.thread_id(index)?;
        let decided = Event::ToolConfirmation { tool_use_id: call, result, deny_message };
        self.log.write(Some(&thread), &decided).map(drop)
    }

    /// Ends the turns that people stopped, and those of threads that were put away.
    pub(super) fn carry_out_interrupts(&mut self) -> Result<()> {
        for index in 0..self.log.state().threads.len() {
            let put_away = self.thread(index).status == SessionStatus::Terminated;
            if !self.thread(index).interrupted && !put_away {
                continue;
            }
            self.effects.stop(index);
            self.compactions.remove(&index);
            if put_away {
                // Whoever put it away saw it rest, and it had begun to work by then.
                self.log.close_thread(index, "its thread was put away", PUT_AWAY)?;
                continue;
            }
            self.log.close_thread(index, "a person interrupted it", INTERRUPTED)?;
            if index == 0 {
                self.outcome_interrupted()?;
            }
            self.log.thread_idle(index, IdleReason::EndTurn)?;
            self.stopped = true;
        }
        Ok(())
    }
}
