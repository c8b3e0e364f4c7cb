//! A function as a tool.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{
    Error, FnArg, GenericArgument, Ident, ItemFn, LitStr, PathArguments, Result, ReturnType,
    Signature, Type,
};

use crate::description;
use crate::options::Options;

const SIGNATURE: &str = "a tool is written `fn name(input: Input) -> Result<Output, ToolError>`";

/// The function that gives the tool made of the function with this name.
pub(crate) fn maker(function: &Ident) -> Ident {
    format_ident!("{}_tool", function.unraw(), span = function.span())
}

pub(crate) fn expand(options: TokenStream, function: TokenStream) -> Result<TokenStream> {
    let options = Options::parse(options)?;
    let function: ItemFn = syn::parse2(function)
        .map_err(|error| Error::new(error.span(), format!("{SIGNATURE}: {error}")))?;
    check(&function.sig)?;
    let ident = &function.sig.ident;
    let description = description::of(&function.attrs);
    if description.is_empty() {
        let message = "a tool needs a doc comment: what it does and when to use it is all that \
                       a model knows of it";
        return Err(Error::new(ident.span(), message));
    }
    let more = more(&options, &function.sig.output)?;
    let name =
        options.name.unwrap_or_else(|| LitStr::new(&ident.unraw().to_string(), ident.span()));
    let (flags, maker, visibility) = (options.flags, maker(ident), &function.vis);
    let conditions = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let summary = format!("The tool that calls [`{ident}`].");
    Ok(quote! {
        #function

        #(#conditions)*
        #[doc = #summary]
        #visibility fn #maker() -> ::lucid_sdk::tool::Tool {
            ::lucid_sdk::tool::Tool::new(#name, #description, #ident) #flags #more
        }
    })
}

