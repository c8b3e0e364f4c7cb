//! Names in checks and in Markdown.

/// The longest path or key that is named, in bytes.
const NAME: usize = 200;

/// Words that CEL keeps for itself.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Whether a name can stand in a check and in a code span, and come out as it went in.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME
        && name.trim() == name
        && !name.contains(|c: char| c.is_control() || c == '\\')
        && !name.starts_with("check:")
}

/// Whether a path can be named in a check.
pub(super) fn is_path(path: &str) -> bool {
    is_name(path) && path.split('/').all(|part| !["", ".", ".."].contains(&part))
}

/// A name as a text of CEL.
pub(super) fn text(name: &str) -> String {
    format!("'{}'", name.replace('\'', "\\'"))
}

/// A key of a value.
pub(super) fn key(of: &str, key: &str) -> String {
    let starts = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = starts && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !RESERVED.contains(&key) {
        return format!("{of}.{key}");
    }
    format!("{of}[{}]", text(key))
}

/// A code span that holds the text, whatever backticks are in it.
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_cel_reads_it() {
        assert_eq!(key("j", "name_2"), "j.name_2");
        assert_eq!(key("j", "my name"), "j['my name']");
        assert_eq!(key("j", "it's"), "j['it\\'s']");
        assert_eq!(key("j", "in"), "j['in']");
        assert_eq!(key("j", "2a"), "j['2a']");
    }

    #[test]
    fn backticks_stay_inside_of_a_code_span() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
    }

    #[test]
    fn a_name_that_could_not_be_written_is_none() {
        for name in ["", " a", "a\nb", "a\\b", "check: true", "a\u{0}"] {
            assert!(!is_name(name), "{name:?}");
        }
        for path in ["/a", "a//b", "../a", "a/./b", "a/"] {
            assert!(!is_path(path), "{path}");
        }
        assert!(is_path("a b/it's `c`.json"));
    }
}
