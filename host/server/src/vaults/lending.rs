//! Credentials on their way out: what the plugins of a session send gets those of the vaults
//! that the session names.
//!
//! They are looked up at every request, so that one that was archived or changed is so at
//! once. Of two for the same thing, that of the vault that is named first is taken. Secrets go
//! through TLS, or to this machine where the server may reach it, and nowhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use lucid_api::ApiError;
use lucid_api::session::SessionRecord;
use lucid_api::vault::{Auth, SecretField, Vault, covers};
use lucid_core::{Failure, Result, SessionId, sha256_hex};
use lucid_policy::Secret;
use lucid_policy::http::{Origin, Target};
use lucid_runtime::{Credentials, Lends, Lent, LentVariable, NotLent};
use tokio::sync::OnceCell;

use super::renewal::{Renewals, can_renew, token};
use super::sealed::SealedCredential;
use super::{VAULT, outgoing::Outgoing};
use crate::documents::Stored;
use crate::reach::Reach;
use crate::sessions::SESSION;
use crate::space::Space;

/// Characters of the hash that tells one placeholder from another.
const PLACEHOLDER_CHARACTERS: usize = 32;

/// Gives the sessions of a workspace the credentials of their vaults.
pub(crate) fn lends(space: &Arc<Space>, reach: Reach) -> Lends {
    let (space, renewals) = (Arc::downgrade(space), Arc::new(Renewals::default()));
    Arc::new(move |session| -> Arc<dyn Credentials> {
        let (space, reach, renewals) = (space.clone(), reach.clone(), renewals.clone());
        Arc::new(OfSession { space, reach, renewals, id: session.clone(), named: OnceCell::new() })
    })
}

/// The variables that the vaults of a session have, each with what stands for it in the
/// environment of plugins.
///
/// # Errors
/// Internal.
pub(crate) async fn variables(
    space: &Space,
    id: &SessionId,
    record: &SessionRecord,
) -> Result<BTreeMap<String, String>, ApiError> {
    let mut all = BTreeMap::new();
    // What a worker runs gets its environment elsewhere.
    if record.self_hosted {
        return Ok(all);
    }
    for vault_id in &record.vault_ids {
        for found in active(space, vault_id).await? {
            if let Auth::EnvironmentVariable { secret_name, .. } = found.value.credential.auth {
                let placeholder = placeholder(id, &secret_name);
                all.insert(secret_name, placeholder);
            }
        }
    }
    Ok(all)
}

/// What stands for a variable: the same as long as the session lives, and nothing that could
/// stand in a text by chance.
fn placeholder(id: &SessionId, name: &str) -> String {
    let hash = sha256_hex(format!("{id}/{name}").as_bytes());
    let hash: String = hash.chars().take(PLACEHOLDER_CHARACTERS).collect();
    format!("lucid_secret_{hash}")
}

