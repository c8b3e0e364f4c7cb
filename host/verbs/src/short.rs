//! Texts in the sentences of failures.

/// Cuts a text to so many characters, on one line, with nothing that moves a cursor.
pub(crate) fn short(text: &str, width: usize) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    let line: String = text.chars().map(shown).take(width.saturating_add(1)).collect();
    if line.chars().count() <= width {
        return line;
    }
    let cut: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_and_no_longer_than_it_may_be() {
        assert_eq!(short("a\nb\tc\u{1b}[2J", 20), "a b c\u{fffd}[2J");
        assert_eq!(short("abcdef", 6), "abcdef");
        assert_eq!(short("abcdefg", 6), "abcde…");
    }
}
