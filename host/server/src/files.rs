//! Files: their bytes are in the workspace's folder, named by their id; what is known of them
//! is a document. Bytes come first and go last, so a document never stands for nothing.

mod bytes;
mod keep;
mod paced;
#[cfg(test)]
mod tests;
mod tidy;
mod upload;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Response};
use axum::routing::{get, post};
use lucid_api::file::{FileObject, disposition};
use lucid_api::{ApiError, Cursor, Page, deleted};
use lucid_store::DocumentFilter;
use serde_json::{Value, json};

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::documents::{Kind, Stored};
use crate::extract::Asked;
use crate::space::Caller;

pub(crate) use bytes::{PARTIAL, open_bytes};
pub(crate) use keep::{NewFile, find_kept, put_bytes, remove_file, remove_files_of};
pub(crate) use tidy::tidy;

pub(crate) const FILE: Kind = Kind { name: "file", prefix: "file_", what: "file" };

pub(crate) fn routes() -> Router<App> {
    // Its own limit: a file is larger than any other body. What is around it is little.
    let upload = post(upload::upload).layer(DefaultBodyLimit::max(upload::BODY_BYTES_MAX));
    Router::new()
        .route("/v1/files", upload.get(list))
        .route("/v1/files/{file_id}", get(retrieve).delete(delete))
        .route("/v1/files/{file_id}/content", get(download))
}

async fn retrieve(caller: Caller, Path(file_id): Path<String>) -> Answer {
    answer(keep::find(&caller.space, &file_id).await?)
}

async fn delete(caller: Caller, Path(file_id): Path<String>) -> Answer {
    let file = keep::find(&caller.space, &file_id).await?;
    remove_file(&caller.space, &file.id).await?;
    answer(deleted(&file_id, "file_deleted"))
}

async fn list(State(app): State<App>, caller: Caller, Asked(mut query): Asked) -> Answer {
    let space = &caller.space;
    let ids = query.list("ids")?;
    let scope = query.text("scope_id")?;
    let places = (query.text("limit")?, query.text("page")?);
    if !ids.is_empty() && places != (None, None) {
        return Err(ApiError::invalid("ids: not together with `limit` or `page`").into());
    }
    let name = scope.as_ref().map_or_else(|| "files".to_owned(), |id| format!("files {id}"));
    let limit = if ids.is_empty() { query.limit(20, 1_000)? } else { ids.len() };
    let cursor = query.page(&name)?;
    query.done()?;
    if let Some(session) = scope.clone() {
        // What it left in its outputs is kept when somebody looks for it. Who goes away
        // meanwhile leaves no half of it.
        let space = space.clone();
        let keep = async move { crate::sessions::keep_outputs(&space, &session).await };
        let kept = app.requests.spawn(keep).await;
        kept.map_err(|error| ApiError::internal(format!("outputs: {error}")))??;
    }
    let filter = DocumentFilter {
        parent: scope,
        ids,
        after: cursor.map(|cursor| (cursor.at, cursor.id)),
        limit: Some(u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX)),
        ..FILE.filter()
    };
    let found: Vec<Stored<FileObject>> = space.list(&filter).await?;
    let now = space.clock.now();
    for Stored { value, .. } in found.iter().filter(|file| file.value.is_expired(now)) {
        remove_file(space, &value.id).await?;
    }
    let place = |file: &Stored<FileObject>| Cursor {
        list: name.clone(),
        at: file.document.created_at,
        id: file.document.id.clone(),
    };
    let shown = |file: &Stored<FileObject>| {
        if file.value.is_expired(now) { Value::Null } else { json!(file.value) }
    };
    let mut page = Page::of(found, limit, place, shown);
    page.data.retain(|file| !file.is_null());
    answer(page.to_json())
}

/// Sends the bytes of a file, as something to be kept and never to be shown.
async fn download(caller: Caller, Path(file_id): Path<String>) -> Answer<Response<Body>> {
    let file = keep::find(&caller.space, &file_id).await?;
    file.must_be_downloadable()?;
    let opened = open_bytes(&caller.space, &file).await?;
    let mut response = Response::new(Body::from_stream(bytes::stream(opened)));
    let headers: [(HeaderName, String); 4] = [
        (CONTENT_TYPE, file.mime_type),
        (CONTENT_LENGTH, file.size_bytes.to_string()),
        (CONTENT_DISPOSITION, disposition(&file.filename)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    for (name, value) in headers {
        let value = HeaderValue::try_from(value);
        let value = value.map_err(|_| ApiError::internal(format!("{file_id}: header {name}")))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
