//! What a session works with: files come and go, memory stores stay.

use axum::extract::Path;
use lucid_api::session::{Resource, ResourceParam, SessionRecord, UpdateResource, mount_path};
use lucid_api::{ApiError, Cursor, Page, deleted};
use lucid_core::Timestamp;
use lucid_store::Document;
use serde_json::json;

use super::given::{copy, file, remove_copy};
use super::{Found, SESSION, find};
use crate::answer::{Answer, answer};
use crate::documents::Change;
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

const LIMIT: usize = 1_000;
const RESOURCES_MAX: usize = 500;

pub(super) async fn list(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let limit = query.limit(LIMIT, LIMIT)?;
    let name = format!("resources {id}");
    let cursor = query.page(&name)?;
    query.done()?;
    let mut resources = find(&space, &id).await?.record.resources;
    if let Some(cursor) = cursor {
        // One that is gone meanwhile is taken for the end: nothing stands behind it.
        let place = resources.iter().position(|resource| resource.id() == cursor.id);
        resources = place.map(|place| resources.split_off(place + 1)).unwrap_or_default();
    }
    let cursor = |resource: &Resource| Cursor {
        list: name.clone(),
        at: Timestamp(0),
        id: resource.id().to_owned(),
    };
    answer(Page::of(resources, limit, cursor, |resource| json!(resource)).to_json())
}

pub(super) async fn retrieve(
    Caller { space, .. }: Caller,
    Path((id, resource)): Path<(String, String)>,
) -> Answer {
    answer(resource_of(&find(&space, &id).await?, &resource)?)
}

fn resource_of<'a>(found: &'a Found, id: &str) -> Result<&'a Resource, ApiError> {
    let mut resources = found.record.resources.iter();
    let resource = resources.find(|resource| resource.id() == id);
    resource.ok_or_else(|| ApiError::not_found("session resource", id))
}

pub(super) async fn add(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Body(param): Body<ResourceParam>,
) -> Answer {
    param.check("resource")?;
    let ResourceParam::File { file_id, mount_path: path } = param else {
        let text = "type: only a file can be added to a session that is there";
        return Err(ApiError::invalid(text).into());
    };
    let _turn = space.turns.of(&id).await;
    let found = find(&space, &id).await?;
    found.check_not_over()?;
    check_managed(&found)?;
    if found.record.self_hosted {
        let text = "a session of a self_hosted environment has memory stores only";
        return Err(ApiError::invalid(text).code("self_hosted_resources_unsupported").into());
    }
    let place = mount_path("resource", &file_id, path.as_deref())?;
    check_place(&found.record, &place)?;
    let source = file(&space, &file_id).await?;
    let resource = copy(&space, found.id(), &source, place.clone()).await?;
    let added = change(&space, &id, |record| {
        check_place(record, &place)?;
        record.resources.push(resource.clone());
        Ok(())
    });
    if let Err(error) = added.await {
        remove_copy(&space, found.id(), &resource).await?;
        return Err(error.into());
    }
    answer(resource)
}

fn check_managed(found: &Found) -> Result<(), ApiError> {
    if found.is_local {
        let text = "a mission began this session: it has the files that the mission gives it";
        return Err(ApiError::invalid(text));
    }
    Ok(())
}

fn check_place(record: &SessionRecord, place: &str) -> Result<(), ApiError> {
    if record.resources.len() >= RESOURCES_MAX {
        let text = format!("a session has at most {RESOURCES_MAX} resources");
        return Err(ApiError::invalid(text));
    }
    let is_there = |resource: &Resource| match resource {
        Resource::File { mount_path, .. } => mount_path == place,
        Resource::MemoryStore { .. } => false,
    };
    if record.resources.iter().any(is_there) {
        return Err(ApiError::conflict(format!("mount_path: there is a file at {place} already")));
    }
    Ok(())
}

async fn change(
    space: &Space,
    id: &str,
    f: impl Fn(&mut SessionRecord) -> Result<(), ApiError>,
) -> Result<SessionRecord, ApiError> {
    let now = space.clock.now();
    let put = |document: &Document, mut record: SessionRecord| {
        f(&mut record)?;
        record.updated_at = now;
        let (key, archived_at) = (document.key.clone(), document.archived_at);
        Ok(Change::Put { value: record, key, archived_at, version: document.version })
    };
    space.change(SESSION, id, put).await
}

/// Only repositories have anything to change, and no session here has one.
pub(super) async fn update(
    Caller { space, .. }: Caller,
    Path((id, resource)): Path<(String, String)>,
    Body(UpdateResource { .. }): Body<UpdateResource>,
) -> Answer {
    resource_of(&find(&space, &id).await?, &resource)?;
    let text = "only a github_repository has an authorization_token, and this is none";
    Err(ApiError::invalid(text).into())
}

pub(super) async fn delete(
    Caller { space, .. }: Caller,
    Path((id, resource_id)): Path<(String, String)>,
) -> Answer {
    let _turn = space.turns.of(&id).await;
    let found = find(&space, &id).await?;
    let resource = resource_of(&found, &resource_id)?.clone();
    if resource.upload().is_none() {
        let text = "a memory store stays with the session that it was attached to";
        return Err(ApiError::invalid(text).into());
    }
    found.check_not_over()?;
    change(&space, &id, |record| {
        record.resources.retain(|resource| resource.id() != resource_id);
        Ok(())
    })
    .await?;
    remove_copy(&space, found.id(), &resource).await?;
    answer(deleted(&resource_id, "session_resource_deleted"))
}
