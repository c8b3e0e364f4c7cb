//! The promises of [`lucid_store::Store`]. Each one holds for every store.

pub(crate) mod dreams;
pub(crate) mod events;
pub(crate) mod leases;
pub(crate) mod memories;
pub(crate) mod sessions;
