//! Events of a session: those that clients send, and how the log is shown.
//!
//! [`sent`] checks what clients send against what the session is now, [`project`] shows one
//! record of the log as the API has it, and [`list`] says which records a list has.

pub mod grammar;
pub mod list;
pub mod project;
pub mod sent;

pub use list::{Listing, Log, Order};
pub use project::project;
pub use sent::{Rubric, Send, Sending, SentEvent};
