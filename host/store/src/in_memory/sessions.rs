//! Sessions, their logs and leases.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{
    Event, EventId, EventRecord, Result, Session, SessionId, SessionStatus, SessionSummary,
    Timestamp,
};
use serde_json::Value;

use crate::rules;
use crate::store::SessionFilter;

/// One session.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) session: Session,
    pub(super) events: Vec<EventRecord>,
    ids: HashSet<EventId>,
    owner: Option<String>,
    until: Timestamp,
    epoch: u64,
}

impl Log {
    pub(super) fn new(session: Session) -> Self {
        let (events, ids) = (Vec::new(), HashSet::new());
        Self { session, events, ids, owner: None, until: Timestamp(0), epoch: 0 }
    }

    pub(super) fn append(&mut self, epoch: u64, events: Vec<EventRecord>) -> Result<u32> {
        let id = &self.session.id;
        rules::check_epoch(id, epoch, self.epoch)?;
        let head = self.events.len() + events.len();
        let head = u32::try_from(head).map_err(|_| rules::log_full(id))?;
        let mut fresh = HashSet::new();
        for event in &events {
            if self.ids.contains(&event.id) || !fresh.insert(event.id.clone()) {
                return Err(rules::event_exists(id, &event.id));
            }
        }
        self.ids.extend(fresh);
        self.events.extend(events);
        Ok(head)
    }

    pub(super) fn claim(&mut self, owner: &str, until: Timestamp, now: Timestamp) -> Option<u64> {
        let theirs = self.owner.as_deref().is_some_and(|current| current != owner);
        if theirs && self.until > now {
            return None;
        }
        self.owner = Some(owner.to_owned());
        self.until = until;
        self.epoch += 1;
        Some(self.epoch)
    }

    pub(super) fn heartbeat(&mut self, epoch: u64, until: Timestamp) -> bool {
        let holds = self.epoch == epoch && self.owner.is_some();
        if holds {
            self.until = until;
        }
        holds
    }

    pub(super) fn release(&mut self, epoch: u64) {
        if self.epoch == epoch {
            self.owner = None;
        }
    }

    pub(super) fn summary(&self) -> SessionSummary {
        let latest = self.events.iter().rev();
        let mut statuses = latest.clone().filter_map(|event| Event::session_status(&event.kind));
        let evaluation = latest.clone().find(|event| event.kind == "span.outcome_evaluation_end");
        let evaluation: Option<Value> =
            evaluation.and_then(|event| serde_json::from_str(&event.body).ok());
        let result = evaluation.as_ref().and_then(|body| body.get("result")?.as_str());
        SessionSummary {
            status: statuses.next().unwrap_or(SessionStatus::Idle),
            updated_at: self.events.last().map_or(self.session.created_at, |e| e.created_at),
            outcome: result.and_then(rules::outcome),
            // `append` keeps the count within a u32.
            events: u32::try_from(self.events.len()).unwrap_or(u32::MAX),
            session: self.session.clone(),
        }
    }
}

pub(super) fn list(
    logs: &BTreeMap<SessionId, Log>,
    filter: &SessionFilter,
) -> Result<Vec<SessionSummary>> {
    let place = |session: &Session| (session.created_at, session.id.clone());
    let after = match &filter.after {
        None => None,
        Some(id) => {
            let log = logs.get(id).ok_or_else(|| rules::no_session(id))?;
            Some(place(&log.session))
        }
    };
    let fits = |log: &&Log| {
        let mut metadata = filter.metadata.iter();
        let behind = after.as_ref().is_none_or(|after| match filter.newest_first {
            true => place(&log.session) < *after,
            false => place(&log.session) > *after,
        });
        behind && metadata.all(|(key, value)| log.session.metadata.get(key) == Some(value))
    };
    let mut fitting: Vec<&Log> = logs.values().filter(fits).collect();
    fitting.sort_by_key(|log| place(&log.session));
    if filter.newest_first {
        fitting.reverse();
    }
    let limit = filter.limit.map_or(usize::MAX, |limit| limit as usize);
    Ok(fitting.into_iter().take(limit).map(Log::summary).collect())
}
