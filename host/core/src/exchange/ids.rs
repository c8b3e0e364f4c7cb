//! Ids of sessions that were made elsewhere.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{EventLine, Line, json, shown};
use crate::{
    Clock, Entropy, EventId, EventRecord, OutcomeId, Result, SessionId, ThreadId, Timestamp,
};

/// The ids of one session: what they are in the file, and here where that differs.
pub(super) struct Ids<'a> {
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
    /// The event of each line, in order.
    of_lines: HashMap<usize, EventId>,
    /// The line of each id of an event.
    met: HashMap<String, usize>,
    session: HashMap<String, String>,
    events: HashMap<String, String>,
    threads: HashMap<String, String>,
    outcomes: HashMap<String, String>,
    /// Threads that another one created.
    created: HashSet<String>,
    primary: Option<ThreadId>,
    has_threads: bool,
}

/// What an id names, by the field it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Session,
    Event,
    Thread,
    Outcome,
}

fn kind(field: &str) -> Option<Kind> {
    match field {
        "session_id" => Some(Kind::Session),
        "outcome_id" => Some(Kind::Outcome),
        _ if field.ends_with("session_thread_id") => Some(Kind::Thread),
        // These have names of their own, and an event could have the same one.
        _ if field.starts_with("workflow_run") => None,
        _ if field == "id" || field.ends_with("_id") || field.ends_with("_ids") => {
            Some(Kind::Event)
        }
        _ => None,
    }
}

impl<'a> Ids<'a> {
    pub(super) fn new(clock: &'a dyn Clock, entropy: &'a dyn Entropy) -> Self {
        Self {
            clock,
            entropy,
            of_lines: HashMap::new(),
            met: HashMap::new(),
            session: HashMap::new(),
            events: HashMap::new(),
            threads: HashMap::new(),
            outcomes: HashMap::new(),
            created: HashSet::new(),
            primary: None,
            has_threads: false,
        }
    }

    pub(super) fn renamed_session(&mut self, name: &str, id: &SessionId) {
        if name != id.as_str() {
            self.session.insert(name.to_owned(), id.to_string());
        }
    }

    /// Learns the ids of an event, before any event is changed: one may refer to a later one.
    pub(super) fn meet(&mut self, event: &EventLine<'_>) -> Result<()> {
        let (line, given) = (&event.line, event.id.as_deref());
        let fits = given.and_then(EventId::parse);
        let id = fits.unwrap_or_else(|| EventId::new(self.clock, self.entropy));
        if let Some(given) = given {
            if let Some(first) = self.met.insert(given.to_owned(), line.number) {
                let what = format!("event {} is on line {first} too", shown(given));
                return Err(line.wrong(what, "leave out one of them"));
            }
            if given != id.as_str() {
                self.events.insert(given.to_owned(), id.to_string());
            }
        }
        self.of_lines.insert(line.number, id);
        for (field, place) in &line.members {
            let kind = kind(field);
            if !matches!(kind, Some(Kind::Thread | Kind::Outcome)) {
                continue;
            }
            let Some(id) = json::string(json::part(line.text, place)) else { continue };
            if kind == Some(Kind::Thread) {
                self.has_threads = true;
                if ThreadId::parse(&id).is_none() {
                    let new = || ThreadId::new(self.clock, self.entropy).to_string();
                    self.threads.entry(id).or_insert_with(new);
                }
            } else if OutcomeId::parse(&id).is_none() {
                let new = || OutcomeId::new(self.clock, self.entropy).to_string();
                self.outcomes.entry(id).or_insert_with(new);
            }
        }
        self.meet_primary(event);
        Ok(())
    }

    fn meet_primary(&mut self, event: &EventLine<'_>) {
        let (Some(thread), kind) = (&event.thread, &event.line.kind) else { return };
        if kind == "session.thread_created" {
            self.created.insert(thread.clone());
        } else if self.primary.is_none()
            && kind.starts_with("session.thread_status_")
            && !self.created.contains(thread)
        {
            self.primary = self.thread(thread);
        }
    }

    /// A thread's id here.
    fn thread(&self, name: &str) -> Option<ThreadId> {
        ThreadId::parse(self.threads.get(name).map_or(name, String::as_str))
    }

    /// The event of a line, when all lines have been met.
    pub(super) fn record(
        &mut self,
        event: &EventLine<'_>,
        session_created_at: Timestamp,
    ) -> EventRecord {
        if self.primary.is_none() && self.has_threads {
            // It has children and never names itself.
            self.primary = Some(ThreadId::new(self.clock, self.entropy));
        }
        let line = &event.line;
        let id = match self.of_lines.remove(&line.number) {
            Some(id) => id,
            None => EventId::new(self.clock, self.entropy),
        };
        // A thread is created by the primary one, and the event stands there.
        let named = event.thread.as_ref().filter(|_| line.kind != "session.thread_created");
        let thread_id = match named {
            Some(name) => self.thread(name),
            None => self.primary.clone(),
        };
        let created_at = event.processed_at.unwrap_or(session_created_at);
        let body = self.body(line, &id);
        EventRecord { id, kind: line.kind.clone(), thread_id, created_at, body }
    }

    /// The line's text, with other ids where they have to be.
    fn body(&self, line: &Line<'_>, id: &EventId) -> String {
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        let mut has_id = false;
        for (field, place) in &line.members {
            let value = json::part(line.text, place);
            if field == "id" {
                has_id = true;
                if json::string(value).as_deref() != Some(id.as_str()) {
                    changes.push((place.clone(), quoted(id.as_str())));
                }
            } else if field == "stop_reason" {
                for (field, inner) in json::members(value).unwrap_or_default() {
                    self.change(&field, value, &inner, place.start, &mut changes);
                }
            } else {
                self.change(field, line.text, place, 0, &mut changes);
            }
        }
        let mut body = String::with_capacity(line.text.len() + 64);
        let mut from = 0;
        if !has_id {
            // It has a type, so something follows.
            let brace = line.text.find('{').map_or(0, |at| at + 1);
            body.push_str(json::part(line.text, &(0..brace)));
            body.push_str(&format!("\"id\":{},", quoted(id.as_str())));
            from = brace;
        }
        for (place, new) in changes {
            body.push_str(json::part(line.text, &(from..place.start)));
            body.push_str(&new);
            from = place.end;
        }
        body.push_str(json::part(line.text, &(from..line.text.len())));
        body
    }

    /// Notes the changes in one field, whose value stands at a place of a text that itself
    /// begins at some place of the line.
    fn change(
        &self,
        field: &str,
        text: &str,
        place: &Range<usize>,
        begins: usize,
        changes: &mut Vec<(Range<usize>, String)>,
    ) {
        let Some(kind) = kind(field) else { return };
        let renamed = match kind {
            Kind::Session => &self.session,
            Kind::Event => &self.events,
            Kind::Thread => &self.threads,
            Kind::Outcome => &self.outcomes,
        };
        if renamed.is_empty() {
            return;
        }
        let value = json::part(text, place);
        let whole = 0..value.len();
        let places = if field.ends_with("_ids") { json::items(value) } else { vec![whole] };
        for inner in places {
            let new = json::string(json::part(value, &inner)).and_then(|old| renamed.get(&old));
            if let Some(new) = new {
                let start = begins + place.start;
                changes.push((start + inner.start..start + inner.end, quoted(new)));
            }
        }
    }
}

/// An id as a JSON string: it has no character that would need care.
fn quoted(id: &str) -> String {
    format!("\"{id}\"")
}
