//! Memories.

use axum::extract::Path;
use lucid_api::memory::{
    Head, Item, MemoryCreate, MemoryObject, MemoryUpdate, Plan, View, check_expected, check_prefix,
    items, plan_create, plan_update,
};
use lucid_api::{ApiError, Cursor, Page, deleted};
use lucid_core::{
    Memory, MemoryId, MemoryOperation, MemoryStoreId, MemoryVersion, MemoryVersionId, Timestamp,
    sha256_hex,
};
use serde_json::{Value, json};

use super::stores::{self, writable};
use crate::answer::{Answer, CHANGED_MEANWHILE, answer};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

/// How often a change is tried again that somebody else was quicker than.
const TRIES: usize = 16;

/// What somebody wants of a store.
enum Wish {
    Create(MemoryCreate),
    Update(String, MemoryUpdate),
    Delete(String, Option<String>),
}

/// What comes of it.
struct Outcome {
    /// The memory as it is then, or as it was before it went.
    memory: Memory,
    /// The version that does it; none where all is so already.
    version: Option<MemoryVersion>,
}

pub(super) async fn create(
    caller: Caller,
    Path(store): Path<String>,
    Asked(mut query): Asked,
    Body(create): Body<MemoryCreate>,
) -> Answer {
    let view = View::read(&mut query, View::Basic)?;
    query.done()?;
    let store = writable(&caller, &store).await?;
    let memory = fulfil(&caller, &store.id, &Wish::Create(create)).await?;
    answer(MemoryObject::of(&Head::of(memory), view))
}

pub(super) async fn retrieve(
    caller: Caller,
    Path((store, id)): Path<(String, String)>,
    Asked(mut query): Asked,
) -> Answer {
    let view = View::read(&mut query, View::Full)?;
    query.done()?;
    let store = stores::found(&caller.space, &store).await?;
    let memory = found(&caller.space, &store.id, &id).await?;
    answer(MemoryObject::of(&Head::of(memory), view))
}

pub(super) async fn update(
    caller: Caller,
    Path((store, id)): Path<(String, String)>,
    Asked(mut query): Asked,
    Body(update): Body<MemoryUpdate>,
) -> Answer {
    let view = View::read(&mut query, View::Basic)?;
    query.done()?;
    let store = writable(&caller, &store).await?;
    let memory = fulfil(&caller, &store.id, &Wish::Update(id, update)).await?;
    answer(MemoryObject::of(&Head::of(memory), view))
}

pub(super) async fn delete(
    caller: Caller,
    Path((store, id)): Path<(String, String)>,
    Asked(mut query): Asked,
) -> Answer {
    let expected = query.text("expected_content_sha256")?;
    query.done()?;
    let store = stores::found(&caller.space, &store).await?;
    let memory = fulfil(&caller, &store.id, &Wish::Delete(id, expected)).await?;
    answer(deleted(memory.id.as_str(), "memory_deleted"))
}

pub(super) async fn list(
    caller: Caller,
    Path(store): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let view = View::read(&mut query, View::Basic)?;
    let limit = view.limit(&mut query)?;
    let prefix = query.text("path_prefix")?.unwrap_or_else(|| "/".to_owned());
    check_prefix(&prefix)?;
    let folders = query.number("depth", 0..=1)? == Some(1);
    let store = stores::found(&caller.space, &store).await?;
    let name = format!("memories {}", store.id);
    let page = query.page(&name)?;
    query.done()?;
    let heads = heads(&caller.space, &store.id).await?;
    let paths: Vec<&str> = heads.iter().map(|head| head.memory.path.as_str()).collect();
    let after = page.as_ref().map(|page| page.id.as_str());
    let mut listed = items(&paths, &prefix, folders, after, limit.saturating_add(1));
    let more = listed.len() > limit;
    listed.truncate(limit);
    let last = listed.last().map(|item| match item {
        Item::Prefix(folder) => folder.clone(),
        Item::Memory(place) => paths.get(*place).copied().unwrap_or_default().to_owned(),
    });
    let cursor = |id| Cursor { list: name, at: Timestamp(0), id };
    let next = last.filter(|_| more).map(cursor);
    let mut data = Vec::with_capacity(listed.len());
    for item in listed {
        data.extend(written(&caller.space, &heads, item, view).await?);
    }
    answer(Page { data, next }.to_json())
}

