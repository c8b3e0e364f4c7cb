//! Versions of skills.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Response};
use lucid_api::skill::{Skill, SkillVersion};
use lucid_api::{ApiError, deleted};
use lucid_core::SkillVersionId;
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite};
use serde_json::json;

use super::upload::Uploaded;
use super::{SKILL, VERSION, all_versions, archive, find_version};
use crate::answer::{Answer, CHANGED_MEANWHILE, answer};
use crate::documents::{New, Stored, document};
use crate::extract::Asked;
use crate::space::{Caller, Space};

/// How often a write of several documents is tried again that somebody was quicker than.
const TRIES: usize = 16;

/// Adds a version, which is the newest from then on.
pub(super) async fn create(
    Caller { space, .. }: Caller,
    Path(skill_id): Path<String>,
    uploaded: Uploaded,
) -> Answer {
    let upload = uploaded.upload;
    if uploaded.display_name.is_some() {
        return Err(ApiError::invalid("display_name: a version has none; the skill has").into());
    }
    let id = space.new_id(SkillVersionId::new);
    let skill: Stored<Skill> = space.get(SKILL, &skill_id).await?;
    skill.value.with_version(&upload, id.clone(), space.clock.now())?;
    archive::keep(&space, &id, upload.files.clone()).await?;
    let added =
        add(&space, &skill_id, |skill| skill.with_version(&upload, id.clone(), space.clock.now()));
    match added.await {
        Ok(version) => answer(version),
        Err(error) => {
            archive::remove(&space, &id).await?;
            Err(error.into())
        }
    }
}

async fn add(
    space: &Space,
    skill_id: &str,
    next: impl Fn(&Skill) -> Result<(Skill, SkillVersion), ApiError>,
) -> Result<SkillVersion, ApiError> {
    for _ in 0..TRIES {
        let skill: Stored<Skill> = space.get(SKILL, skill_id).await?;
        let (after, version) = next(&skill.value)?;
        let (id, parent) = (version.id.as_str(), Some(skill_id));
        let created_at = version.created_at;
        let new = New { id, parent, key: None, created_at, value: &version };
        let changes =
            vec![put(skill.document, &after), DocumentChange::Create(document(VERSION, new)?)];
        if let DocumentWrite::Done = space.runtime.store.write_documents(changes).await? {
            return Ok(version);
        }
    }
    Err(busy(skill_id))
}

pub(super) async fn retrieve(
    Caller { space, .. }: Caller,
    Path((skill_id, version)): Path<(String, String)>,
) -> Answer {
    answer(find_version(&space, &skill_id, &version).await?)
}

pub(super) async fn list(
    Caller { space, .. }: Caller,
    Path(skill_id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let name = format!("skill versions {skill_id}");
    let limit = query.limit(20, 1_000)?;
    let cursor = query.page(&name)?;
    query.done()?;
    space.get::<Skill>(SKILL, &skill_id).await?;
    let filter = DocumentFilter { parent: Some(skill_id), ..VERSION.filter() };
    let object = |version: &Stored<SkillVersion>| json!(version.value);
    space.page(&name, filter, limit, cursor, object).await
}

/// Deletes a version; a skill keeps at least one.
pub(super) async fn delete(
    Caller { space, .. }: Caller,
    Path((skill_id, version)): Path<(String, String)>,
) -> Answer {
    for _ in 0..TRIES {
        let gone = find_version(&space, &skill_id, &version).await?.id;
        let skill: Stored<Skill> = space.get(SKILL, &skill_id).await?;
        let versions = all_versions(&space, &skill_id).await?.into_iter();
        let rest: Vec<SkillVersionId> =
            versions.map(|version| version.value.id).filter(|id| *id != gone).collect();
        let after = skill.value.without_version(&rest, space.clock.now())?;
        let delete = DocumentChange::Delete { id: gone.to_string() };
        let changes = vec![put(skill.document, &after), delete];
        if let DocumentWrite::Done = space.runtime.store.write_documents(changes).await? {
            archive::remove(&space, &gone).await?;
            return answer(deleted(gone.as_str(), "skill_version_deleted"));
        }
    }
    Err(busy(&skill_id).into())
}

/// Sends the files of a version as a zip archive.
pub(super) async fn download(
    Caller { space, .. }: Caller,
    Path((skill_id, version)): Path<(String, String)>,
) -> Answer<Response<Body>> {
    let version = find_version(&space, &skill_id, &version).await?;
    let bytes = archive::bytes(&space, &version.id).await?;
    let mut response = Response::new(Body::from(bytes));
    // A skill's name is plain: lower-case letters, digits and `-`.
    let kept = format!("attachment; filename=\"{}.zip\"", version.name);
    let kept = HeaderValue::try_from(kept)
        .map_err(|error| ApiError::internal(format!("skill {skill_id}: {error}")))?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CONTENT_DISPOSITION, kept);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

fn put(before: Document, after: &Skill) -> DocumentChange {
    let (before_revision, body) = (before.revision, json!(after).to_string());
    DocumentChange::Put { before_revision, document: Document { body, ..before } }
}

fn busy(skill_id: &str) -> ApiError {
    let why = format!("skill {skill_id} is being changed by too many at once; try again");
    ApiError::conflict(why).code(CHANGED_MEANWHILE)
}
