//! Glob patterns, by way of regular expressions: matching takes linear time.

use lucid_sdk::tool::ToolError;
use regex_lite::Regex;
use std::str::Chars;

/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 1_024;

/// Compiles a regular expression.
///
/// # Errors
/// [`ToolError::InvalidInput`] with what is wrong.
pub fn regex(pattern: &str) -> Result<Regex, ToolError> {
    if pattern.len() > MAX_PATTERN {
        let why = format!("the pattern is longer than {MAX_PATTERN} bytes");
        return Err(ToolError::InvalidInput(why));
    }
    compile(pattern)
}

fn compile(pattern: &str) -> Result<Regex, ToolError> {
    Regex::new(pattern).map_err(|error| ToolError::InvalidInput(error.to_string()))
}

/// Compiles a glob pattern over paths: `*` and `?` within a name, `**` over folders where it
/// stands between slashes, `[a-z]` and `[!a-z]`, `{a,b}`, and `\` before a sign that means
/// itself.
///
/// # Errors
/// [`ToolError::InvalidInput`] with what is wrong.
pub fn glob(pattern: &str) -> Result<Regex, ToolError> {
    let wrong = |why: &str| ToolError::InvalidInput(format!("in the pattern, {why}"));
    if pattern.is_empty() || pattern.len() > MAX_PATTERN {
        return Err(wrong(&format!("there must be 1 to {MAX_PATTERN} bytes")));
    }
    if pattern.split('/').any(|part| part == "..") {
        return Err(wrong("there must be no `..`"));
    }
    let mut text = String::from("^");
    let mut braces = 0_usize;
    // The sign before, which says whether a part of the path begins here.
    let mut before = '/';
    let mut rest = pattern.strip_prefix("./").unwrap_or(pattern).chars();
    while let Some(character) = rest.next() {
        let begins = before == '/' || (braces > 0 && matches!(before, '{' | ','));
        before = character;
        match character {
            '*' => before = stars(&mut rest, &mut text, begins),
            '?' => text.push_str("[^/]"),
            '[' => class(&mut rest, &mut text).ok_or_else(|| wrong("a `[` is not closed"))?,
            '{' => {
                braces += 1;
                text.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                text.push(')');
            }
            ',' if braces > 0 => text.push('|'),
            '\\' => literal(rest.next().ok_or_else(|| wrong("nothing follows `\\`"))?, &mut text),
            other => literal(other, &mut text),
        }
    }
    if braces > 0 {
        return Err(wrong("a `{` is not closed"));
    }
    text.push('$');
    compile(&text)
}

/// Reads what follows a star, and gives the last sign of it. Two stars are more than one only
/// where they are a whole part of the path.
fn stars(rest: &mut Chars<'_>, text: &mut String, begins: bool) -> char {
    let after = rest.as_str();
    let second = after.strip_prefix('*').filter(|_| begins);
    if let Some(after) = second.and_then(|after| after.strip_prefix('/')) {
        text.push_str("(?:[^/]+/)*");
        *rest = after.chars();
        return '/';
    }
    if second.is_some_and(|after| after.is_empty() || after.starts_with(['}', ','])) {
        text.push_str(".*");
    } else {
        text.push_str("[^/]*");
    }
    *rest = after.trim_start_matches('*').chars();
    '*'
}

fn class(rest: &mut Chars<'_>, text: &mut String) -> Option<()> {
    let body = rest.as_str();
    let (negated, body) = match body.strip_prefix(['!', '^']) {
        Some(body) => (true, body),
        None => (false, body),
    };
    // A `]` right at the start means itself.
    let skip = body.chars().next()?.len_utf8();
    let end = skip + body.get(skip..)?.find(']')?;
    text.push_str(if negated { "[^/" } else { "[" });
    for character in body.get(..end)?.chars() {
        if character == '-' {
            text.push('-');
        } else {
            literal(character, text);
        }
    }
    text.push(']');
    *rest = body.get(end + 1..)?.chars();
    Some(())
}

fn literal(character: char, text: &mut String) {
    text.push_str(&regex_lite::escape(character.encode_utf8(&mut [0; 4])));
}

/// The folder a pattern starts in, when it starts with one: `/a/b` of `/a/b/*.csv`.
pub fn folder(pattern: &str) -> Option<&str> {
    let fixed = pattern.find(['*', '?', '[', '{', '\\']).unwrap_or(pattern.len());
    let (folder, _) = pattern.get(..fixed)?.rsplit_once('/')?;
    Some(if folder.is_empty() { "/" } else { folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_within_a_name_and_double_stars_do_not() {
        let cases = [
            ("*.csv", "a.csv", true),
            ("*.csv", "d/a.csv", false),
            ("**/*.csv", "a.csv", true),
            ("**/*.csv", "d/e/a.csv", true),
            ("d/**", "d/e/a.csv", true),
            ("d/**/a.csv", "d/a.csv", true),
            ("a?.{csv,json}", "ab.json", true),
            ("a?.{csv,json}", "a/.json", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[!a-c]x", "/x", false),
            ("[]]", "]", true),
            ("a.b+(c)", "a.b+(c)", true),
            ("a.b", "axb", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("**", "d/a", true),
            ("**/**/a", "d/e/a", true),
            ("a**", "ab", true),
            ("a**", "a/b", false),
            ("**a/b", "xa/b", true),
            ("**a/b", "x/a/b", false),
            ("{**/x,y}/*", "d/x/a", true),
            ("{d/**,y}", "d/e/a", true),
            ("./*.csv", "a.csv", true),
            ("*", ".hidden", true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(glob(pattern).unwrap().is_match(path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_invalid_input() {
        let long = "a".repeat(MAX_PATTERN + 1);
        for wrong in ["", "[", "[]", "{a", "a\\", "[z-a]", "../*", "a/../*", &long] {
            assert!(matches!(glob(wrong), Err(ToolError::InvalidInput(_))), "{wrong}");
        }
        assert!(regex("(").is_err() && regex(&long).is_err());
        assert!(glob(&"{".repeat(500)).is_err());
        let _ = glob(&format!("{}{}", "{".repeat(500), "}".repeat(500)));
        let _ = regex(&format!("{}{}", "(".repeat(500), ")".repeat(500)));
    }

    #[test]
    fn a_pattern_names_the_folder_it_starts_in() {
        assert_eq!(folder("/a/b/*.csv"), Some("/a/b"));
        assert_eq!(folder("/*.csv"), Some("/"));
        assert_eq!(folder("/a/b.csv"), Some("/a"));
        assert_eq!(folder("*.csv"), None);
    }
}