/// The credentials of a vault; none where it is archived or gone.
async fn active(space: &Space, vault_id: &str) -> Result<Vec<Stored<SealedCredential>>, ApiError> {
    match space.get::<Vault>(VAULT, vault_id).await {
        Ok(vault) if vault.value.archived_at.is_none() => space.credentials(vault_id, false).await,
        Ok(_) => Ok(Vec::new()),
        Err(error) if error.status == 404 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The credentials of one session.
struct OfSession {
    space: Weak<Space>,
    reach: Reach,
    renewals: Arc<Renewals>,
    id: SessionId,
    /// Where it finds them, which never changes.
    named: OnceCell<Named>,
}

#[derive(Default)]
struct Named {
    vaults: Vec<String>,
    /// Whether its plugins run here, and so have an environment here.
    variables: bool,
}

/// What fits a request.
#[derive(Default)]
struct Fitting {
    server: Option<SealedCredential>,
    variables: Vec<SealedCredential>,
}

#[async_trait]
impl Credentials for OfSession {
    async fn lend(&self, target: &Target, path: &str) -> Result<Lent, NotLent> {
        let space = self.space()?;
        let fitting = self.fitting(&space, target, path).await?;
        self.lent(&space, target, &fitting).await
    }

    async fn renew(
        &self,
        target: &Target,
        path: &str,
        refused: &Lent,
    ) -> Result<Option<Lent>, NotLent> {
        let space = self.space()?;
        let fitting = self.fitting(&space, target, path).await?;
        let mut lent = self.lent(&space, target, &fitting).await?;
        let (Some(credential), Some(header)) = (&fitting.server, &lent.header) else {
            return Ok(None);
        };
        // Another one by now: somebody changed it, or was quicker.
        if lent.header != refused.header {
            return Ok(Some(lent));
        }
        if !lent.renewable {
            return Ok(None);
        }
        let before = header.value().trim_start_matches(BEARER).to_owned();
        let outgoing = self.outgoing().await?;
        let token = self.renewals.renewed(&space, outgoing, credential, before).await?;
        lent.header = Some(authorization(target, token.reveal())?);
        Ok(Some(lent))
    }
}

const BEARER: &str = "Bearer ";

impl OfSession {
    fn space(&self) -> Result<Arc<Space>> {
        self.space.upgrade().ok_or_else(|| Failure::failed("the server is stopping"))
    }

    async fn outgoing(&self) -> Result<Outgoing> {
        Ok(Outgoing { private: self.reach.private_targets().await? })
    }

    async fn named(&self, space: &Space) -> Result<&Named, ApiError> {
        let read = async || match space.get::<SessionRecord>(SESSION, self.id.as_str()).await {
            Ok(found) => {
                let SessionRecord { vault_ids: vaults, self_hosted, .. } = found.value;
                Ok(Named { vaults, variables: !self_hosted })
            }
            // A mission began it, and it names no vault.
            Err(error) if error.status == 404 => Ok(Named::default()),
            Err(error) => Err(error),
        };
        self.named.get_or_try_init(read).await
    }

    /// What there is for a request.
    async fn fitting(&self, space: &Space, target: &Target, path: &str) -> Result<Fitting> {
        let here = target.host.address().is_some_and(|address| address.is_loopback());
        let is_safe = target.secure || (here && self.reach.private_targets().await?);
        if !is_safe {
            return Ok(Fitting::default());
        }
        let url = format!("{}://{}{path}", target.scheme(), target.authority());
        let host = target.host.to_string();
        self.of_vaults(space, &url, &host).await.map_err(|error| unread(space, error))
    }

    async fn of_vaults(&self, space: &Space, url: &str, host: &str) -> Result<Fitting, ApiError> {
        let named = self.named(space).await?;
        let mut server: Option<(usize, SealedCredential)> = None;
        let mut variables = BTreeMap::new();
        for vault_id in &named.vaults {
            let is_first = server.is_none();
            for Stored { value, .. } in active(space, vault_id).await? {
                let auth = &value.credential.auth;
                if let Auth::EnvironmentVariable { secret_name, .. } = auth {
                    variables.entry(secret_name.clone()).or_insert(value);
                    continue;
                }
                // In one vault, that for the longest path.
                let longest = server.as_ref().map_or(0, |(length, _)| *length);
                if let Some(key) = auth.server().filter(|key| is_first && covers(key, url))
                    && key.len() > longest
                {
                    server = Some((key.len(), value));
                }
            }
        }
        let reaches = |found: &SealedCredential| match &found.credential.auth {
            Auth::EnvironmentVariable { networking, .. } => networking.allows(host),
            _ => false,
        };
        let variables = variables.into_values().filter(|found| named.variables && reaches(found));
        Ok(Fitting { server: server.map(|(_, found)| found), variables: variables.collect() })
    }

    async fn lent(
        &self,
        space: &Arc<Space>,
        target: &Target,
        fitting: &Fitting,
    ) -> Result<Lent, NotLent> {
        let mut lent = Lent::default();
        for found in &fitting.variables {
            let mut secrets = found.secrets(&space.seal)?;
            let Some(value) = secrets.remove(&SecretField::SecretValue) else { continue };
            if let Auth::EnvironmentVariable { secret_name, injection_location: place, .. } =
                &found.credential.auth
            {
                lent.variables.push(LentVariable {
                    name: secret_name.clone(),
                    placeholder: placeholder(&self.id, secret_name),
                    value: value.reveal().to_owned(),
                    header: place.header,
                    body: place.body,
                });
            }
        }
        if let Some(credential) = &fitting.server {
            let outgoing = self.outgoing().await?;
            let token = match token(space, credential)? {
                Ok(token) => token,
                Err(ending) => self.renewals.in_time(space, outgoing, credential, ending).await?,
            };
            lent.header = Some(authorization(target, token.reveal())?);
            lent.renewable = can_renew(credential);
        }
        Ok(lent)
    }
}

/// The header field with a token, for where a request goes.
fn authorization(target: &Target, token: &str) -> Result<Secret> {
    let Target { secure, host, port } = target.clone();
    Secret::new(Origin { secure, host, port }, "authorization", &format!("{BEARER}{token}"))
}

/// What a plugin is told of what is wrong with the store; the rest is for whoever runs the
/// server.
fn unread(space: &Space, error: ApiError) -> Failure {
    let why = error.internal.unwrap_or(error.message);
    space.log.error(&format!("credentials of a session: {why}"));
    Failure::failed("the credentials of this session cannot be read")
        .hint("the server's log says why; nothing was sent")
}

#[cfg(test)]
#[path = "lending_tests.rs"]
mod tests;
