//! The list of tools that a plugin exports.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, Path, Result, Token};

use crate::tool::maker;

/// A path names a function that has `#[tool]`; any other expression is a `Tool`.
pub(crate) fn expand(tools: TokenStream) -> Result<TokenStream> {
    let tools = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tools)?;
    let tools = tools.into_iter().map(|tool| match tool {
        Expr::Path(path) if path.qself.is_none() => call(path.path),
        other => other.into_token_stream(),
    });
    Ok(quote!(::std::vec![#(#tools),*]))
}

fn call(mut path: Path) -> TokenStream {
    if let Some(last) = path.segments.last_mut() {
        last.ident = maker(&last.ident);
    }
    quote!(#path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_functions_and_the_rest_is_a_tool() {
        let list = expand(quote!(a, b::r#move, Tool::new::<I, O>("c", "C.", c).read_only(),));
        let expected = quote!(::std::vec![
            a_tool(),
            b::move_tool(),
            Tool::new::<I, O>("c", "C.", c).read_only()
        ]);
        assert_eq!(list.unwrap().to_string(), expected.to_string());
    }

    #[test]
    fn what_is_no_list_is_a_mistake() {
        assert!(expand(quote!(a b)).is_err());
    }
}
