//! A doc comment as a description.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// What a doc comment says before its first heading; empty when there is none.
///
/// The lines of a paragraph are joined, as in a rendered page; list items keep theirs.
pub(crate) fn of(attributes: &[Attribute]) -> String {
    let mut description = String::new();
    for line in attributes.iter().filter_map(doc_text).flat_map(lines) {
        let line = line.trim();
        if line.starts_with("# ") {
            break;
        }
        let between = match line {
            _ if description.is_empty() || description.ends_with('\n') => "",
            "" => "\n\n",
            _ if line.starts_with("- ") || line.starts_with("* ") => "\n",
            _ => " ",
        };
        description.push_str(between);
        description.push_str(line);
    }
    description.trim().to_owned()
}

/// A `#[doc = ".."]` may hold several lines.
fn lines(text: String) -> Vec<String> {
    text.split('\n').map(str::to_owned).collect()
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn check(function: syn::ItemFn, expected: &str) {
        assert_eq!(of(&function.attrs), expected);
    }

    #[test]
    fn paragraphs_are_joined_and_sections_are_left_out() {
        let function = parse_quote! {
            /// Lists
            /// headings.
            ///
            /// Such as:
            /// - one
            /// - two
            ///
            /// # Errors
            /// Many.
            fn f() {}
        };
        check(function, "Lists headings.\n\nSuch as:\n- one\n- two");
    }

    #[test]
    fn a_block_comment_is_a_doc_comment_too_and_none_is_empty() {
        check(
            parse_quote!(
                #[doc = "One\ntwo."]
                #[must_use]
                fn f() {}
            ),
            "One two.",
        );
        check(
            parse_quote!(
                #[doc(hidden)]
                fn f() {}
            ),
            "",
        );
        check(
            parse_quote!(
                #[doc = " "]
                fn f() {}
            ),
            "",
        );
    }
}
