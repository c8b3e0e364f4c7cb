//! What routes take: who asks, the body and the query.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse as _;
use lucid_api::{ApiError, Query};
use serde::de::DeserializeOwned;

use crate::answer::{Refused, of_status};
use crate::app::App;
use crate::bodies::Held;
use crate::limits::BODY_BYTES_MAX;
use crate::space::Caller;

impl FromRequestParts<App> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Refused> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ApiError::unauthenticated("nobody says who asks").into())
    }
}

/// A JSON body, read by `lucid_api::body`; an empty one is `{}`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let bytes = whole_body(request, app).await?;
        Ok(Self(lucid_api::body(&bytes)?))
    }
}

/// What a request holds in memory until it is answered.
pub(crate) fn held(request: &Request) -> Held {
    request.extensions().get::<Held>().cloned().unwrap_or_default()
}

/// The whole body, as large as the route allows. It is counted among those that are held at
/// once.
pub(crate) async fn whole_body(request: Request, app: &App) -> Result<Bytes, Refused> {
    // What says that it will be too large is not waited for.
    let most = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
    let told = http_body::Body::size_hint(request.body());
    if told.lower() > most {
        return Err(ApiError::too_large("the body is larger than 32 MB").into());
    }
    let held = held(&request);
    let mut room = app.bodies.room(told.upper()).await?;
    let late = request.extensions().get::<crate::limits::Late>().cloned();
    let ended_early = || ApiError::invalid("the body ended early");
    let read = Bytes::from_request(request, app).await.map_err(|rejection| {
        if late.is_some_and(|late| late.is_late()) {
            return ApiError::timed_out("the body took too long to arrive");
        }
        match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large("the body is larger than 32 MB"),
            StatusCode::BAD_REQUEST => ended_early(),
            status => of_status(status),
        }
    })?;
    room.shrink_to(read.len());
    held.keep(room);
    // A connection that is given up looks like the end of a body: of nothing, `{}` would come.
    match told.exact().is_some_and(|told| u64::try_from(read.len()) != Ok(told)) {
        true => Err(ended_early().into()),
        false => Ok(read),
    }
}

/// The query.
pub(crate) struct Asked(pub(crate) Query);

impl FromRequestParts<App> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Refused> {
        Ok(Self(Query::parse(parts.uri.query().unwrap_or_default())?))
    }
}
