//! Write plugins for Lucid in Rust.
//!
//! A plugin is one component of one kind. Pick the module of its kind, implement what it
//! asks for, and export it with the macro of the same name:
//!
//! | kind | module | implement | export with |
//! |---|---|---|---|
//! | tool | [`tool`] | functions from a typed input to a result | [`export_tools!`] |
//! | model | [`model`] | [`model::Model`] | [`export_model!`] |
//! | grader | [`grader`] | [`grader::Grader`] | [`export_grader!`] |
//! | dream | [`dream`] | [`dream::Dream`] | [`export_dream!`] |
//!
//! A whole tool:
//!
//! ```
//! use lucid_sdk::tool::{Tool, ToolError};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Input {
//!     /// The text whose words are counted.
//!     text: String,
//! }
//!
//! fn count(input: Input) -> Result<String, ToolError> {
//!     Ok(input.text.split_whitespace().count().to_string())
//! }
//!
//! lucid_sdk::export_tools![Tool::new("count_words", "Counts words.", count).read_only()];
//! # fn main() {}
//! ```
//!
//! The pure part of a plugin is ordinary Rust and is tested with plain `cargo test`; the
//! host's imports exist only inside a component (outside one, log messages are dropped
//! and every other import panics).

#[doc(hidden)]
pub mod bindings;
pub mod dream;
pub mod grader;
pub mod log;
pub mod model;
pub mod tool;
