//! The routes of credentials.

use axum::extract::Path;
use lucid_api::vault::{Credential, CredentialCreate, CredentialUpdate, Vault};
use lucid_api::{ApiError, deleted};
use lucid_core::CredentialId;
use lucid_store::{DocumentChange, DocumentFilter, DocumentWrite};
use serde_json::json;

use super::sealed::SealedCredential;
use super::{CREDENTIAL, TRIES, VAULT, busy, tell};
use crate::answer::{Answer, answer};
use crate::documents::{Change, New, Stored, document};
use crate::extract::{Asked, Body};
use crate::space::{Caller, Space};

type Ids = Path<(String, String)>;

pub(super) async fn create(
    caller: Caller,
    Path(vault_id): Path<String>,
    Body(body): Body<CredentialCreate>,
) -> Answer {
    let space = &caller.space;
    let vault: Stored<Vault> = space.get(VAULT, &vault_id).await?;
    vault.value.must_be_active()?;
    let id = CredentialId::new(&*space.clock, &*space.entropy).to_string();
    let new = Credential::create(id, vault_id.clone(), body, space.clock.now())?;
    let new = SealedCredential::new(&space.seal, new)?;
    add(space, &vault_id, &new).await?;
    tell(space, "vault_credential.created", &new);
    answer(new.credential)
}

/// Writes a credential together with its vault, so that nobody archives that or fills it at
/// the same moment.
async fn add(space: &Space, vault_id: &str, new: &SealedCredential) -> Result<(), ApiError> {
    let (credential, key) = (&new.credential, new.credential.auth.key());
    for _ in 0..TRIES {
        let vault: Stored<Vault> = space.get(VAULT, vault_id).await?;
        vault.value.must_be_active()?;
        let active = space.credentials(vault_id, false).await?;
        if let Some(same) = active.iter().find(|one| one.document.key.as_ref() == Some(&key)) {
            return Err(credential.taken(&same.document.id));
        }
        Credential::must_fit(active.len())?;
        let created = New {
            id: &credential.id,
            parent: Some(vault_id),
            key: Some(&key),
            created_at: credential.created_at,
            value: new,
        };
        let before_revision = vault.document.revision;
        let changes = vec![
            DocumentChange::Put { before_revision, document: vault.document },
            DocumentChange::Create(document(CREDENTIAL, created)?),
        ];
        match space.runtime.store.write_documents(changes).await? {
            DocumentWrite::Done => return Ok(()),
            DocumentWrite::KeyTaken { id } => return Err(credential.taken(&id)),
            DocumentWrite::Missing { .. } | DocumentWrite::Changed { .. } => {}
        }
    }
    Err(busy(vault_id))
}

pub(super) async fn retrieve(caller: Caller, Path((vault_id, id)): Ids) -> Answer {
    let found = caller.space.get_in::<SealedCredential>(CREDENTIAL, &vault_id, &id).await?;
    answer(found.value.credential)
}

pub(super) async fn update(
    caller: Caller,
    Path((vault_id, id)): Ids,
    Body(body): Body<CredentialUpdate>,
) -> Answer {
    let space = &caller.space;
    space.get_in::<SealedCredential>(CREDENTIAL, &vault_id, &id).await?;
    let changed = space.change(CREDENTIAL, &id, |_, before: SealedCredential| {
        let new = before.credential.clone().updated(body.clone(), space.clock.now())?;
        Ok(before.with(&space.seal, new)?.put())
    });
    answer(changed.await?.credential)
}

pub(super) async fn list(
    caller: Caller,
    Path(vault_id): Path<String>,
    Asked(mut query): Asked,
) -> Answer {
    let space = &caller.space;
    let list = format!("credentials {vault_id}");
    let limit = query.limit(20, 100)?;
    let cursor = query.page(&list)?;
    let archived = query.flag("include_archived")?;
    query.done()?;
    space.get::<Vault>(VAULT, &vault_id).await?;
    let filter = DocumentFilter { parent: Some(vault_id), archived, ..CREDENTIAL.filter() };
    let object = |found: &Stored<SealedCredential>| json!(found.value.credential);
    space.page(&list, filter, limit, cursor, object).await
}

pub(super) async fn delete(caller: Caller, Path((vault_id, id)): Ids) -> Answer {
    let space = &caller.space;
    let found = space.get_in::<SealedCredential>(CREDENTIAL, &vault_id, &id).await?;
    space.remove(CREDENTIAL, &id).await?;
    tell(space, "vault_credential.deleted", &found.value);
    answer(deleted(&id, "vault_credential_deleted"))
}

/// Archives a credential: its secrets are gone, and what it was for is free.
pub(super) async fn archive(caller: Caller, Path((vault_id, id)): Ids) -> Answer {
    let space = &caller.space;
    let before = space.get_in::<SealedCredential>(CREDENTIAL, &vault_id, &id).await?;
    let changed = space.change(CREDENTIAL, &id, |_, found: SealedCredential| {
        if found.credential.archived_at.is_some() {
            return Ok(Change::Keep(found));
        }
        Ok(found.archived(space.clock.now()).put())
    });
    let archived = changed.await?;
    if before.value.credential.archived_at.is_none() {
        tell(space, "vault_credential.archived", &archived);
    }
    answer(archived.credential)
}
