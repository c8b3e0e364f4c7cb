//! Vaults and their credentials. Secrets are sealed before they are stored, and no route
//! gives one back.

mod credentials;
mod lending;
mod outgoing;
mod probe;
mod refresh;
mod renewal;
mod sealed;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use lucid_api::vault::{Credential, Vault, VaultCreate, VaultUpdate};
use lucid_api::{ApiError, deleted};
use lucid_core::VaultId;
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite};
use serde_json::{Map, json};

use crate::answer::{Answer, CHANGED_MEANWHILE, answer};
use crate::app::App;
use crate::documents::{Change, Kind, New, Stored};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};
pub(crate) use lending::{lends, variables};
use sealed::SealedCredential;

pub(crate) const VAULT: Kind = Kind { name: "vault", prefix: "vlt_", what: "vault" };
const CREDENTIAL: Kind = Kind { name: "credential", prefix: "vcrd_", what: "credential" };

/// How often a write of several documents is tried again that somebody was quicker than.
const TRIES: usize = 16;

pub(crate) fn routes() -> Router<App> {
    let vault = get(retrieve).post(update).delete(delete);
    let credentials = post(credentials::create).get(credentials::list);
    let credential =
        get(credentials::retrieve).post(credentials::update).delete(credentials::delete);
    let one = "/v1/vaults/{vault_id}/credentials/{credential_id}";
    Router::new()
        .route("/v1/vaults", post(create).get(list))
        .route("/v1/vaults/{vault_id}", vault)
        .route("/v1/vaults/{vault_id}/archive", post(archive))
        .route("/v1/vaults/{vault_id}/credentials", credentials)
        .route(one, credential)
        .route(&format!("{one}/archive"), post(credentials::archive))
        .route(&format!("{one}/mcp_oauth_validate"), post(probe::validate))
}

async fn create(caller: Caller, Body(body): Body<VaultCreate>) -> Answer {
    let space = &caller.space;
    let now = space.clock.now();
    let id = VaultId::new(&*space.clock, &*space.entropy).to_string();
    let vault = Vault::new(id, body, now)?;
    let new = New { id: &vault.id, parent: None, key: None, created_at: now, value: &vault };
    space.create(VAULT, new).await?;
    space.hooks.tell("vault.created", &vault.id);
    answer(vault)
}

async fn retrieve(caller: Caller, Path(vault_id): Path<String>) -> Answer {
    caller.space.show::<Vault>(VAULT, &vault_id).await
}

async fn update(
    caller: Caller,
    Path(vault_id): Path<String>,
    Body(body): Body<VaultUpdate>,
) -> Answer {
    let space = &caller.space;
    let changed = space.change(VAULT, &vault_id, |_, vault: Vault| {
        let value = vault.updated(body.clone(), space.clock.now())?;
        Ok(Change::Put { value, key: None, archived_at: None, version: 1 })
    });
    answer(changed.await?)
}

async fn list(caller: Caller, Asked(mut query): Asked) -> Answer {
    let limit = query.limit(20, 100)?;
    let cursor = query.page("vaults")?;
    let archived = query.flag("include_archived")?;
    query.done()?;
    let filter = DocumentFilter { archived, ..VAULT.filter() };
    let object = |vault: &Stored<Vault>| json!(vault.value);
    caller.space.page("vaults", filter, limit, cursor, object).await
}

/// Deletes a vault with all that is in it.
async fn delete(caller: Caller, Path(vault_id): Path<String>) -> Answer {
    let space = &caller.space;
    let credentials = space.credentials(&vault_id, true).await?;
    space.remove(VAULT, &vault_id).await?;
    for Stored { value, .. } in credentials {
        tell(space, "vault_credential.deleted", &value);
    }
    space.hooks.tell("vault.deleted", &vault_id);
    answer(deleted(&vault_id, "vault_deleted"))
}

/// Archives a vault with all that is in it, in one write: no secret is left behind.
async fn archive(caller: Caller, Path(vault_id): Path<String>) -> Answer {
    let space = &caller.space;
    for _ in 0..TRIES {
        let vault: Stored<Vault> = space.get(VAULT, &vault_id).await?;
        if vault.value.archived_at.is_some() {
            return answer(vault.value);
        }
        let now = space.clock.now();
        let archived = vault.value.clone().archived(now);
        let body = serde_json::to_string(&archived);
        let body = body.map_err(|error| ApiError::internal(format!("{vault_id}: {error}")))?;
        let document = Document { archived_at: Some(now), body, ..vault.document.clone() };
        // First, so that a credential made meanwhile is noticed by the vault's revision.
        let mut changes =
            vec![DocumentChange::Put { before_revision: vault.document.revision, document }];
        let credentials = space.credentials(&vault_id, false).await?;
        for Stored { document, value } in &credentials {
            let body = value.clone().archived(now).body()?;
            let before_revision = document.revision;
            let document = Document { archived_at: Some(now), body, ..document.clone() };
            changes.push(DocumentChange::Put { before_revision, document });
        }
        if let DocumentWrite::Done = space.runtime.store.write_documents(changes).await? {
            for Stored { value, .. } in &credentials {
                tell(space, "vault_credential.archived", value);
            }
            space.hooks.tell("vault.archived", &vault_id);
            return answer(archived);
        }
    }
    Err(busy(&vault_id).into())
}

impl Space {
    /// The credentials of a vault, oldest first.
    async fn credentials(
        &self,
        vault_id: &str,
        archived: bool,
    ) -> Result<Vec<Stored<SealedCredential>>, ApiError> {
        let parent = Some(vault_id.to_owned());
        let filter =
            DocumentFilter { parent, archived, newest_first: false, ..CREDENTIAL.filter() };
        self.list(&filter).await
    }
}

/// Tells what became of a credential, and in which vault.
fn tell(space: &Space, what: &str, credential: &SealedCredential) {
    let Credential { id, vault_id, .. } = &credential.credential;
    let extra = Map::from_iter([("vault_id".to_owned(), json!(vault_id))]);
    space.hooks.tell_with(what, id, extra);
}

fn busy(vault_id: &str) -> ApiError {
    let why = format!("vault {vault_id} is being changed by too many at once; try again");
    ApiError::conflict(why).code(CHANGED_MEANWHILE)
}
