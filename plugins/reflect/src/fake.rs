//! A world for tests: sessions and entries of the test's own, and a model that answers what
//! it is told to.

use crate::question::Question;
use crate::types::{Ending, Entry, EntryKind, Event, Operation, Origin, Session, Wanted};
use crate::world::{Reply, Unanswered, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// The day of the first session: 2026-01-01.
pub(crate) const START_MS: u64 = 1_767_225_600_000;
const DAY_MS: u64 = 86_400_000;

/// What the test says the world is, and what it was told.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) sessions: Vec<(Session, Vec<Event>)>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) kept: BTreeMap<String, Vec<u8>>,
    pub(crate) answers: VecDeque<Result<Reply, Unanswered>>,
    pub(crate) asked: Vec<Question>,
    pub(crate) read: Vec<String>,
    pub(crate) proposed: Vec<Operation>,
    pub(crate) warned: Vec<String>,
    pub(crate) reported: Vec<(String, Option<String>)>,
    entries_listed: bool,
}

impl Fake {
    /// Adds a session, a day after the one before, in which these events say something.
    pub(crate) fn session(mut self, id: &str, events: &[(Origin, &str)]) -> Self {
        let at_ms = START_MS + DAY_MS * self.sessions.len() as u64;
        let events = (0..).zip(events).map(|(number, (origin, text))| {
            let id = format!("sevt_{id}_{number}");
            Event { id, at_ms, ..said(number, *origin, text) }
        });
        let session = Session {
            id: format!("sesn_{id}"),
            title: "Landing".to_owned(),
            agent: "pilot".to_owned(),
            principal: "ada".to_owned(),
            started_at_ms: at_ms,
            ending: Ending::Succeeded,
        };
        self.sessions.push((session, events.collect()));
        self
    }

    /// Adds items to a memory.
    pub(crate) fn memory(mut self, path: &str, texts: &[&str]) -> Self {
        for text in texts {
            let index = self.entries.len();
            self.entries.push(item(path, index, text));
        }
        self
    }

    /// The model answers this next.
    pub(crate) fn answering(mut self, answer: impl Into<Answer>) -> Self {
        self.answers.push_back(answer.into().0);
        self
    }

    /// The changes that were proposed.
    pub(crate) fn changes(&self) -> Vec<&crate::types::Change> {
        self.proposed.iter().map(|operation| &operation.change).collect()
    }

    /// Dreams, with these instructions.
    pub(crate) fn dream(&mut self, instructions: &str) -> String {
        self.entries_listed = false;
        crate::strategy::dream(self, &wanted(instructions)).unwrap().text
    }
}

/// What a dream without bounds is asked for.
pub(crate) fn wanted(instructions: &str) -> Wanted {
    Wanted { instructions: instructions.to_owned(), operations_max: 100, new_bytes_max: 100_000 }
}

/// What a model comes with.
pub(crate) struct Answer(Result<Reply, Unanswered>);

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self(Ok(Reply::Text(text.to_owned())))
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self(Ok(Reply::Text(value.to_string())))
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self(Ok(reply))
    }
}

impl From<Unanswered> for Answer {
    fn from(why: Unanswered) -> Self {
        Self(Err(why))
    }
}

/// An event that says a text.
pub(crate) fn said(number: u32, origin: Origin, text: &str) -> Event {
    let kind = match origin {
        Origin::Person => "user.message",
        Origin::Agent => "agent.message",
        Origin::Tool | Origin::Outside | Origin::Dream => "agent.tool_result",
    };
    let body = json!({ "type": kind, "content": [{ "type": "text", "text": text }] });
    Event {
        id: format!("sevt_{number}"),
        number,
        kind: kind.to_owned(),
        at_ms: START_MS,
        origin,
        body: body.to_string(),
    }
}

/// An item of a list in a memory.
pub(crate) fn item(path: &str, index: usize, text: &str) -> Entry {
    Entry {
        id: format!("ent_{index}"),
        path: path.to_owned(),
        index: u32::try_from(index).unwrap(),
        headings: vec!["Notes".to_owned()],
        kind: EntryKind::Item,
        text: format!("- {text}"),
        updated_at_ms: START_MS,
    }
}

/// An answer with notes: each a text, and quotes by the numbers of their events.
pub(crate) fn notes(notes: &[(&str, &[(u32, &str)])]) -> Value {
    let quote = |(event, text): &(u32, &str)| json!({ "event": event, "text": text });
    let note = |(text, quotes): &(&str, &[(u32, &str)])| {
        let quotes: Vec<Value> = quotes.iter().map(quote).collect();
        json!({ "text": text, "quotes": quotes })
    };
    json!({ "notes": notes.iter().map(note).collect::<Vec<_>>() })
}

/// An answer with operations.
pub(crate) fn operations(operations: &[Value]) -> Value {
    json!({ "operations": operations })
}

/// An operation that adds an entry to `/playbook.md`.
pub(crate) fn adding(text: &str, notes: &[&str]) -> Value {
    json!({
        "op": "add", "path": "/playbook.md", "text": text, "notes": notes,
        "reason": "sessions show it",
    })
}

impl World for Fake {
    fn sessions(&mut self) -> Vec<Session> {
        self.sessions.iter().map(|(session, _)| session.clone()).collect()
    }

    fn digests(&mut self, offset: usize) -> Vec<Option<Vec<u8>>> {
        // Small pages, so that several are read.
        let sessions = self.sessions.iter().skip(offset).take(2);
        sessions.map(|(session, _)| self.kept.get(&session.id).cloned()).collect()
    }

    fn events(&mut self, session_id: &str) -> Result<Vec<Event>, String> {
        self.read.push(session_id.to_owned());
        let session = self.sessions.iter().find(|(session, _)| session.id == session_id);
        let (_, events) = session.ok_or_else(|| "there is no such session".to_owned())?;
        match events.iter().any(|event| event.kind == "unreadable") {
            true => Err("the log is damaged".to_owned()),
            false => Ok(events.clone()),
        }
    }

    fn keep(&mut self, session_id: &str, digest: &[u8]) -> Result<(), String> {
        if self.entries_listed {
            return Err("the memory is known already".to_owned());
        }
        self.kept.insert(session_id.to_owned(), digest.to_vec());
        Ok(())
    }

    fn entries(&mut self) -> Vec<Entry> {
        self.entries_listed = true;
        self.entries.clone()
    }

    fn ask(&mut self, question: &Question) -> Result<Reply, Unanswered> {
        self.asked.push(question.clone());
        let none = || Err(Unanswered::Failed("the test has no further answer".to_owned()));
        self.answers.pop_front().unwrap_or_else(none)
    }

    fn propose(&mut self, operation: &Operation) -> Result<(), String> {
        self.proposed.push(operation.clone());
        Ok(())
    }

    fn report(&mut self, phase: &str, _done: usize, _total: usize, session_id: Option<&str>) {
        self.reported.push((phase.to_owned(), session_id.map(str::to_owned)));
    }

    fn warn(&mut self, message: &str) {
        self.warned.push(message.to_owned());
    }
}
