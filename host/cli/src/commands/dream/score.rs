//! `lucid dream show`, and scoring a dream by what is known to be true of its corpus.

use std::path::Path;

use lucid_core::{Dream, Failure, Result};
use lucid_runtime::{Entry, Runtime, Snapshot, apply_proposed};
use lucid_score::{Score, ScoreError, StoreEntry, Stores, Truth};
use serde_json::{Value, json};

use crate::failure::{self, Ended};
use crate::show::{dream as text, print, print_json};

pub(super) async fn show(
    runtime: &Runtime,
    dream: &Dream,
    truth: Option<&Path>,
    json: bool,
) -> failure::Result {
    match truth.map(read).transpose()? {
        Some(truth) => print_scored(runtime, dream, &truth, json).await?,
        None if json => print_json(&text::document(dream))?,
        None => print(&text::render(dream))?,
    }
    Ok(Ended::Done)
}

/// Reads what is known to be true of a corpus.
pub(super) fn read(file: &Path) -> Result<Truth> {
    let hint = "give the `truth.json` that was made with the corpus";
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::invalid(format!("{}: {error}", file.display())).hint(hint))?;
    Truth::read(&text).map_err(|error| Failure::invalid(error.to_string()).hint(hint))
}

/// Prints a dream with its score.
pub(super) async fn print_scored(
    runtime: &Runtime,
    dream: &Dream,
    truth: &Truth,
    json: bool,
) -> Result<()> {
    let mut document = text::document(dream);
    let scored = scored(runtime, dream, &document, truth).await?;
    if !json {
        return print(&format!("{}{}", text::ended(dream), text::score(&scored)));
    }
    if let Value::Object(fields) = &mut document {
        fields.insert("score".to_owned(), json!(scored));
    }
    print_json(&document)
}

async fn scored(
    runtime: &Runtime,
    dream: &Dream,
    document: &Value,
    truth: &Truth,
) -> Result<Score> {
    let snapshot = Snapshot::of(&runtime.store.memories(&dream.memory_store_in).await?);
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
