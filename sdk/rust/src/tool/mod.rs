//! Tools: typed functions that agents can call.
//!
//! Most tools are functions with [`#[tool]`](macro@crate::tool). [`Tool`] is what that makes
//! of them, and can be made by hand, too; [`export_tools!`](crate::export_tools) takes both.
//!
//! ```
//! use lucid_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Text {
//!     /// The text.
//!     text: String,
//! }
//!
//! /// Counts the lines of a text.
//! #[tool(read_only, idempotent)]
//! fn count_lines(input: Text) -> Result<Json<usize>, ToolError> {
//!     Ok(Json(input.text.lines().count()))
//! }
//!
//! fn shout(input: Text) -> Result<String, ToolError> {
//!     Ok(input.text.to_uppercase())
//! }
//!
//! export_tools![count_lines, Tool::new("shout", "Makes a text loud.", shout).read_only()];
//!
//! # fn main() {
//! let names: Vec<_> = tools().iter().map(Tool::name).collect();
//! assert_eq!(names, ["count_lines", "shout"]);
//! # }
//! ```

mod answer;
mod error;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

pub use crate::bindings::tool::exports::lucid::plugin::tools::{
    Annotations, Content, FileReference, Image, Tool as Definition, ToolError,
};
pub use answer::{IntoContent, Json};
pub(crate) use error::ErrorCase;

type Call = Box<dyn Fn(&str) -> Result<Vec<Content>, ToolError>>;

/// Where a schema comes from.
enum Schema {
    OfType(fn() -> String),
    Written(&'static str),
}

/// One tool: its name, what it does, its input's schema, and the function behind it.
///
/// ```
/// use lucid_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Input {
///     /// How many.
///     count: u32,
/// }
///
/// let double = Tool::new("double", "Doubles a number.", |input: Input| Ok(Json(input.count * 2)));
/// assert_eq!(double.call(r#"{"count": 21}"#), Ok(vec![Content::Json("42".into())]));
/// ```
pub struct Tool {
    name: &'static str,
    description: &'static str,
    /// Made when the tools are listed: a call has no use for it, and it costs ten times
    /// what reading a small input does.
    input_schema: Schema,
    annotations: Annotations,
    /// What few tools say, so that the others have no code for it.
    more: fn(&mut Definition),
    call: Call,
}

impl Tool {
    /// Makes a tool of a function. The input's JSON Schema comes from its type; field
    /// docs become descriptions.
    ///
    /// ```
    /// use lucid_sdk::prelude::*;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Input {
    ///     /// Whom to greet.
    ///     name: String,
    /// }
    ///
    /// fn greet(input: Input) -> Result<String, ToolError> {
    ///     Ok(format!("Hello, {}.", input.name))
    /// }
    ///
    /// let tool = Tool::new("greet", "Greets somebody.", greet).read_only();
    /// assert!(tool.definition().input_schema.contains("Whom to greet."));
    /// ```
    pub fn new<I, O>(
        name: &'static str,
        description: &'static str,
        call: fn(I) -> Result<O, ToolError>,
    ) -> Self
    where
        I: DeserializeOwned + JsonSchema + 'static,
        O: IntoContent + 'static,
    {
        let call = move |input: &str| {
            // A list would be taken for a struct, field by field.
            if !input.trim_start().starts_with('{') {
                return Err(ToolError::InvalidInput("the input is not a JSON object".to_owned()));
            }
            let input = serde_json::from_str(input)
                .map_err(|error| ToolError::InvalidInput(error.to_string()))?;
            call(input)?.into_content()
        };
        Self::made(name, description, Schema::OfType(schema_of::<I>), Box::new(call))
    }

    /// Makes a tool that reads its input itself, as JSON text, and has its JSON Schema
    /// written by hand. What reads types and makes schemas of them is then not part of the
    /// component, which is a third as large without.
    ///
    /// ```
    /// use lucid_sdk::tool::{Content, Tool, ToolError};
    ///
    /// fn length(input: &str) -> Result<Vec<Content>, ToolError> {
    ///     Ok(vec![Content::Json(input.len().to_string())])
    /// }
    ///
    /// let tool = Tool::raw("length", "Measures its input.", r#"{"type": "object"}"#, length);
    /// assert_eq!(tool.call("{}"), Ok(vec![Content::Json("2".into())]));
    /// ```
    pub fn raw(
        name: &'static str,
        description: &'static str,
        input_schema: &'static str,
        call: fn(&str) -> Result<Vec<Content>, ToolError>,
    ) -> Self {
        Self::made(name, description, Schema::Written(input_schema), Box::new(call))
    }

    fn made(
        name: &'static str,
        description: &'static str,
        input_schema: Schema,
        call: Call,
    ) -> Self {
        let annotations = Annotations::empty();
        Self { name, description, input_schema, annotations, more: |_| (), call }
    }

