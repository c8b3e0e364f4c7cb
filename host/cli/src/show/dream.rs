//! Dreams: what they proposed and why, what became of every entry, and what it is worth.

mod diff;
mod proof;
mod schedule;
mod score;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeMap;

use lucid_core::{
    Class, Dream, DreamOperation, DreamStatus, Evidence, OperationState, Place, Ratio, Statistics,
};
use serde_json::{Value, json};

pub(crate) use diff::{diff, files};
pub(crate) use proof::{proof, proof_document};
pub(crate) use schedule::{note, note_document, schedule, schedule_document, schedules};
pub(crate) use score::score;
pub(crate) use watch::Drawing;

use super::{plain, short, table, team};

/// Columns of texts that somebody wrote.
const TEXT_COLUMNS: usize = 100;

/// Entries of a ledger that are listed; the rest is counted.
const LEDGER_SHOWN_MAX: usize = 50;

/// A dream as `--json` prints it.
pub(crate) fn document(dream: &Dream) -> Value {
    let mut document = json!({"id": dream.id, "type": "dream"});
    if let (Value::Object(fields), Value::Object(all)) = (&mut document, json!(dream)) {
        fields.extend(all);
    }
    document
}

/// A dream in full.
pub(crate) fn render(dream: &Dream) -> String {
    let mut text = heading(dream);
    if !dream.summary.is_empty() {
        text.push_str(&format!("  {}\n", plain(dream.summary.trim()).replace('\n', "\n  ")));
    }
    text.push_str(&operations(dream));
    text.push_str(&refused(dream));
    text.push_str(&ledger(dream));
    if let Some(found) = &dream.proof {
        text.push_str(&proof(found, found.ci95));
    }
    text.push_str(&next_steps(dream));
    text
}

/// What a dream came to, when it has just ended.
pub(crate) fn ended(dream: &Dream) -> String {
    format!("{}{}{}", heading(dream), counted(dream), next_steps(dream))
}

/// Which dream it is, where it stands and what it read.
pub(crate) fn heading(dream: &Dream) -> String {
    let mut text = format!("{}  {}, with {}", dream.id, dream.status.as_str(), dream.strategy);
    if dream.status.is_terminal() {
        text.push_str(&format!(" in {}", team::lasted(dream.ms)));
    }
    let read = dream.usage.input_tokens
        + dream.usage.cache_read_input_tokens
        + dream.usage.cache_creation_input_tokens;
    if read + dream.usage.output_tokens > 0 {
        text.push_str(&format!(", {read} tokens in, {} out", dream.usage.output_tokens));
    }
    let count = dream.input_session_ids.len();
    text.push_str(&format!(
        "\n  {count} session{}, {} -> {}\n",
        if count == 1 { "" } else { "s" },
        dream.memory_store_in,
        dream.memory_store_out.as_ref().map_or("no store".to_owned(), ToString::to_string),
    ));
    if !dream.instructions.is_empty() {
        text.push_str(&format!("  asked for: {}\n", short(&dream.instructions, TEXT_COLUMNS)));
    }
    if let Some(error) = &dream.error {
        let kind = json!(error.kind);
        let kind = kind.as_str().unwrap_or_default();
        text.push_str(&format!("  {kind}: {}\n", plain(&error.message)));
    }
    text
}

/// The operations, with the numbers behind rules; refused ones are shown apart.
fn operations(dream: &Dream) -> String {
    let mut text = format!("\n{}", counted(dream));
    let mut rows = table::table(&["id", "state", "operation", "class", "memory", "why"]);
    let shown = dream.operations.iter().filter(|operation| operation.rejection.is_none());
    let mut numbers = Vec::new();
    for operation in shown {
        rows.add_row(vec![
            operation.id.clone(),
            state(operation.state).to_owned(),
            operation.op.clone(),
            class(operation.class).to_owned(),
            short(&operation.memory_path, 32),
            short(&operation.reason, TEXT_COLUMNS),
        ]);
        if let Some(found) = &operation.statistics {
            numbers.push(format!("  {}  {}\n", operation.id, rule(found)));
        }
    }
    if rows.row_count() > 0 {
        text.push_str(&table::text(&rows));
    }
    if !numbers.is_empty() {
        text.push_str("\nrules: what goes with success, not what makes it\n");
        text.extend(numbers);
    }
    text
}

/// How many operations there are, by where they stand.
pub(crate) fn counted(dream: &Dream) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for operation in &dream.operations {
        *counts.entry(word(operation)).or_default() += 1;
    }
    if dream.rejections_dropped > 0 {
        *counts.entry("refused").or_default() += dream.rejections_dropped;
    }
    let order = ["accepted", "proposed", "undone", "rejected", "refused"];
    let found = order.iter().filter_map(|word| Some((word, counts.get(word)?)));
    let parts: Vec<String> = found.map(|(word, count)| format!("{count} {word}")).collect();
    match parts.as_slice() {
        [] if dream.status == DreamStatus::Completed => {
            "no operations: nothing was worth changing\n".to_owned()
        }
        [] => "no operations\n".to_owned(),
        parts => format!("operations: {}\n", parts.join(", ")),
    }
}

/// Where an operation stands, with the host's refusals told from people's.
fn word(operation: &DreamOperation) -> &'static str {
    match operation.rejection {
        Some(_) => "refused",
        None => state(operation.state),
    }
}

