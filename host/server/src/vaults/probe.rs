//! Trying out a credential: does its server take it? On a refusal a new token is had, where
//! there is something to have it with.

use axum::extract::{Path, State};
use lucid_api::ApiError;
use lucid_api::vault::{
    Auth, HttpResponse, McpProbe, RefreshStatus, Secret, SecretField, Secrets, Validation, Verdict,
};
use lucid_policy::redact::Redactor;
use serde_json::json;

use super::CREDENTIAL;
use super::outgoing::{Answered, NotReached, Outgoing, Request};
use super::refresh::refresh;
use super::sealed::SealedCredential;
use crate::answer::{Answer, answer};
use crate::app::App;
use crate::space::Caller;

const METHOD: &str = "initialize";
/// The revision of MCP that is spoken.
const PROTOCOL: &str = "2025-06-18";
const UNAUTHORIZED: u16 = 401;

pub(super) async fn validate(
    State(app): State<App>,
    caller: Caller,
    Path((vault_id, id)): Path<(String, String)>,
) -> Answer {
    let space = &caller.space;
    let found = space.get_in::<SealedCredential>(CREDENTIAL, &vault_id, &id).await?.value;
    found.credential.must_be_active()?;
    let Auth::McpOauth { mcp_server_url, .. } = &found.credential.auth else {
        let kind = found.credential.auth.kind();
        let why = format!("credential `{id}` is `{kind}`: only one of `mcp_oauth` is tried out");
        return Err(ApiError::invalid(why).into());
    };
    let mut secrets = found.secrets(&space.seal)?;
    let has_refresh_token = secrets.contains_key(&SecretField::RefreshToken);
    let mut validation = Validation::new(&found.credential, has_refresh_token, space.clock.now());
    // A plugin is no server that could be asked before a session runs it.
    if mcp_server_url.starts_with("plugin:") {
        return answer(validation);
    }
    let outgoing = Outgoing { private: app.reach.private_targets().await? };
    let mut probed = probe(outgoing, mcp_server_url, &secrets).await;
    if probed.as_ref().is_ok_and(|answered| answered.status == UNAUTHORIZED) {
        // One at a time, with what is there by then: a session may have had another token.
        let _turn = space.turns.of(&id).await;
        let found = space.get_in::<SealedCredential>(CREDENTIAL, &vault_id, &id).await?.value;
        found.credential.must_be_active()?;
        secrets = found.secrets(&space.seal)?;
        validation.refresh = Some(refresh(space, outgoing, &found, &mut secrets).await?);
        // Where there is no other token, the answer would be the same.
        if validation.refresh.as_ref().is_some_and(|done| done.status == RefreshStatus::Succeeded) {
            probed = probe(outgoing, mcp_server_url, &secrets).await;
        }
    }
    let verdict = |answered: &Answered| Verdict::of_status(answered.status);
    validation.status = probed.as_ref().map_or(Verdict::Unknown, verdict);
    if validation.status != Verdict::Valid {
        let http_response = probed.ok().map(|answered| shown(&answered, &secrets, []));
        validation.mcp_probe = Some(McpProbe { method: METHOD, http_response });
    }
    answer(validation)
}

async fn probe(outgoing: Outgoing, url: &str, secrets: &Secrets) -> Result<Answered, NotReached> {
    let token = secrets.get(&SecretField::AccessToken).map_or("", Secret::reveal);
    let authorization = Secret::new(format!("Bearer {token}"));
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": METHOD, "params": {
        "protocolVersion": PROTOCOL, "capabilities": {},
        "clientInfo": {"name": "lucid", "version": env!("CARGO_PKG_VERSION")}}});
    let headers =
        [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    let body = body.to_string();
    let authorization = Some(&authorization);
    outgoing.post(Request { url, headers: &headers, authorization, body: &body }).await
}

/// An answer without the secrets that the server may have sent back.
pub(super) fn shown<'a>(
    answered: &Answered,
    secrets: &'a Secrets,
    others: impl IntoIterator<Item = &'a str>,
) -> HttpResponse {
    let redactor = Redactor::of_values(secrets.values().map(Secret::reveal).chain(others));
    let body = String::from_utf8_lossy(&redactor.mask_bytes(&answered.body)).into_owned();
    let content_type = redactor.mask(&answered.content_type);
    HttpResponse::shown(answered.status, &content_type, &body, answered.more)
}
