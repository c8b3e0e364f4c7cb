//! The event log and resources: the Store trait, SQLite and in-memory.
