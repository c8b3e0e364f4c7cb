//! `consolidate`: the deterministic dream.
//!
//! It needs no model and knows no domain. It merges entries that say the same
//! (`duplicates`), lets the newer of two values of one attribute replace the older
//! (`facts`), and adds rules about tool inputs that go with success (`contrast`,
//! `rules`). The same inputs and the same seed give the same operations, whatever the
//! order in which sessions and entries are listed.
//!
//! Of the instructions it understands a few phrases (`instructions`), such as "only
//! duplicates" or "no rules"; the rest it ignores, and says so.
//!
//! This file is the glue to the SDK; everything else is plain Rust on plain types.

mod contrast;
mod corpus;
mod dates;
mod duplicates;
mod facts;
mod features;
mod instructions;
mod model;
mod plan;
mod rules;
mod statements;
mod text;

use instructions::Wanted;
use lucid_sdk::dream::{self, Dream, DreamError, Request, SessionResult, Summary, Trust};
use lucid_sdk::log;
use model::{Change, Entry, EntryKind, Operation, Ratio, Session};
use plan::{Budget, Plan, plan};

/// The strategy.
pub struct Consolidate;

lucid_sdk::export_dream!(Consolidate);

impl Dream for Consolidate {
    fn dream(request: &Request) -> Result<Summary, DreamError> {
        let wanted = instructions::read(&request.instructions);
        let read = if wanted.rules { read_sessions()? } else { Read::default() };
        let entries = dream::entries().into_iter().map(entry).collect();
        let sessions_read = read.count;
        let budget =
            Budget { operations_max: request.operations_max, new_bytes_max: request.new_bytes_max };
        let mut report = |phase: &str, done, total| dream::report(phase, done, total);
        let plan = plan(entries, read.sessions, wanted, budget, request.seed, &mut report);
        let done = propose(&plan);
        let hypotheses_tested = u32::try_from(plan.mined.tried).unwrap_or(u32::MAX);
        let text = summary(&plan, &done, wanted);
        log::info(&text);
        Ok(Summary { text, sessions_read, hypotheses_tested })
    }
}

/// The sessions with a known outcome.
#[derive(Default)]
struct Read {
    sessions: Vec<Session>,
    count: u32,
}

fn read_sessions() -> Result<Read, DreamError> {
    let listed = dream::sessions();
    let total = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    let mut read = Read::default();
    let (mut skipped, mut unreadable) = (0, None);
    for (done, session) in (0..).zip(listed) {
        dream::report("reading sessions", done, total);
        let succeeded = match session.outcome {
            SessionResult::Succeeded => true,
            SessionResult::Failed => false,
            SessionResult::Unknown => continue,
        };
        let events = match dream::events(&session.id) {
            Ok(events) => events,
            Err(error) => {
                log::warn(format!("session {} cannot be read: {error:?}", session.id));
                unreadable = Some(session.id);
                continue;
            }
        };
        let mut reader = corpus::Reader::default();
        for event in &events {
            let trusted = event.trust == Trust::Trusted;
            reader.event(&event.id, &event.kind, trusted, &event.body_json);
        }
        skipped += reader.skipped;
        read.count += 1;
        let labels = session.labels.into_iter().map(|label| (label.name, label.value));
        read.sessions.push(Session {
            id: session.id,
            title: session.title,
            started_at_ms: session.started_at_ms,
            labels: labels.collect(),
            succeeded,
            fields: reader.fields(),
        });
    }
    dream::report("reading sessions", total, total);
    if skipped > 0 {
        log::warn(format!("{skipped} tool calls could not be parsed and were skipped"));
    }
    match unreadable {
        Some(id) if read.count == 0 => {
            Err(DreamError::UnreadableInput(format!("no session could be read, the last was {id}")))
        }
        _ => Ok(read),
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

/// What became of the proposals.
#[derive(Default)]
struct Done {
    rules: u32,
    superseded: u32,
    merged: u32,
    conflicts: u32,
    rejected: u32,
}

fn propose(plan: &Plan) -> Done {
    let mut done = Done::default();
    let total = u32::try_from(plan.steps.len()).unwrap_or(u32::MAX);
    for (number, step) in (0..).zip(&plan.steps) {
        dream::report("proposing", number, total);
        if !emit(&step.operation, &mut done) {
            continue;
        }
        for operation in &step.then {
            emit(operation, &mut done);
        }
    }
    dream::report("proposing", total, total);
    done
}

fn emit(operation: &Operation, done: &mut Done) -> bool {
    if let Err(rejection) = dream::propose(&wire(operation)) {
        log::warn(format!("refused ({rejection:?}): {}", operation.reason));
        done.rejected += 1;
        return false;
    }
    match &operation.change {
        Change::Add { .. } => done.rules += 1,
        Change::Supersede { .. } => done.superseded += 1,
        Change::Merge { .. } => done.merged += 1,
        Change::FlagConflict(_) => done.conflicts += 1,
        Change::Drop(_) => {}
    }
    true
}

fn wire(operation: &Operation) -> dream::Operation {
    let ratio = |ratio: Ratio| dream::Ratio { hits: ratio.hits, total: ratio.total };
    let change = match operation.change.clone() {
        Change::Merge { entry_ids, survivor_id } => {
            dream::Change::Merge(dream::Merge { entry_ids, survivor_id })
        }
        Change::Supersede { loser_id, winner_id, since_ms } => {
            dream::Change::Supersede(dream::Supersede { loser_id, winner_id, since_ms })
        }
        Change::Drop(id) => dream::Change::Drop(id),
        Change::FlagConflict(entry_ids) => {
            dream::Change::FlagConflict(dream::Conflict { entry_ids })
        }
        Change::Add { path, text, support } => dream::Change::Add(dream::Addition {
            draft: dream::Draft { path, text },
            support: Some(dream::Support {
                statement: support.statement,
                followed: ratio(support.followed),
                not_followed: ratio(support.not_followed),
                p_value: support.p_value,
                check_followed: ratio(support.check_followed),
                check_not_followed: ratio(support.check_not_followed),
                session_ids: support.session_ids,
            }),
        }),
    };
    let evidence = operation.evidence.iter().map(|evidence| dream::Evidence {
        session_id: evidence.session_id.clone(),
        event_id: evidence.event_id.clone(),
        quote: evidence.quote.clone(),
    });
    dream::Operation { change, reason: operation.reason.clone(), evidence: evidence.collect() }
}

fn summary(plan: &Plan, done: &Done, wanted: Wanted) -> String {
    let mut text = format!(
        "Rules added: {}. Facts superseded: {}. Groups of duplicates merged: {}. Conflicts \
         for a person to decide: {}.",
        done.rules, done.superseded, done.merged, done.conflicts
    );
    if let Some(why) = &plan.mined.refused {
        text.push_str(&format!(" No contrasts were tried: {why}."));
    }
    if plan.known_rules > 0 {
        text.push_str(&format!(" Rules found again unchanged: {}.", plan.known_rules));
    }
    if plan.left_out > 0 {
        text.push_str(&format!(" Left out for lack of room: {} operations.", plan.left_out));
    }
    if done.rejected > 0 {
        text.push_str(&format!(" Refused by the host: {} operations.", done.rejected));
    }
    if wanted.ignored {
        text.push_str(
            " The instructions were ignored: this strategy has no model and understands only \
             phrases such as \"only duplicates\" or \"no rules\".",
        );
    }
    text
}
