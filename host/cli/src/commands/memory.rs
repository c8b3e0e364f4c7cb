//! `lucid memory`.

use std::path::{Component, Path};

use lucid_core::{Failure, Memory, MemoryStore, Result};
use lucid_runtime::{Runtime, Store};
use serde_json::{Value, json};

use super::pick::pick;
use crate::args::MemoryCommand;
use crate::failure::Ended;
use crate::show::{plain, print, print_list, table};

pub(crate) async fn run(
    runtime: &Runtime,
    command: MemoryCommand,
    json: bool,
) -> crate::failure::Result {
    let store = runtime.store.as_ref();
    match command {
        MemoryCommand::List => {
            let stores = newest_first(store).await?;
            if json {
                print_list(stores.iter().map(store_document))?;
            } else {
                print(&table::stores(&stores))?;
            }
        }
        MemoryCommand::Show { store: id, path } => {
            let found = find(store, &id).await?;
            let mut memories = store.memories(&found.id).await?;
            if let Some(path) = path {
                memories.retain(|memory| memory.path == path);
                if memories.is_empty() {
                    return Err(Failure::invalid(format!("no such memory: `{path}`"))
                        .hint(format!("`lucid memory show {}` shows all", found.id))
                        .into());
                }
            }
            if json {
                print_list(memories.iter().map(memory_document))?;
            } else {
                let show =
                    |memory: &Memory| plain(&format!("--- {}\n{}\n", memory.path, memory.content));
                print(&memories.iter().map(show).collect::<String>())?;
            }
        }
        MemoryCommand::Versions { store: id, path } => {
            let found = find(store, &id).await?;
            let versions = store.memory_versions(&found.id, path.as_deref()).await?;
            if json {
                print_list(versions.iter().map(|version| json!(version)))?;
            } else {
                print(&table::versions(&versions))?;
            }
        }
        MemoryCommand::Export { store: id, dir } => {
            let found = find(store, &id).await?;
            export(&dir, &store.memories(&found.id).await?)?;
        }
    }
    Ok(Ended::Done)
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

/// Writes memories as files, into a folder that is new: nothing that is there is touched.
fn export(folder: &Path, memories: &[Memory]) -> Result<()> {
    let failed = |error: std::io::Error| Failure::failed(format!("{}: {error}", folder.display()));
    std::fs::create_dir(folder)
        .map_err(failed)
        .map_err(|failure| failure.hint("give a folder that is not there yet"))?;
    for memory in memories {
        let path = Path::new(memory.path.trim_start_matches('/'));
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Failure::bug(format!("a memory with the path `{}`", memory.path)));
        }
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&file, &memory.content).map_err(failed)?;
    }
    Ok(())
}
