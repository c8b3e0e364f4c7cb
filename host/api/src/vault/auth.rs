//! What a credential proves itself with: the part that anybody may see, and, where one is
//! made, the secrets that nobody is ever shown.

use lucid_core::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::credential::{SecretField, Secrets};
use super::networking::{InjectionLocation, Networking};
use super::secret::Secret;
use super::server_url::{is_safe, server_key};
use crate::check::text;
use crate::error::{ApiError, Result};

/// What a header field still has room for, behind `Bearer `.
const SECRET_BYTES_MAX: usize = 8_000;
const NAME_CHARACTERS_MAX: usize = 255;
const TEXT_CHARACTERS_MAX: usize = 2_048;

/// How a credential is used, without its secrets: as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Auth {
    /// An access token of OAuth, for one MCP server.
    McpOauth {
        /// The server.
        mcp_server_url: String,
        /// When the token ends, where that is known.
        expires_at: Option<Timestamp>,
        /// How another is had then.
        refresh: Option<Refresh>,
    },
    /// A token that does not end, for one MCP server.
    StaticBearer {
        /// The server.
        mcp_server_url: String,
    },
    /// A secret that stands in the environment as a placeholder, and is put into requests on
    /// their way out.
    EnvironmentVariable {
        /// The variable.
        secret_name: String,
        /// Into requests to which hosts.
        networking: Networking,
        /// Where in them.
        injection_location: InjectionLocation,
    },
}

/// How an access token is had anew, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// The name of this client there.
    pub client_id: String,
    /// Where.
    pub token_endpoint: String,
    /// How the client proves itself.
    pub token_endpoint_auth: TokenEndpointAuth,
    /// What the token is for.
    pub scope: Option<String>,
    /// With which server.
    pub resource: Option<String>,
}

/// How a client proves itself to a token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TokenEndpointAuth {
    /// Not at all.
    None,
    /// With its secret in the header `authorization`.
    ClientSecretBasic,
    /// With its secret in the body.
    ClientSecretPost,
}

