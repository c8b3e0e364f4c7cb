//! Memory stores.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Path;
use lucid_api::memory::{StoreCreate, StoreMeta, StoreObject, StoreUpdate};
use lucid_api::{ApiError, Cursor, Page, deleted};
use lucid_core::{MemoryStore, MemoryStoreId};
use serde_json::json;

use super::noted::{STORE, all, beside, ensure};
use crate::answer::{Answer, answer};
use crate::documents::{Change, New};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space, Who};

/// What cursors of the list are good for.
const LIST: &str = "memory_stores";

/// A store that somebody named.
///
/// # Errors
/// Not found; internal.
pub(super) async fn found(space: &Space, id: &str) -> Result<MemoryStore, ApiError> {
    let Some(parsed) = MemoryStoreId::parse(id) else { return Err(STORE.missing(id)) };
    let store = space.runtime.store.memory_store(&parsed).await?;
    store.ok_or_else(|| STORE.missing(id))
}

/// A store as the API writes it.
///
/// # Errors
/// Internal.
pub(super) async fn object(space: &Space, store: &MemoryStore) -> Result<StoreObject, ApiError> {
    let noted = beside(space, STORE, store.id.as_str()).await?;
    let (meta, archived_at) = noted.unwrap_or_else(|| (StoreMeta::standard(store), None));
    Ok(StoreObject::of(store, meta, archived_at))
}

/// A store that somebody named, as the API writes it: for others that mount or read it.
///
/// # Errors
/// Not found; internal.
pub(crate) async fn shown(space: &Space, id: &str) -> Result<StoreObject, ApiError> {
    object(space, &found(space, id).await?).await
}

/// A store that whoever asks may write to. One that is archived is written to by workers alone,
/// whose sessions see it already.
///
/// # Errors
/// Not found; invalid, when it is archived; internal.
pub(super) async fn writable(caller: &Caller, id: &str) -> Result<MemoryStore, ApiError> {
    let store = found(&caller.space, id).await?;
    if !matches!(caller.who, Who::Work { .. }) {
        object(&caller.space, &store).await?.check_open()?;
    }
    Ok(store)
}

/// Makes the note beside a store, where there is none.
async fn noted(space: &Space, store: &MemoryStore) -> Result<(), ApiError> {
    let (id, value) = (store.id.as_str(), &StoreMeta::standard(store));
    let created_at = store.created_at;
    ensure(space, STORE, New { id, parent: None, key: None, created_at, value }).await
}

pub(super) async fn create(caller: Caller, Body(create): Body<StoreCreate>) -> Answer {
    let space = &caller.space;
    let (id, at) = (space.new_id(MemoryStoreId::new), space.clock.now());
    let (store, meta) = create.made(id, at)?;
    // What is noted first: without its store it is nothing.
    let (id, value) = (store.id.as_str(), &meta);
    ensure(space, STORE, New { id, parent: None, key: None, created_at: at, value }).await?;
    space.runtime.store.create_memory_store(&store).await?;
    space.hooks.tell("memory_store.created", id);
    answer(StoreObject::of(&store, meta, None))
}

pub(super) async fn retrieve(caller: Caller, Path(id): Path<String>) -> Answer {
    answer(shown(&caller.space, &id).await?)
}

pub(super) async fn update(
    caller: Caller,
    Path(id): Path<String>,
    Body(update): Body<StoreUpdate>,
) -> Answer {
    let (space, now) = (&caller.space, caller.space.clock.now());
    // The store, and what is noted beside it: they change together.
    let _turn = space.turns.of(&id).await;
    let before = found(space, &id).await?;
    // Everything is checked before anything is written.
    let mut after = before.clone();
    let shown = object(space, &before).await?;
    shown.check_open()?;
    let mut trial = StoreMeta { metadata: shown.metadata, updated_at: shown.updated_at };
    if !update.clone().apply(&mut after, &mut trial)? {
        return answer(object(space, &before).await?);
    }
    noted(space, &before).await?;
    let change = |document: &lucid_store::Document, mut meta: StoreMeta| {
        StoreObject::of(&before, meta.clone(), document.archived_at).check_open()?;
        update.clone().apply(&mut before.clone(), &mut meta)?;
        meta.updated_at = now.max(meta.updated_at);
        let (archived_at, version) = (document.archived_at, document.version);
        Ok(Change::Put { value: meta, key: None, archived_at, version })
    };
    space.change(STORE, &id, change).await?;
    if after != before {
        space.runtime.store.change_memory_store(&after).await?;
    }
    answer(object(space, &after).await?)
}

pub(super) async fn archive(caller: Caller, Path(id): Path<String>) -> Answer {
    let (space, now) = (&caller.space, caller.space.clock.now());
    let store = found(space, &id).await?;
    noted(space, &store).await?;
    let newly = AtomicBool::new(false);
    let change = |document: &lucid_store::Document, meta: StoreMeta| {
        newly.store(document.archived_at.is_none(), Ordering::Relaxed);
        if document.archived_at.is_some() {
            return Ok(Change::Keep(meta));
        }
        let version = document.version;
        Ok(Change::Put { value: meta, key: None, archived_at: Some(now), version })
    };
    space.change(STORE, &id, change).await?;
    if newly.into_inner() {
        space.hooks.tell("memory_store.archived", &id);
    }
    answer(object(space, &store).await?)
}

pub(super) async fn delete(caller: Caller, Path(id): Path<String>) -> Answer {
    let space = &caller.space;
    match found(space, &id).await {
        Ok(store) => {
            // While its note is there, whoever deletes it again goes on.
            noted(space, &store).await?;
            space.runtime.delete_memory_store(&store.id).await?;
        }
        Err(missing) => {
            let Some(store) = MemoryStoreId::parse(&id) else { return Err(missing.into()) };
            if beside::<StoreMeta>(space, STORE, &id).await?.is_none() {
                return Err(missing.into());
            }
            space.runtime.clear_memory_store(&store).await?;
        }
    }
    // The notes beside its versions go with its own.
    space.remove(STORE, &id).await?;
    space.hooks.tell("memory_store.deleted", &id);
    answer(deleted(&id, "memory_store_deleted"))
}

pub(super) async fn list(caller: Caller, Asked(mut query): Asked) -> Answer {
    let limit = query.limit(20, 100)?;
    let span = query.span("created_at")?;
    let archived = query.flag("include_archived")?;
    let page = query.page(LIST)?;
    query.done()?;
    let space = &caller.space;
    let mut stores = space.runtime.store.memory_stores().await?;
    let place = |store: &MemoryStore| (store.created_at, store.id.as_str().to_owned());
    stores.sort_by_cached_key(place);
    stores.reverse();
    let after = page.map(|page| (page.at, page.id));
    let mut notes = all::<StoreMeta>(space, STORE, Vec::new()).await?;
    let objects = stores.iter().filter(|store| {
        span.has(store.created_at) && after.as_ref().is_none_or(|after| place(store) < *after)
    });
    let objects = objects.map(|store| {
        let noted = notes.remove(store.id.as_str());
        let (meta, archived_at) = noted.unwrap_or_else(|| (StoreMeta::standard(store), None));
        StoreObject::of(store, meta, archived_at)
    });
    let objects = objects.filter(|object| archived || object.archived_at.is_none());
    let read = objects.take(limit.saturating_add(1)).collect();
    let cursor = |object: &StoreObject| Cursor {
        list: LIST.to_owned(),
        at: object.created_at,
        id: object.id.to_string(),
    };
    answer(Page::of(read, limit, cursor, |object| json!(object)).to_json())
}
