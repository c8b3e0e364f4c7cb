//! Beginning a session.

use std::collections::BTreeSet;
use std::sync::Arc;

use lucid_api::ApiError;
use lucid_api::event::sent::{Sending, SentEvent, accept};
use lucid_api::file::FileObject;
use lucid_api::session::{CreateSession, Resource, ResourceParam, SessionRecord, mount_path, team};
use lucid_core::{
    EnvironmentId, Failure, FailureKind, MemoryStoreId, SessionId, Timestamp, TokenUsage,
};
use lucid_policy::manifest::{Manifest, SECTION};
use lucid_policy::section;
use lucid_runtime::{Bundled, MountedStore, NewSession, Prices};
use serde_json::Value;

use super::mission::{Ground, mission};
use super::{SESSION, find, follow, given};
use crate::documents::New;
use crate::files::remove_files_of;
use crate::space::Space;

/// Begins a session, and says to it what is to be said at once. All or nothing.
///
/// # Errors
/// Invalid, not found or not implemented, naming the field; internal.
pub(crate) async fn start(
    space: &Arc<Space>,
    params: CreateSession,
    deployment: Option<&str>,
) -> Result<Value, ApiError> {
    params.check()?;
    let _begins = space.sessions.begins.read().await;
    let now = space.clock.now();
    let (record, files) = record(space, &params, deployment, now).await?;
    let id = space.new_id(SessionId::new);
    let made = make(space, &id, record, files, &params, now).await;
    if let Err(error) = made {
        undo(space, &id).await;
        return Err(error);
    }
    space.hooks.tell("session.created", id.as_str());
    if params.initial_events.as_ref().is_some_and(|events| !events.is_empty()) {
        space.live.wake(&id);
        follow(space, &id, 0);
    }
    find(space, id.as_str()).await?.object(space)
}

/// What is to be stored of a session, and the files it is to have.
async fn record(
    space: &Space,
    params: &CreateSession,
    deployment: Option<&str>,
    now: Timestamp,
) -> Result<(SessionRecord, Vec<(FileObject, String)>), ApiError> {
    let environment = crate::environments::find(space, &params.environment_id).await?;
    environment.check_not_archived()?;
    let self_hosted = environment.is_self_hosted();
    if self_hosted {
        params.check_self_hosted()?;
    }
    let agent = crate::agents::snapshot(space, &params.agent).await?;
    let whole = crate::agents::find(space, &params.agent.id, Some(agent.version)).await?;
    let vault_ids = params.vault_ids.clone().unwrap_or_default();
    check_vaults(space, &vault_ids).await?;
    let (resources, files) = resources(space, params).await?;
    given::named(space, params.initial_events.as_deref().unwrap_or_default()).await?;
    let record = SessionRecord {
        agent_grader: SessionRecord::grader_of(&whole.metadata),
        agent,
        environment_id: params.environment_id.clone(),
        self_hosted,
        title: params.title.clone(),
        metadata: params.metadata.clone().unwrap_or_default(),
        resources,
        vault_ids,
        budget: params.budget.clone(),
        deployment_id: deployment.map(str::to_owned),
        updated_at: now,
        archived_at: None,
    };
    check_prices(&record, now)?;
    Ok((record, files))
}

async fn check_vaults(space: &Space, ids: &[String]) -> Result<(), ApiError> {
    for id in ids {
        let vault = space.get::<Value>(crate::vaults::VAULT, id).await?;
        if vault.document.archived_at.is_some() {
            let error = ApiError::invalid(format!("vault_ids: the vault `{id}` is archived"));
            return Err(error.code("vault_archived"));
        }
    }
    Ok(())
}

/// Checks that money can be counted where it is limited.
fn check_prices(record: &SessionRecord, now: Timestamp) -> Result<(), ApiError> {
    if record.budget.is_none() {
        return Ok(());
    }
    let usage = TokenUsage { input_tokens: 1, output_tokens: 1, ..TokenUsage::default() };
    for member in team(&record.agent) {
        let model = &member.agent.config.model.id;
        let priced = || Prices::bundled().cost_micro_usd(model, &usage, now).is_some();
        if !model.starts_with("plugin:") && !priced() {
            let text = format!(
                "budget: no price of the model `{model}` is known \
                                (model_not_budgetable)"
            );
            return Err(ApiError::invalid(text).code("model_not_budgetable"));
        }
    }
    Ok(())
}

/// The memory stores that a session is to have, and the files with the places of their copies.
async fn resources(
    space: &Space,
    params: &CreateSession,
) -> Result<(Vec<Resource>, Vec<(FileObject, String)>), ApiError> {
    let (mut resources, mut files, mut places) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (index, param) in params.resources.iter().flatten().enumerate() {
        let field = format!("resources[{index}]");
        match param {
            ResourceParam::File { file_id, mount_path: path } => {
                let place = mount_path(&field, file_id, path.as_deref())?;
                files.push((given::file(space, file_id).await?, place));
            }
            ResourceParam::MemoryStore { memory_store_id, access, instructions } => {
                crate::memory::shown(space, memory_store_id).await?.check_open()?;
                let missing = || ApiError::not_found("memory store", memory_store_id);
                let id = MemoryStoreId::parse(memory_store_id).ok_or_else(missing)?;
                let store = space.runtime.store.memory_store(&id).await?.ok_or_else(missing)?;
                if !places.insert(store.slug()) {
                    return Err(ApiError::invalid(format!(
                        "{field}: two memory stores would be at /mnt/memory/{}; rename one",
                        store.slug()
                    )));
                }
                resources.push(Resource::memory(&store, *access, instructions.clone()));
            }
            ResourceParam::GithubRepository { .. } => param.check(&field)?,
        }
    }
    given::check_copies(files.iter().map(|(file, _)| file))?;
    Ok((resources, files))
}

