//! How a credential is stored: what anybody may see, and its secrets, sealed.

use std::collections::BTreeMap;

use lucid_api::ApiError;
use lucid_api::vault::{Credential, NewCredential, SecretField, Secrets};
use lucid_core::{Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::documents::Change;
use crate::seal::Sealer;

/// A credential as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SealedCredential {
    pub(super) credential: Credential,
    /// Its secrets; none once it is archived.
    sealed: BTreeMap<SecretField, String>,
}

impl SealedCredential {
    /// Seals a new one.
    pub(super) fn new(sealer: &Sealer, new: NewCredential) -> Result<Self> {
        Self { credential: new.credential.clone(), sealed: BTreeMap::new() }.with(sealer, new)
    }

    /// Takes a change: the secrets that came with it replace those there were.
    pub(super) fn with(mut self, sealer: &Sealer, new: NewCredential) -> Result<Self> {
        let NewCredential { credential, secrets } = new;
        for (field, secret) in secrets {
            let sealed = sealer.seal(&place(&credential.id, field), secret.reveal())?;
            self.sealed.insert(field, sealed);
        }
        self.credential = credential;
        Ok(self)
    }

    /// Opens its secrets.
    pub(super) fn secrets(&self, sealer: &Sealer) -> Result<Secrets> {
        let open = |(field, sealed): (&SecretField, &String)| {
            let secret = sealer.open_sealed(&place(&self.credential.id, *field), sealed)?;
            Ok((*field, secret))
        };
        self.sealed.iter().map(open).collect()
    }

    /// Archives it: its secrets are gone.
    pub(super) fn archived(self, now: Timestamp) -> Self {
        Self { credential: self.credential.archived(now), sealed: BTreeMap::new() }
    }

    /// The change that puts it where it was; what it is for is free once it is archived.
    pub(super) fn put(self) -> Change<Self> {
        let key = Some(self.credential.auth.key());
        let archived_at = self.credential.archived_at;
        Change::Put { value: self, key, archived_at, version: 1 }
    }

    /// It as text, to be stored.
    pub(super) fn body(&self) -> Result<String, ApiError> {
        let id = &self.credential.id;
        serde_json::to_string(self).map_err(|error| ApiError::internal(format!("{id}: {error}")))
    }
}

/// What a secret is sealed for: put elsewhere, it does not open.
fn place(credential_id: &str, field: SecretField) -> String {
    format!("{credential_id}/{}", field.as_str())
}