/// What is said of the tool only where it is wanted.
fn more(options: &Options, output: &ReturnType) -> Result<TokenStream> {
    let mut more = TokenStream::new();
    if let Some(title) = &options.title {
        more.extend(quote! {
            definition.title = ::std::option::Option::Some(::std::string::String::from(#title));
        });
    }
    if let Some(span) = options.output {
        let Some(result) = json(output) else {
            let message = "`output` is for a function that returns `Result<Json<T>, ToolError>`";
            return Err(Error::new(span, message));
        };
        more.extend(quote! {
            definition.output_schema =
                ::std::option::Option::Some(::lucid_sdk::tool::schema_of::<#result>());
        });
    }
    Ok(if more.is_empty() { more } else { quote!(.described(|definition| { #more })) })
}

/// The `T` of `Result<Json<T>, _>`.
fn json(output: &ReturnType) -> Option<&Type> {
    let ReturnType::Type(_, output) = output else { return None };
    argument(argument(output, "Result")?, "Json")
}

/// The first argument of a generic type of this name.
fn argument<'a>(of: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    }
}

/// What can be told from the signature is said here; the rest the compiler says of types.
fn check(signature: &Signature) -> Result<()> {
    let wrong = |span, why: &str| Err(Error::new(span, format!("{why}: {SIGNATURE}")));
    let Signature { asyncness, unsafety, generics, inputs, output, .. } = signature;
    if let Some(asyncness) = asyncness {
        return wrong(asyncness.span(), "a tool is not async");
    }
    if let Some(unsafety) = unsafety {
        return wrong(unsafety.span(), "a tool is safe to call");
    }
    if !generics.params.is_empty() {
        return wrong(generics.span(), "a tool's input has one type");
    }
    let mut arguments = inputs.iter();
    match (arguments.next(), arguments.next()) {
        (Some(FnArg::Typed(_)), None) => {}
        (Some(FnArg::Receiver(receiver)), _) => {
            return wrong(receiver.span(), "a tool is no method");
        }
        (None, _) => return wrong(signature.paren_token.span.join(), "a tool has one argument"),
        (_, Some(second)) => return wrong(second.span(), "a tool has one argument"),
    }
    match output {
        ReturnType::Type(..) => Ok(()),
        ReturnType::Default => wrong(signature.ident.span(), "a tool gives a result"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(options: TokenStream, function: TokenStream) -> String {
        expand(options, function).unwrap().to_string()
    }

    #[track_caller]
    fn mistake(function: TokenStream, expected: &str) {
        let error = expand(TokenStream::new(), function).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_function_stays_and_its_tool_stands_beside_it() {
        let function = quote! {
            /// Counts.
            #[cfg(all())]
            pub fn count(input: Input) -> Result<String, ToolError> { body() }
        };
        let code = expanded(quote!(read_only), function);
        let tool = "# [cfg (all ())] # [doc = \"The tool that calls [`count`].\"] pub fn \
                    count_tool () -> :: lucid_sdk :: tool :: Tool { :: lucid_sdk :: tool :: Tool \
                    :: new (\"count\" , \"Counts.\" , count) . read_only () }";
        assert!(code.contains("{ body () }") && code.ends_with(tool), "{code}");
    }

    #[test]
    fn the_name_of_a_tool_has_no_raw_prefix_and_can_be_chosen() {
        let function = quote! {
            /// Moves.
            fn r#move(input: Input) -> Result<String, ToolError> { body() }
        };
        let code = expanded(TokenStream::new(), function.clone());
        assert!(code.contains("fn move_tool ()") && code.contains("(\"move\" ,"), "{code}");
        assert!(expanded(quote!(name = "go"), function).contains("(\"go\" ,"));
    }

    #[test]
    fn a_title_and_the_schema_of_the_result_are_said_where_they_are_wanted() {
        let function = |output: TokenStream| {
            quote! {
                /// Counts.
                fn count(input: Input) -> #output { body() }
            }
        };
        let plain = function(quote!(Result<Json<u32>, ToolError>));
        assert!(!expanded(quote!(read_only), plain.clone()).contains("described"));
        let code = expanded(quote!(title = "Count", output), plain);
        assert!(code.contains("definition . title = :: std :: option :: Option :: Some"), "{code}");
        assert!(code.contains("schema_of :: < u32 > ()"), "{code}");
        let path = function(quote!(std::result::Result<tool::Json<Vec<A>>, ToolError>));
        assert!(expanded(quote!(output), path).contains("schema_of :: < Vec < A > > ()"));
        for other in [quote!(Result<String, ToolError>), quote!(Answer), quote!(Json<u32>)] {
            let error = expand(quote!(output), function(other)).err().unwrap().to_string();
            assert!(error.contains("returns `Result<Json<T>, ToolError>`"), "{error}");
        }
    }

    #[test]
    fn a_tool_needs_a_doc_comment() {
        mistake(
            quote!(
                fn f(input: Input) -> Result<String, ToolError> {}
            ),
            "needs a doc comment",
        );
        let sections = quote! {
            /// # Errors
            /// Many.
            fn f(input: Input) -> Result<String, ToolError> {}
        };
        mistake(sections, "needs a doc comment");
    }

    #[test]
    fn a_wrong_signature_is_answered_with_the_right_one() {
        for (function, expected) in [
            (
                quote!(
                    fn f() -> R {}
                ),
                "a tool has one argument",
            ),
            (
                quote!(
                    fn f(a: A, b: B) -> R {}
                ),
                "a tool has one argument",
            ),
            (
                quote!(
                    fn f(&self) -> R {}
                ),
                "a tool is no method",
            ),
            (
                quote!(
                    fn f(a: A) {}
                ),
                "a tool gives a result",
            ),
            (
                quote!(
                    async fn f(a: A) -> R {}
                ),
                "a tool is not async",
            ),
            (
                // In two parts: the word itself has one place in this tree.
                concat!("un", "safe fn f(a: A) -> R {}").parse().unwrap(),
                "a tool is safe to call",
            ),
            (
                quote!(
                    fn f<T>(a: T) -> R {}
                ),
                "a tool's input has one type",
            ),
            (
                quote!(
                    struct F;
                ),
                "expected `fn`",
            ),
        ] {
            mistake(function.clone(), expected);
            mistake(function, "fn name(input: Input) -> Result<Output, ToolError>");
        }
    }
}
