//! How wide a text is on a terminal, and making it fit.

use unicode_width::UnicodeWidthChar as _;

use super::plain;

/// Columns of a terminal that does not say how many it has.
const COLUMNS: usize = 80;

/// Nothing is drawn for fewer.
const COLUMNS_MIN: usize = 24;

/// The columns of the terminal: COLUMNS, else 80; never less than 24.
pub(crate) fn terminal() -> usize {
    columns(std::env::var("COLUMNS").ok().as_deref())
}

fn columns(said: Option<&str>) -> usize {
    let said = said.and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    said.unwrap_or(COLUMNS).max(COLUMNS_MIN)
}

/// The columns that a text takes.
pub(crate) fn of(text: &str) -> usize {
    text.chars().map(character).sum()
}

fn character(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Cuts a text to some columns, on one line; what is missing shows as `…`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    wrap(text, columns, 1).pop().unwrap_or_default()
}

/// Puts a text on at most so many lines of so many columns, broken between words where that
/// is possible; what is missing shows as `…` at the end.
pub(crate) fn wrap(text: &str, columns: usize, lines_max: usize) -> Vec<String> {
    let plain = plain(text);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in plain.split_whitespace() {
        let mut word = word;
        while !word.is_empty() {
            let gap = usize::from(!line.is_empty());
            if of(&line) + gap + of(word) <= columns {
                line.push_str(&" "[..gap]);
                line.push_str(word);
                break;
            }
            if line.is_empty() {
                // A word that is longer than a line is broken anywhere.
                let (head, tail) = split(word, columns);
                line.push_str(head);
                word = tail;
            }
            lines.push(std::mem::take(&mut line));
            if lines.len() > lines_max {
                break;
            }
        }
        if lines.len() > lines_max {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            shorten(last, columns);
        }
    }
    lines
}

/// Splits a word behind what fits into some columns, but behind one character at least.
fn split(word: &str, columns: usize) -> (&str, &str) {
    let mut taken = 0;
    let end = word.char_indices().find(|(at, c)| {
        taken += character(*c);
        *at > 0 && taken > columns
    });
    word.split_at(end.map_or(word.len(), |(at, _)| at))
}

/// Puts `…` at the end of a line.
fn shorten(line: &mut String, columns: usize) {
    while of(line) >= columns && line.pop().is_some() {}
    while line.ends_with(' ') {
        line.pop();
    }
    if columns > 0 {
        line.push('…');
    }
}

/// The start of a text that fits into some columns, with the blanks in it.
pub(crate) fn clip(text: &str, columns: usize) -> String {
    let plain = plain(text).replace(['\n', '\t'], " ");
    let mut taken = 0;
    let fits = |c: &char| {
        taken += character(*c);
        taken <= columns
    };
    plain.chars().take_while(fits).collect()
}

/// A line on as many lines of so many columns as it needs, broken anywhere, with its blanks.
pub(crate) fn chunks(line: &str, columns: usize) -> Vec<String> {
    let plain = plain(line).replace(['\n', '\t'], " ");
    let mut lines = Vec::new();
    let mut rest = plain.as_str();
    while !rest.is_empty() {
        let (head, tail) = split(rest, columns);
        lines.push(head.to_owned());
        rest = tail;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_does_not_say_its_width_has_80_columns() {
        let said = [None, Some(""), Some("0"), Some("wide"), Some("132"), Some("1")];
        assert_eq!(said.map(columns), [80, 80, 80, 80, 132, 24]);
    }

    #[test]
    fn a_text_is_broken_between_words_and_ends_with_what_is_missing() {
        assert_eq!(wrap("one two  three\nfour", 9, 3), ["one two", "three", "four"]);
        assert_eq!(wrap("one two three four", 9, 2), ["one two", "three…"]);
        assert_eq!(wrap("one two three", 7, 1), ["one tw…"]);
        assert_eq!(wrap("one two", 7, 1), ["one two"]);
        assert_eq!(wrap("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
        assert!(wrap(" \n", 4, 9).is_empty());
        assert_eq!(cut("a\u{1b}[2J", 9), "a\u{fffd}[2J");
    }

    #[test]
    fn a_line_in_chunks_loses_nothing() {
        assert_eq!(chunks("  ab  cde", 4), ["  ab", "  cd", "e"]);
        assert!(chunks("", 4).is_empty());
    }

    #[test]
    fn no_line_is_wider_than_asked_whatever_stands_in_it() {
        let text =
            "plain 漢字かな交じり文 e\u{301}e\u{301} 👩‍🚀👩‍🚀 \u{202e}abc a-very-long-word-without-end";
        for columns in 2..40 {
            for line in wrap(text, columns, 4) {
                assert!(of(&line) <= columns, "{columns}: {line}");
            }
        }
        assert!(wrap("漢字", 1, 4).iter().all(|line| of(line) <= 2));
    }
}
