//! Whether the server is well, and what it counts.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use lucid_api::ApiError;
use serde_json::json;

use crate::answer::{Answer, Refused, answer};
use crate::app::App;
use crate::auth;

/// How long the store may take to answer: longer than a busy machine makes it wait for a core.
const STORE_TIME: Duration = Duration::from_secs(10);

const HEALTH: &str = "/healthz";
const METRICS: &str = "/metrics";

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new().route(HEALTH, get(health)).route(METRICS, get(metrics))
}

/// Whether a route is one of these, which find out themselves who asks.
pub(crate) fn is_route(route: &str) -> bool {
    [HEALTH, METRICS].contains(&route)
}

async fn health(State(app): State<App>) -> Answer {
    if app.stopping.is_cancelled() {
        return Err(ApiError::unavailable("the server is stopping").into());
    }
    match tokio::time::timeout(STORE_TIME, app.keys.any_now()).await {
        Ok(Ok(_)) => answer(json!({"status": "ok"})),
        Ok(Err(_)) | Err(_) => Err(ApiError::unavailable("the store does not answer").into()),
    }
}

async fn metrics(State(app): State<App>, headers: HeaderMap) -> Result<Response, Refused> {
    if !app.reach.is_open().await? {
        auth::require_key(&app, &headers).await?;
    }
    let text = app.metrics.to_text(app.spaces.working().await);
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
