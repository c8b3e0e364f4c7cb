//! What a tool function gives back.

use serde::Serialize;

use super::{Content, ToolError};

/// A result that is JSON.
///
/// ```
/// use lucid_sdk::tool::{Content, IntoContent, Json};
///
/// let content = Json(["a", "b"]).into_content();
/// assert_eq!(content, Ok(vec![Content::Json(r#"["a","b"]"#.into())]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Json<T>(pub T);

/// What a tool function may return.
///
/// ```
/// use lucid_sdk::tool::{Content, IntoContent, ToolError};
///
/// struct Table(Vec<[String; 2]>);
///
/// impl IntoContent for Table {
///     fn into_content(self) -> Result<Vec<Content>, ToolError> {
///         let rows = self.0.iter().map(|row| format!("{}\n", row.join(",")));
///         Ok(vec![Content::Text(rows.collect())])
///     }
/// }
///
/// let table = Table(vec![["a".into(), "1".into()]]);
/// assert_eq!(table.into_content(), Ok(vec![Content::Text("a,1\n".into())]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no result of a tool",
    note = "a tool gives a `String`, `Json<T>` or `Vec<Content>`"
)]
pub trait IntoContent {
    /// Turns the value into blocks of a result.
    ///
    /// # Errors
    /// [`ToolError::Failed`] when the value cannot be written as JSON.
    fn into_content(self) -> Result<Vec<Content>, ToolError>;
}

impl IntoContent for String {
    fn into_content(self) -> Result<Vec<Content>, ToolError> {
        Ok(vec![Content::Text(self)])
    }
}

impl IntoContent for Vec<Content> {
    fn into_content(self) -> Result<Vec<Content>, ToolError> {
        Ok(self)
    }
}

impl<T: Serialize> IntoContent for Json<T> {
    fn into_content(self) -> Result<Vec<Content>, ToolError> {
        match serde_json::to_string(&self.0) {
            Ok(text) => Ok(vec![Content::Json(text)]),
            Err(error) => Err(ToolError::Failed(format!("the result is not JSON: {error}"))),
        }
    }
}
