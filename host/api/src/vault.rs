//! Vaults: who a session is to other servers. A vault holds credentials; a session that names
//! the vault has them, though never their secrets.

mod auth;
mod credential;
mod networking;
mod refresh;
mod secret;
mod server_url;
mod update;
mod validation;

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::{Metadata, MetadataPatch, check_metadata, patched, text};
use crate::error::{ApiError, Result};
use crate::field::Field;

pub use auth::{Auth, Refresh, TokenEndpointAuth};
pub use credential::{
    CREDENTIALS_MAX, Credential, CredentialCreate, CredentialUpdate, NewCredential, SecretField,
    Secrets,
};
pub use networking::{InjectionLocation, Networking};
pub use refresh::{RefreshRequest, Refreshed};
pub use secret::Secret;
pub use server_url::{covers, server_key};
pub use validation::{HttpResponse, McpProbe, RefreshAttempt, RefreshStatus, Validation, Verdict};

pub(super) const DISPLAY_NAME_MAX: usize = 255;

/// A vault, as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vault {
    /// Its id.
    pub id: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// Its name, for people.
    pub display_name: String,
    /// What somebody noted beside it.
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Vault,
}

/// What a vault is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultCreate {
    display_name: String,
    #[serde(default)]
    metadata: Metadata,
}

/// What of a vault is to change.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultUpdate {
    #[serde(default)]
    display_name: Field<String>,
    #[serde(default)]
    metadata: Field<MetadataPatch>,
}

impl Vault {
    /// Makes a vault.
    ///
    /// # Errors
    /// Invalid, naming the field.
    pub fn new(id: String, create: VaultCreate, now: Timestamp) -> Result<Self> {
        let VaultCreate { display_name, metadata } = create;
        text("display_name", &display_name, 1..=DISPLAY_NAME_MAX)?;
        check_metadata(&metadata)?;
        let kind = Kind::Vault;
        let (created_at, updated_at, archived_at) = (now, now, None);
        Ok(Self { id, kind, display_name, metadata, created_at, updated_at, archived_at })
    }

    /// Changes it. A name or metadata of null stays as it is: a vault is never without.
    ///
    /// # Errors
    /// Invalid, naming the field; also when it is archived.
    pub fn updated(mut self, update: VaultUpdate, now: Timestamp) -> Result<Self> {
        self.must_be_active()?;
        if let Field::Set(name) = update.display_name {
            text("display_name", &name, 1..=DISPLAY_NAME_MAX)?;
            self.display_name = name;
        }
        if let Field::Set(patch) = update.metadata {
            self.metadata = patched(&self.metadata, patch);
            check_metadata(&self.metadata)?;
        }
        self.updated_at = now;
        Ok(self)
    }

    /// Archives it. One that is stays as it is.
    #[must_use]
    pub fn archived(mut self, now: Timestamp) -> Self {
        if self.archived_at.is_none() {
            (self.archived_at, self.updated_at) = (Some(now), now);
        }
        self
    }

    /// Whether credentials may be put into it, and it may be given to a session.
    ///
    /// # Errors
    /// Invalid, when it is archived.
    pub fn must_be_active(&self) -> Result<()> {
        if self.archived_at.is_none() {
            return Ok(());
        }
        Err(ApiError::invalid(format!("vault `{}` is archived; make another one", self.id)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::read::value;

    fn vault() -> Vault {
        let create = value(json!({"display_name": "ops", "metadata": {"a": "1"}})).unwrap();
        Vault::new("vlt_01A".into(), create, Timestamp(0)).unwrap()
    }

    fn update(vault: Vault, body: serde_json::Value) -> Result<Vault> {
        vault.updated(value(body)?, Timestamp(5))
    }

    #[test]
    fn a_vault_is_written_as_the_api_has_it() {
        let expected = json!({
            "id": "vlt_01A", "type": "vault", "display_name": "ops", "metadata": {"a": "1"},
            "created_at": "1970-01-01T00:00:00.000Z", "updated_at": "1970-01-01T00:00:00.000Z",
            "archived_at": null,
        });
        assert_eq!(serde_json::to_value(vault()).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Vault>(expected).unwrap(), vault());
    }

    #[test]
    fn a_name_has_1_to_255_characters() {
        for (length, fits) in [(0, false), (1, true), (255, true), (256, false)] {
            let name = "é".repeat(length);
            let create = value(json!({"display_name": name})).unwrap();
            assert_eq!(Vault::new("vlt_1".into(), create, Timestamp(0)).is_ok(), fits, "{length}");
            assert_eq!(update(vault(), json!({"display_name": name})).is_ok(), fits, "{length}");
        }
        assert!(value::<VaultCreate>(json!({})).is_err());
        assert!(value::<VaultCreate>(json!({"display_name": "x", "other": 1})).is_err());
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let body = json!({"metadata": {"a": null, "b": "2"}});
        let changed = update(vault(), body).unwrap();
        assert_eq!(changed.metadata, Metadata::from([("b".into(), "2".into())]));
        assert_eq!((changed.display_name.as_str(), changed.updated_at), ("ops", Timestamp(5)));
        let nulls = update(vault(), json!({"display_name": null, "metadata": null})).unwrap();
        assert_eq!((nulls.display_name, nulls.metadata), (vault().display_name, vault().metadata));
    }

    #[test]
    fn what_is_archived_does_not_change() {
        let archived = vault().archived(Timestamp(3));
        assert_eq!(archived.clone().archived(Timestamp(9)), archived);
        assert_eq!(update(archived, json!({})).unwrap_err().status, 400);
    }
}
