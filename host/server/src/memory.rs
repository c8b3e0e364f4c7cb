//! Memory stores, memories and their versions.
//!
//! The texts are where missions, dreams and `lucid memory` have them, so that all see the same.
//! What the API alone knows of a store lies in a document beside it, which stores that were
//! made elsewhere get when they are first changed here.
//!
//! Which stores a worker's token reaches is checked before any of these routes runs.

mod items;
mod noted;
mod stores;
mod versions;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) use noted::{all, beside, ensure};
pub(crate) use stores::shown;

pub(crate) fn routes() -> Router<App> {
    const STORES: &str = "/v1/memory_stores";
    const STORE: &str = "/v1/memory_stores/{memory_store_id}";
    let of_store = |rest: &str| format!("{STORE}{rest}");
    Router::new()
        .route(STORES, post(stores::create).get(stores::list))
        .route(STORE, get(stores::retrieve).post(stores::update).delete(stores::delete))
        .route(&of_store("/archive"), post(stores::archive))
        .route(&of_store("/memories"), post(items::create).get(items::list))
        .route(
            &of_store("/memories/{memory_id}"),
            get(items::retrieve).post(items::update).delete(items::delete),
        )
        .route(&of_store("/memory_versions"), get(versions::list))
        .route(&of_store("/memory_versions/{memory_version_id}"), get(versions::retrieve))
        .route(&of_store("/memory_versions/{memory_version_id}/redact"), post(versions::redact))
}
