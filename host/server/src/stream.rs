//! Streams of events: what a session or a thread does, told to whoever listens, as it happens.
//!
//! One reader per session reads its log and tells all who listen. Nobody is waited for: who
//! reads too slowly is cut off, and finds what was missed in the list of events.

mod frames;
mod reader;

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Response};
use axum::routing::get;
use bytes::Bytes;
use futures::stream;
use lucid_api::{ApiError, Query};

use crate::answer::Answer;
use crate::app::App;
use crate::events::Shown;
use crate::extract::Asked;
use crate::sessions::{Found, find};
use crate::space::Caller;

use frames::{Frames, Listener};
pub(crate) use reader::Streams;
#[cfg(test)]
pub(crate) use reader::{KEPT_BYTES_MAX, KEPT_MAX};

/// What a client may ask to read along.
const DELTAS: [&str; 2] = ["agent.message", "agent.thinking"];

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/sessions/{session_id}/events/stream", get(of_session))
        .route("/v1/sessions/{session_id}/threads/{thread_id}/stream", get(of_thread))
}

/// Whether a client wants to read messages along.
fn deltas(mut query: Query) -> Result<bool, ApiError> {
    let asked = query.list("event_deltas")?;
    query.done()?;
    for value in &asked {
        lucid_api::one_of("event_deltas", value, &DELTAS)?;
    }
    // Of what a model thinks nothing is told before it is there.
    Ok(asked.iter().any(|value| value == "agent.message"))
}

async fn of_session(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(query): Asked,
) -> Answer<Response<Body>> {
    let deltas = deltas(query)?;
    let found = find(&caller.space, &id).await?;
    let shown = Shown::of_session(&found);
    open(&app, caller, &found, shown, deltas).await
}

async fn of_thread(
    State(app): State<App>,
    caller: Caller,
    Path((id, thread)): Path<(String, String)>,
    Asked(query): Asked,
) -> Answer<Response<Body>> {
    let deltas = deltas(query)?;
    let found = find(&caller.space, &id).await?;
    let shown = Shown::of_thread(&found, &thread)?;
    // Only the primary thread is read along.
    let (_, is_primary, _) = found.thread(&thread)?;
    open(&app, caller, &found, shown, deltas && is_primary).await
}

async fn open(
    app: &App,
    caller: Caller,
    found: &Found,
    shown: Shown,
    deltas: bool,
) -> Answer<Response<Body>> {
    let space = &caller.space;
    let listener = Listener {
        told: space.sessions.streams.listen(space, found.id()).await?,
        heard: deltas.then(|| space.runtime.previews()),
        session: found.id().clone(),
        app: app.clone(),
        _open: app.metrics.stream(),
        caller,
    };
    let frames = Frames::new(listener, shown);
    let frames = stream::unfold(frames, async |mut frames| {
        let frame = frames.next().await?;
        Some((Ok::<Bytes, Infallible>(frame), frames))
    });
    let mut response = Response::new(Body::from_stream(frames));
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
        // Proxies would keep events until there are enough of them.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
