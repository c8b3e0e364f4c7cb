//! Sessions to columns: which fields can be contrasted, and in which order sessions stand.
//!
//! Left out are fields that are free text, that say which session or task it is, that do
//! not vary, or that too few sessions have.

use crate::contrast::{Column, Table, Values};
use crate::model::{Scalar, Session};
use std::collections::{BTreeMap, BTreeSet};

/// A feature stands in at least so many sessions.
const PRESENT_MIN: usize = 20;
/// More different categories than this are free text or a name.
const LEVELS_MAX: usize = 12;
/// A category longer than so many bytes is free text.
const LEVEL_BYTES_MAX: usize = 40;
/// A category of more words than this is free text.
const LEVEL_WORDS_MAX: usize = 4;
/// A field that says the same as a label in so many percent of the sessions names the
/// session or its task.
const SAME_AS_LABEL_PERCENT: usize = 80;
/// Last parts of names that say which session it is, not what the agent chose.
const IDENTIFYING: [&str; 12] = [
    "id",
    "uuid",
    "seed",
    "nonce",
    "session",
    "task",
    "run",
    "trial",
    "attempt",
    "timestamp",
    "date",
    "time",
];

/// Sorts sessions into an order that does not depend on how they were listed. Ids differ
/// from run to run, so they decide only between sessions that are alike in all else.
pub(crate) fn sort(sessions: &mut [Session]) {
    let content = |session: &Session| {
        let mut text = format!("{:?}{:?}", session.title, session.succeeded);
        for (name, field) in &session.fields {
            text.push_str(&format!("{name}={:?};", field.value));
        }
        text
    };
    sessions.sort_by_cached_key(|session| {
        let labels: Vec<_> = session.labels.clone().into_iter().collect();
        (session.started_at_ms, labels, content(session), session.id.clone())
    });
}

/// The sorted sessions as columns.
pub(crate) fn table(sessions: &[Session]) -> Table {
    let names: BTreeSet<&String> =
        sessions.iter().flat_map(|session| session.fields.keys()).collect();
    let columns = names
        .into_iter()
        .filter(|name| !is_identifying(name) && !repeats_a_label(sessions, name))
        .filter_map(|name| column(sessions, name))
        .collect();
    let outcomes = sessions.iter().map(|session| session.succeeded).collect();
    Table { outcomes, tasks: tasks(sessions), columns, ..Table::default() }
}

/// Stratum numbers: tasks where they repeat (two sessions a task or more on average).
fn tasks(sessions: &[Session]) -> Vec<u32> {
    let mut numbers: BTreeMap<Option<&String>, u32> = BTreeMap::new();
    let task = |session: &'_ Session| session.labels.get("task").cloned();
    let tasks: Vec<Option<String>> = sessions.iter().map(task).collect();
    let mut out = Vec::with_capacity(tasks.len());
    for task in &tasks {
        let next = numbers.len() as u32;
        out.push(*numbers.entry(task.as_ref()).or_insert(next));
    }
    if sessions.len() < 2 * numbers.len() { vec![0; sessions.len()] } else { out }
}

fn is_identifying(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    IDENTIFYING.iter().any(|word| {
        last == *word
            || last.strip_suffix(word).is_some_and(|rest| rest.ends_with(['_', '-']))
                && matches!(*word, "id" | "uuid" | "seed" | "timestamp")
    })
}

fn repeats_a_label(sessions: &[Session], name: &str) -> bool {
    let (mut same, mut present) = (0, 0);
    for session in sessions {
        let Some(field) = session.fields.get(name) else {
            continue;
        };
        let text = match &field.value {
            Scalar::Number(number) => number.to_string(),
            Scalar::Text(text) => text.clone(),
            Scalar::Bool(_) => continue,
        };
        present += 1;
        same += usize::from(session.labels.values().any(|value| *value == text));
    }
    present > 0 && same * 100 >= present * SAME_AS_LABEL_PERCENT
}

/// The feature's values, where it is one that can be contrasted.
fn column(sessions: &[Session], name: &str) -> Option<Column> {
    let values: Vec<Option<&Scalar>> =
        sessions.iter().map(|session| session.fields.get(name).map(|field| &field.value)).collect();
    let numbers: Vec<Option<f64>> = values
        .iter()
        .map(|value| match value {
            Some(Scalar::Number(number)) => Some(*number),
            _ => None,
        })
        .collect();
    let numeric = numbers.iter().flatten().count();
    let other = values.iter().flatten().count() - numeric;
    let name = name.to_owned();
    // Of a field that is a number here and a text there, the commoner kind is used.
    if numeric >= PRESENT_MIN.max(other) {
        let mut some = numbers.iter().flatten();
        let first = some.next()?;
        let varies = some.any(|value| value != first);
        return varies.then_some(Column { name, values: Values::Numbers(numbers) });
    }
    if other < PRESENT_MIN {
        return None;
    }
    let levels: Vec<Option<String>> = values.iter().map(|value| level(*value)).collect();
    let free_text =
        values.iter().any(|value| matches!(value, Some(Scalar::Text(text)) if is_free_text(text)));
    let names: BTreeSet<String> = levels.iter().flatten().cloned().collect();
    if free_text || names.len() < 2 || names.len() > LEVELS_MAX || names.len() * 4 > other {
        return None;
    }
    let names: Vec<String> = names.into_iter().collect();
    let of = levels
        .iter()
        .map(|level| {
            let level = level.as_ref()?;
            names.iter().position(|name| name == level).map(|number| number as u32)
        })
        .collect();
    Some(Column { name, values: Values::Levels { names, of } })
}

/// The category as JSON text.
fn level(value: Option<&Scalar>) -> Option<String> {
    match value? {
        Scalar::Text(text) => serde_json::to_string(text).ok(),
        Scalar::Bool(value) => Some(value.to_string()),
        Scalar::Number(_) => None,
    }
}

fn is_free_text(text: &str) -> bool {
    text.len() > LEVEL_BYTES_MAX
        || text.contains(|c: char| c.is_control() || c == '`')
        || text.split_whitespace().count() > LEVEL_WORDS_MAX
}
