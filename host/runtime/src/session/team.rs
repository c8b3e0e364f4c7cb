//! The team: threads are started by messages, and answers go back as messages.
//!
//! Messages are all that passes between contexts; each is in the log on both threads.

use lucid_core::{CallState, Event, Failure, Result, SessionStatus, ThreadId};
use serde_json::{Value, json};

use super::driver::Driver;
use super::platform::{self, Order};
use super::toolbox::CallEnd;
use crate::mission::Agent;

impl Driver<'_> {
    /// Answers a call of one of the host's own tools; none while it waits.
    pub(super) fn platform_call(
        &mut self,
        index: usize,
        agent: &Agent,
        call: &CallState,
    ) -> Result<Option<CallEnd>> {
        let order = match platform::read(agent, &call.name, &call.input) {
            Ok(order) => order,
            Err(why) => return Ok(Some(CallEnd::refused(why))),
        };
        let end = match order {
            Order::List => CallEnd::answered(self.team(agent).to_string()),
            Order::Start { agent, message } => match self.start_thread(&agent)? {
                Ok(to) => self.send(index, to, &message)?,
                Err(why) => CallEnd::refused(why),
            },
            Order::Send { agent, message } => {
                let there = |to: &usize| self.thread(*to).agent == agent && !self.is_over(*to);
                let found = (1..self.log.state().threads.len()).find(there);
                let to = match found {
                    Some(to) => Ok(to),
                    None => self.start_thread(&agent)?,
                };
                match to {
                    Ok(to) => self.send(index, to, &message)?,
                    Err(why) => CallEnd::refused(why),
                }
            }
            Order::Continue { thread, message } => match self.child(&thread) {
                Ok(to) if self.is_over(to) => {
                    let why = format!("thread `{thread}` was put away; start another");
                    CallEnd::refused(why)
                }
                Ok(to) => self.send(index, to, &message)?,
                Err(why) => CallEnd::refused(why),
            },
            Order::Await { threads } => return Ok(self.awaited(&threads)),
        };
        Ok(Some(end))
    }

    /// Sends a message to a thread, whose turn begins or which reads it when it can.
    fn send(&mut self, from: usize, to: usize, message: &str) -> Result<CallEnd> {
        self.mail(from, to, message)?;
        let (id, agent_name) = (self.thread_id(to)?, self.thread(to).agent.clone());
        let session_thread_id = id.clone();
        let running = Event::ThreadRunning { session_thread_id, agent_name: agent_name.clone() };
        self.log.write(Some(&id), &running)?;
        let answer = json!({"agent_name": agent_name, "session_thread_id": id});
        Ok(CallEnd::answered(answer.to_string()))
    }

    /// Starts a thread; the inner error is for the lead.
    fn start_thread(&mut self, name: &str) -> Result<Result<usize, String>> {
        let most = self.mission.threads;
        let there = self.log.state().threads.len().saturating_sub(1);
        if there >= most {
            return Ok(Err(format!("exceeded: {most} threads are there already, the most")));
        }
        if !self.mission.agents.contains_key(name) {
            return Err(Failure::bug(format!("agent `{name}` is in a roster only")));
        }
        let (id, lead) = (self.log.new_thread(), self.thread_id(0)?);
        let created = Event::ThreadCreated { session_thread_id: id, agent_name: name.to_owned() };
        self.log.write(Some(&lead), &created)?;
        Ok(Ok(self.log.state().threads.len() - 1))
    }

    /// Whether a thread was put away.
    fn is_over(&self, index: usize) -> bool {
        self.thread(index).status == SessionStatus::Terminated
    }

    fn child(&self, id: &str) -> Result<usize, String> {
        let found = ThreadId::parse(id).and_then(|id| Some(self.log.state().thread(&id)?.0));
        let child = found.filter(|index| *index > 0);
        child.ok_or_else(|| format!("not found: no thread `{id}`; `list_agents` lists them"))
    }

    /// Who is there, and what each thread does.
    fn team(&self, agent: &Agent) -> Value {
        let threads = (1..self.log.state().threads.len()).map(|index| self.standing(index));
        json!({"agents": agent.roster, "threads": threads.collect::<Vec<_>>()})
    }

    fn standing(&self, index: usize) -> Value {
        let thread = self.thread(index);
        let waits = thread.open_calls().any(|call| call.waits());
        let status = match (thread.is_working(), waits) {
            _ if self.is_over(index) => "archived",
            (true, _) if thread.status == SessionStatus::Rescheduling => "rescheduling",
            (true, _) => "running",
            (false, true) => "waiting_for_a_person",
            (false, false) => "idle",
        };
        json!({"session_thread_id": thread.id, "agent_name": thread.agent, "status": status})
    }

    /// Whether all of some threads, or of all, have ended their turns.
    fn awaited(&self, threads: &[String]) -> Option<CallEnd> {
        let mut indices = Vec::new();
        for id in threads {
            match self.child(id) {
                Ok(index) => indices.push(index),
                Err(why) => return Some(CallEnd::refused(why)),
            }
        }
        if threads.is_empty() {
            indices.extend(1..self.log.state().threads.len());
        }
        let ended = |index: &usize| {
            let thread = self.thread(*index);
            !thread.is_working() && thread.open_calls().next().is_none()
        };
        if !indices.iter().all(ended) {
            return None;
        }
        let threads: Vec<_> = indices.into_iter().map(|index| self.standing(index)).collect();
        Some(CallEnd::answered(json!({ "threads": threads }).to_string()))
    }
}
