//! `lucid dream diff`, `accept`, `reject`, `undo` and `queue`.

use lucid_core::{OperationState, Result};
use lucid_runtime::{MemoryDiff, Waiting, WaitsFor};
use lucid_verbs::{
    DecideDream, DiffDream, DreamDecided, DreamDecision, DreamOperations, ListWaitingDreams,
};
use serde_json::{Value, json};

use crate::args::ChosenArgs;
use crate::place::Place;
use crate::show::{dream as text, print, print_json, print_list, short, table};

pub(super) async fn diff(place: &Place, id: String, json: bool) -> Result<()> {
    let changes = place.ask(DiffDream { id }).await?;
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
    place: &Place,
    decision: DreamDecision,
    args: ChosenArgs,
    json: bool,
) -> Result<()> {
    let operations = match args.all {
        true => DreamOperations::All,
        false => DreamOperations::Named(args.operations),
    };
    let decided = place.ask(DecideDream { id: args.id, decision, operations }).await?;
    if json {
        return print_json(&text::document(&decided.dream));
    }
    print(&said(decision, &decided))
}

/// What became of it, in a sentence or two.
fn said(decision: DreamDecision, decided: &DreamDecided) -> String {
    let DreamDecided { dream: after, changed } = decided;
    let store = after.memory_store_out.as_ref().unwrap_or(&after.memory_store_in);
    let count = |state| after.in_state(state).count();
    let taken = count(OperationState::Accepted);
    let operations = if *changed == 1 { "operation" } else { "operations" };
    let mut text = match decision {
        DreamDecision::Accept => {
            format!("{changed} {operations} accepted: {taken} are in {store} now\n")
        }
        DreamDecision::Reject => format!("{changed} {operations} rejected\n"),
        DreamDecision::Undo if taken == 0 => {
            let input = &after.memory_store_in;
            format!("{changed} {operations} undone: {store} is as {input} was\n")
        }
        DreamDecision::Undo => {
            format!("{changed} {operations} undone: {taken} are in {store} still\n")
        }
    };
    match count(OperationState::Proposed) {
        0 => {}
        1 => text.push_str("1 waits\n"),
        waiting => text.push_str(&format!("{waiting} wait\n")),
    }
    text
}

pub(super) async fn queue(place: &Place, json: bool) -> Result<()> {
    let waiting = place.ask(ListWaitingDreams {}).await?;
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
