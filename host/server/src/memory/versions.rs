//! Versions of memories.

use std::collections::HashMap;

use axum::extract::Path;
use lucid_api::memory::{Actor, Redaction, VersionFilter, VersionObject, View};
use lucid_api::{ApiError, Cursor, Page};
use lucid_core::{
    Author, DreamId, MemoryStore, MemoryStoreId, MemoryVersion, MemoryVersionId, SessionId,
};
use serde_json::json;

use super::noted::{REDACTION, all, beside, ensure};
use super::stores;
use crate::answer::{Answer, answer};
use crate::documents::New;
use crate::extract::Asked;
use crate::space::{Caller, Space};

/// The sessions of dreams.
type Dreams = HashMap<DreamId, SessionId>;

pub(super) async fn list(
    caller: Caller,
    Path(store): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let space = &caller.space;
    let view = View::read(&mut query, View::Basic)?;
    let limit = view.limit(&mut query)?;
    let filter = VersionFilter::read(&mut query)?;
    let store = stores::found(space, &store).await?.id;
    let name = format!("memory_versions {store}");
    let page = query.page(&name)?;
    query.done()?;
    let mut versions = space.runtime.store.memory_versions_in_short(&store).await?;
    if let Some(page) = &page {
        // Versions stay, so the one that a page ended with is there.
        let last = versions.iter().position(|version| version.id.as_str() == page.id);
        versions.drain(..last.map_or(versions.len(), |last| last.saturating_add(1)));
    }
    let dreams = dreams(space, &versions).await?;
    versions.retain(|version| filter.has(version, &actor(version, &dreams)));
    let more = versions.len() > limit;
    versions.truncate(limit);
    let ids = versions.iter().map(|version| version.id.to_string()).collect();
    let mut redactions = match versions.is_empty() {
        true => HashMap::new(),
        false => all::<Redaction>(space, REDACTION, ids).await?,
    };
    let mut data = Vec::with_capacity(versions.len());
    for version in &versions {
        // With its text, whose hash it shows.
        let whole = space.runtime.store.memory_version(&version.id).await?;
        let Some(whole) = whole else { continue };
        let redaction = redactions.remove(version.id.as_str()).map(|(redaction, _)| redaction);
        let by = actor(&whole, &dreams);
        data.push(json!(VersionObject::of(&whole, by, redaction, view)));
    }
    let cursor = |version: &MemoryVersion| Cursor {
        list: name.clone(),
        at: version.created_at,
        id: version.id.to_string(),
    };
    let next = versions.last().filter(|_| more).map(cursor);
    answer(Page { data, next }.to_json())
}

pub(super) async fn retrieve(
    caller: Caller,
    Path((store, id)): Path<(String, String)>,
    Asked(mut query): Asked,
) -> Answer {
    let view = View::read(&mut query, View::Full)?;
    query.done()?;
    let (_, version) = found(&caller.space, &store, &id).await?;
    answer(object(&caller.space, &version, view).await?)
}

pub(super) async fn redact(caller: Caller, Path((store, id)): Path<(String, String)>) -> Answer {
    let space = &caller.space;
    let (store, version) = found(space, &store, &id).await?;
    let memory = space.runtime.store.memory(&version.memory_id).await?;
    if memory.is_some_and(|memory| memory.memory_version_id == version.id) {
        return Err(ApiError::invalid(format!(
            "memory version {id} is what its memory is now: change or delete the memory first"
        ))
        .into());
    }
    let freed = space.runtime.redact_memory_version(&version.id).await;
    let (_, now) = found(space, store.id.as_str(), &id).await?;
    // It may be gone although a dream could not be freed of it.
    if is_redacted(&now) {
        let at = space.clock.now();
        let redacted_by = Actor::of(&caller.author(), None);
        let value = &Redaction { redacted_at: at, redacted_by };
        let parent = Some(store.id.as_str());
        ensure(space, REDACTION, New { id: &id, parent, key: None, created_at: at, value }).await?;
    }
    freed?;
    answer(object(space, &now, View::Full).await?)
}

/// Whether a version's text was taken away: its path went with it, which every other has.
fn is_redacted(version: &MemoryVersion) -> bool {
    version.path.is_empty()
}

/// A version of a store that somebody named.
async fn found(
    space: &Space,
    store: &str,
    id: &str,
) -> Result<(MemoryStore, MemoryVersion), ApiError> {
    let store = stores::found(space, store).await?;
    let missing = || REDACTION.missing(id);
    let parsed = MemoryVersionId::parse(id).ok_or_else(missing)?;
    let version = space.runtime.store.memory_version(&parsed).await?;
    let version = version.filter(|version| in_store(version, &store.id)).ok_or_else(missing)?;
    Ok((store, version))
}

fn in_store(version: &MemoryVersion, store: &MemoryStoreId) -> bool {
    version.memory_store_id == *store
}

async fn object(
    space: &Space,
    version: &MemoryVersion,
    view: View,
) -> Result<VersionObject, ApiError> {
    let redaction = beside(space, REDACTION, version.id.as_str()).await?;
    let redaction = redaction.map(|(redaction, _)| redaction);
    let dreams = dreams(space, std::slice::from_ref(version)).await?;
    Ok(VersionObject::of(version, actor(version, &dreams), redaction, view))
}

fn actor(version: &MemoryVersion, dreams: &Dreams) -> Actor {
    let session = match &version.created_by {
        Author::Dream { dream_id } => dreams.get(dream_id),
        _ => None,
    };
    Actor::of(&version.created_by, session)
}

/// The sessions of dreams, where a dream wrote one of these.
async fn dreams(space: &Space, versions: &[MemoryVersion]) -> Result<Dreams, ApiError> {
    if !versions.iter().any(|version| matches!(version.created_by, Author::Dream { .. })) {
        return Ok(Dreams::new());
    }
    let dreams = space.runtime.store.dreams_in_short().await?.into_iter();
    Ok(dreams.filter_map(|dream| Some((dream.id, dream.session_id?))).collect())
}
