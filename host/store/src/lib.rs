//! The event log and resources: the [`Store`] trait, and where it keeps things: in SQLite,
//! or in memory for tests.
//!
//! The trait speaks of sessions, events, leases, memories, dreams and documents, not of SQL, so
//! that other databases can stand behind it. What a session is now is always derived from its
//! events; acknowledged means on disk.
#![forbid(unsafe_code)]

mod bench;
mod documents;
mod dream_store;
mod hash;
mod in_memory;
mod memory_keeper;
mod rules;
mod sqlite;
mod store;
mod watch;

pub use bench::{AppendFigures, measure_appends};
pub use documents::{Document, DocumentChange, DocumentFilter, DocumentStore, DocumentWrite};
pub use dream_store::{
    ContentHash, Digest, DreamChange, DreamJob, DreamStore, InputLabels, ProofNeeded,
    StrategySource,
};
pub use in_memory::InMemoryStore;
pub use memory_keeper::MemoryKeeper;
pub use sqlite::{Durability, SqliteStore};
pub use store::{Lease, PAGE_BYTES_MAX, SessionFilter, Store};
