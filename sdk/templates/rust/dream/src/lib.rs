//! A dream strategy: it joins what says the same, and notes which tools keep failing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lucid_sdk::dream::{
    self, Dream, DreamError, Entry, EntryKind, Evidence, Operation, Request, RuleKind,
    SessionSummary, Summary,
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
        // First the sessions: what is kept of them must not depend on what is in the memory.
        let past = Past::read()?;
        let entries = dream::entries();
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

/// What one session tells of each tool that was called: what it said when it failed, with an
/// event that says so and a quote of it.
type Digest = BTreeMap<String, BTreeMap<String, (String, String)>>;

impl Past {
    fn read() -> Result<Self, DreamError> {
        let mut past = Self::default();
        // A session that an earlier dream has read is not read again: its digest was kept.
        for digest in dream::digests_as(read_session) {
            let (session, tools) = digest?;
            past.sessions += 1;
            for (tool, failures) in tools {
                for (text, (event_id, quote)) in failures {
                    let quote = Evidence { session_id: session.id.clone(), event_id, quote };
                    past.failures.entry((tool.clone(), text)).or_default().push(quote);
                }
                past.tools.insert(tool);
            }
        }
        Ok(past)
    }
}

/// Reads one session, and uses nothing else.
fn read_session(session: &SessionSummary) -> Result<Digest, DreamError> {
    let mut calls = HashMap::new();
    let mut tools = Digest::new();
    for event in dream::each_event(&session.id) {
        let event = event?;
        if let Some(call) = event.tool_use() {
            tools.entry(call.name.clone()).or_default();
            calls.insert(call.id, call.name);
        } else if let Some(result) = event.tool_result().filter(|result| result.is_error) {
            let text = first_line(&result.text);
            let tool = calls.get(&result.tool_use_id).and_then(|tool| tools.get_mut(tool));
            if let (Some(failures), Some(quote)) = (tool, event.quote(&text)) {
                failures.entry(text).or_insert_with(|| (event.id.clone(), quote));
            }
        }
    }
    Ok(tools)
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
                .of_kind(RuleKind::FailureFix)
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