/// The version of a plugin that the server has; none where it has none that can be read.
pub(super) fn version(bundled: &Bundled, name: &str) -> Option<String> {
    manifest(bundled, name).map(|manifest| manifest.version)
}

fn manifest(bundled: &Bundled, name: &str) -> Option<Manifest> {
    let bytes = bundled.read(name).ok()?;
    let manifest = section::find(&bytes, SECTION).ok()??;
    Manifest::parse(std::str::from_utf8(manifest).ok()?).ok()
}

/// The mission of a session.
///
/// # Errors
/// Those of [`mission`]; internal.
pub(super) async fn write_mission(
    space: &Space,
    id: &SessionId,
    record: &SessionRecord,
) -> Result<String, ApiError> {
    let bundled = &space.runtime.bundled;
    let version = |name: &str| version(bundled, name);
    let lent = crate::vaults::variables(space, id, record).await?;
    let variables = |plugin: &str| {
        let wanted = manifest(bundled, plugin).filter(|_| !lent.is_empty());
        let wanted = wanted.map(|manifest| manifest.capabilities.environment);
        let wanted = wanted.unwrap_or_default().into_iter();
        wanted.filter_map(|name| Some((name.clone(), lent.get(&name)?.clone()))).collect()
    };
    let sections = &space.sessions.sections;
    mission(id.as_str(), record, &Ground { sections, version: &version, variables: &variables })
}

async fn make(
    space: &Arc<Space>,
    id: &SessionId,
    mut record: SessionRecord,
    files: Vec<(FileObject, String)>,
    params: &CreateSession,
    now: Timestamp,
) -> Result<(), ApiError> {
    let mission = write_mission(space, id, &record).await?;
    let agent = team(&record.agent).into_iter().next().map(|lead| lead.name);
    let new = NewSession {
        id: id.clone(),
        title: record.title.clone().unwrap_or_default(),
        agent: agent.unwrap_or_default(),
        metadata: told(&record),
        mission,
        memory: record.resources.iter().filter_map(mounted).collect(),
        created_at: now,
    };
    Box::pin(space.runtime.create_session(new)).await?;
    for (file, place) in files {
        record.resources.push(given::copy(space, id, &file, place).await?);
    }
    let new = New {
        id: id.as_str(),
        parent: Some(&record.environment_id),
        key: None,
        created_at: now,
        value: &record,
    };
    space.create(SESSION, new).await?;
    match params.initial_events.as_deref().unwrap_or_default() {
        [] => Ok(()),
        events => send(space, id, record.self_hosted, events).await.map(drop),
    }
}

/// Metadata as whoever lists sessions elsewhere sees it; what says of which run a session is a
/// part is the host's own.
pub(super) fn told(record: &SessionRecord) -> std::collections::BTreeMap<String, String> {
    let own = |name: &str| name.starts_with("lucid.");
    let metadata = record.metadata.iter().filter(|(name, _)| !own(name));
    metadata.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn mounted(resource: &Resource) -> Option<MountedStore> {
    match resource {
        Resource::MemoryStore { memory_store_id, access, .. } => Some(MountedStore {
            id: MemoryStoreId::parse(memory_store_id)?,
            writable: *access == lucid_api::session::Access::ReadWrite,
        }),
        Resource::File { .. } => None,
    }
}

/// Checks what somebody says against what the session is, and writes it into its log.
///
/// # Errors
/// Those of [`accept`]; too large, when the log would have more than a session's may; internal.
pub(crate) async fn send(
    space: &Space,
    id: &SessionId,
    self_hosted: bool,
    events: &[SentEvent],
) -> Result<Vec<lucid_core::EventRecord>, ApiError> {
    let files = given::read(space, events).await?;
    // What is checked here is still so when it is written.
    let _turn = space.turns.of(id.as_str()).await;
    let state = space.runtime.session_state(id).await?;
    lucid_runtime::check_talks(id, &state)?;
    let (clock, entropy) = (space.clock.as_ref(), space.entropy.as_ref());
    let sending = Sending { state: &state, self_hosted, files: &files, clock, entropy };
    let events = accept(events, &sending)?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    space.runtime.post_events(id, events).await.map_err(too_large)
}

/// What a log has no room for is a request that is too large.
pub(super) fn too_large(failure: Failure) -> ApiError {
    let is_exceeded = failure.kind == FailureKind::Exceeded;
    let error = ApiError::from(failure);
    if is_exceeded { ApiError::too_large(error.message) } else { error }
}

/// The environment whose workers run a session's tools.
pub(crate) fn workers(record: &SessionRecord) -> Option<EnvironmentId> {
    EnvironmentId::parse(&record.environment_id).filter(|_| record.self_hosted)
}

/// Takes away what was made of a session that cannot be. What fails here is in nobody's way.
async fn undo(space: &Space, id: &SessionId) {
    // Files first: their documents go with the session's, and would be found no more.
    let _ = remove_files_of(space, id.as_str()).await;
    let _ = space.remove(SESSION, id.as_str()).await;
    if let Ok(Some(_)) = space.runtime.store.session(id).await {
        let _ = space.runtime.delete(id).await;
    }
    space.sessions.forget(id);
}
