//! All routes, and what goes around every one of them.

#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;

use crate::answer::{Refused, of_status};
use crate::app::App;
use crate::{around, health, limits};

/// Everything the server answers.
///
/// No `anthropic-beta` header is needed anywhere, and none is refused. The service that the API
/// comes from wants `managed-agents-2026-04-01` on most routes, `agent-memory-2026-07-22` on
/// those of memory (never both at once), and `dreaming-2026-04-21` on those of dreams. Here one
/// program of one version answers: what clients send in the list changes nothing.
pub(crate) fn router(app: App) -> Router {
    let groups = [
        crate::agents::routes(),
        crate::environments::routes(),
        crate::models::routes(),
        crate::skills::routes(),
        crate::vaults::routes(),
        crate::files::routes(),
        crate::memory::routes(),
        crate::dreams::routes(),
        crate::deployments::routes(),
        crate::webhooks::routes(),
        crate::work::routes(),
        crate::sessions::routes(),
        crate::events::routes(),
        crate::stream::routes(),
        crate::lucid::routes(),
    ];
    let api = groups.into_iter().fold(Router::new(), Router::merge);
    wrapped(api, app)
}

/// Puts around routes what every request goes through: one layer, since each costs a request
/// more than most of what is in it.
pub(crate) fn wrapped(api: Router<App>, app: App) -> Router {
    let refuse = async || Refused(of_status(StatusCode::NOT_FOUND));
    api.method_not_allowed_fallback(async || Refused(of_status(StatusCode::METHOD_NOT_ALLOWED)))
        .fallback(refuse)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .merge(health::routes())
        .layer(from_fn_with_state(app.clone(), around::finish))
        .with_state(app)
}
