//! Dreams: asked for over HTTP, and dreamt here in the background.
//!
//! Dreams that schedules ask for are dreamt here too, unless somebody else runs the schedules of
//! the folder. Dreams that were asked for elsewhere are listed and read as well, and run where
//! they were asked for.

mod dreamer;
mod routes;
mod schedules;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::documents::Kind;

pub(crate) use dreamer::{Dreamer, check_asked, resume, start_asked};
pub(crate) use schedules::run as run_schedules;

/// What is noted beside dreams.
const DREAM: Kind = Kind { name: "dream_meta", prefix: "drm_", what: "dream" };

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/dreams", post(routes::create).get(routes::list))
        .route("/v1/dreams/{dream_id}", get(routes::retrieve))
        .route("/v1/dreams/{dream_id}/cancel", post(routes::cancel))
        .route("/v1/dreams/{dream_id}/archive", post(routes::archive))
}
