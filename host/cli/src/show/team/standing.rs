//! Where threads and the session stand, what they work for, and what a dream proposes.

use lucid_core::{Event, EventRecord, IdleReason, SessionStatus, Timestamp};

use super::entry::{self, Entry, Mark};
use super::story::Story;
use super::words;

impl Story {
    /// Where threads and the session stand, and outcomes.
    pub(super) fn standing(
        &mut self,
        record: &EventRecord,
        who: usize,
        event: Event,
    ) -> Vec<Entry> {
        let at = record.created_at;
        let entry = match event {
            Event::ThreadCreated { session_thread_id, agent_name } => {
                let child = self.named(&session_thread_id, &agent_name, true);
                self.members[child].times.get_or_insert((at, at));
                self.stands(child, SessionStatus::Idle, at);
                return Vec::new();
            }
            Event::ThreadRunning { session_thread_id, agent_name } => {
                let who = self.named(&session_thread_id, &agent_name, false);
                self.stands(who, SessionStatus::Running, at);
                return Vec::new();
            }
            Event::ThreadRescheduled { session_thread_id, agent_name } => {
                let who = self.named(&session_thread_id, &agent_name, false);
                self.stands(who, SessionStatus::Rescheduling, at);
                Entry::new(at, who, Mark::Other, "waits to ask its model again".to_owned())
            }
            Event::ThreadIdle { session_thread_id, agent_name, stop_reason } => {
                let who = self.named(&session_thread_id, &agent_name, false);
                self.stands(who, SessionStatus::Idle, at);
                let text = format!("idle: {}", words::idle(&stop_reason));
                self.idle_told = (who == 0).then_some(stop_reason);
                Entry::new(at, who, Mark::Idle, text)
            }
            Event::ThreadTerminated { session_thread_id, agent_name } => {
                let who = self.named(&session_thread_id, &agent_name, false);
                self.stands(who, SessionStatus::Terminated, at);
                Entry::new(at, who, Mark::Idle, "ends".to_owned())
            }
            Event::StatusRunning {} => {
                self.session_stands(SessionStatus::Running, None, at);
                return Vec::new();
            }
            Event::StatusRescheduled {} => {
                self.session_stands(SessionStatus::Rescheduling, None, at);
                return Vec::new();
            }
            Event::StatusIdle { stop_reason } => {
                self.session_stands(SessionStatus::Idle, Some(stop_reason.clone()), at);
                if self.idle_told.take().as_ref() == Some(&stop_reason) {
                    return Vec::new();
                }
                let text = format!("session idle: {}", words::idle(&stop_reason));
                Entry::new(at, 0, Mark::Idle, text)
            }
            Event::StatusTerminated {} => {
                self.session_stands(SessionStatus::Terminated, None, at);
                Entry::new(at, 0, Mark::Idle, "the session is over".to_owned())
            }
            other => return judged(record, who, other),
        };
        vec![entry]
    }

    fn stands(&mut self, who: usize, status: SessionStatus, at: Timestamp) {
        let member = &mut self.members[who];
        member.status = Some(status);
        match status {
            SessionStatus::Running => member.tally.begin(at),
            _ => member.tally.stop(at),
        }
    }

    fn session_stands(&mut self, status: SessionStatus, idle: Option<IdleReason>, at: Timestamp) {
        (self.status, self.idle) = (status, idle);
        match status {
            SessionStatus::Running => self.session.begin(at),
            _ => self.session.stop(at),
        }
    }
}

/// Outcomes, their evaluations, and operations of a dream.
fn judged(record: &EventRecord, who: usize, event: Event) -> Vec<Entry> {
    let at = record.created_at;
    let entry = match event {
        Event::DefineOutcome { description, .. } => {
            Entry::new(at, who, Mark::Person, format!("outcome: {description}")).lines(2)
        }
        Event::EvaluationEnd { iteration, result, explanation, lucid, .. } => {
            let text = format!("evaluation {iteration}: {}", result.as_str());
            entry::verdict(at, who, text, &explanation, &lucid)
        }
        Event::DreamOperation { operation, rejection, .. } => {
            let name = operation.change.name();
            match rejection {
                Some(why) => {
                    Entry::new(at, who, Mark::Failed, format!("{name} refused: {why}")).lines(2)
                }
                None => {
                    let text = format!("{name}: {}", operation.reason);
                    Entry::new(at, who, Mark::Done, text)
                }
            }
        }
        _ => return Vec::new(),
    };
    vec![entry]
}
