//! Access tokens that end: another is had in time, or after a server refused the one there is.
//!
//! For one credential that happens once, whoever asks: most servers take a refresh token once,
//! and whoever comes second would take the first one's token away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lucid_api::vault::{Auth, RefreshStatus, Secret, SecretField};
use lucid_core::{Failure, Result, Timestamp};
use lucid_runtime::{NotLent, UnusableCredential};

use super::CREDENTIAL;
use super::outgoing::Outgoing;
use super::refresh::refresh;
use super::sealed::SealedCredential;
use crate::documents::Stored;
use crate::space::Space;

/// So long before its end a token is not sent any more.
const EARLY_MS: u64 = 60_000;

/// How long nothing is tried again, whether it went well or not, unless the credential was
/// changed: a server that refuses every token must not make the host ask for one at each
/// request. A token that lives shorter than this is out of use between its end and the next.
const PAUSE_MS: u64 = 30_000;

/// A token that has ended, or soon will.
pub(super) struct Ending {
    /// It.
    token: Secret,
    /// Whether it has ended.
    is_over: bool,
}

/// Whether there may be another token.
pub(super) fn can_renew(found: &SealedCredential) -> bool {
    matches!(found.credential.auth, Auth::McpOauth { refresh: Some(_), .. })
}

/// The token of a credential for a server; the other result, where there should be a newer
/// one first.
///
/// # Errors
/// Failed, when it does not open.
pub(super) fn token(space: &Space, found: &SealedCredential) -> Result<Result<Secret, Ending>> {
    let mut secrets = found.secrets(&space.seal)?;
    let token = secrets.remove(&SecretField::Token);
    let token = token.or_else(|| secrets.remove(&SecretField::AccessToken));
    let token = token.ok_or_else(|| gone(found))?;
    let Auth::McpOauth { expires_at: Some(end), .. } = found.credential.auth else {
        return Ok(Ok(token));
    };
    let now = space.clock.now();
    let is_near = end.as_millis() <= now.as_millis().saturating_add(EARLY_MS);
    match is_near && can_renew(found) {
        true => Ok(Err(Ending { token, is_over: end <= now })),
        false => Ok(Ok(token)),
    }
}

/// What was renewed, or was to be, lately.
#[derive(Default)]
pub(super) struct Renewals(Mutex<BTreeMap<String, Lately>>);

/// One renewal.
struct Lately {
    /// The credential's revision behind it.
    revision: u32,
    /// Until when nothing is tried.
    until: Timestamp,
    /// Why nothing is.
    why: Why,
}

/// Why there is no other token.
#[derive(Clone, Copy)]
struct Why {
    text: &'static str,
    /// Whether the token endpoint was not reached.
    is_unreached: bool,
}

const fn refused(text: &'static str) -> Why {
    Why { text, is_unreached: false }
}

impl Renewals {
    /// Another token in the place of one that ends; where none is to be had, that one as long
    /// as it is good.
    ///
    /// # Errors
    /// Failed, naming the credential.
    pub(super) async fn in_time(
        self: &Arc<Self>,
        space: &Arc<Space>,
        outgoing: Outgoing,
        found: &SealedCredential,
        ending: Ending,
    ) -> Result<Secret, NotLent> {
        let before = ending.token.reveal().to_owned();
        match self.renewed(space, outgoing, found, before).await {
            Err(_) if !ending.is_over => Ok(ending.token),
            renewed => renewed,
        }
    }

    /// Another token in the place of one, also when somebody else has just had it.
    ///
    /// # Errors
    /// Failed, naming the credential.
    pub(super) async fn renewed(
        self: &Arc<Self>,
        space: &Arc<Space>,
        outgoing: Outgoing,
        found: &SealedCredential,
        before: String,
    ) -> Result<Secret, NotLent> {
        let (renewals, space, found) = (self.clone(), space.clone(), found.clone());
        let before = Secret::new(before);
        let renew = async move { renewals.renew(&space, outgoing, &found, &before).await };
        // Not stopped with the call that wants it: a token that was given has to be kept.
        let renewed = tokio::spawn(renew).await;
        let failed = |error| Failure::bug(format!("renewing a credential: {error}"));
        renewed.map_err(failed)?
    }

