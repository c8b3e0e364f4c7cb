//! What the programs of the hostile corpus share: the world `tool` as it is, without the
//! SDK's checks and without JSON, so that a program is small and can lie.
//!
//! Most programs are one function: `hostile_kit::attack!(name)`. One that lies about its
//! tools or its results implements [`Program`] and says `hostile_kit::export!(Name)`.

#[doc(hidden)]
pub mod bindings;

pub use bindings::exports::lucid::plugin::tools::{
    Annotations, Content, FileReference, Image, Tool, ToolError,
};
pub use bindings::lucid::plugin::{log, model, model_types};
pub use wasip2 as wasi;

/// What a call of a tool gives.
pub type Answer = Result<Vec<Content>, ToolError>;

/// A hostile program, where one function is not enough.
pub trait Program {
    /// Lists the tools; `attack` alone unless the program lies about it.
    fn list_tools() -> Vec<Tool> {
        vec![tool("attack", "For tests: misbehaves.")]
    }

    /// Does what the program is for. `input` is what the test wrote.
    fn call_tool(name: &str, input: &str) -> Answer;
}

/// A tool that takes any object.
#[must_use]
pub fn tool(name: &str, description: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        title: None,
        description: description.to_owned(),
        input_schema: r#"{"type":"object"}"#.to_owned(),
        output_schema: None,
        annotations: Annotations::empty(),
    }
}

/// Logs a message.
pub fn say(message: &str) {
    log::write(log::Level::Info, message);
}

/// A number that the compiler takes for unknown, so that a loop over it stays a loop.
#[must_use]
pub fn unknown(number: u64) -> u64 {
    std::hint::black_box(number)
}

/// Makes a component of a [`Program`].
#[macro_export]
macro_rules! export {
    ($program:ident) => {
        impl $crate::bindings::exports::lucid::plugin::tools::Guest for $program {
            fn list_tools() -> Vec<$crate::Tool> {
                <Self as $crate::Program>::list_tools()
            }

            fn call_tool(name: String, input: String) -> $crate::Answer {
                <Self as $crate::Program>::call_tool(&name, &input)
            }
        }

        // A native build exports nothing.
        #[cfg(target_family = "wasm")]
        $crate::bindings::export_program!($program with_types_in $crate::bindings);
    };
}

/// Makes a component with one tool, `attack`, of a function from the input to a text.
#[macro_export]
macro_rules! attack {
    ($function:ident) => {
        struct Attack;

        impl $crate::Program for Attack {
            fn call_tool(_name: &str, input: &str) -> $crate::Answer {
                let said: String = $function(input).into();
                Ok(vec![$crate::Content::Text(said)])
            }
        }

        $crate::export!(Attack);
    };
}
