//! A fake host, so that a plugin's tests run with plain `cargo test`, without a component.
//!
//! | of a plugin | is tested with |
//! |---|---|
//! | a tool | [`call_tool`] |
//! | a dream | [`Host::dream`], after [`Host::add_session`] and [`Host::add_memory`] |
//! | what a dream reads again, and what it keeps | [`Host::sessions_read`], [`Host::digests`] |
//! | a grader | [`grade`] |
//! | a model | [`Conversation`] |
//! | what it logs, or asks of a model | [`Host::logs`], [`Host::answer`] |
//!
//! Every test starts a [`Host`] of its own, which serves the test's thread until it is
//! dropped. Without one, log messages are dropped, and other functions of the host panic.
//! Nothing of this module becomes part of a component.
//!
//! ```
//! use lucid_sdk::testing::Host;
//! use lucid_sdk::log::{self, Level};
//!
//! let host = Host::new();
//! log::warn("the file has no headings");
//! assert_eq!(host.logs(), [(Level::Warn, "the file has no headings".to_owned())]);
//! ```

mod conversation;
mod host;
pub(crate) mod imports;
mod memory;
mod session;
mod state;
mod verdict;

use std::fmt::Display;

use crate::grader::{Evaluation, GradeError, Grader, Request};
use crate::tool::{self, Content, Tool, ToolError};

pub use conversation::Conversation;
pub use host::Host;
pub use session::Session;
pub use state::Proposal;

/// Calls one of a plugin's tools, as the host does: by its name, with an input as JSON.
///
/// `tools` is what `tools()` gives, which [`export_tools!`](crate::export_tools) defines. The
/// input may be a [`serde_json::Value`] or a text that is JSON or is not.
///
/// # Errors
/// The tool's own, and [`ToolError::UnknownTool`] for a name that no tool has.
///
/// ```
/// use lucid_sdk::prelude::*;
/// use lucid_sdk::testing::call_tool;
///
/// /// Counts the keys of its input.
/// #[tool]
/// fn count_keys(input: serde_json::Map<String, Value>) -> Result<Json<usize>, ToolError> {
///     Ok(Json(input.len()))
/// }
///
/// export_tools![count_keys];
///
/// # fn main() {
/// let answer = call_tool(&tools(), "count_keys", json!({ "a": 1, "b": 2 }));
/// assert_eq!(answer, Ok(vec![Content::Json("2".into())]));
/// assert!(matches!(call_tool(&tools(), "count_keys", "{"), Err(ToolError::InvalidInput(_))));
/// # }
/// ```
pub fn call_tool(
    tools: &[Tool],
    name: &str,
    input: impl Display,
) -> Result<Vec<Content>, ToolError> {
    tool::call(tools, name, &input.to_string())
}

/// Lets a grader judge the files in a folder, as the host does: only when it accepts the
/// rubric.
///
/// # Errors
/// The grader's own.
///
/// ```
/// use lucid_sdk::grader::{Criterion, Evaluation, Grader, Judgement, rubric_items};
/// # use lucid_sdk::grader::{GradeError, Request, RubricMistake};
///
/// pub struct Lenient;
///
/// impl Grader for Lenient {
/// #   fn check_rubric(_rubric: &str) -> Result<(), RubricMistake> {
/// #       Ok(())
/// #   }
/// #
///     // …
/// #   fn grade(request: &Request) -> Result<Evaluation, GradeError> {
/// #       let items = rubric_items(&request.rubric);
/// #       let met = items.iter().map(|item| Criterion::met(item, "surely"));
/// #       Ok(Evaluation::of(met.collect()))
/// #   }
/// }
///
/// let evaluation = lucid_sdk::testing::grade::<Lenient>("- It is good.\n", ".").unwrap();
/// assert_eq!(evaluation.judgement, Judgement::Satisfied);
/// ```
pub fn grade<G: Grader>(rubric: &str, outputs_path: &str) -> Result<Evaluation, GradeError> {
    G::check_rubric(rubric).map_err(GradeError::InvalidRubric)?;
    G::grade(&Request {
        description: String::new(),
        rubric: rubric.to_owned(),
        iteration: 0,
        outputs_path: outputs_path.to_owned(),
    })
}
