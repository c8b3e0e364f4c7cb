//! Write plugins for Lucid in Rust.
//!
//! A plugin is one component of one kind. Pick the module of its kind, implement what it
//! asks for, and export it with the macro of the same name:
//!
//! | kind | module | implement | export with |
//! |---|---|---|---|
//! | tool | [`tool`](mod@tool) | functions with [`#[tool]`](macro@tool) | [`export_tools!`] |
//! | model | [`model`] | [`model::Model`] | [`export_model!`] |
//! | grader | [`grader`] | [`grader::Grader`] | [`export_grader!`] |
//! | dream | [`dream`] | [`dream::Dream`] | [`export_dream!`] |
//!
//! A whole tool:
//!
//! ```
//! use lucid_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Input {
//!     /// Absolute path of a text file, as the agent sees it.
//!     path: String,
//! }
//!
//! /// Counts the words of a text file.
//! #[tool(read_only, idempotent)]
//! fn count_words(input: Input) -> Result<Json<usize>, ToolError> {
//!     let text = files::read_text(&input.path)?;
//!     log::debug(format!("{} has {} bytes", input.path, text.len()));
//!     Ok(Json(text.split_whitespace().count()))
//! }
//!
//! export_tools![count_words];
//! # fn main() {}
//! ```
//!
//! A plugin is ordinary Rust and is tested with plain `cargo test`: outside of a component
//! the host's functions are those of a fake host, which [`testing`] has.

#[doc(hidden)]
pub mod bindings;
pub mod dream;
pub mod files;
pub mod grader;
mod host;
pub mod log;
pub mod model;
pub mod prelude;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod tool;

/// Makes a tool of a function.
///
/// The tool has the function's name, its doc comment is what the model reads of it, and the
/// JSON Schema of its input comes from the type of the function's argument. The function
/// itself stays as it is and can be called in tests. Beside `fn outline` there is a new
/// `fn outline_tool`, which gives the tool. [`export_tools!`] calls it, so a function of
/// another module is exported by its path: `export_tools![headings::outline]`.
///
/// Of the doc comment, what stands before the first heading is the description: a section
/// such as `# Errors` is for people who read the code.
///
/// | option | the tool |
/// |---|---|
/// | `read_only` | changes nothing |
/// | `destructive` | may destroy something |
/// | `idempotent` | has no further effect when a call is repeated |
/// | `open_world` | brings in text from outside the session |
/// | `output` | has the JSON Schema of its result: of `T` in `Result<Json<T>, ToolError>` |
/// | `title = "Outline"` | has a short name for people |
/// | `name = "md-outline"` | has another name than its function |
///
/// ```
/// use lucid_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Input {
///     /// The text whose words are counted.
///     text: String,
/// }
///
/// /// Counts the words of a text.
/// #[tool(read_only, idempotent, title = "Count words")]
/// fn count_words(input: Input) -> Result<Json<usize>, ToolError> {
///     Ok(Json(input.text.split_whitespace().count()))
/// }
///
/// export_tools![count_words];
///
/// # fn main() {
/// assert_eq!(count_words(Input { text: "one two".into() }), Ok(Json(2)));
/// assert_eq!(tools()[0].name(), "count_words");
/// # }
/// ```
///
/// A tool that nobody describes is never called, so it needs a doc comment:
///
/// ```compile_fail
/// use lucid_sdk::prelude::*;
///
/// #[tool]
/// fn silent(input: Value) -> Result<String, ToolError> {
///     Ok(input.to_string())
/// }
/// # fn main() {}
/// ```
pub use lucid_sdk_macros::tool;

#[doc(hidden)]
pub use lucid_sdk_macros::tool_list as __tool_list;

// What a plugin writes its types with. The derive macros need crates of the same names among
// the plugin's own dependencies.
pub use {schemars, serde, serde_json};

// The macros name this crate from outside; its own tests are inside.
#[cfg(test)]
extern crate self as lucid_sdk;

/// Wraps generated exports, which need attributes that hand-written guests may not use.
#[doc(hidden)]
#[macro_export]
macro_rules! generated {
    ($($item:tt)*) => {
        // A native build, for a plugin's own tests, exports nothing.
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, reason = "the component's exports are generated")]
        const _: () = { $($item)* };
    };
}
