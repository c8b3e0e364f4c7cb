//! What the scripted agents of the Lumara mission share.
//!
//! They work as a model does: from the messages they are given and nothing else. Of a
//! parameter they know its name and a wide range; rules in memory narrow it.

pub mod conversation;
pub mod draw;
pub mod memory;
pub mod rules;
pub mod task;

pub use conversation::{Call, Conversation};
pub use draw::{Prior, draw};
pub use memory::Memory;
pub use rules::{Bound, Rule, rules};
pub use task::Task;
