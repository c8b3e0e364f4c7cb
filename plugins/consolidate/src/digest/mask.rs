//! Error texts as templates.
//!
//! What varies from case to case (numbers, paths, ids, quoted names) is masked, as in the
//! first step of Drain (He, Zhu, Zheng, Lyu 2017). The mask follows from the text alone, so
//! that a session's digest does not depend on other sessions; `fixes` joins what is left
//! apart over all of them.

/// Longer lines are cut.
const CHARS_MAX: usize = 200;
/// So many hexadecimal digits are an id, not a word.
const HEX_MIN: usize = 8;

/// The first line of an error with everything masked that varies; none where it says
/// nothing.
pub(super) fn template(error: &str) -> Option<String> {
    let line = error.lines().map(str::trim).find(|line| line.chars().any(char::is_alphabetic))?;
    let line: String = line.chars().filter(|c| *c != '`').take(CHARS_MAX).collect();
    let (line, _) = lucid_facts::mask(&line);
    let words: Vec<String> = unquoted(&line).split_whitespace().map(word).collect();
    let template = words.join(" ");
    let says = words.iter().any(|word| !word.starts_with('<') && word.len() > 1);
    says.then_some(template)
}

/// The words of a template.
pub(crate) fn tokens(template: &str) -> Vec<&str> {
    template.split(' ').collect()
}

/// The line with `<text>` for what stands between quotation marks. An apostrophe within a
/// word is none.
fn unquoted(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let opens = matches!(c, '"' | '\'') && !before.is_alphanumeric();
        match after.find(c).filter(|end| opens && *end > 0) {
            Some(end) => {
                out.push_str("<text>");
                rest = &after[end + c.len_utf8()..];
                before = c;
            }
            None => {
                out.push(c);
                rest = after;
                before = c;
            }
        }
    }
    out
}

/// A word, masked where it varies; punctuation around it stays.
fn word(word: &str) -> String {
    let edge = |c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | ':' | '.' | '!' | '?');
    let core = word.trim_matches(edge);
    if core.is_empty() || core.contains('<') {
        return word.to_owned();
    }
    let start = word.len() - word.trim_start_matches(edge).len();
    let end = start + core.len();
    format!("{}{}{}", &word[..start], masked(core), &word[end..])
}

fn masked(core: &str) -> String {
    let digits = core.chars().any(|c| c.is_ascii_digit());
    let hex = |part: &str| {
        part.len() >= HEX_MIN
            && part.chars().all(|c| c.is_ascii_hexdigit())
            && part.chars().any(|c| c.is_ascii_digit())
    };
    if core.contains("://") {
        return "<url>".to_owned();
    }
    if core.contains(['/', '\\']) && core.len() > 1 {
        return "<path>".to_owned();
    }
    if !digits {
        return core.to_owned();
    }
    if core.split('-').any(hex) || core.strip_prefix("0x").is_some() {
        return "<id>".to_owned();
    }
    // `key=12` keeps its key, `12ms` its unit.
    let mut out = String::new();
    for c in core.chars() {
        let number = c.is_ascii_digit() || (matches!(c, '.' | ',') && out.ends_with("<n>"));
        if !number {
            out.push(c);
        } else if !out.ends_with("<n>") {
            out.push_str("<n>");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_masked_and_the_rest_stays() {
        let table = [
            ("timeout after 30 s", "timeout after <n> s"),
            ("timeout after 1.5s (retry 3)", "timeout after <n>s (retry <n>)"),
            ("no such file: /tmp/a/b.txt", "no such file: <path>"),
            ("cannot find 'the door' here", "cannot find <text> here"),
            ("request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed", "request <id> failed"),
            ("\n  GET https://example.org/x?y=1 gave 404\nat line 3", "GET <url> gave <n>"),
            ("it isn't there, can't open", "it isn't there, can't open"),
            ("code=12 is wrong", "code=<n> is wrong"),
        ];
        for (error, expected) in table {
            assert_eq!(template(error).as_deref(), Some(expected), "{error}");
        }
    }

    #[test]
    fn an_error_without_words_is_none() {
        for error in ["", "\n", "12", "404 500"] {
            assert_eq!(template(error), None, "{error}");
        }
    }
}