/// A state in words.
pub(crate) fn state(state: OperationState) -> &'static str {
    match state {
        OperationState::Proposed => "proposed",
        OperationState::Rejected => "rejected",
        OperationState::Accepted => "accepted",
        OperationState::Undone => "undone",
    }
}

/// A class in words.
pub(crate) fn class(class: Class) -> &'static str {
    match class {
        Class::Identical => "identical",
        Class::Subsumed => "subsumed",
        Class::Keyed => "keyed",
        Class::Contrast => "contrast",
        Class::FailureFix => "failure_fix",
        Class::Sequence => "sequence",
        Class::Theme => "theme",
    }
}

/// What the host refused, and why.
pub(crate) fn refused(dream: &Dream) -> String {
    let mut text = String::new();
    for (operation, rejection) in dream.refused() {
        text.push_str(&format!(
            "  {:<7} {:<13} {}\n",
            operation.id,
            operation.op,
            short(&rejection.to_string(), TEXT_COLUMNS)
        ));
    }
    if dream.rejections_dropped > 0 {
        text.push_str(&format!("  and {} more\n", dream.rejections_dropped));
    }
    if text.is_empty() { text } else { format!("\nrefused\n{text}") }
}

/// The numbers behind a rule, on one line.
pub(crate) fn rule(found: &Statistics) -> String {
    let of = |ratio: Ratio| format!("{} of {}", ratio.hits, ratio.total);
    let check = match found.check_with.total + found.check_without.total {
        0 => String::new(),
        _ => format!(
            "; with each third held back in turn {} and {}",
            of(found.check_with),
            of(found.check_without)
        ),
    };
    let what = match found.statement.is_empty() {
        true => format!("{} {} {}", found.field, found.comparison, found.value),
        false => found.statement.clone(),
    };
    format!(
        "{}: {} succeeded with it, {} without (p {}, q {}{check})",
        short(&what, TEXT_COLUMNS),
        of(found.with),
        of(found.without),
        probability(found.p),
        probability(found.q),
    )
}

/// A probability that is never shown as none.
fn probability(value: f64) -> String {
    if value < 0.0005 { "< 0.001".to_owned() } else { format!("= {value:.3}") }
}

/// A quote with where it stands.
pub(crate) fn quote(evidence: &Evidence) -> String {
    let quote = short(evidence.quote.trim(), TEXT_COLUMNS);
    format!("“{quote}”  {} {}", evidence.session_id, evidence.event_id)
}

/// What became of every entry: counted, and those that did not stay one by one.
fn ledger(dream: &Dream) -> String {
    if dream.ledger.is_empty() {
        return String::new();
    }
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for line in &dream.ledger {
        *counts.entry(fate(&line.place)).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().map(|(fate, count)| format!("{count} {fate}")).collect();
    let mut text = format!("\nledger: {} entries: {}\n", dream.ledger.len(), counts.join(", "));
    let moved = || dream.ledger.iter().filter(|line| line.place != Place::Kept);
    for line in moved().take(LEDGER_SHOWN_MAX) {
        let by = line.operation.as_ref().map_or(String::new(), |id| format!(", by {id}"));
        let how = match &line.place {
            Place::Kept => continue,
            Place::MergedInto { entry_id } => format!("merged into {entry_id}"),
            Place::SupersededBy { entry_id, since } => {
                format!("superseded by {entry_id} since {since}")
            }
            Place::Dropped => "dropped".to_owned(),
            Place::InConflict { entry_ids } => {
                format!("kept, in conflict with {}", entry_ids.join(", "))
            }
        };
        let what = format!("{} {}", short(&line.path, 24), short(&line.text, 48));
        text.push_str(&format!("  {}  {what}\n      {how}{by}\n", line.entry_id));
    }
    let hidden = moved().count().saturating_sub(LEDGER_SHOWN_MAX);
    if hidden > 0 {
        text.push_str(&format!("  and {hidden} more; `--json` has all\n"));
    }
    text
}

fn fate(place: &Place) -> &'static str {
    match place {
        Place::Kept => "kept",
        Place::MergedInto { .. } => "merged",
        Place::SupersededBy { .. } => "superseded",
        Place::Dropped => "dropped",
        Place::InConflict { .. } => "in conflict",
    }
}

/// What can be done with a dream next.
fn next_steps(dream: &Dream) -> String {
    let id = &dream.id;
    let waiting = dream.in_state(OperationState::Proposed).count();
    let taken = dream.in_state(OperationState::Accepted).count();
    let mut steps = Vec::new();
    match dream.status {
        DreamStatus::Pending => steps.push(format!("lucid dream resume {id}    runs it")),
        DreamStatus::Running => steps.push(format!("lucid dream watch {id}    draws it")),
        DreamStatus::Failed | DreamStatus::Canceled => {
            let session = dream.session_id.as_ref();
            steps.extend(session.map(|session| format!("lucid session events {session}")));
        }
        DreamStatus::Completed => {
            if waiting + taken > 0 {
                steps.push(format!("lucid dream diff {id}    what it changes, and why"));
            }
            if waiting > 0 {
                steps.push(format!("lucid dream accept {id} --all    or some: dop_1 dop_4-9"));
                steps.push(format!("lucid dream evaluate {id} --mission M --n 50    proves it"));
            }
            if taken > 0 {
                steps.push(format!("lucid dream undo {id} --all    takes it back"));
            }
        }
    }
    let lines: String = steps.iter().map(|step| format!("  {step}\n")).collect();
    if lines.is_empty() { lines } else { format!("\nnext\n{lines}") }
}
