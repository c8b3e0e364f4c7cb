//! Changes of what a credential proves itself with. Its kind stays, and whom it is for; a
//! secret is replaced by another, never taken away.

use lucid_core::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::auth::{Auth, Refresh, TokenEndpointAuth};
use super::auth::{expiry, part, present, secret_text, token, typed};
use super::credential::{SecretField, Secrets};
use super::networking::Networking;
use super::secret::Secret;
use crate::check::text;
use crate::error::{ApiError, Result};
use crate::field::Field;

const SCOPE_CHARACTERS_MAX: usize = 2_048;

/// What a credential is made with once and for all, by its kind's words and those of
/// `refresh`.
const FIXED: [&str; 2] = ["mcp_server_url", "secret_name"];
const FIXED_OF_REFRESH: [&str; 3] = ["client_id", "token_endpoint", "resource"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct McpOauthUpdate {
    access_token: Option<Secret>,
    #[serde(default)]
    expires_at: Field<String>,
    refresh: Option<RefreshUpdate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshUpdate {
    refresh_token: Option<Secret>,
    scope: Option<String>,
    token_endpoint_auth: Option<EndpointAuthUpdate>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum EndpointAuthUpdate {
    ClientSecretBasic { client_secret: Option<Secret> },
    ClientSecretPost { client_secret: Option<Secret> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaticBearerUpdate {
    token: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentVariableUpdate {
    secret_value: Option<Secret>,
    networking: Option<Networking>,
    #[serde(default, deserialize_with = "present")]
    injection_location: Option<Value>,
}

impl Auth {
    /// Changes it, and gives the secrets that are to be replaced.
    pub(super) fn updated(self, given: Value, now: Timestamp) -> Result<(Self, Secrets)> {
        let (kind, given) = typed(given)?;
        if kind != self.kind() {
            let is = self.kind();
            return Err(ApiError::invalid(format!(
                "auth.type: it is `{is}` and stays so; archive this credential and make another"
            )));
        }
        fixed("auth", &given, &FIXED)?;
        let mut secrets = Secrets::new();
        let after = match self {
            Self::McpOauth { mcp_server_url, expires_at, refresh } => {
                if let Some(given) = given.get("refresh") {
                    fixed("auth.refresh", given, &FIXED_OF_REFRESH)?;
                }
                let update: McpOauthUpdate = part(given)?;
                if let Some(secret) = update.access_token {
                    token("auth.access_token", &secret)?;
                    secrets.insert(SecretField::AccessToken, secret);
                }
                let expires_at = match update.expires_at {
                    Field::Set(text) => Some(expiry(&text, now)?),
                    other => other.is_kept().then_some(expires_at).flatten(),
                };
                let refresh = match update.refresh {
                    None => refresh,
                    Some(update) => Some(refreshed(refresh, update, &mut secrets)?),
                };
                Self::McpOauth { mcp_server_url, expires_at, refresh }
            }
            Self::StaticBearer { mcp_server_url } => {
                let StaticBearerUpdate { token: secret } = part(given)?;
                if let Some(secret) = secret {
                    token("auth.token", &secret)?;
                    secrets.insert(SecretField::Token, secret);
                }
                Self::StaticBearer { mcp_server_url }
            }
            Self::EnvironmentVariable { secret_name, networking, injection_location } => {
                let update: EnvironmentVariableUpdate = part(given)?;
                if let Some(secret) = update.secret_value {
                    secret_text("auth.secret_value", &secret)?;
                    secrets.insert(SecretField::SecretValue, secret);
                }
                let networking = update.networking.unwrap_or(networking);
                networking.check()?;
                let injection_location = injection_location.merged(update.injection_location)?;
                Self::EnvironmentVariable { secret_name, networking, injection_location }
            }
        };
        Ok((after, secrets))
    }
}

/// A change of how an access token is had anew.
fn refreshed(
    before: Option<Refresh>,
    update: RefreshUpdate,
    secrets: &mut Secrets,
) -> Result<Refresh> {
    let none = || {
        ApiError::invalid(
            "auth.refresh: this credential was made without; archive it and make another",
        )
    };
    let mut refresh = before.ok_or_else(none)?;
    let RefreshUpdate { refresh_token, scope, token_endpoint_auth } = update;
    if let Some(secret) = refresh_token {
        token("auth.refresh.refresh_token", &secret)?;
        secrets.insert(SecretField::RefreshToken, secret);
    }
    if let Some(scope) = scope {
        text("auth.refresh.scope", &scope, 0..=SCOPE_CHARACTERS_MAX)?;
        // An empty one takes it away.
        refresh.scope = Some(scope).filter(|scope| !scope.is_empty());
    }
    let client_secret = match token_endpoint_auth {
        None => return Ok(refresh),
        Some(
            EndpointAuthUpdate::ClientSecretBasic { client_secret }
            | EndpointAuthUpdate::ClientSecretPost { client_secret },
        ) => client_secret,
    };
    let field = "auth.refresh.token_endpoint_auth";
    if refresh.token_endpoint_auth == TokenEndpointAuth::None {
        return Err(ApiError::invalid(format!(
            "{field}: this credential was made with `none`, and its type stays"
        )));
    }
    // Which of the two it is stays as it is, whichever was named.
    if let Some(secret) = client_secret {
        secret_text(&format!("{field}.client_secret"), &secret)?;
        secrets.insert(SecretField::ClientSecret, secret);
    }
    Ok(refresh)
}

/// Refuses what cannot be changed, by its name.
fn fixed(place: &str, given: &Value, names: &[&str]) -> Result<()> {
    match names.iter().find(|name| given.get(name).is_some()) {
        None => Ok(()),
        Some(name) => Err(ApiError::invalid(format!(
            "{place}.{name}: it cannot be changed; archive this credential and make another"
        ))),
    }
}
