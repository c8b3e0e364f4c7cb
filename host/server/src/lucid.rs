//! What the command line asks of a workspace: the verbs of `lucid-verbs`, over HTTP.
//!
//! Not of the API that SDKs speak. A verb is performed by the same code as where the command
//! line opens the folder itself; here is only what a server does besides.

mod around;

#[cfg(test)]
mod dream_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use lucid_api::ApiError;
use lucid_core::{Failure, FailureKind};
use lucid_verbs::Stage;
use serde_json::json;

use crate::answer::Refused;
use crate::app::App;
use crate::extract::whole_body;
use crate::space::Caller;
use around::Serving;

pub(crate) use around::failure;

/// What every answer says of who gave it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/v1/lucid/{verb}", post(perform))
}

/// Whether a path is that of a verb that changes nothing: it ends with its client, who may have
/// waited for news.
pub(crate) fn only_reads(path: &str) -> bool {
    path.strip_prefix("/v1/lucid/").and_then(lucid_verbs::changes) == Some(false)
}

async fn perform(
    State(app): State<App>,
    caller: Caller,
    Path(verb): Path<String>,
    request: Request,
) -> Result<Response, Refused> {
    caller.require_api_key()?;
    let Some(changes) = lucid_verbs::changes(&verb) else { return Err(unknown(&verb).into()) };
    let body = whole_body(request, &app).await?;
    let space = caller.space;
    let stage = Stage::within(space.runtime.clone(), Arc::new(Serving::new(space.clone())));
    let asked = lucid_verbs::answer_to(&verb, &body, &stage);
    let answered = if changes {
        asked.await
    } else {
        // Nobody is kept waiting for news by a server that stops.
        app.stopping.run_until_cancelled(asked).await.ok_or_else(|| {
            ApiError::unavailable("the server is stopping; ask again when it is back")
        })?
    };
    let answer = answered.map_err(refused)?;
    let json = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (axum::http::HeaderName::from_static("lucid-version"), HeaderValue::from_static(VERSION)),
    ];
    Ok((json, answer).into_response())
}

/// A verb that this version has not.
fn unknown(verb: &str) -> ApiError {
    ApiError::not_found("verb", verb).field("lucid", json!({"version": VERSION}))
}

/// A failure in the API's form, with what the command line makes the same failure of again.
fn refused(failure: Failure) -> ApiError {
    let told = match failure.kind {
        FailureKind::Invalid | FailureKind::Exceeded | FailureKind::Denied => {
            let Failure { kind, message, hint } = &failure;
            json!({"version": VERSION, "kind": kind, "message": message, "hint": hint})
        }
        // What the server did wrong is for its log: it may name what is nobody's business.
        kind => json!({"version": VERSION, "kind": kind}),
    };
    ApiError::from(failure).field("lucid", told)
}
