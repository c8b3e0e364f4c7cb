//! What workers may do: those with an environment's key, and those with the token of an item.

use axum::http::Method;
use lucid_api::ApiError;
use lucid_api::work::{Work, WorkState};
use lucid_core::{Event, MemoryStoreId, SessionId, WorkId};
use serde_json::Value;

use super::WORK;
use crate::space::{Space, Who};

/// Who of the workers may use a route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Those with the environment's key.
    Key,
    /// Those with the token of an item.
    Token,
    /// Both.
    Both,
}

/// The routes that workers may use. `*` stands for an id.
const ROUTES: [(&str, &str, By); 19] = [
    ("GET", "/v1/environments/*/work", By::Key),
    ("GET", "/v1/environments/*/work/poll", By::Key),
    ("GET", "/v1/environments/*/work/stats", By::Key),
    ("POST", "/v1/environments/*/work/*/ack", By::Both),
    ("POST", "/v1/environments/*/work/*/heartbeat", By::Both),
    ("POST", "/v1/environments/*/work/*/stop", By::Both),
    ("GET", "/v1/sessions/*", By::Both),
    ("GET", "/v1/sessions/*/events", By::Both),
    ("POST", "/v1/sessions/*/events", By::Both),
    ("GET", "/v1/sessions/*/events/stream", By::Both),
    ("GET", "/v1/skills/*", By::Both),
    ("GET", "/v1/skills/*/versions/*", By::Both),
    ("GET", "/v1/skills/*/versions/*/content", By::Both),
    ("GET", "/v1/memory_stores/*", By::Token),
    ("GET", "/v1/memory_stores/*/memories", By::Token),
    ("POST", "/v1/memory_stores/*/memories", By::Token),
    ("GET", "/v1/memory_stores/*/memories/*", By::Token),
    ("POST", "/v1/memory_stores/*/memories/*", By::Token),
    ("DELETE", "/v1/memory_stores/*/memories/*", By::Token),
];

/// Whether somebody may use a route at all; [`allow`] says with which ids.
fn may(who: &Who, method: &Method, matched_path: &str) -> bool {
    let fits = |by: By| match who {
        Who::Local | Who::Key(_) => true,
        Who::Environment(_) => by != By::Token,
        Who::Work { .. } => by != By::Key,
    };
    let is_worker = matches!(who, Who::Environment(_) | Who::Work { .. });
    let route = |of: &str, path: &str| of == method.as_str() && is_route(path, matched_path);
    !is_worker || ROUTES.iter().any(|(of, path, by)| route(of, path) && fits(*by))
}

fn is_route(route: &str, matched_path: &str) -> bool {
    let (mut parts, mut matched) = (route.split('/'), matched_path.split('/'));
    loop {
        match (parts.next(), matched.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if part.starts_with('{') => {}
            (Some(part), Some(same)) if part == same => {}
            _ => return false,
        }
    }
}

