//! Having an access token anew, and keeping it.

use lucid_api::ApiError;
use lucid_api::vault::{
    Auth, RefreshAttempt, RefreshRequest, RefreshStatus, Refreshed, Secret, SecretField, Secrets,
};

use super::outgoing::{Outgoing, Request};
use super::probe::shown;
use super::sealed::SealedCredential;
use super::{CREDENTIAL, tell};
use crate::documents::Change;
use crate::space::Space;

/// Shorter parts of a form are words such as `scope`.
const LONG: usize = 14;

/// Has a new token and puts it into the place of the one before, here and in the store.
///
/// # Errors
/// Internal, when the store fails.
pub(super) async fn refresh(
    space: &Space,
    outgoing: Outgoing,
    found: &SealedCredential,
    secrets: &mut Secrets,
) -> Result<RefreshAttempt, ApiError> {
    let (attempt, refreshed) = ask(outgoing, &found.credential.auth, secrets).await;
    if let Some(refreshed) = refreshed {
        keep(space, &found.credential.id, &refreshed).await?;
        secrets.insert(SecretField::AccessToken, refreshed.access_token);
        secrets.extend(refreshed.refresh_token.map(|token| (SecretField::RefreshToken, token)));
    } else if secrets.contains_key(&SecretField::RefreshToken) {
        tell(space, "vault_credential.refresh_failed", found);
    }
    Ok(attempt)
}

async fn ask(
    outgoing: Outgoing,
    auth: &Auth,
    secrets: &Secrets,
) -> (RefreshAttempt, Option<Refreshed>) {
    let request = match auth {
        Auth::McpOauth { refresh: Some(refresh), .. } => RefreshRequest::new(refresh, secrets),
        _ => None,
    };
    let of = |status, http_response| RefreshAttempt { status, http_response };
    let Some(request) = request else { return (of(RefreshStatus::NoRefreshToken, None), None) };
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
    let asked = outgoing.post(Request {
        url: &request.url,
        headers: &headers,
        authorization: request.authorization.as_ref(),
        body: request.form.reveal(),
    });
    let Ok(answered) = asked.await else {
        return (of(RefreshStatus::ConnectError, None), None);
    };
    let refreshed = Refreshed::read(&answered.body).filter(|_| answered.status == 200);
    match refreshed {
        Some(refreshed) => (of(RefreshStatus::Succeeded, None), Some(refreshed)),
        None => {
            // A server that sends back what it was sent has it in the form's spelling.
            let encoded = request.form.reveal().split(['&', '=']);
            let basic = request.authorization.as_ref().map_or("", Secret::reveal);
            let parts = encoded.chain(basic.split(' ')).filter(|part| part.len() >= LONG);
            (of(RefreshStatus::Failed, Some(shown(&answered, secrets, parts))), None)
        }
    }
}

/// Seals the new token in the place of the one before.
async fn keep(space: &Space, id: &str, refreshed: &Refreshed) -> Result<(), ApiError> {
    let changed = space.change(CREDENTIAL, id, |_, before: SealedCredential| {
        // Archived meanwhile, it has no use for one.
        if before.credential.archived_at.is_some() {
            return Ok(Change::Keep(before));
        }
        let new = before.credential.clone().refreshed(refreshed, space.clock.now())?;
        Ok(before.with(&space.seal, new)?.put())
    });
    changed.await.map(drop)
}
