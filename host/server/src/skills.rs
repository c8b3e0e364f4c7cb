//! Skills and their versions. What is known of them are documents; the files of each version
//! are one archive in the workspace's folder, which comes before its document and goes after.

mod archive;
#[cfg(test)]
mod tests;
mod upload;
mod versions;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use lucid_api::agent::SkillWanted;
use lucid_api::skill::{Skill, SkillVersion, is_from_here};
use lucid_api::{ApiError, deleted};
use lucid_core::{SkillId, SkillVersionId};
use lucid_store::{DocumentChange, DocumentFilter, DocumentWrite};
use serde_json::json;

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Kind, New, Stored, document};
use crate::extract::Asked;
use crate::space::{Caller, Space};
use upload::Uploaded;

pub(crate) use archive::FOLDER;

pub(crate) const SKILL: Kind = Kind { name: "skill", prefix: SkillId::PREFIX, what: "skill" };
pub(crate) const VERSION: Kind =
    Kind { name: "skill_version", prefix: SkillVersionId::PREFIX, what: "skill version" };

/// What stands for the newest version.
const LATEST: &str = "latest";

pub(crate) fn routes() -> Router<App> {
    let version = get(versions::retrieve).delete(versions::delete);
    Router::new()
        .route("/v1/skills", post(create).get(list))
        .route("/v1/skills/{skill_id}", get(retrieve).delete(delete))
        .route("/v1/skills/{skill_id}/versions", post(versions::create).get(versions::list))
        .route("/v1/skills/{skill_id}/versions/{version}", version)
        .route("/v1/skills/{skill_id}/versions/{version}/content", get(versions::download))
}

/// The version that an agent's skill has now; none, when it is not there.
///
/// # Errors
/// Internal.
pub(crate) async fn resolve(
    space: &Space,
    wanted: &SkillWanted,
) -> Result<Option<String>, ApiError> {
    match find_version(space, &wanted.skill_id, &wanted.version).await {
        Ok(version) => Ok(Some(version.id.to_string())),
        Err(error) if error.status == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

/// Finds a version by its id, or the newest by `latest`.
///
/// # Errors
/// Not found; internal.
pub(crate) async fn find_version(
    space: &Space,
    skill_id: &str,
    version: &str,
) -> Result<SkillVersion, ApiError> {
    let skill: Stored<Skill> = space.get(SKILL, skill_id).await?;
    let latest = skill.value.latest_version_id;
    let id = if version == LATEST { latest.as_str() } else { version };
    Ok(space.get_in(VERSION, skill_id, id).await?.value)
}

async fn create(Caller { space, .. }: Caller, uploaded: Uploaded) -> Answer {
    let now = space.clock.now();
    let (id, version) = (space.new_id(SkillId::new), space.new_id(SkillVersionId::new));
    let Uploaded { display_name, upload } = uploaded;
    let (skill, version) = Skill::create(display_name, &upload, id, version, now)?;
    archive::keep(&space, &version.id, upload.files).await?;
    let parent = Some(skill.id.as_str());
    let of = New { id: skill.id.as_str(), parent: None, key: None, created_at: now, value: &skill };
    let first =
        New { id: version.id.as_str(), parent, key: None, created_at: now, value: &version };
    let changes = vec![
        DocumentChange::Create(document(SKILL, of)?),
        DocumentChange::Create(document(VERSION, first)?),
    ];
    let written = space.runtime.store.write_documents(changes).await;
    if !matches!(written, Ok(DocumentWrite::Done)) {
        archive::remove(&space, &version.id).await?;
        written?;
        return Err(ApiError::internal(format!("skill {} cannot be made", skill.id)).into());
    }
    answer(skill.to_object())
}

async fn retrieve(Caller { space, .. }: Caller, Path(skill_id): Path<String>) -> Answer {
    let skill: Stored<Skill> = space.get(SKILL, &skill_id).await?;
    answer(skill.value.to_object())
}

async fn list(Caller { space, .. }: Caller, Asked(mut query): Asked) -> Answer {
    let limit = query.limit(20, 1_000)?;
    let cursor = query.page("skills")?;
    let source = query.text("source")?;
    query.done()?;
    if !is_from_here(source.as_deref())? {
        return answer(json!({"data": [], "next_page": null}));
    }
    let object = |skill: &Stored<Skill>| skill.value.to_object();
    space.page("skills", SKILL.filter(), limit, cursor, object).await
}

/// Deletes a skill with all its versions. Agents that name it keep their references; a session
/// of one of them cannot be made.
async fn delete(Caller { space, .. }: Caller, Path(skill_id): Path<String>) -> Answer {
    space.get::<Skill>(SKILL, &skill_id).await?;
    let versions = all_versions(&space, &skill_id).await?;
    space.remove(SKILL, &skill_id).await?;
    for version in versions {
        archive::remove(&space, &version.value.id).await?;
    }
    answer(deleted(&skill_id, "skill_deleted"))
}

/// All versions of a skill, newest first.
async fn all_versions(
    space: &Space,
    skill_id: &str,
) -> Result<Vec<Stored<SkillVersion>>, ApiError> {
    let parent = Some(skill_id.to_owned());
    space.list(&DocumentFilter { parent, ..VERSION.filter() }).await
}
