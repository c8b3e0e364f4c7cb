//! Webhooks: the routes of endpoints, and [`Hooks`], by which everything else tells of what
//! happens.
//!
//! Endpoints are of the workspace whose key made them, whatever the path says of the
//! organization: they hear of that workspace, of all 49 types.

mod send;
mod sign;
mod work;

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use lucid_api::webhook::{CreateParams, ENDPOINTS_MAX, Endpoint, ListParams, UpdateParams};
use lucid_api::{ApiError, deleted};
use lucid_core::{Clock, Timestamp, WebhookId};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Change, Kind, New, Stored};
use crate::extract::{Asked, Body};
use crate::reach::Reach;
use crate::space::{Caller, Space};

pub(crate) use work::run;

/// Endpoints.
pub(crate) const ENDPOINT: Kind =
    Kind { name: "webhook", prefix: WebhookId::PREFIX, what: "webhook endpoint" };

/// Events that wait to be written down at most: more than a server does in a second.
const WAITING_MAX: usize = 10_000;

/// Something that happened.
#[derive(Debug)]
struct Told {
    kind: String,
    id: String,
    extra: Map<String, Value>,
    at: Timestamp,
}

/// Where everything tells what happened. Whoever tells never waits: a background task writes
/// down who is to hear of it, and sends it.
#[derive(Clone)]
pub(crate) struct Hooks {
    clock: Arc<dyn Clock>,
    told: mpsc::Sender<Told>,
    /// The other end, until the background task takes it.
    heard: Arc<Mutex<Option<mpsc::Receiver<Told>>>>,
    dropped: Arc<AtomicU64>,
    reach: Reach,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hooks")
    }
}

impl Hooks {
    /// Makes the hooks of a workspace.
    pub(crate) fn new(clock: Arc<dyn Clock>, reach: Reach) -> Self {
        let (told, heard) = mpsc::channel(WAITING_MAX);
        let heard = Arc::new(Mutex::new(Some(heard)));
        Self { clock, told, heard, dropped: Arc::default(), reach }
    }

    /// Tells of something: the event's type, and the id of what it happened to.
    pub(crate) fn tell(&self, kind: &str, id: &str) {
        self.tell_with(kind, id, Map::new());
    }

    /// Tells of something with more fields, such as `vault_id`.
    pub(crate) fn tell_with(&self, kind: &str, id: &str, extra: Map<String, Value>) {
        let (kind, id, at) = (kind.to_owned(), id.to_owned(), self.clock.now());
        if self.told.try_send(Told { kind, id, extra, at }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether endpoints may be on this machine now.
    ///
    /// # Errors
    /// Failed, when the store fails.
    async fn may_be_local(&self) -> lucid_core::Result<bool> {
        self.reach.private_targets().await
    }

    fn take(&self) -> Option<mpsc::Receiver<Told>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/organizations/webhooks", post(create).get(list))
        .route("/v1/organizations/webhooks/{id}", get(retrieve).post(update).delete(delete))
        .route("/v1/organizations/webhooks/{id}/regenerate_signing_secret", post(regenerate))
}

/// Where the secret of an endpoint is sealed for.
fn place(id: &str) -> String {
    format!("{id}/secret")
}

fn sealed_secret(space: &Space, id: &str) -> Result<(String, String), ApiError> {
    let secret = sign::new_secret(space.entropy.as_ref());
    let sealed = space.seal.seal(&place(id), &secret)?;
    Ok((secret, sealed))
}

async fn all(space: &Space) -> Result<Vec<Stored<Endpoint>>, ApiError> {
    space.list(&ENDPOINT.filter()).await
}

async fn create(
    State(_): State<App>,
    Caller { space, .. }: Caller,
    Body(params): Body<CreateParams>,
) -> Answer {
    send::target(&params.url, space.hooks.may_be_local().await?)?;
    // Of those that are made at once, too, none is one too many.
    let _turn = space.turns.of(ENDPOINT.name).await;
    if all(&space).await?.len() >= ENDPOINTS_MAX {
        let why = format!("there are {ENDPOINTS_MAX} webhook endpoints; delete one first");
        return Err(ApiError::invalid(why).into());
    }
    let id = WebhookId::new(space.clock.as_ref(), space.entropy.as_ref());
    let now = space.clock.now();
    let (secret, sealed) = sealed_secret(&space, id.as_str())?;
    let endpoint = Endpoint::new(id.to_string(), params, sealed, now)?;
    let new = New { id: id.as_str(), parent: None, key: None, created_at: now, value: &endpoint };
    space.create(ENDPOINT, new).await?;
    let mut object = endpoint.to_object();
    // The only answer that has it.
    object["signing_secret"] = secret.into();
    answer(object)
}

async fn retrieve(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    answer(space.get::<Endpoint>(ENDPOINT, &id).await?.value.to_object())
}

async fn list(Caller { space, .. }: Caller, Asked(query): Asked) -> Answer {
    let params = ListParams::read(query)?;
    let endpoints = all(&space).await?.into_iter().map(|found| found.value).collect();
    answer(params.page(endpoints)?)
}

async fn update(
    Caller { space, .. }: Caller,
    Path(id): Path<String>,
    Body(params): Body<UpdateParams>,
) -> Answer {
    if let Some(url) = &params.url {
        send::target(url, space.hooks.may_be_local().await?)?;
    }
    let after = change(&space, &id, |before, now| before.updated(params.clone(), now)).await?;
    answer(after.to_object())
}

async fn delete(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    space.remove(ENDPOINT, &id).await?;
    answer(deleted(&id, "webhook_endpoint_deleted"))
}

async fn regenerate(Caller { space, .. }: Caller, Path(id): Path<String>) -> Answer {
    // Nothing is sealed for an id that nobody has.
    space.get::<Endpoint>(ENDPOINT, &id).await?;
    let (secret, sealed) = sealed_secret(&space, &id)?;
    change(&space, &id, |before, now| {
        Ok(Endpoint { secret: sealed.clone(), updated_at: now, ..before.clone() })
    })
    .await?;
    answer(json!({"signing_secret": secret}))
}

/// Changes an endpoint, unless nothing changes.
async fn change(
    space: &Space,
    id: &str,
    f: impl Fn(&Endpoint, Timestamp) -> Result<Endpoint, ApiError>,
) -> Result<Endpoint, ApiError> {
    let now = space.clock.now();
    space
        .change(ENDPOINT, id, |document, before: Endpoint| {
            let value = f(&before, now)?;
            if value == before {
                return Ok(Change::Keep(before));
            }
            let (key, archived_at, version) = (None, None, document.version);
            Ok(Change::Put { value, key, archived_at, version })
        })
        .await
}
