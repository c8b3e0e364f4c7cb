//! Credentials: made, changed, archived. Secrets go in and never come out.

use std::collections::BTreeMap;
use std::fmt;

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::auth::{self, Auth, present};
use super::{DISPLAY_NAME_MAX, Refreshed, Secret};
use crate::check::{Metadata, MetadataPatch, check_metadata, patched, text};
use crate::error::{ApiError, Result};
use crate::field::Field;

/// Credentials of a vault at most, archived ones not counted.
pub const CREDENTIALS_MAX: usize = 20;

/// A credential, as the API writes it: without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// The vault it is in.
    pub vault_id: String,
    /// Its name, for people.
    pub display_name: Option<String>,
    /// What somebody noted beside it.
    pub metadata: Metadata,
    /// How it is used.
    pub auth: Auth,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived; its secrets are gone then.
    pub archived_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "vault_credential")]
    Credential,
}

/// The secrets a credential may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretField {
    /// The access token of `mcp_oauth`.
    AccessToken,
    /// The token that gets another.
    RefreshToken,
    /// What the client proves itself with where it does so.
    ClientSecret,
    /// The token of `static_bearer`.
    Token,
    /// The value of `environment_variable`.
    SecretValue,
}

impl SecretField {
    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::ClientSecret => "client_secret",
            Self::Token => "token",
            Self::SecretValue => "secret_value",
        }
    }
}

/// Secrets that came with a request.
pub type Secrets = BTreeMap<SecretField, Secret>;

/// What a credential is made of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialCreate {
    auth: Value,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

/// What of a credential is to change.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialUpdate {
    #[serde(default, deserialize_with = "present")]
    auth: Option<Value>,
    #[serde(default)]
    display_name: Field<String>,
    #[serde(default)]
    metadata: Field<MetadataPatch>,
}

macro_rules! says_nothing {
    ($($name:ident),+) => {$(
        /// Says nothing of what it holds.
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    )+};
}
says_nothing!(CredentialCreate, CredentialUpdate);

/// A credential and the secrets that came with it.
#[derive(Debug)]
pub struct NewCredential {
    /// The credential.
    pub credential: Credential,
    /// Its secrets, or of a change those that are replaced.
    pub secrets: Secrets,
}

impl Credential {
    /// Makes a credential.
    ///
    /// # Errors
    /// Invalid, naming the field and never what stood there.
    pub fn create(
        id: String,
        vault_id: String,
        create: CredentialCreate,
        now: Timestamp,
    ) -> Result<NewCredential> {
        let CredentialCreate { auth, display_name, metadata } = create;
        if let Some(name) = &display_name {
            text("display_name", name, 0..=DISPLAY_NAME_MAX)?;
        }
        check_metadata(&metadata)?;
        let (auth, secrets) = auth::create(auth, now)?;
        let credential = Self {
            id,
            kind: Kind::Credential,
            vault_id,
            display_name,
            metadata,
            auth,
            created_at: now,
            updated_at: now,
            archived_at: None,
        };
        Ok(NewCredential { credential, secrets })
    }

    /// Changes it.
    ///
    /// # Errors
    /// Invalid, naming the field and never what stood there; also when it is archived.
    pub fn updated(mut self, update: CredentialUpdate, now: Timestamp) -> Result<NewCredential> {
        self.must_be_active()?;
        let CredentialUpdate { auth, display_name, metadata } = update;
        if let Some(name) = display_name.set() {
            text("display_name", name, 1..=DISPLAY_NAME_MAX)?;
        }
        self.display_name = display_name.over(self.display_name);
        if let Field::Set(patch) = metadata {
            self.metadata = patched(&self.metadata, patch);
            check_metadata(&self.metadata)?;
        }
        let mut secrets = Secrets::new();
        if let Some(given) = auth {
            (self.auth, secrets) = self.auth.updated(given, now)?;
        }
        self.updated_at = now;
        Ok(NewCredential { credential: self, secrets })
    }

    /// Takes a token that was had anew.
    ///
    /// # Errors
    /// Invalid, when it is archived, or is of a kind that has none.
    pub fn refreshed(mut self, refreshed: &Refreshed, now: Timestamp) -> Result<NewCredential> {
        self.must_be_active()?;
        let Auth::McpOauth { expires_at, .. } = &mut self.auth else {
            return Err(ApiError::invalid(format!("credential `{}` has no such token", self.id)));
        };
        let end = |seconds: u64| now.as_millis().saturating_add(seconds.saturating_mul(1_000));
        *expires_at = refreshed.expires_in.map(|seconds| Timestamp(end(seconds)));
        let mut secrets =
            Secrets::from([(SecretField::AccessToken, refreshed.access_token.clone())]);
        if let Some(token) = &refreshed.refresh_token {
            secrets.insert(SecretField::RefreshToken, token.clone());
        }
        self.updated_at = now;
        Ok(NewCredential { credential: self, secrets })
    }

    /// Archives it; its secrets have to go with it. One that is stays as it is.
    #[must_use]
    pub fn archived(mut self, now: Timestamp) -> Self {
        if self.archived_at.is_none() {
            (self.archived_at, self.updated_at) = (Some(now), now);
        }
        self
    }

    /// Whether it can still be used and changed.
    ///
    /// # Errors
    /// Invalid, when it is archived.
    pub fn must_be_active(&self) -> Result<()> {
        if self.archived_at.is_none() {
            return Ok(());
        }
        let id = &self.id;
        Err(ApiError::invalid(format!("credential `{id}` is archived; make another one")))
    }

    /// Why another of the same key cannot be made.
    #[must_use]
    pub fn taken(&self, by: &str) -> ApiError {
        let (field, vault) = match &self.auth {
            Auth::EnvironmentVariable { .. } => ("secret_name", &self.vault_id),
            _ => ("mcp_server_url", &self.vault_id),
        };
        ApiError::conflict(format!(
            "auth.{field}: vault `{vault}` has credential `{by}` for it; change or archive that one"
        ))
    }

    /// Whether a vault with so many active credentials has room for one more.
    ///
    /// # Errors
    /// Invalid, when it has not.
    pub fn must_fit(active: usize) -> Result<()> {
        if active < CREDENTIALS_MAX {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "the vault has {active} credentials, at most {CREDENTIALS_MAX}; archive one of them"
        )))
    }
}

#[cfg(test)]
mod tests;
