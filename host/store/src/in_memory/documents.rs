//! Documents, and what they were.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lucid_core::Result;

use super::InMemoryStore;
use crate::documents::{Document, DocumentChange, DocumentFilter, DocumentStore, DocumentWrite};
use crate::rules;

#[derive(Debug, Default, Clone)]
pub(super) struct Documents {
    documents: BTreeMap<String, Document>,
    /// What they were at versions before the one they have.
    versions: BTreeMap<(String, u32), Document>,
}

impl Documents {
    fn apply(&mut self, change: DocumentChange) -> Result<DocumentWrite> {
        match change {
            DocumentChange::Create(document) => Ok(self.create(document)),
            DocumentChange::Put { before_revision, document } => {
                self.put(before_revision, document)
            }
            DocumentChange::Delete { id } => Ok(self.delete(id)),
        }
    }

    fn create(&mut self, document: Document) -> DocumentWrite {
        if self.documents.contains_key(&document.id) {
            return DocumentWrite::Changed { id: document.id };
        }
        if let Some(id) = self.key_holder(&document) {
            return DocumentWrite::KeyTaken { id };
        }
        let document = Document { revision: rules::FIRST_REVISION, ..document };
        self.documents.insert(document.id.clone(), document);
        DocumentWrite::Done
    }

    fn put(&mut self, before_revision: u32, document: Document) -> Result<DocumentWrite> {
        let id = document.id.clone();
        let Some(before) = self.documents.get(&id) else {
            return Ok(DocumentWrite::Missing { id });
        };
        if before.revision != before_revision {
            return Ok(DocumentWrite::Changed { id });
        }
        let document = rules::next_revision(before, document)?;
        if let Some(id) = self.key_holder(&document) {
            return Ok(DocumentWrite::KeyTaken { id });
        }
        if before.version != document.version {
            self.versions.insert((id.clone(), before.version), before.clone());
        }
        self.documents.insert(id, document);
        Ok(DocumentWrite::Done)
    }

    fn delete(&mut self, id: String) -> DocumentWrite {
        if !self.documents.contains_key(&id) {
            return DocumentWrite::Missing { id };
        }
        let mut going = vec![id];
        while let Some(id) = going.pop() {
            self.documents.remove(&id);
            self.versions.retain(|(of, _), _| *of != id);
            let of_it = |child: &&Document| child.parent.as_ref() == Some(&id);
            going.extend(self.documents.values().filter(of_it).map(|child| child.id.clone()));
        }
        DocumentWrite::Done
    }

    /// Another document that has the key of this one.
    fn key_holder(&self, document: &Document) -> Option<String> {
        let place = rules::key_place(document)?;
        let has_it = |other: &&Document| {
            other.id != document.id && rules::key_place(other).as_ref() == Some(&place)
        };
        self.documents.values().find(has_it).map(|other| other.id.clone())
    }

    fn list(&self, filter: &DocumentFilter) -> Vec<Document> {
        let place = |document: &Document| (document.created_at, document.id.clone());
        let behind = |document: &Document| {
            filter.after.as_ref().is_none_or(|after| match filter.newest_first {
                true => place(document) < *after,
                false => place(document) > *after,
            })
        };
        let any_or =
            |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
        let fits = |document: &&Document| {
            document.kind == filter.kind
                && any_or(&filter.parent, &document.parent)
                && any_or(&filter.key, &document.key)
                && (filter.ids.is_empty() || filter.ids.contains(&document.id))
                && (filter.archived || document.archived_at.is_none())
                && filter.from.is_none_or(|from| document.created_at >= from)
                && filter.until.is_none_or(|until| document.created_at < until)
                && behind(document)
        };
        let mut fitting: Vec<&Document> = self.documents.values().filter(fits).collect();
        fitting.sort_by_key(|document| place(document));
        if filter.newest_first {
            fitting.reverse();
        }
        let limit = filter.limit.map_or(usize::MAX, |limit| limit as usize);
        fitting.into_iter().take(limit).cloned().collect()
    }
}

#[async_trait]
impl DocumentStore for InMemoryStore {
    async fn write_documents(&self, changes: Vec<DocumentChange>) -> Result<DocumentWrite> {
        let mut state = self.state();
        // Beside what is there, so that a change that does not fit leaves nothing behind.
        let mut documents = state.documents.clone();
        for change in changes {
            let outcome = documents.apply(change)?;
            if outcome != DocumentWrite::Done {
                return Ok(outcome);
            }
        }
        state.documents = documents;
        Ok(DocumentWrite::Done)
    }

    async fn document(&self, id: &str) -> Result<Option<Document>> {
        Ok(self.state().documents.documents.get(id).cloned())
    }

    async fn document_version(&self, id: &str, version: u32) -> Result<Option<Document>> {
        let state = self.state();
        let now = state.documents.documents.get(id).filter(|now| now.version == version);
        let before = || state.documents.versions.get(&(id.to_owned(), version));
        Ok(now.or_else(before).cloned())
    }

    async fn document_versions(
        &self,
        id: &str,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<Document>> {
        let state = self.state();
        let documents = &state.documents;
        let of_it = (id.to_owned(), 0)..=(id.to_owned(), u32::MAX);
        let older = documents.versions.range(of_it).rev().map(|(_, document)| document);
        let all = documents.documents.get(id).into_iter().chain(older);
        let wanted = all.filter(|document| before.is_none_or(|before| document.version < before));
        Ok(wanted.take(limit as usize).cloned().collect())
    }

    async fn documents(&self, filter: &DocumentFilter) -> Result<Vec<Document>> {
        Ok(self.state().documents.list(filter))
    }
}
