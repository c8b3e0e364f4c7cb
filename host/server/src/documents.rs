//! Typed documents: what the routes read and write instead of JSON text.

use lucid_api::{ApiError, Cursor, Page};
use lucid_core::Timestamp;
use lucid_store::{Document, DocumentChange, DocumentFilter, DocumentWrite};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::{Answer, CHANGED_MEANWHILE, answer, written};
use crate::space::Space;

/// How often a change is tried again that somebody else was quicker than.
const TRIES: usize = 16;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// As the store has it, such as `agent`.
    pub(crate) name: &'static str,
    /// What its ids begin with, such as `agent_`.
    pub(crate) prefix: &'static str,
    /// What people call it, such as `memory store`.
    pub(crate) what: &'static str,
}

impl Kind {
    /// The filter that finds all of this kind that are not archived, newest first.
    pub(crate) fn filter(self) -> DocumentFilter {
        DocumentFilter { kind: self.name.to_owned(), newest_first: true, ..Default::default() }
    }

    /// There is none with this id.
    pub(crate) fn missing(self, id: &str) -> ApiError {
        ApiError::not_found(self.what, id)
    }

    /// An id that cannot be one is not looked up.
    fn check(self, id: &str) -> Result<(), ApiError> {
        lucid_api::id("id", self.prefix, id).map_err(|_| self.missing(id))
    }

    fn taken(self, by: &str) -> ApiError {
        let what = self.what;
        ApiError::conflict(format!("there is a {what} of that name already: {by}"))
            .field("conflicting_id", by)
    }
}

/// A document, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored<T> {
    /// As it is stored.
    pub(crate) document: Document,
    /// Its body.
    pub(crate) value: T,
}

/// A document to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New<'a, T> {
    /// Its id.
    pub(crate) id: &'a str,
    /// What it belongs to.
    pub(crate) parent: Option<&'a str>,
    /// What no other of its kind and parent may have.
    pub(crate) key: Option<&'a str>,
    /// When it is made.
    pub(crate) created_at: Timestamp,
    /// What it says.
    pub(crate) value: &'a T,
}

/// What a change makes of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change<T> {
    /// Nothing: it stays as it is.
    Keep(T),
    /// Something else.
    Put {
        /// What it says.
        value: T,
        /// See [`New::key`].
        key: Option<String>,
        /// When it was archived.
        archived_at: Option<Timestamp>,
        /// Another than before: the body there was is kept as a version.
        version: u32,
    },
}

/// Reads what a document says.
///
/// # Errors
/// Internal, when it is not what its kind has.
pub(crate) fn stored<T: DeserializeOwned>(document: Document) -> Result<Stored<T>, ApiError> {
    let read = serde_json::from_str(&document.body);
    let value = read.map_err(|error| {
        ApiError::internal(format!("{} {}: {error}", document.kind, document.id))
    })?;
    Ok(Stored { document, value })
}

fn text(id: &str, value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::internal(format!("{id}: {error}")))
}

/// A document as it is first written, for those who write several at once.
///
/// # Errors
/// Internal, when the value is none that JSON can have.
pub(crate) fn document<T: Serialize>(kind: Kind, new: New<'_, T>) -> Result<Document, ApiError> {
    Ok(Document {
        id: new.id.to_owned(),
        kind: kind.name.to_owned(),
        parent: new.parent.map(str::to_owned),
        key: new.key.map(str::to_owned),
        created_at: new.created_at,
        archived_at: None,
        version: 1,
        revision: 1,
        body: text(new.id, new.value)?,
    })
}

