//! `reflect`: the dream that asks a model, and proposes only what it can show.
//!
//! It maps over sessions: one question for each part of a session (`shown`, `question`), in a
//! conversation of its own, with the transcript as data between the lines of a fence (the SDK's
//! `Fence`). The answer is one JSON form (`answer`): notes with quotes, which are looked up in the
//! events before anything else happens (`support`, `note`). What came of a session is kept as its
//! digest (`digest`), so that the next dream asks about new sessions only.
//!
//! Then it reduces entries and notes (`groups`) to operations, under the dream's instructions
//! (`reduce`, `batch`), and holds each one to what bears it out (`ideas`). What cannot be
//! shown is dropped and counted (`dropped`). Where the model fails, what needs none is done
//! (`settle`), and said.
//!
//! The same answers give the same operations, whatever the order of sessions and entries.
//!
//! This file is the glue to the SDK; everything else is plain Rust with a fake world in its
//! tests.

pub mod answer;
pub mod ask;
pub mod batch;
pub mod digest;
pub mod dropped;
#[cfg(test)]
mod fake;
pub mod groups;
pub mod ideas;
pub mod map;
pub mod note;
pub mod plan;
pub mod question;
pub mod reduce;
pub mod settle;
pub mod shown;
pub mod strategy;
pub mod support;
pub mod types;
pub mod world;

use lucid_sdk::dream::{self, Dream, DreamError, Request, Summary};
use lucid_sdk::log;
use lucid_sdk::model::{self, ModelError, StopReason};
use question::Question;
use types::{Change, Ending, Entry, EntryKind, Event, Operation, Origin, Session, Wanted};
use world::{Reply, Unanswered, World};

/// The most bytes of events that are read of one session; what comes after is left out.
const SESSION_BYTES_MAX: usize = 16 << 20;

/// The most digests that are asked for at once.
const PAGE: u32 = 1_000;

/// The strategy.
pub struct Reflect;

lucid_sdk::export_dream!(Reflect);

