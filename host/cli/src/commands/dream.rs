//! `lucid dream`.

use std::collections::BTreeMap;

use lucid_core::{Dream, Failure, MemoryStoreId, Result};
use lucid_runtime::{FileDiff, Runtime, Snapshot, Store, diff};
use serde_json::{Value, json};

use super::pick::pick;
use crate::args::DreamCommand;
use crate::failure::Ended;
use crate::show::{dream as text, print, print_json, print_list, table};

pub(crate) async fn run(
    runtime: &Runtime,
    command: DreamCommand,
    json: bool,
) -> crate::failure::Result {
    let store = runtime.store.as_ref();
    let dreams = store.dreams().await?;
    let find = |wanted: &str| pick(&dreams, |dream| dream.id.as_str(), wanted, "dream");
    match command {
        DreamCommand::List if json => print_list(dreams.iter().map(document))?,
        DreamCommand::List => print(&table::dreams(&dreams))?,
        DreamCommand::Show { id } => {
            let dream = find(&id)?;
            if json {
                print_json(&document(dream))?;
            } else {
                print(&text::render(dream))?;
            }
        }
        DreamCommand::Diff { id } => {
            let files = difference(store, find(&id)?).await?;
            if json {
                let file = |file: &FileDiff| json!({"diff": file.to_string()});
                print_list(files.iter().map(file))?;
            } else {
                print(&text::diff(&files))?;
            }
        }
    }
    Ok(Ended::Done)
}

async fn difference(store: &dyn Store, dream: &Dream) -> Result<Vec<FileDiff>> {
    let Some(out) = &dream.memory_store_out else {
        return Err(Failure::invalid(format!("dream {} made no memory store", dream.id))
            .hint(format!("`lucid dream show {}` says why", dream.id)));
    };
    let before = contents(store, &dream.memory_store_in).await?;
    Ok(diff(&before, &contents(store, out).await?))
}

async fn contents(store: &dyn Store, id: &MemoryStoreId) -> Result<BTreeMap<String, String>> {
    Ok(Snapshot::of(&store.memories(id).await?).contents())
}

/// A dream as the API writes it, with its operations and ledger under `lucid`.
fn document(dream: &Dream) -> Value {
    let outputs: Vec<Value> = dream
        .memory_store_out
        .iter()
        .map(|id| json!({"type": "memory_store", "memory_store_id": id}))
        .collect();
    let error = dream.error.as_ref().map(|m| json!({"type": "internal_error", "message": m}));
    json!({
        "id": dream.id,
        "type": "dream",
        "status": dream.status,
        "inputs": [
            {"type": "memory_store", "memory_store_id": dream.memory_store_in},
            {"type": "sessions", "session_ids": dream.input_session_ids},
        ],
        "outputs": outputs,
        "model": {"id": format!("strategy:{}", dream.strategy), "speed": "standard"},
        "instructions": dream.instructions,
        "output_behavior": {"type": "create_new"},
        "session_id": dream.session_id,
        "error": error,
        "created_at": dream.created_at,
        "ended_at": dream.ended_at,
        "lucid": {
            "summary": dream.summary,
            "operations": dream.operations,
            "rejections": dream.rejections,
            "ledger": dream.ledger,
        },
    })
}
