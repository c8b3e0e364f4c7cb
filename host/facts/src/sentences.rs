//! A text as sentences that may state something: no code, tables or quotations.

use crate::words::unmarked;

/// What is longer is prose, not a statement.
pub(crate) const SENTENCE_BYTES_MAX: usize = 400;
/// Lines are joined to a paragraph of so many bytes at most.
const PARAGRAPH_BYTES_MAX: usize = 4096;
/// Words that a dot follows without ending a sentence.
const SHORT: [&str; 18] = [
    "dr", "mr", "mrs", "ms", "prof", "st", "vs", "no", "e.g", "i.e", "approx", "ca", "inc", "ltd",
    "corp", "co", "etc", "jr",
];

/// The paragraphs and list items of a text, each with its sentences.
pub(crate) fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let mut paragraphs = Vec::new();
    let mut open = String::new();
    let mut open_is_keyed = false;
    let mut fenced = false;
    for line in text.lines() {
        let trimmed = line.trim();
        fenced ^= is_fence(trimmed);
        let (bare, _) = unmarked(trimmed);
        let skipped = fenced || is_skipped(trimmed);
        let keyed = bare.contains(": ") || bare.contains('=');
        let joins = !skipped
            && !bare.is_empty()
            && bare.len() == trimmed.len()
            && !keyed
            && !open_is_keyed
            && open.len() < PARAGRAPH_BYTES_MAX;
        if !joins {
            close(&mut paragraphs, &mut open);
        }
        if !skipped && !bare.is_empty() {
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(bare);
            open_is_keyed = keyed;
        } else {
            open_is_keyed = false;
        }
    }
    close(&mut paragraphs, &mut open);
    paragraphs
}

fn is_fence(line: &str) -> bool {
    line.starts_with("```") || line.starts_with("~~~")
}

/// Whether a line states nothing by itself: quotations are somebody else's words, headings
/// are given apart, and what is to do is not so yet.
pub(crate) fn is_skipped(line: &str) -> bool {
    is_fence(line) || line.starts_with(['|', '>', '#']) || unmarked(line).1
}

fn close(paragraphs: &mut Vec<Vec<String>>, open: &mut String) {
    let sentences = split(open);
    if !sentences.is_empty() {
        paragraphs.push(sentences);
    }
    open.clear();
}

/// The sentences of a paragraph, each with the mark that ends it.
fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let apart = characters.peek().is_none_or(|(_, next)| next.is_whitespace());
        let ends = match c {
            '。' | '！' | '？' => true,
            '!' | '?' => apart,
            '.' => apart && !is_short(text.get(start..at).unwrap_or_default()),
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            push(&mut sentences, text.get(start..end).unwrap_or_default());
            start = end;
        }
    }
    push(&mut sentences, text.get(start..).unwrap_or_default());
    sentences
}

fn push(sentences: &mut Vec<String>, sentence: &str) {
    let sentence = sentence.trim();
    if sentence.contains(char::is_alphanumeric) {
        sentences.push(sentence.to_owned());
    }
}

/// Whether what stands before a dot is an abbreviation or an initial.
fn is_short(before: &str) -> bool {
    let word = before.rsplit([' ', '(']).next().unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    initial || SHORT.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        assert_eq!(paragraphs(text), expected, "{text:?}");
    }

    #[test]
    fn items_and_keyed_lines_stand_alone_and_broken_lines_are_joined() {
        check(
            "The port\nis 80. It is open!\n\nNext",
            &[&["The port is 80.", "It is open!"], &["Next"]],
        );
        check("- a b\n- c d\n  e f", &[&["a b"], &["c d e f"]]);
        check("port: 80\nhost: x\nplain", &[&["port: 80"], &["host: x"], &["plain"]]);
    }

    #[test]
    fn code_tables_quotations_headings_and_things_to_do_state_nothing() {
        check("```\nport: 80\n```\n| a | b |\n> said: so\n# a: b\n- [ ] c: d\n", &[]);
        check("a\n~~~\nb: c", &[&["a"]]);
    }

    #[test]
    fn abbreviations_numbers_and_names_end_no_sentence() {
        check(
            "The lead is Dr. J. Smith. Use v1.2 now.",
            &[&["The lead is Dr. J. Smith.", "Use v1.2 now."]],
        );
    }

    #[test]
    fn any_length_is_read() {
        assert_eq!(paragraphs(&"word ".repeat(1000)).len(), 1);
        assert!(paragraphs(&"word\n".repeat(10_000)).len() > 1);
    }
}