impl Dream for Reflect {
    fn dream(request: &Request) -> Result<Summary, DreamError> {
        let wanted = Wanted {
            instructions: request.instructions.clone(),
            operations_max: request.operations_max,
            new_bytes_max: request.new_bytes_max,
        };
        let told = strategy::dream(&mut Host, &wanted).map_err(DreamError::UnreadableInput)?;
        log::info(&told.text);
        let sessions_read = count(told.sessions_read);
        Ok(Summary { text: told.text, sessions_read, hypotheses_tested: 0 })
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The host's world.
struct Host;

impl World for Host {
    fn sessions(&mut self) -> Vec<Session> {
        dream::each_session().map(session).collect()
    }

    fn digests(&mut self, offset: usize) -> Vec<Option<Vec<u8>>> {
        dream::kept_digests(count(offset), PAGE)
    }

    fn events(&mut self, session_id: &str) -> Result<Vec<Event>, String> {
        let mut events = Vec::new();
        let mut bytes = 0;
        for found in dream::each_event(session_id) {
            let found = found.map_err(|error| format!("{error:?}"))?;
            bytes += found.body_json.len();
            if bytes > SESSION_BYTES_MAX {
                log::warn(format!("session {session_id} is too long: its end is left out"));
                break;
            }
            events.push(event(found.into_event()));
        }
        Ok(events)
    }

    fn keep(&mut self, session_id: &str, digest: &[u8]) -> Result<(), String> {
        dream::keep_digest(session_id, digest).map_err(|error| format!("{error:?}"))
    }

    fn entries(&mut self) -> Vec<Entry> {
        dream::each_entry().map(entry).collect()
    }

    fn ask(&mut self, question: &Question) -> Result<Reply, Unanswered> {
        let request = model::Request {
            system: question.system.clone(),
            max_tokens: question.max_tokens,
            ..model::Request::asking(question.message.clone())
        };
        let completion = model::complete(&request).map_err(|error| match error {
            ModelError::BudgetExceeded(message) => Unanswered::Budget(message),
            ModelError::Overloaded(message) => Unanswered::Overloaded(message),
            ModelError::InvalidRequest(message) => {
                Unanswered::Failed(format!("it does not take the question: {message}"))
            }
            ModelError::Failed(message) => Unanswered::Failed(message),
        })?;
        Ok(match completion.stop_reason {
            StopReason::EndTurn => Reply::Text(completion.plain_text()),
            StopReason::MaxTokens => Reply::Other("it is longer than was asked for"),
            StopReason::ToolUse => Reply::Other("it calls a tool, and there are none"),
            StopReason::Refusal => Reply::Refusal,
        })
    }

    fn propose(&mut self, operation: &Operation) -> Result<(), String> {
        dream::propose(&wire(operation)).map(drop).map_err(|rejection| format!("{rejection:?}"))
    }

    fn report(&mut self, phase: &str, done: usize, total: usize, session_id: Option<&str>) {
        match session_id {
            Some(id) => dream::report_session(phase, count(done), count(total), id),
            None => dream::report(phase, count(done), count(total)),
        }
    }

    fn warn(&mut self, message: &str) {
        log::warn(message);
    }
}

fn session(session: dream::SessionSummary) -> Session {
    Session {
        id: session.id,
        title: session.title,
        agent: session.agent,
        principal: session.principal,
        started_at_ms: session.started_at_ms,
        ending: match session.outcome {
            dream::SessionResult::Succeeded => Ending::Succeeded,
            dream::SessionResult::Failed => Ending::Failed,
            dream::SessionResult::Unknown => Ending::Unknown,
        },
    }
}

fn event(event: dream::Event) -> Event {
    Event {
        id: event.id,
        number: event.sequence,
        kind: event.kind,
        at_ms: event.at_ms,
        origin: match event.origin {
            dream::Origin::Person => Origin::Person,
            dream::Origin::Agent => Origin::Agent,
            dream::Origin::Tool => Origin::Tool,
            dream::Origin::Outside => Origin::Outside,
            dream::Origin::Dream => Origin::Dream,
        },
        body: event.body_json,
    }
}

fn entry(entry: dream::Entry) -> Entry {
    Entry {
        id: entry.id,
        path: entry.path,
        index: entry.index,
        headings: entry.headings,
        kind: match entry.kind {
            dream::EntryKind::Heading => EntryKind::Heading,
            dream::EntryKind::Item => EntryKind::Item,
            dream::EntryKind::Paragraph => EntryKind::Paragraph,
            dream::EntryKind::Block => EntryKind::Block,
        },
        text: entry.text,
        updated_at_ms: entry.updated_at_ms,
    }
}

fn wire(operation: &Operation) -> dream::Operation {
    let made = match operation.change.clone() {
        Change::Merge { entry_ids, survivor_id } => {
            let merge = dream::Merge { entry_ids, survivor_id };
            dream::Operation::new(dream::Change::Merge(merge))
        }
        Change::Supersede { loser_id, winner_id, since_ms } => {
            let supersede = dream::Supersede { loser_id, winner_id, since_ms };
            dream::Operation::new(dream::Change::Supersede(supersede))
        }
        Change::FlagConflict(entry_ids) => {
            let conflict = dream::Conflict { entry_ids };
            dream::Operation::new(dream::Change::FlagConflict(conflict))
        }
        // Of the kind `theme`, as it is unless it is said otherwise.
        Change::Add { path, text } => dream::Operation::add(path, text),
    };
    let evidence = operation.evidence.iter().map(|one| dream::Evidence {
        session_id: one.session_id.clone(),
        event_id: one.event_id.clone(),
        quote: one.quote.clone(),
    });
    made.because(operation.reason.clone()).supported_by(evidence)
}

#[cfg(test)]
mod dream_tests;