impl Space {
    /// Reads a document.
    ///
    /// # Errors
    /// Not found; internal.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        kind: Kind,
        id: &str,
    ) -> Result<Stored<T>, ApiError> {
        stored(self.find(kind, None, id).await?)
    }

    /// Answers with a document as it is.
    ///
    /// # Errors
    /// Not found; internal.
    pub(crate) async fn show<T: Serialize + DeserializeOwned>(
        &self,
        kind: Kind,
        id: &str,
    ) -> Answer {
        let document = self.find(kind, None, id).await?;
        self.recent.of(document, |document| written(&stored::<T>(document)?.value))
    }

    /// Reads a document that belongs to another.
    ///
    /// # Errors
    /// Not found, also when it belongs to another one; internal.
    pub(crate) async fn get_in<T: DeserializeOwned>(
        &self,
        kind: Kind,
        parent: &str,
        id: &str,
    ) -> Result<Stored<T>, ApiError> {
        stored(self.find(kind, Some(parent), id).await?)
    }

    async fn find(&self, kind: Kind, parent: Option<&str>, id: &str) -> Result<Document, ApiError> {
        kind.check(id)?;
        let found = self.runtime.store.document(id).await?;
        let fits = |found: &Document| {
            found.kind == kind.name && parent.is_none_or(|_| found.parent.as_deref() == parent)
        };
        found.filter(fits).ok_or_else(|| kind.missing(id))
    }

    /// Writes a new document.
    ///
    /// # Errors
    /// A conflict, when its key is taken; internal.
    pub(crate) async fn create<T: Serialize>(
        &self,
        kind: Kind,
        new: New<'_, T>,
    ) -> Result<(), ApiError> {
        let id = new.id;
        let change = DocumentChange::Create(document(kind, new)?);
        match self.runtime.store.write_documents(vec![change]).await? {
            DocumentWrite::Done => Ok(()),
            DocumentWrite::KeyTaken { id } => Err(kind.taken(&id)),
            DocumentWrite::Missing { .. } | DocumentWrite::Changed { .. } => {
                Err(ApiError::internal(format!("{id} cannot be made: it is there")))
            }
        }
    }

    /// Changes a document: reads it, lets `f` say what becomes of it, and writes that if nobody
    /// was quicker; else again.
    ///
    /// # Errors
    /// Not found; what `f` says; a conflict, when the key is taken.
    pub(crate) async fn change<T: Serialize + DeserializeOwned>(
        &self,
        kind: Kind,
        id: &str,
        f: impl Fn(&Document, T) -> Result<Change<T>, ApiError>,
    ) -> Result<T, ApiError> {
        for _ in 0..TRIES {
            let Stored { document, value } = self.get(kind, id).await?;
            let put = match f(&document, value)? {
                Change::Keep(value) => return Ok(value),
                put => put,
            };
            if let Some(value) = self.put(kind, document, put).await? {
                return Ok(value);
            }
        }
        let what = kind.what;
        let error = format!("{what} {id} is being changed by too many at once; try again");
        Err(ApiError::conflict(error).code(CHANGED_MEANWHILE))
    }

    /// Writes a change of a document as it was read; none when somebody was quicker.
    async fn put<T: Serialize>(
        &self,
        kind: Kind,
        before: Document,
        change: Change<T>,
    ) -> Result<Option<T>, ApiError> {
        let (value, key, archived_at, version) = match change {
            Change::Keep(value) => return Ok(Some(value)),
            Change::Put { value, key, archived_at, version } => (value, key, archived_at, version),
        };
        let (id, before_revision) = (before.id.clone(), before.revision);
        let body = text(&id, &value)?;
        let revision = before_revision.saturating_add(1);
        let document = Document { key, archived_at, version, body, revision, ..before };
        let change = DocumentChange::Put { before_revision, document };
        match self.runtime.store.write_documents(vec![change]).await? {
            DocumentWrite::Done => Ok(Some(value)),
            DocumentWrite::Changed { .. } => Ok(None),
            DocumentWrite::Missing { .. } => Err(kind.missing(&id)),
            DocumentWrite::KeyTaken { id } => Err(kind.taken(&id)),
        }
    }

    /// Deletes a document, and those that belong to it.
    ///
    /// # Errors
    /// Not found; internal.
    pub(crate) async fn remove(&self, kind: Kind, id: &str) -> Result<(), ApiError> {
        self.find(kind, None, id).await?;
        let change = DocumentChange::Delete { id: id.to_owned() };
        match self.runtime.store.write_documents(vec![change]).await? {
            DocumentWrite::Missing { .. } => Err(kind.missing(id)),
            _ => Ok(()),
        }
    }

    /// Reads all documents that a filter finds.
    ///
    /// # Errors
    /// Internal.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        filter: &DocumentFilter,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        let found = self.runtime.store.documents(filter).await?;
        found.into_iter().map(stored).collect()
    }

    /// Answers with one page of what a filter finds; `list` is what its cursors are good for.
    ///
    /// # Errors
    /// Internal.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        list: &str,
        filter: DocumentFilter,
        limit: usize,
        cursor: Option<Cursor>,
        object: impl Fn(&Stored<T>) -> Value,
    ) -> Answer {
        let filter = DocumentFilter {
            after: cursor.map(|cursor| (cursor.at, cursor.id)),
            // One more shows whether there is another page.
            limit: Some(u32::try_from(limit.saturating_add(1)).unwrap_or(u32::MAX)),
            ..filter
        };
        let found = self.list(&filter).await?;
        let place = |found: &Stored<T>| Cursor {
            list: list.to_owned(),
            at: found.document.created_at,
            id: found.document.id.clone(),
        };
        answer(Page::of(found, limit, place, object).to_json())
    }
}
