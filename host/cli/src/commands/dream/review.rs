//! `lucid dream diff`, `accept`, `reject`, `undo` and `queue`.

use std::collections::BTreeSet;

use lucid_core::{Dream, DreamOperation, Failure, OperationState, Result};
use lucid_runtime::{Chosen, DiffOf, MemoryDiff, Runtime, Waiting, WaitsFor};
use serde_json::{Value, json};

use super::find;
use crate::args::ChosenArgs;
use crate::show::{dream as text, print, print_json, print_list, short, table};

/// What is done with operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Accept,
    Reject,
    Undo,
}

pub(super) async fn diff(runtime: &Runtime, dream: &Dream, json: bool) -> Result<()> {
    let changes = runtime.dream_diff(&dream.id, DiffOf::AcceptedAndProposed).await?;
    if json {
        return print_list(changes.iter().map(change));
    }
    print(&text::diff(&changes))
}

fn change(change: &MemoryDiff) -> Value {
    json!({
        "path": change.path,
        "status": change.file.as_ref().map(|file| file.status),
        "diff": change.file.as_ref().map_or(String::new(), ToString::to_string),
        "operations": change.operations,
    })
}

pub(super) async fn review(
    runtime: &Runtime,
    verb: Verb,
    args: &ChosenArgs,
    json: bool,
) -> Result<()> {
    let before = find(runtime.store.as_ref(), &args.id).await?;
    let chosen = match args.all {
        true => Chosen::All,
        false => Chosen::These(chosen(&before.operations, &args.operations)?),
    };
    let id = &before.id;
    let after = match verb {
        Verb::Accept => runtime.accept_dream(id, &chosen).await?,
        Verb::Reject => runtime.reject_dream(id, &chosen).await?,
        Verb::Undo => runtime.undo_dream(id, &chosen).await?,
    };
    if json {
        return print_json(&text::document(&after));
    }
    print(&said(verb, &before, &after))
}

/// The operations that are meant: `dop_3`, `3`, or `3-7`.
fn chosen(operations: &[DreamOperation], wanted: &[String]) -> Result<Vec<String>> {
    let there: BTreeSet<&str> = operations.iter().map(|one| one.id.as_str()).collect();
    let mut ids = Vec::new();
    for word in wanted {
        for id in named(word)? {
            if !there.contains(id.as_str()) {
                return Err(Failure::invalid(format!("no such operation: `{}`", short(&id, 40)))
                    .hint("`lucid dream show ID` lists them"));
            }
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

fn named(word: &str) -> Result<Vec<String>> {
    let number = |text: &str| text.strip_prefix("dop_").unwrap_or(text).parse::<u32>().ok();
    let wrong = || {
        Failure::invalid(format!("no operation: `{}`", short(word, 40)))
            .hint("name one as `dop_3` or `3`, or several as `3-7`")
    };
    let (first, last) = match word.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None => (number(word), number(word)),
    };
    let (first, last) = first.zip(last).ok_or_else(wrong)?;
    // No dream has more operations than this; a slip of the finger asks for a billion.
    if first > last || last - first > 100_000 {
        return Err(wrong());
    }
    Ok((first..=last).map(|number| format!("dop_{number}")).collect())
}

/// What became of it, in a sentence or two.
fn said(verb: Verb, before: &Dream, after: &Dream) -> String {
    let was = |id: &str| before.operations.iter().find(|one| one.id == id).map(|one| one.state);
    let changed = after.operations.iter().filter(|one| was(&one.id) != Some(one.state)).count();
    let store = after.memory_store_out.as_ref().unwrap_or(&after.memory_store_in);
    let count = |state| after.in_state(state).count();
    let taken = count(OperationState::Accepted);
    let operations = if changed == 1 { "operation" } else { "operations" };
    let mut text = match verb {
        Verb::Accept => format!("{changed} {operations} accepted: {taken} are in {store} now\n"),
        Verb::Reject => format!("{changed} {operations} rejected\n"),
        Verb::Undo if taken == 0 => {
            let input = &after.memory_store_in;
            format!("{changed} {operations} undone: {store} is as {input} was\n")
        }
        Verb::Undo => format!("{changed} {operations} undone: {taken} are in {store} still\n"),
    };
    match count(OperationState::Proposed) {
        0 => {}
        1 => text.push_str("1 waits\n"),
        waiting => text.push_str(&format!("{waiting} wait\n")),
    }
    text
}

pub(super) async fn queue(runtime: &Runtime, json: bool) -> Result<()> {
    let waiting = runtime.dream_queue().await?;
    if json {
        return print_list(waiting.iter().map(waiting_document));
    }
    if waiting.is_empty() {
        return print("no dream waits\n");
    }
    let mut rows = table::table(&["id", "waits for", "strategy", "store", "created"]);
    for Waiting { dream, why } in &waiting {
        rows.add_row(vec![
            dream.id.to_string(),
            match why {
                WaitsFor::ToRun => "somebody to run it".to_owned(),
                WaitsFor::ToRunAgain => "somebody to run it again".to_owned(),
                WaitsFor::Review { proposed: 1 } => "review of 1 operation".to_owned(),
                WaitsFor::Review { proposed } => format!("review of {proposed} operations"),
            },
            short(&dream.strategy, 24),
            dream.memory_store_in.to_string(),
            dream.created_at.to_string(),
        ]);
    }
    print(&table::text(&rows))
}

fn waiting_document(waiting: &Waiting) -> Value {
    let (why, proposed) = match &waiting.why {
        WaitsFor::ToRun => ("run", 0),
        WaitsFor::ToRunAgain => ("run_again", 0),
        WaitsFor::Review { proposed } => ("review", *proposed),
    };
    json!({"waits_for": why, "proposed": proposed, "dream": text::document(&waiting.dream)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_named_by_id_by_number_or_as_a_range() {
        let ids = |word: &str| named(word).unwrap();
        assert_eq!(ids("dop_3"), ["dop_3"]);
        assert_eq!(ids("3"), ["dop_3"]);
        assert_eq!(ids("3-5"), ["dop_3", "dop_4", "dop_5"]);
        assert_eq!(ids("dop_3-dop_4"), ["dop_3", "dop_4"]);
        for wrong in ["", "x", "-3", "3-", "5-3", "1-4000000000", "dop_", "3-4-5"] {
            let failure = named(wrong).unwrap_err();
            assert!(failure.hint.is_some(), "{wrong}");
        }
    }
}
