//! Tools: typed functions that agents can call.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::tool::exports::lucid::plugin::tools::{Annotations, Tool as Definition};
pub use crate::bindings::tool::exports::lucid::plugin::tools::{
    Content, FileReference, Image, ToolError,
};

/// A result that is JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<T>(pub T);

/// What a tool function may return.
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

type Call = Box<dyn Fn(&str) -> Result<Vec<Content>, ToolError>>;

/// Where a schema comes from.
enum Schema {
    OfType(fn() -> String),
    Written(&'static str),
}

/// One tool: its name, what it does, its input's schema, and the function behind it.
pub struct Tool {
    name: &'static str,
    description: &'static str,
    /// Made when the tools are listed: a call has no use for it, and it costs ten times
    /// what reading a small input does.
    input_schema: Schema,
    annotations: Annotations,
    call: Call,
}

impl Tool {
    /// Makes a tool of a function. The input's JSON Schema comes from its type; field
    /// docs become descriptions.
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
        let schema: fn() -> String = || schemars::schema_for!(I).as_value().to_string();
        let (input_schema, call) = (Schema::OfType(schema), Box::new(call));
        Self { name, description, input_schema, annotations: Annotations::empty(), call }
    }

    /// Makes a tool that reads its input itself, as JSON text, and has its JSON Schema
    /// written by hand. What reads types and makes schemas of them is then not part of the
    /// component, which is a third as large without.
    pub fn raw(
        name: &'static str,
        description: &'static str,
        input_schema: &'static str,
        call: fn(&str) -> Result<Vec<Content>, ToolError>,
    ) -> Self {
        let (input_schema, call) = (Schema::Written(input_schema), Box::new(call));
        Self { name, description, input_schema, annotations: Annotations::empty(), call }
    }

    /// Says that a call changes nothing.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.annotations |= Annotations::READ_ONLY;
        self
    }

    /// Says that a call may destroy something.
    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.annotations |= Annotations::DESTRUCTIVE;
        self
    }

    /// Says that repeating a call has no further effect.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.annotations |= Annotations::IDEMPOTENT;
        self
    }

    /// Says that a call brings in text from outside the session.
    #[must_use]
    pub fn open_world(mut self) -> Self {
        self.annotations |= Annotations::OPEN_WORLD;
        self
    }

    fn definition(&self) -> Definition {
        Definition {
            name: self.name.to_owned(),
            title: None,
            description: self.description.to_owned(),
            input_schema: match self.input_schema {
                Schema::OfType(make) => make(),
                Schema::Written(text) => text.to_owned(),
            },
            output_schema: None,
            annotations: self.annotations,
        }
    }
}

#[doc(hidden)]
pub fn list(tools: &[Tool]) -> Vec<Definition> {
    tools.iter().map(Tool::definition).collect()
}

#[doc(hidden)]
pub fn call(tools: &[Tool], name: &str, input: &str) -> Result<Vec<Content>, ToolError> {
    match tools.iter().find(|tool| tool.name == name) {
        Some(tool) => (tool.call)(input),
        None => Err(ToolError::UnknownTool(name.to_owned())),
    }
}

/// Exports the tools of a plugin of kind `tool`.
///
/// Takes [`Tool`](crate::tool::Tool)s, as a list.
#[macro_export]
macro_rules! export_tools {
    ($($tool:expr),+ $(,)?) => {
        const _: () = {
            struct Plugin;
            fn plugin_tools() -> ::std::vec::Vec<$crate::tool::Tool> {
                ::std::vec![$($tool),+]
            }
            impl $crate::bindings::tool::exports::lucid::plugin::tools::Guest for Plugin {
                fn list_tools()
                -> ::std::vec::Vec<$crate::bindings::tool::exports::lucid::plugin::tools::Tool> {
                    $crate::tool::list(&plugin_tools())
                }
                fn call_tool(
                    name: ::std::string::String,
                    input: ::std::string::String,
                ) -> ::std::result::Result<
                    ::std::vec::Vec<$crate::tool::Content>,
                    $crate::tool::ToolError,
                > {
                    $crate::tool::call(&plugin_tools(), &name, &input)
                }
            }
            $crate::generated! {
                $crate::bindings::tool::export_tool!(Plugin with_types_in $crate::bindings::tool);
            }
        };
    };
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Input {
        /// How many.
        count: u32,
    }

    fn double(input: Input) -> Result<Json<u32>, ToolError> {
        Ok(Json(input.count * 2))
    }

    fn tools() -> Vec<Tool> {
        vec![Tool::new("double", "Doubles.", double).read_only()]
    }

    #[test]
    fn a_typed_function_becomes_a_tool_with_a_schema() {
        let list = list(&tools());
        let schema: serde_json::Value = serde_json::from_str(&list[0].input_schema).unwrap();
        assert_eq!(schema["properties"]["count"]["description"], "How many.");
        assert_eq!(schema["required"][0], "count");
        assert!(list[0].annotations.contains(Annotations::READ_ONLY));
        let result = call(&tools(), "double", r#"{"count":21}"#);
        assert_eq!(result, Ok(vec![Content::Json("42".into())]));
    }

    #[test]
    fn wrong_input_and_wrong_names_are_typed_errors() {
        let wrong = call(&tools(), "double", r#"{"count":"x"}"#);
        assert!(matches!(wrong, Err(ToolError::InvalidInput(_))));
        let unknown = call(&tools(), "triple", "{}");
        assert_eq!(unknown, Err(ToolError::UnknownTool("triple".into())));
    }
}
