//! A text as words, and what of their spelling does not matter.
//!
//! Case matters where a machine reads it: in code, paths, flags, `snake_case`, and units
//! ("10 MW" is not "10 mW"). Everywhere else it does not.

use std::collections::BTreeSet;

use crate::letters::{clean, lower};
use crate::lists::{CASED_UNITS, FILLERS, unit};

/// A word, a number, a symbol, or a span of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is compared.
    pub(crate) text: String,
    /// As it was written, without marks around it.
    pub(crate) raw: String,
    /// Whether it is a span of code that says more than its words would.
    pub(crate) code: bool,
}

/// The text as it is compared: in lower case, with single spaces, without Markdown's marks
/// and without punctuation.
///
/// Two texts that are equal here say the same in the same words. What a mark means is kept:
/// code in which case matters, `?`, comparisons, signs, `~~struck~~`, `[x]` and `[ ]` (as
/// `[_]`). Normalising twice is the same as once.
///
/// ```
/// use lucid_facts::normal;
/// assert_eq!(normal("* **Use** `pnpm`\n  for installs!"), "use pnpm for installs");
/// assert_ne!(normal("`git branch -d`"), normal("`git branch -D`"));
/// ```
#[must_use]
pub fn normal(text: &str) -> String {
    join(&words(text))
}

/// The distinct words of a text as [`normal`] writes them, without those that carry nothing
/// ("the", "please").
#[must_use]
pub fn tokens(text: &str) -> BTreeSet<String> {
    let words = words(text).into_iter().map(|word| word.text);
    words.filter(|word| !FILLERS.contains(word.as_str())).collect()
}

pub(crate) fn join(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    for (number, (piece, code)) in pieces(text).into_iter().enumerate() {
        if code {
            push_code(&mut out, piece);
        } else {
            push_text(&mut out, piece, number == 0);
        }
    }
    // What came to the front only because something before it was left out is a marker.
    let front = out.iter().take_while(|w| !w.code && matches!(w.text.as_str(), ">" | "+"));
    let front = front.count();
    out.drain(..front);
    out
}

/// The text cut at its backticks: what stands between two of them is code. One too many
/// opens nothing.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        parts.push(before);
        rest = from.trim_start_matches('`');
    }
    parts.push(rest);
    let open = if parts.len() % 2 == 0 { parts.len() - 1 } else { parts.len() };
    parts.into_iter().enumerate().map(|(at, part)| (part, at % 2 == 1 && at < open)).collect()
}

fn push_code(out: &mut Vec<Word>, code: &str) {
    let code = code.trim();
    if code.is_empty() {
        return;
    }
    let mut plain = Vec::new();
    push_text(&mut plain, code, false);
    let marker = plain.first().is_some_and(|word| matches!(word.text.as_str(), ">" | "+"));
    if !marker && join(&plain) == code {
        out.extend(plain);
    } else {
        let raw = code.to_owned();
        out.push(Word { text: format!("`{code}`"), raw, code: true });
    }
}

fn push_text(out: &mut Vec<Word>, text: &str, at_start: bool) {
    for (number, line) in clean(text).split('\n').enumerate() {
        let mut line = line.trim();
        if at_start || number > 0 {
            let (rest, to_do) = unmarked(line);
            line = rest;
            if to_do {
                push(out, "[_]", "[_]");
            }
        }
        for token in line.split_whitespace() {
            push_token(out, token);
        }
    }
}

/// A line without the markers it begins with, and whether they are of something to do.
pub(crate) fn unmarked(line: &str) -> (&str, bool) {
    let mut line = line.trim();
    loop {
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = line.len() - digits.len();
        let hashes = line.trim_start_matches('#');
        let rest = if let Some(rest) = line.strip_prefix("[ ] ") {
            return (rest.trim_start(), true);
        } else if matches!(line, "-" | "*" | "+" | ">" | "•") {
            ""
        } else if let Some(rest) =
            ["- ", "* ", "+ ", "> ", "• ", "· "].iter().find_map(|mark| line.strip_prefix(mark))
        {
            rest
        } else if let Some(rest) =
            [". ", ") "].iter().find_map(|mark| digits.strip_prefix(mark)).filter(|_| count > 0)
            && count <= 3
        {
            rest
        } else if hashes.len() < line.len() && hashes.starts_with(' ') {
            hashes
        } else {
            return (line, false);
        };
        line = rest.trim_start();
    }
}

