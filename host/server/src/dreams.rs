//! Dreams: asked for over HTTP, and dreamt here in the background.
//!
//! Dreams that were asked for elsewhere, by `lucid dream` or a schedule, are listed and read as
//! well, and run where they were asked for.

mod dreamer;
mod routes;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::documents::Kind;

pub(crate) use dreamer::{Dreamer, resume, start_asked};

/// What is noted beside dreams.
const DREAM: Kind = Kind { name: "dream_meta", prefix: "drm_", what: "dream" };

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/dreams", post(routes::create).get(routes::list))
        .route("/v1/dreams/{dream_id}", get(routes::retrieve))
        .route("/v1/dreams/{dream_id}/cancel", post(routes::cancel))
        .route("/v1/dreams/{dream_id}/archive", post(routes::archive))
}