    async fn renew(
        &self,
        space: &Space,
        outgoing: Outgoing,
        found: &SealedCredential,
        before: &Secret,
    ) -> Result<Secret, NotLent> {
        let id = &found.credential.id;
        let _turn = space.turns.of(id).await;
        let Stored { document, value } = now(space, found).await?;
        let mut secrets = value.secrets(&space.seal)?;
        let there = secrets.get(&SecretField::AccessToken).ok_or_else(|| gone(found))?;
        if there.reveal() != before.reveal() {
            return Ok(there.clone());
        }
        let at = space.clock.now();
        if let Some(why) = self.lately(id, document.revision, at) {
            return Err(not_renewed(found, why));
        }
        let attempt = refresh(space, outgoing, &value, &mut secrets).await;
        let attempt = attempt.map_err(|error| {
            let why = error.internal.unwrap_or(error.message);
            space.log.error(&format!("credential {id}: {why}"));
            failure(found, "the new token cannot be kept")
        })?;
        let why = match attempt.status {
            RefreshStatus::Succeeded => {
                // It may have been archived meanwhile.
                let kept = now(space, found).await?;
                self.note(id, kept.document.revision, at, refused("it was renewed a moment ago"));
                let token = secrets.remove(&SecretField::AccessToken);
                return token.ok_or_else(|| gone(found).into());
            }
            RefreshStatus::Failed => refused("its token endpoint refused"),
            RefreshStatus::ConnectError => {
                Why { text: "its token endpoint was not reached", is_unreached: true }
            }
            RefreshStatus::NoRefreshToken => refused("it has no refresh token"),
        };
        let lately = Why { text: "it failed a moment ago", ..why };
        self.note(id, document.revision, at, lately);
        Err(not_renewed(found, why))
    }

    /// Why a credential is not renewed now, where it is not.
    fn lately(&self, id: &str, revision: u32, now: Timestamp) -> Option<Why> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, lately| lately.until > now);
        all.get(id).filter(|lately| lately.revision == revision).map(|lately| lately.why)
    }

    fn note(&self, id: &str, revision: u32, at: Timestamp, why: Why) {
        let until = Timestamp(at.as_millis().saturating_add(PAUSE_MS));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.to_owned(), Lately { revision, until, why });
    }
}

/// A credential as it is now, where it is not archived.
async fn now(space: &Space, found: &SealedCredential) -> Result<Stored<SealedCredential>> {
    let (vault_id, id) = (&found.credential.vault_id, &found.credential.id);
    let stored = space.get_in::<SealedCredential>(CREDENTIAL, vault_id, id).await;
    let stored = stored.map_err(|_| gone(found))?;
    if stored.value.credential.archived_at.is_some() { Err(gone(found)) } else { Ok(stored) }
}

fn gone(found: &SealedCredential) -> Failure {
    let (vault_id, id) = (&found.credential.vault_id, &found.credential.id);
    Failure::failed(format!("credential {id} of vault {vault_id} is there no more"))
}

/// What is told, and written into the session's log, of a credential that could not be renewed.
fn not_renewed(found: &SealedCredential, why: Why) -> NotLent {
    let failure = failure(found, why.text);
    let credential = UnusableCredential {
        vault_id: found.credential.vault_id.clone(),
        credential_id: found.credential.id.clone(),
        is_unreached: why.is_unreached,
        message: failure.message.clone(),
    };
    NotLent { failure, credential: Some(credential) }
}

fn failure(found: &SealedCredential, why: &str) -> Failure {
    let (vault_id, id) = (&found.credential.vault_id, &found.credential.id);
    Failure::failed(format!("credential {id} of vault {vault_id} could not be renewed: {why}"))
        .hint("try it out with `mcp_oauth_validate`, or give it a new token")
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod tests;