fn push_token(out: &mut Vec<Word>, token: &str) {
    if matches!(token, "[x]" | "[X]" | "[_]") {
        return push(out, &token.to_lowercase(), token);
    }
    let (core, asks) = trimmed(token);
    let silent =
        core.chars().all(|c| matches!(c, '-' | '|' | '#' | '=')) && !matches!(core, "=" | "==");
    if !core.is_empty() && !silent {
        match measure(core) {
            Some((number, unit)) => {
                push(out, &cased(number, false), number);
                push(out, &cased(unit, true), unit);
            }
            None => {
                let numbered = out.last().is_some_and(|word| ends_in_digit(&word.text));
                push(out, &cased(core, numbered), core);
            }
        }
    }
    if asks {
        push(out, "?", "?");
    }
}

fn push(out: &mut Vec<Word>, text: &str, raw: &str) {
    out.push(Word { text: text.to_owned(), raw: raw.to_owned(), code: false });
}

fn ends_in_digit(word: &str) -> bool {
    word.ends_with(|c: char| c.is_ascii_digit())
}

/// A token without punctuation around it, and whether that asked something.
fn trimmed(token: &str) -> (&str, bool) {
    let mut core = token;
    while let Some(first) = core.chars().next() {
        let rest = core.get(first.len_utf8()..).unwrap_or_default();
        // ".5", ".env" and "../a" begin with their dot.
        let dotted =
            rest.starts_with(|c: char| c.is_alphanumeric() || c == '/') || rest.starts_with("./");
        if !is_lead(first) && (first != '.' || dotted) {
            break;
        }
        core = rest;
    }
    let before = core;
    let core = core.trim_end_matches(is_tail);
    let tail = before.get(core.len()..).unwrap_or_default();
    (core, tail.contains(['?', '؟']))
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | '{' | ')' | ']' | '}' | '"' | '\'' | ',' | ';' | '*' | '_' | '…' | '•' | '·'
    ) || matches!(c, '、' | '。' | '「' | '」' | '『' | '』' | '【' | '】' | '《' | '》')
}

/// What may stand before a word. Not `!`, which turns a condition round, and not `:`.
fn is_lead(c: char) -> bool {
    is_mark(c) || matches!(c, '¿' | '¡')
}

fn is_tail(c: char) -> bool {
    is_mark(c) || matches!(c, '.' | ':' | '!' | '?' | '؟' | '।')
}

/// "10ms" as "10" and "ms".
fn measure(word: &str) -> Option<(&str, &str)> {
    let signed = word.trim_start_matches(['-', '+']);
    let number = signed.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let (number, name) = word.split_at(word.len() - number.len());
    let number = number.trim_end_matches(['.', ',']);
    let known = unit(&lower(name)).is_some() || CASED_UNITS.contains(name);
    (known && ends_in_digit(number)).then_some((number, name))
}

/// A word in the case that it is compared in.
fn cased(word: &str, after_number: bool) -> String {
    let keeps = is_identifier(word) || (after_number && CASED_UNITS.contains(word));
    if keeps { word.to_owned() } else { lower(word) }
}

/// Whether a word is a name for a machine, in which case matters.
pub(crate) fn is_identifier(word: &str) -> bool {
    let (mut humps, mut digits, mut small) = (false, false, false);
    for c in word.chars() {
        if matches!(c, '_' | '/' | '\\' | '.' | ':' | '=' | '<' | '>' | '@' | '$') {
            return true;
        }
        humps |= small && c.is_uppercase();
        digits |= c.is_ascii_digit();
        small = c.is_lowercase();
    }
    (humps && digits) || (word.starts_with('-') && word.len() > 1)
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
