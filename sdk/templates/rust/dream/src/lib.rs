//! A dream strategy: it joins what says the same, and notes which tools keep failing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lucid_sdk::dream::{
    self, Dream, DreamError, Entry, EntryKind, Evidence, Operation, Request, Summary,
};
use lucid_sdk::log;

/// A failure is noted when it occurs in so many sessions.
const SESSIONS_MIN: usize = 3;
const QUOTES_MAX: usize = 10;
const TEXT_CHARACTERS_MAX: usize = 200;

pub struct Failures;

lucid_sdk::export_dream!(Failures);

impl Dream for Failures {
    fn dream(request: &Request) -> Result<Summary, DreamError> {
        let entries = dream::entries();
        let past = Past::read()?;
        let mut operations = merges(&entries);
        operations.extend(additions(&past, &entries, &request.instructions));
        let accepted = propose(&operations);
        Ok(Summary {
            text: format!("Accepted: {accepted} of {} operations.", operations.len()),
            sessions_read: past.sessions,
            hypotheses_tested: past.failures.len() as u32,
        })
    }
}

/// What the sessions tell of tools.
#[derive(Default)]
struct Past {
    sessions: u32,
    tools: BTreeSet<String>,
    /// A quote from each session in which a tool failed, by the tool and what it said. In
    /// order, because the same past has to give the same proposals.
    failures: BTreeMap<(String, String), Vec<Evidence>>,
}

impl Past {
    fn read() -> Result<Self, DreamError> {
        let mut past = Self::default();
        for session in dream::each_session() {
            dream::report("reading sessions", past.sessions, 0);
            past.read_session(&session.id)?;
            past.sessions += 1;
        }
        Ok(past)
    }

    fn read_session(&mut self, id: &str) -> Result<(), DreamError> {
        let mut calls = HashMap::new();
        let mut failures = BTreeMap::new();
        for event in dream::each_event(id) {
            let event = event?;
            if let Some(call) = event.tool_use() {
                self.tools.insert(call.name.clone());
                calls.insert(call.id, call.name);
            } else if let Some(result) = event.tool_result().filter(|result| result.is_error) {
                let text = first_line(&result.text);
                if let (Some(tool), Some(quote)) =
                    (calls.get(&result.tool_use_id), event.evidence(&text))
                {
                    failures.entry((tool.clone(), text)).or_insert(quote);
                }
            }
        }
        for (failure, quote) in failures {
            self.failures.entry(failure).or_default().push(quote);
        }
        Ok(())
    }
}

/// Entries that say the same become one: the first, by path and place.
fn merges(entries: &[Entry]) -> Vec<Operation> {
    let mut groups: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind != EntryKind::Heading) {
        groups.entry(normal(&entry.text)).or_default().push(entry);
    }
    let merge = |group: Vec<&Entry>| match group.as_slice() {
        [first, others @ ..] if !others.is_empty() => {
            let reason = format!("{} entries say the same.", group.len());
            Some(Operation::merge(first, others.iter().copied()).because(reason))
        }
        _ => None,
    };
    groups.into_values().filter_map(merge).collect()
}

/// An entry for each failure that enough sessions have in common.
fn additions(past: &Past, entries: &[Entry], instructions: &str) -> Vec<Operation> {
    let known: BTreeSet<String> = entries.iter().map(|entry| normal(&entry.text)).collect();
    let named = |tool: &String| instructions.contains(tool.as_str());
    let any_named = past.tools.iter().any(named);
    let mut operations = Vec::new();
    for ((tool, text), quotes) in &past.failures {
        let sessions = quotes.len();
        let text = text.replace(|c: char| c.is_control() || c == '\u{feff}', " ");
        let entry = format!("- Tool `{tool}` failed in {sessions} sessions with: {text}");
        let wanted = named(tool) || !any_named;
        if wanted && sessions >= SESSIONS_MIN && !known.contains(&normal(&entry)) {
            let addition = Operation::add("/playbook.md", entry)
                .because(format!("`{tool}` failed alike in {sessions} sessions."))
                .supported_by(quotes.iter().take(QUOTES_MAX).cloned());
            operations.push(addition);
        }
    }
    operations
}

/// How many operations the host accepts. The dream goes on without the others.
fn propose(operations: &[Operation]) -> usize {
    let total = operations.len() as u32;
    let mut accepted = 0;
    for (number, operation) in (0..).zip(operations) {
        dream::report("proposing", number, total);
        match operation.propose() {
            Ok(_) => accepted += 1,
            Err(rejection) => log::warn(format!("refused, {rejection:?}: {}", operation.reason)),
        }
    }
    accepted
}

/// A text without what makes no difference: case and white space.
fn normal(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    line.chars().take(TEXT_CHARACTERS_MAX).collect::<String>().trim().to_owned()
}
