//! The team: threads are started by messages, and answers go back as messages.
//!
//! Messages are all that passes between contexts; each is in the log on both threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use lucid_core::{Content, Event, Failure, IdleReason, Result, ThreadId};

use super::platform;
use super::run::Running;
use super::thread::Thread;
use super::toolbox::CallEnd;
use crate::mission::Agent;

/// Threads of one session at most, the lead's not counted.
const THREADS_MAX: usize = 25;

impl Running<'_> {
    /// Sends a message of the lead to an agent, whose thread starts or goes on.
    pub(super) fn send(&mut self, from: usize, name: &str, message: &str) -> Result<CallEnd> {
        let there = |thread: &Thread| thread.agent.name == name;
        let index = match self.threads.iter().skip(1).position(there) {
            Some(index) => index + 1,
            None if self.threads.len() > THREADS_MAX => {
                return Ok(CallEnd::refused(format!(
                    "exceeded: {THREADS_MAX} threads run already, which is the limit"
                )));
            }
            None => {
                let Some(agent) = self.mission.agents.get(name) else {
                    return Err(Failure::bug(format!("agent `{name}` is in a roster only")));
                };
                self.start_thread(agent.clone())?;
                self.threads.len() - 1
            }
        };
        let (sender, receiver) = (&self.threads[from], &self.threads[index]);
        let (sender_id, sender_name) = (sender.id.clone(), sender.agent.name.clone());
        let receiver_id = receiver.id.clone();
        self.mail(&sender_id, &sender_name, &receiver_id, name, message)?;
        let running = Event::ThreadRunning {
            session_thread_id: receiver_id.clone(),
            agent_name: name.to_owned(),
        };
        self.writer.write(Some(&receiver_id), &running)?;
        self.threads[index].inbox.push_back(platform::letter(&sender_name, message));
        let answer =
            BTreeMap::from([("session_thread_id", receiver_id.as_str()), ("agent_name", name)]);
        Ok(CallEnd::answered(serde_json::json!(answer).to_string()))
    }

    fn start_thread(&mut self, agent: Arc<Agent>) -> Result<()> {
        let id = self.writer.new_thread();
        let lead = self.threads[0].id.clone();
        let created =
            Event::ThreadCreated { session_thread_id: id.clone(), agent_name: agent.name.clone() };
        self.writer.write(Some(&lead), &created)?;
        self.threads.push(Thread::new(id, agent));
        Ok(())
    }

    /// Writes a message down on both threads.
    fn mail(
        &mut self,
        from: &ThreadId,
        from_name: &str,
        to: &ThreadId,
        to_name: &str,
        text: &str,
    ) -> Result<()> {
        let sent = Event::ThreadMessageSent {
            to_session_thread_id: to.clone(),
            to_agent_name: to_name.to_owned(),
            content: Content::text(text),
        };
        let received = Event::ThreadMessageReceived {
            from_session_thread_id: from.clone(),
            from_agent_name: from_name.to_owned(),
            content: Content::text(text),
        };
        self.writer.write(Some(from), &sent)?;
        self.writer.write(Some(to), &received)?;
        Ok(())
    }

    /// A thread's turn is over: a specialist's answer goes to the lead.
    pub(super) fn turn_ended(
        &mut self,
        index: usize,
        text: String,
        failed: bool,
        refused: bool,
    ) -> Result<()> {
        if index == 0 {
            self.exhausted = failed;
            self.last_text = text;
            return Ok(());
        }
        let (child, lead) = (&self.threads[index], &self.threads[0]);
        let (child_id, child_name) = (child.id.clone(), child.agent.name.clone());
        let (lead_id, lead_name) = (lead.id.clone(), lead.agent.name.clone());
        self.mail(&child_id, &child_name, &lead_id, &lead_name, &text)?;
        let stop_reason = match (failed, refused) {
            (true, _) => IdleReason::RetriesExhausted,
            (_, true) => IdleReason::Refusal,
            _ => IdleReason::EndTurn,
        };
        let idle = Event::ThreadIdle {
            session_thread_id: child_id.clone(),
            agent_name: child_name.clone(),
            stop_reason,
        };
        self.writer.write(Some(&child_id), &idle)?;
        self.threads[0].inbox.push_back(platform::letter(&child_name, &text));
        Ok(())
    }
}
