//! Sessions, their logs and leases.

use std::collections::{BTreeMap, HashSet};

use lucid_core::{
    Event, EventId, EventRecord, Result, Session, SessionId, SessionStatus, SessionSummary,
    Timestamp,
};
use serde_json::Value;

use crate::rules;
use crate::store::{Lease, SessionFilter};

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
        self.check_epoch(epoch)?;
        self.add(events)
    }

    pub(super) fn post(&mut self, events: Vec<EventRecord>) -> Result<u32> {
        rules::check_open(&self.session.id, self.status())?;
        self.add(events)
    }

    pub(super) fn check_epoch(&self, epoch: u64) -> Result<()> {
        rules::check_epoch(&self.session.id, epoch, self.epoch)
    }

    pub(super) fn add(&mut self, events: Vec<EventRecord>) -> Result<u32> {
        let id = &self.session.id;
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

    /// How many events there are.
    pub(super) fn head(&self) -> u32 {
        // `add` keeps the count within a u32.
        u32::try_from(self.events.len()).unwrap_or(u32::MAX)
    }

    /// Claims it; also from an owner who is known to be dead.
    pub(super) fn claim(
        &mut self,
        owner: &str,
        from: Option<&str>,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<u64> {
        let current = self.owner.as_deref();
        let theirs = current.is_some_and(|current| current != owner && Some(current) != from);
        if theirs && self.until > now {
            return None;
        }
        self.owner = Some(owner.to_owned());
        self.until = until;
        // Also later than that of a session of this id that was deleted.
        self.epoch = (self.epoch + 1).max(now.as_millis());
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

    pub(super) fn lease(&self) -> Option<Lease> {
        let owner = self.owner.clone()?;
        Some(Lease { owner, until: self.until, epoch: self.epoch })
    }

    fn status(&self) -> SessionStatus {
        let mut latest = self.events.iter().rev();
        let status = latest.find_map(|event| Event::session_status(&event.kind));
        status.unwrap_or(SessionStatus::Idle)
    }

    pub(super) fn summary(&self) -> SessionSummary {
        let mut latest = self.events.iter().rev();
        let evaluation = latest.find(|event| event.kind == "span.outcome_evaluation_end");
        let evaluation: Option<Value> =
            evaluation.and_then(|event| serde_json::from_str(&event.body).ok());
        let result = evaluation.as_ref().and_then(|body| body.get("result")?.as_str());
        SessionSummary {
            status: self.status(),
            updated_at: self.events.last().map_or(self.session.created_at, |e| e.created_at),
            outcome: result.and_then(rules::outcome),
            events: self.head(),
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
        let stands = filter.status.is_none_or(|status| log.status() == status);
        let moves = |last: &EventRecord| !rules::AT_REST.contains(&last.kind.as_str());
        let restless = !filter.restless || log.events.last().is_some_and(moves);
        let made = log.session.created_at;
        let spanned = filter.from.is_none_or(|from| made >= from)
            && filter.until.is_none_or(|until| made < until);
        behind
            && stands
            && restless
            && spanned
            && metadata.all(|(key, value)| log.session.metadata.get(key) == Some(value))
    };
    let mut fitting: Vec<&Log> = logs.values().filter(fits).collect();
    fitting.sort_by_key(|log| place(&log.session));
    if filter.newest_first {
        fitting.reverse();
    }
    let limit = filter.limit.map_or(usize::MAX, |limit| limit as usize);
    Ok(fitting.into_iter().take(limit).map(Log::summary).collect())
}
