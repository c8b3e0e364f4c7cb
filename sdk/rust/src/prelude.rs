//! What a tool is written with, in one line: `use lucid_sdk::prelude::*;`.
//!
//! The derive macros `Deserialize`, `Serialize` and `JsonSchema` are here too; they need
//! `serde` and `schemars` among the plugin's own dependencies.
//!
//! ```
//! use lucid_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Input {
//!     /// Whom to greet.
//!     name: String,
//! }
//!
//! /// Greets somebody.
//! #[tool(read_only)]
//! fn greet(input: Input) -> Result<Json<Value>, ToolError> {
//!     Ok(Json(json!({ "greeting": format!("Hello, {}.", input.name) })))
//! }
//!
//! export_tools![greet];
//! # fn main() {}
//! ```

pub use crate::tool::{Content, Json, Tool, ToolError};
pub use crate::{export_tools, files, log, tool};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};
pub use serde_json::{Value, json};
