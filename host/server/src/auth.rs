//! Who asks: keys, workers' tokens, or somebody at this machine.

#[cfg(test)]
mod tests;
mod token;

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use lucid_api::ApiError;
use lucid_core::{ApiKeyId, WorkspaceId};

pub(crate) use token::work_token;

use crate::app::App;
use crate::space::{Caller, Who};

/// The header that selects a workspace.
const WORKSPACE: &str = "anthropic-workspace-id";

/// Finds out who asks, and whether they may; routes take it as [`Caller`]. `open` says whether
/// nobody needs a key.
///
/// # Errors
/// Unauthenticated; forbidden; not found, when there is no such workspace; internal.
pub(crate) async fn caller(app: &App, request: &Parts, open: bool) -> Result<Caller, ApiError> {
    let headers = &request.headers;
    let Identified { who, workspace, key } = identify(app, headers, open).await?;
    let selected = selected(headers)?;
    let workspace = match (workspace, selected) {
        (Some(own), Some(other)) if own != other => {
            return Err(ApiError::forbidden("this key is not one of that workspace"));
        }
        (Some(own), _) => own,
        (None, Some(selected)) => selected,
        (None, None) => app.spaces.default.id.clone(),
    };
    let space = app.spaces.get(&workspace).await?;
    let caller = Caller { space, who, key };
    let route = request.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    allow(&caller, &request.method, route, request.uri.path()).await?;
    Ok(caller)
}

/// Whether whoever asked before may still do so: for what goes on for long.
///
/// # Errors
/// Internal, when the store fails.
pub(crate) async fn still_may(app: &App, caller: &Caller) -> Result<bool, ApiError> {
    match (&caller.key, &caller.who) {
        (Some(key), _) => Ok(app.keys.is_good(key).await?),
        (None, Who::Work { work, .. }) => crate::work::goes_on(&caller.space, work).await,
        (None, _) => Ok(app.reach.is_open().await?),
    }
}

/// Lets workers do only what they are there for.
async fn allow(caller: &Caller, method: &Method, route: &str, path: &str) -> Result<(), ApiError> {
    // Where there is no route, everybody is told so.
    if route.is_empty() {
        return Ok(());
    }
    let method = if method == Method::HEAD { &Method::GET } else { method };
    crate::work::allow(&caller.space, &caller.who, method, route, path).await
}

/// Who asks, and for all but somebody at this machine the workspace they may see.
struct Identified {
    who: Who,
    workspace: Option<WorkspaceId>,
    key: Option<ApiKeyId>,
}

async fn identify(app: &App, headers: &HeaderMap, open: bool) -> Result<Identified, ApiError> {
    let given = given(headers);
    if let Some(given) = given {
        if let Some(found) = token::read(&app.spaces.default.tokens, given) {
            let token::Token { workspace, environment, work, session } = found;
            let who = Who::Work { environment, work, session };
            return Ok(Identified { who, workspace: Some(workspace), key: None });
        }
        if let Some(key) = app.keys.find(given).await? {
            let who = match key.environment_id {
                Some(environment) => Who::Environment(environment),
                None => Who::Key(key.id.clone()),
            };
            let (workspace, key) = (Some(key.workspace_id), Some(key.id));
            return Ok(Identified { who, workspace, key });
        }
    }
    // Clients send some key always, so a wrong one says nothing where none is needed.
    if open {
        return Ok(Identified { who: Who::Local, workspace: None, key: None });
    }
    Err(ApiError::unauthenticated(match given {
        Some(_) => "there is no such key, or it was revoked; `lucid key list` shows all",
        None => {
            "send an API key, as `x-api-key: KEY` or `authorization: Bearer KEY`; \
             `lucid key create` makes one"
        }
    }))
}

/// Checks that an API key was sent that is right, whatever else is open.
///
/// # Errors
/// Unauthenticated; internal.
pub(crate) async fn require_key(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let found = match given(headers) {
        Some(given) => app.keys.find(given).await?,
        None => None,
    };
    match found {
        Some(key) if key.environment_id.is_none() => Ok(()),
        _ => Err(ApiError::unauthenticated("this needs an API key")),
    }
}

fn given(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text("authorization").and_then(|value| {
        let (scheme, key) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    });
    bearer.or_else(|| text("x-api-key").map(str::trim)).filter(|key| !key.is_empty())
}

fn selected(headers: &HeaderMap) -> Result<Option<WorkspaceId>, ApiError> {
    let Some(value) = headers.get(WORKSPACE) else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| WorkspaceId::parse(text.trim()));
    let wrong = || ApiError::invalid(format!("{WORKSPACE}: not an id that begins with `wrkspc_`"));
    id.map(Some).ok_or_else(wrong)
}
