//! What goes around every request: its id, the form of its error, what is counted and told.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use lucid_api::ApiError;
use lucid_core::RequestId;
use tokio::time::Instant;

use crate::answer::{Refused, error_response, of_status};
use crate::app::App;
use crate::bodies::Held;
use crate::traces::{Answered, Caller};
use crate::{auth, guard, health, limits};

/// Characters of a path that a line of the log has.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// Runs a request, whatever becomes of it, and answers in the API's form.
///
/// One that may change something is a task of its own, which ends whatever its client does:
/// who goes away in the middle leaves nothing half done. What only reads ends with its client.
pub(crate) async fn finish(State(app): State<App>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || crate::lucid::only_reads(request.uri().path()) {
        return run(app, request, next).await;
    }
    // Nobody closes it.
    let room = app.room.clone().acquire_owned().await;
    let (requests, path) = (app.requests.clone(), shown(&request));
    let running = requests.spawn({
        let app = app.clone();
        async move {
            let response = run(app, request, next).await;
            drop(room);
            response
        }
    });
    running.await.unwrap_or_else(|error| {
        app.metrics.panicked();
        let why = format!("{path} was not ended: {error}");
        let refused = Refused(ApiError::internal(why)).into_response();
        named(&app, refused, &app.spaces.default.new_id(RequestId::new))
    })
}

/// Gives an answer the form that the API has and the id of its request.
fn named(app: &App, response: Response, id: &RequestId) -> Response {
    let mut response = formed(app, response, id.as_str());
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert("request-id", value);
    }
    response
}

async fn run(app: App, mut request: Request, next: Next) -> Response {
    let id = app.spaces.default.new_id(RequestId::new);
    request.extensions_mut().insert(id.clone());
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let path = shown(&request);
    let parent = app.options.traces.are_on().then(|| Caller::of(request.headers())).flatten();
    let begun = Instant::now();
    // What a route panicked in is gone with the request; what all share keeps no half state:
    // its locks are held for single steps, and the store's writes are whole or not there.
    let admitted = AssertUnwindSafe(admitted(&app, &route, request, next));
    let response = match admitted.catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            app.metrics.panicked();
            let why = format!("{method} {route} panicked: {}", said(panic.as_ref()));
            Refused(ApiError::internal(why)).into_response()
        }
    };
    let response = named(&app, response, &id);
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    app.metrics.answered(&route, method.as_str(), status, took);
    let (id, method) = (&id, method.as_str());
    let at = app.spaces.default.clock.now();
    app.options.traces.answered(Answered { id, method, route: &route, status, took, at }, parent);
    app.options.log.request(|| format!("{method} {path} {status} {}ms {id}", took.as_millis()));
    response
}

/// Lets a request to its route: guards against browsers, who asks, and a body's time.
async fn admitted(app: &App, route: &str, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let may = async {
        let open = app.reach.is_open().await?;
        if open {
            guard::check(&parts.uri, &parts.headers)?;
        }
        if health::is_route(route) {
            return Ok(None);
        }
        auth::caller(app, &parts, open).await.map(Some)
    };
    match may.await {
        Ok(Some(caller)) => drop(parts.extensions.insert(caller)),
        Ok(None) => {}
        Err(error) => return Refused(error).into_response(),
    }
    // Given back when this ends: the route is done, or gone.
    let held = Held::default();
    parts.extensions.insert(held.clone());
    let request = Request::from_parts(parts, body);
    let response = next.run(limits::timed(request, limits::BODY_TIME)).await;
    drop(held);
    response
}

/// The path of a request, as the log has it.
fn shown(request: &Request) -> String {
    request.uri().path().chars().take(SHOWN_CHARACTERS_MAX).collect()
}

/// Gives an error the API's form, and tells the log what is nobody's business outside.
fn formed(app: &App, mut response: Response, id: &str) -> Response {
    let status = response.status();
    let refused = response.extensions_mut().remove::<Refused>();
    let error = match refused {
        Some(Refused(error)) => error,
        None if is_formed(status, response.headers()) => return response,
        None => of_status(status),
    };
    if let Some(why) = &error.internal {
        app.options.log.error(&format!("{id}: {why}"));
    }
    let mut answer = error_response(&error, id);
    for name in ["allow", "retry-after"] {
        if let Some(value) = response.headers().get(name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// Whether an answer is no error, or an error that somebody wrote as JSON.
fn is_formed(status: StatusCode, headers: &HeaderMap) -> bool {
    let failed = status.is_client_error() || status.is_server_error();
    let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    !failed || json
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
