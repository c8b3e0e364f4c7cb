//! Documents beside things that the store keeps otherwise.

use std::collections::HashMap;

use lucid_api::ApiError;
use lucid_core::Timestamp;
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::documents::{Kind, New, Stored, document, stored};
use crate::space::Space;

/// What is noted beside memory stores.
pub(super) const STORE: Kind =
    Kind { name: "memory_store_meta", prefix: "memstore_", what: "memory store" };

/// That the text of a version was taken away.
pub(super) const REDACTION: Kind =
    Kind { name: "memory_redaction", prefix: "memver_", what: "memory version" };

/// Writes a document where there is none with this id yet.
///
/// # Errors
/// Internal.
pub(crate) async fn ensure<T: Serialize>(
    space: &Space,
    kind: Kind,
    new: New<'_, T>,
) -> Result<(), ApiError> {
    let id = new.id;
    if space.runtime.store.document(id).await?.is_some() {
        return Ok(());
    }
    let change = DocumentChange::Create(document(kind, new)?);
    match space.runtime.store.write_documents(vec![change]).await? {
        // Somebody else was quicker.
        DocumentWrite::Done | DocumentWrite::Changed { .. } => Ok(()),
        other => Err(ApiError::internal(format!("a note beside {id}: {other:?}"))),
    }
}

/// What is noted beside one thing; none where nothing is.
///
/// # Errors
/// Internal.
pub(crate) async fn beside<T: DeserializeOwned>(
    space: &Space,
    kind: Kind,
    id: &str,
) -> Result<Option<(T, Option<Timestamp>)>, ApiError> {
    let found = space.runtime.store.document(id).await?;
    let found: Option<Document> = found.filter(|found| found.kind == kind.name);
    let read = found.map(stored::<T>).transpose()?;
    Ok(read.map(|Stored { document, value }| (value, document.archived_at)))
}

/// What is noted beside all things of a kind, or those with these ids, by id.
///
/// # Errors
/// Internal.
pub(crate) async fn all<T: DeserializeOwned>(
    space: &Space,
    kind: Kind,
    ids: Vec<String>,
) -> Result<HashMap<String, (T, Option<Timestamp>)>, ApiError> {
    let name = kind.name.to_owned();
    let filter = DocumentFilter { kind: name, ids, archived: true, ..DocumentFilter::default() };
    let noted = space.list::<T>(&filter).await?.into_iter();
    Ok(noted.map(|one| (one.document.id, (one.value, one.document.archived_at))).collect())
}
