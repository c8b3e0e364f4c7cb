//! `lucid memory`.

mod folder;
mod redact;

use lucid_core::{Memory, MemoryStore, MemoryVersion, Result};
use lucid_verbs::{
    ExplainEntry, ListMemoryHistory, ListMemoryStores, ListMemoryVersions, ReadMemories,
};
use serde_json::{Value, json};

use crate::args::MemoryCommand;
use crate::failure::{self, Ended};
use crate::place::{Place, Site};
use crate::show::{memory as text, plain, print, print_json, print_list, table};

/// All versions of a store, or of one memory of it, newest first.
async fn versions(place: &Place, store: &str, path: Option<&str>) -> Result<Vec<MemoryVersion>> {
    let mut all: Vec<MemoryVersion> = Vec::new();
    loop {
        let after = all.last().map(|version| version.id.clone());
        let (store, path) = (store.to_owned(), path.map(str::to_owned));
        let page = place.ask(ListMemoryVersions { store, path, after }).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

pub(crate) async fn run(site: Site, command: MemoryCommand, json: bool) -> failure::Result {
    // Memories can be taken in where there is no state yet; all else is about what there is.
    let place = match &command {
        MemoryCommand::Import { .. } => site.open_or_make()?,
        _ => site.open()?,
    };
    let done = on(&place, command, json).await;
    place.close().await?;
    done?;
    Ok(Ended::Done)
}

async fn on(place: &Place, command: MemoryCommand, json: bool) -> Result<()> {
    match command {
        MemoryCommand::List => {
            let stores = place.ask(ListMemoryStores {}).await?;
            match json {
                true => print_list(stores.iter().map(store_document)),
                false => print(&table::stores(&stores)),
            }
        }
        MemoryCommand::Show { store, path } => {
            let memories = place.ask(ReadMemories { store, path }).await?;
            if json {
                return print_list(memories.iter().map(memory_document));
            }
            let show =
                |memory: &Memory| plain(&format!("--- {}\n{}\n", memory.path, memory.content));
            print(&memories.iter().map(show).collect::<String>())
        }
        MemoryCommand::Versions { store, path } => {
            let versions = versions(place, &store, path.as_deref()).await?;
            match json {
                true => print_list(versions.iter().map(|version| json!(version))),
                false => print(&table::versions(&versions)),
            }
        }
        MemoryCommand::Import { dir, name, description } => {
            folder::import(place, &dir, name, description, json).await
        }
        MemoryCommand::Export { store, dir } => {
            let memories = place.ask(ReadMemories { store, path: None }).await?;
            folder::export(&dir, &memories, json)
        }
        MemoryCommand::History { store, path } => {
            let intervals = place.ask(ListMemoryHistory { store, path }).await?;
            match json {
                true => print_list(intervals.iter().map(|interval| json!(interval))),
                false => print(&text::history(&intervals)),
            }
        }
        MemoryCommand::Why { entry, memory } => {
            let why = place.ask(ExplainEntry { store: memory, entry }).await?;
            match json {
                true => print_json(&why),
                false => print(&text::why(&why)),
            }
        }
        MemoryCommand::Redact { version, yes } => redact::redact(place, version, yes, json).await,
    }
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
