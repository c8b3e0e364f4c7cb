//! Scoring a dream by what is known to be true of its corpus.

use std::path::Path;

use lucid_core::{Dream, Failure, Result};
use lucid_runtime::{Entry, Snapshot, apply_proposed};
use lucid_score::{Score, ScoreError, StoreEntry, Stores, Truth};
use lucid_verbs::ReadMemories;
use serde_json::{Value, json};

use crate::place::Place;
use crate::show::{dream as text, print, print_json};

/// Reads what is known to be true of a corpus.
pub(super) fn read(file: &Path) -> Result<Truth> {
    let hint = "give the `truth.json` that was made with the corpus";
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::invalid(format!("{}: {error}", file.display())).hint(hint))?;
    Truth::read(&text).map_err(|error| Failure::invalid(error.to_string()).hint(hint))
}

/// Prints a dream with its score.
pub(super) async fn print_scored(
    place: &Place,
    dream: &Dream,
    truth: &Truth,
    json: bool,
) -> Result<()> {
    let mut document = text::document(dream);
    let scored = scored(place, dream, &document, truth).await?;
    if !json {
        return print(&format!("{}{}", text::ended(dream), text::score(&scored)));
    }
    if let Value::Object(fields) = &mut document {
        fields.insert("score".to_owned(), json!(scored));
    }
    print_json(&document)
}

async fn scored(place: &Place, dream: &Dream, document: &Value, truth: &Truth) -> Result<Score> {
    let read = ReadMemories { store: dream.memory_store_in.to_string(), path: None };
    let snapshot = Snapshot::of(&place.ask(read).await?);
    let entry = |entry: Entry| StoreEntry { id: entry.id, path: entry.path, text: entry.text };
    let stores = Stores {
        entries: snapshot.entries().into_iter().map(entry).collect(),
        output: apply_proposed(&snapshot, &dream.operations),
    };
    lucid_score::score(&document.to_string(), truth, &stores).map_err(|error| match error {
        ScoreError::Dream(_) => Failure::bug(error.to_string()),
        _ => Failure::invalid(error.to_string())
            .hint("score a dream of the store that was made with the truth"),
    })
}
