//! Markdown as it is written: lines of a bounded width, and the anchors of headings.

/// The widest line of a page, in columns.
pub(super) const COLUMNS_MAX: usize = 100;

/// Wraps doc comments, which are Markdown: paragraphs are filled anew; lists and blocks of
/// code keep their lines.
pub(super) fn wrap(text: &str) -> String {
    wrap_after("", text)
}

/// Wraps a text that follows what begins its first line, such as the mark of a list.
///
/// All further lines are indented as a list's item has them, where the first is one.
pub(super) fn wrap_after(first: &str, text: &str) -> String {
    let indent = if first.starts_with("- ") { "  " } else { "" };
    let mut out = String::new();
    let mut paragraph = first.to_owned();
    let mut code = false;
    for line in text.trim().lines().map(str::trim_end) {
        let fence = line.trim_start().starts_with("```");
        if fence || code || line.is_empty() || begins_block(line) {
            flush(&mut out, &mut paragraph, indent);
        }
        if fence || code {
            out.push_str(&format!("{indent}{line}\n"));
        } else if line.is_empty() {
            out.push('\n');
        } else {
            paragraph.push_str(line.trim_start());
            paragraph.push(' ');
        }
        code ^= fence;
    }
    flush(&mut out, &mut paragraph, indent);
    out
}

/// Writes a paragraph in lines that are as long as they may be.
fn flush(out: &mut String, paragraph: &mut String, indent: &str) {
    let text = std::mem::take(paragraph);
    let continued = if text.starts_with("- ") { "  " } else { indent };
    let mut line = String::new();
    for word in words(&text) {
        let wide = line.chars().count() + 1 + word.chars().count() > COLUMNS_MAX;
        // What would begin a list or heading on a line of its own stays where it is.
        if wide && !line.is_empty() && !begins_block(&format!("{word} ")) {
            out.push_str(&format!("{line}\n"));
            line = format!("{continued}{word}");
        } else if line.is_empty() {
            line = word;
        } else {
            line = format!("{line} {word}");
        }
    }
    if !line.is_empty() {
        out.push_str(&format!("{line}\n"));
    }
}

/// The words of a text. What stands in backticks is one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for part in text.split(' ').filter(|part| !part.is_empty()) {
        match words.last_mut().filter(|_| open) {
            Some(word) => word.push_str(&format!(" {part}")),
            None => words.push(part.to_owned()),
        }
        open ^= part.matches('`').count() % 2 == 1;
    }
    words
}

/// Whether Markdown takes a line for something else than the next one of a paragraph.
fn begins_block(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = number.len() < line.len() && (number.starts_with(". ") || number == ".");
    numbered
        || ["- ", "* ", "+ ", "# ", "## ", "> ", "| "].iter().any(|mark| line.starts_with(mark))
}

/// The anchor of a heading, as it is made where the pages are read.
pub(super) fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_to_the_width_and_stay_apart() {
        let long = "word ".repeat(50);
        let wrapped = wrap(&format!("One\ntwo.\n\n{long}"));
        assert!(wrapped.starts_with("One two.\n\nword word"));
        assert!(wrapped.lines().all(|line| line.chars().count() <= COLUMNS_MAX));
        assert_eq!(wrapped.lines().count(), 2 + 3);
    }

    #[test]
    fn code_is_not_broken_and_lists_keep_their_lines() {
        let text = format!("{} `a b c`.\n- one\n- two\n  more\n```\nx   y\n```", "x".repeat(95));
        let wrapped = wrap(&text);
        let lines: Vec<&str> = wrapped.lines().collect();
        assert_eq!(lines[1..], ["`a b c`.", "- one", "- two more", "```", "x   y", "```"]);
    }

    #[test]
    fn no_line_begins_as_a_list_by_chance() {
        let wrapped = wrap(&format!("{} - and 1. so on", "x".repeat(98)));
        assert!(!wrapped.lines().skip(1).any(begins_block), "{wrapped}");
    }

    #[test]
    fn what_follows_the_mark_of_a_list_is_indented() {
        let wrapped = wrap_after("- `a`: ", &"word ".repeat(40));
        let lines: Vec<&str> = wrapped.lines().collect();
        assert!(lines[0].starts_with("- `a`: word") && lines[1].starts_with("  word"));
    }

    #[test]
    fn an_anchor_is_the_heading_in_small_letters_and_hyphens() {
        assert_eq!(anchor("`call-tool`, a function of `tools`"), "call-tool-a-function-of-tools");
    }
}
