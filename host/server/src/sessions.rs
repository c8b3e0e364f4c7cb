//! Sessions, their resources and threads.
//!
//! A session is its log, and a document beside it with what no event says. Sessions that
//! missions began have no document: what can be told of them is taken from their logs.

mod changing;
mod find;
mod follow;
mod given;
mod list;
mod mission;
mod outputs;
mod remove;
mod resources;
mod routes;
mod start;
mod sweep;
mod threads;
mod web;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use lucid_api::ApiError;
use lucid_api::session::Standing;
use lucid_core::SessionId;
use lucid_runtime::Store;
use tokio::sync::RwLock;
use toml::Table;

use crate::app::{App, ServerOptions};
use crate::documents::Kind;
use crate::stream::Streams;

pub(crate) use changing::settle;
pub(crate) use find::{Found, find};
pub(crate) use follow::follow;
pub(crate) use outputs::keep_outputs;
pub(crate) use remove::{archive, delete};
pub(crate) use start::{send as send_to, start};
pub(crate) use sweep::{Looked, sweep, wake_all};

/// What is stored of sessions. Their parents are their environments.
pub(crate) const SESSION: Kind =
    Kind { name: "session", prefix: SessionId::PREFIX, what: "session" };

/// Sessions at a glance that are kept, of those that were looked at last.
const KEPT_MAX: usize = 1_024;

/// Events read at once.
pub(crate) const PAGE: u32 = 1_000;

/// The routes.
pub(crate) fn routes() -> Router<App> {
    const ONE: &str = "/v1/sessions/{session_id}";
    let of = |rest: &str| format!("{ONE}{rest}");
    Router::new()
        .route("/v1/sessions", post(routes::create).get(routes::list))
        .route(ONE, get(routes::retrieve).post(routes::update).delete(routes::delete))
        .route(&of("/archive"), post(routes::archive))
        .route(&of("/resources"), get(resources::list).post(resources::add))
        .route(
            &of("/resources/{resource_id}"),
            get(resources::retrieve).post(resources::update).delete(resources::delete),
        )
        .route(&of("/threads"), get(threads::list))
        .route(&of("/threads/{thread_id}"), get(threads::retrieve))
        .route(&of("/threads/{thread_id}/archive"), post(threads::archive))
}

/// What is known of a workspace's sessions while the server runs.
pub(crate) struct Sessions {
    /// What the server grants: `plugins` and `models`, as in a mission.
    sections: Table,
    kept: Mutex<BTreeMap<SessionId, Arc<Standing>>>,
    /// The sessions that are followed while they work, each with whether it was woken since.
    followed: Mutex<BTreeMap<SessionId, bool>>,
    /// Who reads along.
    pub(crate) streams: Streams,
    /// Held by each session that begins, and alone by whoever deletes an environment: none
    /// begins in one that goes.
    pub(crate) begins: RwLock<()>,
}

impl Sessions {
    /// Nothing is known yet.
    pub(crate) fn new(options: &ServerOptions) -> Self {
        // What was checked when the server began.
        let sections = toml::from_str(&options.sections).unwrap_or_default();
        let (kept, followed) = (Mutex::default(), Mutex::default());
        let (streams, begins) = (Streams::default(), RwLock::default());
        Self { sections, kept, followed, streams, begins }
    }

    /// What a session's log says at a glance; only what was added is read.
    ///
    /// # Errors
    /// Internal, when the store fails.
    pub(crate) async fn standing(
        &self,
        store: &dyn Store,
        id: &SessionId,
    ) -> Result<Arc<Standing>, ApiError> {
        let kept = self.kept().get(id).cloned();
        let head = store.head(id).await?.unwrap_or(0);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.events == head) {
            return Ok(kept.clone());
        }
        // A session that was made anew under its id begins anew.
        let kept = kept.filter(|kept| kept.events < head);
        let mut standing = kept.map(|kept| Standing::clone(&kept)).unwrap_or_default();
        loop {
            let page = store.events(id, standing.events.checked_sub(1), PAGE).await?;
            if page.is_empty() {
                break;
            }
            page.iter().for_each(|(_, record)| standing.apply(record));
        }
        let standing = Arc::new(standing);
        let mut kept = self.kept();
        if kept.len() >= KEPT_MAX && !kept.contains_key(id) {
            // Ids begin with the time they were made: the oldest session goes.
            kept.pop_first();
        }
        kept.insert(id.clone(), standing.clone());
        Ok(standing)
    }

    /// Forgets a session that is gone.
    fn forget(&self, id: &SessionId) {
        self.kept().remove(id);
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<SessionId, Arc<Standing>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn followed(&self) -> MutexGuard<'_, BTreeMap<SessionId, bool>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