    /// Says more of the tool than its name, description and input: `more` fills in a short
    /// name for people, or the JSON Schema of the result. It runs when tools are listed, and
    /// not when one is called.
    ///
    /// ```
    /// # use lucid_sdk::tool::Tool;
    /// let sort = Tool::raw("sort", "Sorts lines.", "{}", |_| Ok(Vec::new()))
    ///     .described(|definition| definition.title = Some("Sort lines".to_owned()));
    /// assert_eq!(sort.definition().title.as_deref(), Some("Sort lines"));
    /// ```
    #[must_use]
    pub fn described(mut self, more: fn(&mut Definition)) -> Self {
        self.more = more;
        self
    }

    /// Says that a call changes nothing.
    ///
    /// ```
    /// # use lucid_sdk::tool::{Annotations, Tool};
    /// let tool = Tool::raw("count", "Counts.", "{}", |_| Ok(Vec::new())).read_only();
    /// assert_eq!(tool.definition().annotations, Annotations::READ_ONLY);
    /// ```
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.annotations |= Annotations::READ_ONLY;
        self
    }

    /// Says that a call may destroy something.
    ///
    /// ```
    /// # use lucid_sdk::tool::{Annotations, Tool};
    /// let tool = Tool::raw("erase", "Erases.", "{}", |_| Ok(Vec::new())).destructive();
    /// assert_eq!(tool.definition().annotations, Annotations::DESTRUCTIVE);
    /// ```
    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.annotations |= Annotations::DESTRUCTIVE;
        self
    }

    /// Says that repeating a call has no further effect.
    ///
    /// ```
    /// # use lucid_sdk::tool::{Annotations, Tool};
    /// let tool = Tool::raw("sort", "Sorts a file.", "{}", |_| Ok(Vec::new())).idempotent();
    /// assert_eq!(tool.definition().annotations, Annotations::IDEMPOTENT);
    /// ```
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.annotations |= Annotations::IDEMPOTENT;
        self
    }

    /// Says that a call brings in text from outside the session.
    ///
    /// ```
    /// # use lucid_sdk::tool::{Annotations, Tool};
    /// let tool = Tool::raw("fetch", "Fetches a page.", "{}", |_| Ok(Vec::new())).open_world();
    /// assert_eq!(tool.definition().annotations, Annotations::OPEN_WORLD);
    /// ```
    #[must_use]
    pub fn open_world(mut self) -> Self {
        self.annotations |= Annotations::OPEN_WORLD;
        self
    }

    /// The name that a model calls.
    ///
    /// ```
    /// # use lucid_sdk::tool::Tool;
    /// assert_eq!(Tool::raw("sort", "Sorts.", "{}", |_| Ok(Vec::new())).name(), "sort");
    /// ```
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What is said of the tool to those who may call it.
    ///
    /// ```
    /// # use lucid_sdk::tool::Tool;
    /// let tool = Tool::raw("sort", "Sorts.", r#"{"type": "object"}"#, |_| Ok(Vec::new()));
    /// assert_eq!(tool.definition().description, "Sorts.");
    /// ```
    pub fn definition(&self) -> Definition {
        let mut definition = Definition {
            name: self.name.to_owned(),
            title: None,
            description: self.description.to_owned(),
            input_schema: match self.input_schema {
                Schema::OfType(make) => make(),
                Schema::Written(text) => text.to_owned(),
            },
            output_schema: None,
            annotations: self.annotations,
        };
        (self.more)(&mut definition);
        definition
    }

    /// Calls the tool with an input, as JSON text.
    ///
    /// # Errors
    /// [`ToolError::InvalidInput`] for an input that does not fit the function's type, and
    /// the function's own.
    ///
    /// ```
    /// use lucid_sdk::prelude::*;
    ///
    /// let tool = Tool::new("same", "Says it back.", |input: Value| Ok(Json(input)));
    /// assert_eq!(tool.call(r#"{"a": 1}"#), Ok(vec![Content::Json(r#"{"a":1}"#.into())]));
    /// assert!(matches!(tool.call("no JSON"), Err(ToolError::InvalidInput(_))));
    /// ```
    pub fn call(&self, input: &str) -> Result<Vec<Content>, ToolError> {
        (self.call)(input)
    }
}

/// The JSON Schema of a type, as JSON text.
///
/// ```
/// let schema = lucid_sdk::tool::schema_of::<Vec<u8>>();
/// assert!(schema.contains(r#""type":"array""#));
/// ```
pub fn schema_of<T: JsonSchema>() -> String {
    schemars::schema_for!(T).as_value().to_string()
}

#[doc(hidden)]
pub fn list(tools: &[Tool]) -> Vec<Definition> {
    tools.iter().map(Tool::definition).collect()
}

