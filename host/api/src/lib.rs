//! The Managed Agents API as data: what may be asked, checked, and what is answered.
//!
//! One module per resource: the parameters of each request with their rules, and the object
//! as the API writes it. Nothing here knows of HTTP, of a store or of a session that runs:
//! everything can be tried out with a text.
#![forbid(unsafe_code)]

mod check;
mod error;
mod field;
mod page;
mod query;
mod read;

pub mod agent;
pub mod content;
pub mod deployment;
pub mod dream;
pub mod environment;
pub mod event;
pub mod file;
pub mod memory;
pub mod model;
pub mod session;
pub mod skill;
pub mod vault;
pub mod webhook;
pub mod work;

pub use check::{
    METADATA_PAIRS_MAX, Metadata, MetadataPatch, check_metadata, id, one_of, patched, text,
};
pub use error::{ApiError, Result};
pub use field::Field;
pub use page::{Cursor, Page, Span, deleted};
pub use query::Query;
pub use read::{body, value};