impl Auth {
    /// The word of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::McpOauth { .. } => "mcp_oauth",
            Self::StaticBearer { .. } => "static_bearer",
            Self::EnvironmentVariable { .. } => "environment_variable",
        }
    }

    /// The one spelling of the server that it is for; none for a variable.
    #[must_use]
    pub fn server(&self) -> Option<String> {
        match self {
            Self::McpOauth { mcp_server_url: url, .. }
            | Self::StaticBearer { mcp_server_url: url } => server_key("", url).ok(),
            Self::EnvironmentVariable { .. } => None,
        }
    }

    /// What no two active credentials of a vault have in common: the server's one spelling, or
    /// the variable.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::McpOauth { mcp_server_url: url, .. }
            | Self::StaticBearer { mcp_server_url: url } => {
                // It was checked when the credential was made.
                format!("server {}", server_key("", url).unwrap_or_else(|_| url.clone()))
            }
            Self::EnvironmentVariable { secret_name, .. } => format!("variable {secret_name}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct McpOauthCreate {
    mcp_server_url: String,
    access_token: Secret,
    expires_at: Option<String>,
    refresh: Option<RefreshCreate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshCreate {
    refresh_token: Secret,
    token_endpoint: String,
    client_id: String,
    token_endpoint_auth: EndpointAuthCreate,
    scope: Option<String>,
    resource: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum EndpointAuthCreate {
    None {},
    ClientSecretBasic { client_secret: Secret },
    ClientSecretPost { client_secret: Secret },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaticBearerCreate {
    mcp_server_url: String,
    token: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentVariableCreate {
    secret_name: String,
    secret_value: Secret,
    networking: Networking,
    #[serde(default, deserialize_with = "present")]
    injection_location: Option<Value>,
}

/// Reads what a new credential proves itself with.
pub(super) fn create(given: Value, now: Timestamp) -> Result<(Auth, Secrets)> {
    let (kind, given) = typed(given)?;
    match kind.as_str() {
        "mcp_oauth" => mcp_oauth(part(given)?, now),
        "static_bearer" => {
            let StaticBearerCreate { mcp_server_url, token: secret } = part(given)?;
            server_key("auth.mcp_server_url", &mcp_server_url)?;
            token("auth.token", &secret)?;
            let secrets = Secrets::from([(SecretField::Token, secret)]);
            Ok((Auth::StaticBearer { mcp_server_url }, secrets))
        }
        "environment_variable" => {
            let EnvironmentVariableCreate {
                secret_name,
                secret_value,
                networking,
                injection_location,
            } = part(given)?;
            variable_name(&secret_name)?;
            secret_text("auth.secret_value", &secret_value)?;
            networking.check()?;
            let injection_location = InjectionLocation::new(injection_location)?;
            let secrets = Secrets::from([(SecretField::SecretValue, secret_value)]);
            Ok((Auth::EnvironmentVariable { secret_name, networking, injection_location }, secrets))
        }
        _ => Err(ApiError::invalid(
            "auth.type: one of mcp_oauth, static_bearer, environment_variable may be here",
        )),
    }
}

fn mcp_oauth(create: McpOauthCreate, now: Timestamp) -> Result<(Auth, Secrets)> {
    let McpOauthCreate { mcp_server_url, access_token, expires_at, refresh } = create;
    server_key("auth.mcp_server_url", &mcp_server_url)?;
    token("auth.access_token", &access_token)?;
    let expires_at = expires_at.map(|text| expiry(&text, now)).transpose()?;
    let mut secrets = Secrets::from([(SecretField::AccessToken, access_token)]);
    let refresh = match refresh {
        None => None,
        Some(refresh) => Some(refreshing(refresh, &mut secrets)?),
    };
    Ok((Auth::McpOauth { mcp_server_url, expires_at, refresh }, secrets))
}

fn refreshing(create: RefreshCreate, secrets: &mut Secrets) -> Result<Refresh> {
    let RefreshCreate {
        refresh_token,
        token_endpoint,
        client_id,
        token_endpoint_auth,
        scope,
        resource,
    } = create;
    token("auth.refresh.refresh_token", &refresh_token)?;
    text("auth.refresh.client_id", &client_id, 1..=TEXT_CHARACTERS_MAX)?;
    let field = "auth.refresh.token_endpoint";
    if !is_safe(&server_key(field, &token_endpoint)?) {
        return Err(ApiError::invalid(format!(
            "{field}: an `https` URL may be here; without TLS the token could be read on its way"
        )));
    }
    let scope = scope.filter(|scope| !scope.is_empty());
    for (field, given) in [("scope", &scope), ("resource", &resource)] {
        let given = given.as_deref().unwrap_or_default();
        text(&format!("auth.refresh.{field}"), given, 0..=TEXT_CHARACTERS_MAX)?;
    }
    let (token_endpoint_auth, client_secret) = match token_endpoint_auth {
        EndpointAuthCreate::None {} => (TokenEndpointAuth::None, None),
        EndpointAuthCreate::ClientSecretBasic { client_secret } => {
            (TokenEndpointAuth::ClientSecretBasic, Some(client_secret))
        }
        EndpointAuthCreate::ClientSecretPost { client_secret } => {
            (TokenEndpointAuth::ClientSecretPost, Some(client_secret))
        }
    };
    if let Some(secret) = client_secret {
        secret_text("auth.refresh.token_endpoint_auth.client_secret", &secret)?;
        secrets.insert(SecretField::ClientSecret, secret);
    }
    secrets.insert(SecretField::RefreshToken, refresh_token);
    Ok(Refresh { client_id, token_endpoint, token_endpoint_auth, scope, resource })
}

/// Takes `type` out of what was given.
pub(super) fn typed(given: Value) -> Result<(String, Value)> {
    let Value::Object(mut given) = given else {
        return Err(ApiError::invalid("auth: an object with a `type` has to be here"));
    };
    match given.remove("type") {
        Some(Value::String(kind)) => Ok((kind, Value::Object(given))),
        _ => Err(ApiError::invalid("auth.type: a text has to be here")),
    }
}

/// Reads a part of `auth`. What stands in the wrong place may be a secret, so an error names
/// the place and never repeats what was there.
pub(super) fn part<T: DeserializeOwned>(given: Value) -> Result<T> {
    serde_path_to_error::deserialize(given).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { "auth".to_owned() } else { format!("auth.{path}") };
        let why = error.inner().to_string();
        let expected = why.rsplit_once("expected ").map(|(_, expected)| expected);
        ApiError::invalid(match expected {
            _ if why.starts_with("missing field") => format!("{place}: {why}"),
            Some(expected) => format!("{place}: here may be {expected}"),
            None => format!("{place}: not of the right form"),
        })
    })
}

/// Tells null from what was left out.
pub(super) fn present<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(given).map(Some)
}

/// Reads when a token ends.
pub(super) fn expiry(text: &str, now: Timestamp) -> Result<Timestamp> {
    let wrong = |why: &str| ApiError::invalid(format!("auth.expires_at: {why}"));
    let at = Timestamp::parse(text).ok_or_else(|| wrong("not an RFC 3339 time"))?;
    if at > now { Ok(at) } else { Err(wrong("it has to be in the future")) }
}

/// Checks what goes into one field of a header.
pub(super) fn token(field: &str, secret: &Secret) -> Result<()> {
    let bytes = secret.reveal().as_bytes();
    if (1..=SECRET_BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "{field}: 1 to {SECRET_BYTES_MAX} visible ASCII characters without a space may be here"
    )))
}

/// Checks a secret of any form.
pub(super) fn secret_text(field: &str, secret: &Secret) -> Result<()> {
    let text = secret.reveal();
    let fits = (1..=SECRET_BYTES_MAX).contains(&text.len());
    if fits && !text.chars().any(|c| c.is_control() && !"\t\r\n".contains(c)) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "{field}: 1 to {SECRET_BYTES_MAX} bytes without control characters may be here"
    )))
}

fn variable_name(name: &str) -> Result<()> {
    text("auth.secret_name", name, 1..=NAME_CHARACTERS_MAX)?;
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain && !name.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(());
    }
    Err(ApiError::invalid(
        "auth.secret_name: letters, digits and `_` may be here, no digit first, as in `API_KEY`",
    ))
}
