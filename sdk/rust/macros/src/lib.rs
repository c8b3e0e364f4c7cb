//! The macros of `lucid-sdk`, which re-exports and documents them.

mod description;
mod list;
mod options;
mod tool;

use proc_macro::TokenStream;

/// Makes a tool of a function: see `lucid_sdk::tool`.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, function: TokenStream) -> TokenStream {
    tool::expand(options.into(), function.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// The list behind `export_tools!`: names of functions with `#[tool]`, and expressions.
#[doc(hidden)]
#[proc_macro]
pub fn tool_list(tools: TokenStream) -> TokenStream {
    list::expand(tools.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}
