//! `lucid memory`.

mod folder;
mod redact;
mod why;

use lucid_core::{EntryInterval, Failure, Memory, MemoryStore, Result};
use lucid_runtime::{Runtime, RuntimeOptions, Store};
use serde_json::{Value, json};

use super::pick::pick;
use crate::args::MemoryCommand;
use crate::failure::{self, Ended};
use crate::show::{memory as text, plain, print, print_list, table};

pub(crate) async fn run(
    options: RuntimeOptions,
    command: MemoryCommand,
    json: bool,
) -> failure::Result {
    // Memories can be taken in where there is no state yet; all else is about what there is.
    let runtime = match &command {
        MemoryCommand::Import { .. } => Runtime::open(options)?,
        _ => super::open(options)?,
    };
    let done = on(&runtime, command, json).await;
    runtime.store.close().await?;
    done?;
    Ok(Ended::Done)
}

async fn on(runtime: &Runtime, command: MemoryCommand, json: bool) -> Result<()> {
    let store = runtime.store.as_ref();
    match command {
        MemoryCommand::List => {
            let stores = newest_first(store).await?;
            match json {
                true => print_list(stores.iter().map(store_document)),
                false => print(&table::stores(&stores)),
            }
        }
        MemoryCommand::Show { store: id, path } => {
            show(store, &find(store, &id).await?, path.as_deref(), json).await
        }
        MemoryCommand::Versions { store: id, path } => {
            let found = find(store, &id).await?;
            let versions = store.memory_versions(&found.id, path.as_deref()).await?;
            match json {
                true => print_list(versions.iter().map(|version| json!(version))),
                false => print(&table::versions(&versions)),
            }
        }
        MemoryCommand::Import { dir, name, description } => {
            folder::import(runtime, &dir, &name, &description, json).await
        }
        MemoryCommand::Export { store: id, dir } => {
            let found = find(store, &id).await?;
            folder::export(&dir, &store.memories(&found.id).await?, json)
        }
        MemoryCommand::History { store: id, path } => {
            history(runtime, &find(store, &id).await?, path.as_deref(), json).await
        }
        MemoryCommand::Why { entry, memory } => {
            why::why(runtime, &find(store, &memory).await?, &entry, json).await
        }
        MemoryCommand::Redact { version, yes } => {
            redact::redact(runtime, &version, yes, json).await
        }
    }
}

async fn show(
    store: &dyn Store,
    found: &MemoryStore,
    path: Option<&str>,
    json: bool,
) -> Result<()> {
    let mut memories = store.memories(&found.id).await?;
    if let Some(path) = path {
        memories.retain(|memory| memory.path == path);
        if memories.is_empty() {
            return Err(Failure::invalid(format!("no such memory: `{path}`"))
                .hint(format!("`lucid memory show {}` shows all", found.id)));
        }
    }
    if json {
        return print_list(memories.iter().map(memory_document));
    }
    let show = |memory: &Memory| plain(&format!("--- {}\n{}\n", memory.path, memory.content));
    print(&memories.iter().map(show).collect::<String>())
}

async fn history(
    runtime: &Runtime,
    found: &MemoryStore,
    path: Option<&str>,
    json: bool,
) -> Result<()> {
    let mut intervals = runtime.memory_history(&found.id).await?;
    intervals.retain(|interval: &EntryInterval| path.is_none_or(|path| interval.path == path));
    match json {
        true => print_list(intervals.iter().map(|interval| json!(interval))),
        false => print(&text::history(&intervals)),
    }
}

async fn newest_first(store: &dyn Store) -> Result<Vec<MemoryStore>> {
    let mut stores = store.memory_stores().await?;
    stores.reverse();
    Ok(stores)
}

async fn find(store: &dyn Store, wanted: &str) -> Result<MemoryStore> {
    let all = newest_first(store).await?;
    pick(&all, |found| found.id.as_str(), wanted, "memory store").cloned()
}

/// A memory store as the API writes it.
fn store_document(store: &MemoryStore) -> Value {
    json!({
        "id": store.id,
        "type": "memory_store",
        "name": store.name,
        "description": store.description,
        "metadata": {"lucid.dreamt_from": store.dreamt_from},
        "created_at": store.created_at,
    })
}

/// A memory as the API writes it.
fn memory_document(memory: &Memory) -> Value {
    json!({
        "id": memory.id,
        "type": "memory",
        "memory_store_id": memory.memory_store_id,
        "memory_version_id": memory.memory_version_id,
        "path": memory.path,
        "content": memory.content,
        "content_sha256": memory.content_sha256,
        "content_size_bytes": memory.content.len(),
        "created_at": memory.created_at,
        "updated_at": memory.updated_at,
    })
}
