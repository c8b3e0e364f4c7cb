//! The promises of [`lucid_store::Store`]. Each one holds for every store.

pub(crate) mod document_lists;
pub(crate) mod document_model;
pub(crate) mod documents;
pub(crate) mod dreams;
pub(crate) mod events;
pub(crate) mod leases;
pub(crate) mod memories;
pub(crate) mod sessions;
pub(crate) mod watches;
