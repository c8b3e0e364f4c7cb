//! What stands in the parentheses of `#[tool(..)]`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser as _;
use syn::{Error, LitStr, Result};

/// The longest name of a tool.
const NAME_CHARACTERS_MAX: usize = 64;

/// The flags, which are also the names of the methods that set them.
const FLAGS: [&str; 4] = ["read_only", "destructive", "idempotent", "open_world"];

const KNOWN: &str = "read_only, destructive, idempotent, open_world, output, title = \"..\" and \
                     name = \"..\"";

/// What is said of a tool beside its function.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    /// The word `output`, where it stands.
    pub(crate) output: Option<Span>,
    /// Calls of the methods of `Tool` that set flags, one after the other.
    pub(crate) flags: TokenStream,
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        syn::meta::parser(|meta| options.read(&meta)).parse2(tokens)?;
        Ok(options)
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let Some(option) = meta.path.get_ident() else {
            return Err(unknown(meta));
        };
        if FLAGS.iter().any(|flag| option == flag) {
            self.flags.extend(quote!(.#option()));
        } else if option == "output" {
            self.output = Some(option.span());
        } else if option == "title" {
            self.title = Some(meta.value()?.parse()?);
        } else if option == "name" {
            self.name = Some(name(meta.value()?.parse()?)?);
        } else {
            return Err(unknown(meta));
        }
        Ok(())
    }
}

fn unknown(meta: &ParseNestedMeta<'_>) -> Error {
    meta.error(format!("a tool has no such option; it has {KNOWN}"))
}

fn name(name: LitStr) -> Result<LitStr> {
    let text = name.value();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=NAME_CHARACTERS_MAX).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(name);
    }
    let message = "a tool's name is 1 to 64 of `a-z`, `A-Z`, `0-9`, `_` and `-`";
    Err(Error::new(name.span(), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn mistake(tokens: TokenStream) -> String {
        Options::parse(tokens).err().unwrap().to_string()
    }

    #[test]
    fn flags_become_calls_and_the_rest_is_kept() {
        let options = quote!(read_only, open_world, output, title = "Words", name = "count-words");
        let options = Options::parse(options).unwrap();
        assert_eq!(options.flags.to_string(), ". read_only () . open_world ()");
        let values = [options.title, options.name].map(|value| value.unwrap().value());
        assert_eq!(values, ["Words", "count-words"]);
        assert!(options.output.is_some());
        let none = Options::parse(TokenStream::new()).unwrap();
        assert!(none.flags.is_empty() && none.output.is_none() && none.title.is_none());
    }

    #[test]
    fn an_unknown_option_is_answered_with_all_there_are() {
        for wrong in [quote!(readonly), quote!(read::only), quote!(read_only, desc = "x")] {
            assert!(mistake(wrong).contains("no such option; it has read_only, destructive"));
        }
        assert!(mistake(quote!(title)).contains("expected `=`"));
        assert!(mistake(quote!(read_only = true)).contains("expected `,`"));
    }

    #[test]
    fn a_name_that_no_model_could_call_is_a_mistake() {
        let long = "x".repeat(65);
        for wrong in ["", "a b", "a.b", "é", &long] {
            assert!(mistake(quote!(name = #wrong)).contains("1 to 64"), "{wrong}");
        }
    }
}
