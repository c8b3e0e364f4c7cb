//! What a store keeps of the API's resources: each is one JSON document, whatever it is.

use async_trait::async_trait;
use lucid_core::{Result, Timestamp};

/// A resource of the API as one JSON document.
///
/// Its id, kind, parent and the moment it was made are what it is found by, and stay as they
/// are for as long as it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id, unique among documents of all kinds.
    pub id: String,
    /// What it is: `agent`, `environment`, `vault`, …
    pub kind: String,
    /// What it belongs to, and goes with: the vault of a credential, the environment of a work
    /// item. That need not be a document.
    pub parent: Option<String>,
    /// A name that it has alone among the documents of its kind and parent that are not
    /// archived.
    pub key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// A change with a higher version keeps what was there before, to be read again; one with
    /// the same version does not.
    pub version: u32,
    /// How often it was written, from 1. The store counts.
    pub revision: u32,
    /// The resource as exact JSON text. The store never reads it.
    pub body: String,
}

/// One change of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentChange {
    /// Adds a document, as revision 1.
    Create(Document),
    /// Puts a document in the place of the one with its id, as the next revision.
    Put {
        /// The revision that the caller read.
        before_revision: u32,
        /// The document as it is to be.
        document: Document,
    },
    /// Removes a document with its versions, and all that have it as their parent with it, and
    /// those that have these.
    Delete {
        /// The document.
        id: String,
    },
}

/// What became of a write. Unless it is done, nothing of it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentWrite {
    /// It is on disk.
    Done,
    /// There is no such document to put or delete.
    Missing {
        /// The document that was named.
        id: String,
    },
    /// A document is not as the caller read it: it has another revision, or it is there and
    /// was to be created.
    Changed {
        /// The document.
        id: String,
    },
    /// Another document of the same kind and parent has this key.
    KeyTaken {
        /// The one that has it.
        id: String,
    },
}

/// Which documents to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// What they are.
    pub kind: String,
    /// What they belong to; anything, or nothing, when none.
    pub parent: Option<String>,
    /// The key they have; any, or none at all, when none.
    pub key: Option<String>,
    /// Those with these ids only; all, when there are none.
    pub ids: Vec<String>,
    /// Whether archived ones are listed too.
    pub archived: bool,
    /// Made at this moment or later.
    pub from: Option<Timestamp>,
    /// Made before this moment.
    pub until: Option<Timestamp>,
    /// Whether the list starts with the newest document; else with the oldest.
    pub newest_first: bool,
    /// Start behind this place of the list. No document has to stand there (any more).
    pub after: Option<(Timestamp, String)>,
    /// How many at most; all, when none.
    pub limit: Option<u32>,
}

/// The part of a store that keeps the API's resources. Its promises are those of
/// [`Store`](crate::Store).
#[async_trait]
pub trait DocumentStore: Send + Sync {
    /// Writes changes in the order given, all or none: each one meets what those before it
    /// left, and the first one that does not fit is the answer.
    ///
    /// # Errors
    /// A bug, when a document is put with another kind, parent or moment than it has, or a
    /// lower version; failed, when the storage fails.
    async fn write_documents(&self, changes: Vec<DocumentChange>) -> Result<DocumentWrite>;

    /// Reads a document.
    ///
    /// # Errors
    /// Failed, when the storage fails; so for every method that reads.
    async fn document(&self, id: &str) -> Result<Option<Document>>;

    /// Reads a document as it was last at a version.
    ///
    /// # Errors
    /// As [`DocumentStore::document`].
    async fn document_version(&self, id: &str, version: u32) -> Result<Option<Document>>;

    /// Reads a document at each of its versions, those below `before` only, newest first; what
    /// it is now is the first of them.
    ///
    /// # Errors
    /// As [`DocumentStore::document`].
    async fn document_versions(
        &self,
        id: &str,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<Document>>;

    /// Lists documents by the time they were made, those of one millisecond by their ids.
    ///
    /// # Errors
    /// As [`DocumentStore::document`].
    async fn documents(&self, filter: &DocumentFilter) -> Result<Vec<Document>>;
}