/// Checks that a worker uses a route that it may use, and with its own ids alone: those of
/// its environment, its item, its session, and of the memory stores its session has.
///
/// # Errors
/// Forbidden; internal, when the store fails.
pub(crate) async fn allow(
    space: &Space,
    who: &Who,
    method: &Method,
    matched_path: &str,
    path: &str,
) -> Result<(), ApiError> {
    if !may(who, method, matched_path) {
        return Err(ApiError::forbidden("this needs an API key; what workers have does not do"));
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let own = match (who, parts.as_slice()) {
        (Who::Local | Who::Key(_), _) | (_, ["v1", "skills", ..]) => true,
        (Who::Environment(environment), ["v1", "environments", id, ..]) => {
            environment.as_str() == *id
        }
        (Who::Work { environment, work, .. }, ["v1", "environments", id, "work", item, ..]) => {
            environment.as_str() == *id && work.as_str() == *item
        }
        (Who::Environment(environment), ["v1", "sessions", id, ..]) => {
            environment_of(space, id).await?.as_deref() == Some(environment.as_str())
        }
        (Who::Work { session, .. }, ["v1", "sessions", id, ..]) => session.as_str() == *id,
        (Who::Work { session, .. }, ["v1", "memory_stores", id, ..]) => {
            has_memory(space, session, id, *method != Method::GET).await?
        }
        _ => false,
    };
    if own && lives(space, who, &parts).await? {
        return Ok(());
    }
    Err(ApiError::forbidden("this is not what the worker is there for"))
}

/// Whether the item of a token is not over; that it is, its own routes say themselves.
async fn lives(space: &Space, who: &Who, parts: &[&str]) -> Result<bool, ApiError> {
    let (Who::Work { work, .. }, ["v1", "sessions" | "memory_stores" | "skills", ..]) =
        (who, parts)
    else {
        return Ok(true);
    };
    goes_on(space, work).await
}

/// Whether an item is there and not over.
///
/// # Errors
/// Internal, when the store fails.
pub(crate) async fn goes_on(space: &Space, work: &WorkId) -> Result<bool, ApiError> {
    match space.get::<Work>(WORK, work.as_str()).await {
        Ok(found) => Ok(found.value.settled(space.clock.now()).state != WorkState::Stopped),
        Err(error) if error.status == 404 => Ok(false),
        Err(error) => Err(error),
    }
}

/// The environment of a session.
async fn environment_of(space: &Space, id: &str) -> Result<Option<String>, ApiError> {
    let document = space.runtime.store.document(id).await?;
    let body = document.filter(|document| document.kind == "session").map(|found| found.body);
    let body = body.and_then(|body| serde_json::from_str::<Value>(&body).ok());
    let id = body.as_ref().and_then(|body| body.get("environment_id")).and_then(Value::as_str);
    Ok(id.map(str::to_owned))
}

/// Whether a session has a memory store; `writable` asks whether it may change it.
async fn has_memory(
    space: &Space,
    session: &SessionId,
    store: &str,
    writable: bool,
) -> Result<bool, ApiError> {
    let first = space.runtime.store.events(session, None, 1).await?;
    let start = first.first().and_then(|(_, record)| record.event());
    let Some(Event::SessionStarted { start, .. }) = start else { return Ok(false) };
    let named = start.get(if writable { "writable" } else { "memory" });
    let named = named.and_then(Value::as_array).into_iter().flatten();
    let id = MemoryStoreId::parse(store);
    Ok(id.is_some_and(|id| named.into_iter().any(|named| named.as_str() == Some(id.as_str()))))
}

#[cfg(test)]
mod tests {
    use lucid_core::EnvironmentId;

    use super::*;

    fn workers() -> [Who; 2] {
        let environment = EnvironmentId::parse("env_01A").unwrap();
        let work = WorkId::parse("work_01A").unwrap();
        let session = SessionId::parse("sesn_01A").unwrap();
        [Who::Environment(environment.clone()), Who::Work { environment, work, session }]
    }

    #[test]
    fn workers_use_the_routes_that_are_for_them_and_no_others() {
        let [key, token] = workers();
        for (method, path, by_key, by_token) in [
            ("GET", "/v1/environments/{environment_id}/work/poll", true, false),
            ("GET", "/v1/environments/{environment_id}/work", true, false),
            ("POST", "/v1/environments/{environment_id}/work/{work_id}/stop", true, true),
            ("GET", "/v1/environments/{environment_id}/work/{work_id}", false, false),
            ("POST", "/v1/environments/{environment_id}/work/{work_id}", false, false),
            ("GET", "/v1/environments/{environment_id}", false, false),
            ("GET", "/v1/sessions/{session_id}", true, true),
            ("DELETE", "/v1/sessions/{session_id}", false, false),
            ("POST", "/v1/sessions/{session_id}/events", true, true),
            ("GET", "/v1/sessions", false, false),
            ("GET", "/v1/memory_stores/{memory_store_id}/memories", false, true),
            ("DELETE", "/v1/memory_stores/{memory_store_id}", false, false),
            ("GET", "/v1/agents", false, false),
            ("GET", "/v1/vaults", false, false),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(may(&key, &method, path), by_key, "{method} {path}");
            assert_eq!(may(&token, &method, path), by_token, "{method} {path}");
            assert!(may(&Who::Local, &method, path));
        }
    }

    #[test]
    fn an_id_is_no_word_of_a_route() {
        assert!(!is_route("/v1/environments/*/work", "/v1/environments/poll/work"));
        assert!(!is_route("/v1/sessions/*", "/v1/sessions/{id}/events"));
        assert!(!is_route("/v1/sessions/*/events", "/v1/sessions/{id}"));
    }
}