/// One thing of a list; none where it is gone by now.
async fn written(
    space: &Space,
    heads: &[Head],
    item: Item,
    view: View,
) -> Result<Option<Value>, ApiError> {
    let place = match item {
        Item::Prefix(path) => return Ok(Some(json!({"type": "memory_prefix", "path": path}))),
        Item::Memory(place) => place,
    };
    let Some(head) = heads.get(place) else { return Ok(None) };
    if view == View::Basic {
        return Ok(Some(json!(MemoryObject::of(head, view))));
    }
    let whole = space.runtime.store.memory(&head.memory.id).await?;
    Ok(whole.map(|memory| json!(MemoryObject::of(&Head::of(memory), view))))
}

/// The memories of a store without their texts.
async fn heads(space: &Space, store: &MemoryStoreId) -> Result<Vec<Head>, ApiError> {
    let heads = space.runtime.store.memories_in_short(store).await?;
    Ok(heads.into_iter().map(|(memory, bytes)| Head { memory, bytes }).collect())
}

async fn found(space: &Space, store: &MemoryStoreId, id: &str) -> Result<Memory, ApiError> {
    let missing = || ApiError::not_found("memory", id);
    let parsed = MemoryId::parse(id).ok_or_else(missing)?;
    let memory = space.runtime.store.memory(&parsed).await?;
    memory.filter(|memory| memory.memory_store_id == *store).ok_or_else(missing)
}

/// Does what somebody wants over what is there, or nothing; agents and people change the same
/// memories all the time.
async fn fulfil(caller: &Caller, store: &MemoryStoreId, wish: &Wish) -> Result<Memory, ApiError> {
    let keeper = &caller.space.runtime.store;
    for _ in 0..TRIES {
        // Looked at first: what is written between this and the write is noticed.
        let newest = keeper.newest_memory_version(store).await?;
        let Outcome { memory, version } = attempt(caller, store, wish).await?;
        let Some(version) = version else { return Ok(memory) };
        if keeper.write_memories_after(store, newest.as_ref(), vec![version]).await? {
            return Ok(memory);
        }
    }
    let why = format!("memory store {store} is being changed by too many at once; try again");
    Err(ApiError::conflict(why).code(CHANGED_MEANWHILE))
}

/// What a wish comes to, as the store is now.
async fn attempt(caller: &Caller, store: &MemoryStoreId, wish: &Wish) -> Result<Outcome, ApiError> {
    let space = &caller.space;
    let write = |operation, id, path: String, content, before: Option<&Memory>| MemoryVersion {
        id: space.new_id(MemoryVersionId::new),
        memory_id: id,
        memory_store_id: store.clone(),
        operation,
        path,
        content,
        created_by: caller.author(),
        // Behind what it replaces, whatever the clock of its writer said.
        created_at: space.clock.now().max(before.map_or(Timestamp(0), |before| {
            Timestamp(before.updated_at.as_millis().saturating_add(1))
        })),
    };
    match wish {
        Wish::Create(create) => {
            let (path, content) = plan_create(create.clone(), &heads(space, store).await?)?;
            let id = space.new_id(MemoryId::new);
            let version = write(MemoryOperation::Created, id, path, Some(content), None);
            Ok(Outcome { memory: afterwards(&version, None), version: Some(version) })
        }
        Wish::Update(id, update) => {
            let now = found(space, store, id).await?;
            let (path, content) = match plan_update(update, &now, &heads(space, store).await?)? {
                Plan::Keep => return Ok(Outcome { memory: now, version: None }),
                Plan::Write { path, content } => (path, content),
            };
            let (operation, id) = (MemoryOperation::Modified, now.id.clone());
            let version = write(operation, id, path, Some(content), Some(&now));
            Ok(Outcome { memory: afterwards(&version, Some(&now)), version: Some(version) })
        }
        Wish::Delete(id, expected) => {
            let now = found(space, store, id).await?;
            check_expected(expected.as_deref(), &now)?;
            let (operation, id) = (MemoryOperation::Deleted, now.id.clone());
            let version = write(operation, id, now.path.clone(), None, Some(&now));
            Ok(Outcome { memory: now, version: Some(version) })
        }
    }
}

/// The memory that a version makes of one that was, or of none.
fn afterwards(version: &MemoryVersion, before: Option<&Memory>) -> Memory {
    let content = version.content.clone().unwrap_or_default();
    Memory {
        id: version.memory_id.clone(),
        memory_store_id: version.memory_store_id.clone(),
        memory_version_id: version.id.clone(),
        path: version.path.clone(),
        content_sha256: sha256_hex(content.as_bytes()),
        content,
        created_at: before.map_or(version.created_at, |before| before.created_at),
        updated_at: version.created_at,
    }
}