#[doc(hidden)]
pub fn call(tools: &[Tool], name: &str, input: &str) -> Result<Vec<Content>, ToolError> {
    match tools.iter().find(|tool| tool.name == name) {
        Some(tool) => tool.call(input),
        None => Err(ToolError::UnknownTool(name.to_owned())),
    }
}

/// Exports the tools of a plugin of kind `tool`.
///
/// Takes a list of functions with [`#[tool]`](macro@crate::tool), each by its name or path,
/// and of expressions that give a [`Tool`](crate::tool::Tool). When the compiler cannot find
/// a function `outline_tool`, then `outline` has no `#[tool]`, or is imported and has to be
/// named by its path.
///
/// Also defines `pub fn tools()`, which gives the list, for tests: see
/// [`testing::call_tool`](crate::testing::call_tool).
///
/// ```
/// use lucid_sdk::prelude::*;
///
/// mod words {
///     use lucid_sdk::prelude::*;
///
///     /// Counts the keys of its input.
///     #[tool(read_only, idempotent)]
///     pub fn count(input: serde_json::Map<String, Value>) -> Result<Json<usize>, ToolError> {
///         Ok(Json(input.len()))
///     }
/// }
///
/// export_tools![
///     words::count,
///     Tool::new("same", "Says its input back.", |input: Value| Ok(Json(input))),
/// ];
///
/// # fn main() {
/// assert_eq!(tools().len(), 2);
/// # }
/// ```
#[macro_export]
macro_rules! export_tools {
    ($($tools:tt)+) => {
        /// The tools of this plugin, as agents are offered them.
        #[allow(unreachable_pub, reason = "tests call it where the plugin is a library")]
        pub fn tools() -> ::std::vec::Vec<$crate::tool::Tool> {
            $crate::__tool_list![$($tools)+]
        }

        const _: () = {
            struct Plugin;
            impl $crate::bindings::tool::exports::lucid::plugin::tools::Guest for Plugin {
                fn list_tools() -> ::std::vec::Vec<$crate::tool::Definition> {
                    $crate::tool::list(&tools())
                }
                fn call_tool(
                    name: ::std::string::String,
                    input: ::std::string::String,
                ) -> ::std::result::Result<
                    ::std::vec::Vec<$crate::tool::Content>,
                    $crate::tool::ToolError,
                > {
                    $crate::tool::call(&tools(), &name, &input)
                }
            }
            $crate::generated! {
                $crate::bindings::tool::export_tool!(Plugin with_types_in $crate::bindings::tool);
            }
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::{Deserialize, tool};

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Input {
        /// How many.
        count: u32,
    }

    /// Doubles
    /// a number.
    ///
    /// # Errors
    /// None.
    #[tool(read_only, output, title = "Twice")]
    fn double(input: Input) -> Result<Json<u32>, ToolError> {
        Ok(Json(input.count * 2))
    }

    mod other {
        use super::*;

        /// Halves a number.
        #[tool(name = "halve-it")]
        pub(super) fn halve(input: Input) -> Result<String, ToolError> {
            Ok(format!("{}", input.count / 2))
        }
    }

    export_tools![double, other::halve, Tool::new("again", "Doubles.", double),];

    #[test]
    fn a_typed_function_becomes_a_tool_with_a_schema() {
        let list = list(&tools());
        let schema: serde_json::Value = serde_json::from_str(&list[0].input_schema).unwrap();
        assert_eq!(schema["properties"]["count"]["description"], "How many.");
        assert_eq!(schema["required"][0], "count");
        assert_eq!(list[0].annotations, Annotations::READ_ONLY);
        assert_eq!(list[0].description, "Doubles a number.");
        assert_eq!(list[0].title.as_deref(), Some("Twice"));
        assert_eq!(list[0].output_schema.as_deref(), Some(schema_of::<u32>().as_str()));
        assert_eq!((&list[2].title, &list[2].output_schema), (&None, &None));
        let result = call(&tools(), "double", r#"{"count":21}"#);
        assert_eq!(result, Ok(vec![Content::Json("42".into())]));
    }

    #[test]
    fn functions_of_modules_and_tools_made_by_hand_are_listed_in_order() {
        let names: Vec<_> = tools().iter().map(Tool::name).collect();
        assert_eq!(names, ["double", "halve-it", "again"]);
        let result = call(&tools(), "halve-it", r#"{"count":21}"#);
        assert_eq!(result, Ok(vec![Content::Text("10".into())]));
    }

    #[test]
    fn wrong_input_and_wrong_names_are_typed_errors() {
        for wrong in [r#"{"count":"x"}"#, "[21]", "21", "", "{"] {
            let error = call(&tools(), "double", wrong);
            assert!(matches!(error, Err(ToolError::InvalidInput(_))), "{wrong}");
        }
        let unknown = call(&tools(), "triple", "{}");
        assert_eq!(unknown, Err(ToolError::UnknownTool("triple".into())));
    }
}
