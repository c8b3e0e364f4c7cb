//! Tools and their results.

use serde::{Deserialize, Serialize};

/// Hints about what a call may do. They grant nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Annotations {
    /// The call changes nothing.
    pub read_only: bool,
    /// The call may destroy something.
    pub destructive: bool,
    /// Repeating the call has no further effect.
    pub idempotent: bool,
    /// The call brings in text from outside the session.
    pub open_world: bool,
}

/// One tool of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// The name the model calls.
    pub name: String,
    /// A short name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of the input, as JSON text.
    pub input_schema: String,
    /// JSON Schema of the result, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<String>,
    /// What a call may do.
    pub annotations: Annotations,
}

/// One block of a tool's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolContent {
    /// Text.
    Text(String),
    /// A JSON document, as text.
    Json(String),
    /// An image: media type and encoded bytes.
    Image(String, Vec<u8>),
    /// A file that was written: path and media type.
    File(String, String),
}
