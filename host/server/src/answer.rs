//! What a route answers: an object, or an error in the API's form.

use axum::Json;
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use lucid_api::ApiError;
use lucid_core::Failure;
use serde::Serialize;

/// What a route answers.
pub(crate) type Answer<T = Written> = Result<T, Refused>;

/// An object as JSON text: written once, from what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written(Bytes);

impl Written {
    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], self.0).into_response()
    }
}

/// A request that failed.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) ApiError);

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self(failure.into())
    }
}

/// Answers with an object.
///
/// # Errors
/// Internal, when it is none that JSON can have.
pub(crate) fn answer(object: impl Serialize) -> Answer {
    Ok(written(&object)?)
}

/// Writes an object.
///
/// # Errors
/// As [`answer`].
pub(crate) fn written(object: &impl Serialize) -> Result<Written, ApiError> {
    let text = serde_json::to_vec(object);
    let text = text.map_err(|error| ApiError::internal(format!("an answer: {error}")))?;
    Ok(Written(text.into()))
}

impl IntoResponse for Refused {
    /// Without a body yet: the router writes it, who knows the request's id.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let mut response = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The code of a conflict that may be gone the next time, because somebody else was quicker.
pub(crate) const CHANGED_MEANWHILE: &str = "changed_meanwhile";

/// The status of what there was no room for.
const OVERLOADED: u16 = 529;

/// Seconds after which a client may ask again what there was no room for.
const AGAIN_AFTER: &str = "5";

/// Writes an error as the API has it.
pub(crate) fn error_response(error: &ApiError, request_id: &str) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(error.to_body(request_id))).into_response();
    // Clients try conflicts again on their own, which helps nobody when they are certain.
    if status.is_client_error() && ![408, 429].contains(&error.status) {
        let code = error.fields.get("details").and_then(|details| details.get("error_code"));
        let again = code.is_some_and(|code| code == CHANGED_MEANWHILE);
        let value = HeaderValue::from_static(if again { "true" } else { "false" });
        response.headers_mut().insert("x-should-retry", value);
    }
    if error.status == OVERLOADED {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(AGAIN_AFTER));
    }
    response
}

/// The error that stands for a status that some layer gave without a word.
pub(crate) fn of_status(status: StatusCode) -> ApiError {
    let kind = match status.as_u16() {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 => "timeout_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        OVERLOADED => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    let message = match status.as_u16() {
        404 => "there is no such route; the API's paths begin with /v1/",
        405 => "this route does not take this method; the header `allow` says which it takes",
        413 => "the body is too large",
        _ => status.canonical_reason().unwrap_or("the request failed"),
    };
    ApiError::new(status.as_u16(), kind, message)
}
