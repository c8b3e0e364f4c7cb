//! Reads the list items of a rubric.

/// A list item of a rubric.
///
/// ```
/// use lucid_sdk::grader::rubric_items;
///
/// let item = &rubric_items("# Report\n\n- It has a title.\n")[0];
/// assert_eq!((item.text.as_str(), item.line), ("It has a title.", 3));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RubricItem {
    /// Its text on one line, without the list's own marks.
    pub text: String,
    /// The line it starts on, from 1.
    pub line: u32,
}

/// Reads the list items of a rubric, in order.
///
/// A rubric is Markdown. Its list items are criteria; one that has a list below it says what
/// that list is about, and is none. What stands in fenced code is no item.
///
/// ```
/// use lucid_sdk::grader::rubric_items;
///
/// let rubric = "1. The report:\n   - [ ] has a title\n   - names every\n     source\n";
/// let items = rubric_items(rubric);
/// let texts: Vec<_> = items.iter().map(|item| item.text.as_str()).collect();
/// assert_eq!(texts, ["has a title", "names every source"]);
/// ```
pub fn rubric_items(rubric: &str) -> Vec<RubricItem> {
    let mut reader = Reader::default();
    let mut fence = None;
    for (number, line) in (1..).zip(rubric.lines()) {
        let bare = line.trim();
        let mark = bare.get(..3).filter(|mark| ["```", "~~~"].contains(mark));
        match (fence, mark) {
            (None, None) => reader.line(number, line, bare),
            (None, Some(_)) => fence = mark,
            (Some(open), mark) if mark == Some(open) => fence = None,
            (Some(_), _) => {}
        }
    }
    reader.end_item();
    reader.items
}

#[derive(Default)]
struct Reader {
    items: Vec<RubricItem>,
    /// The item that the next lines may continue.
    open: Option<Open>,
}

struct Open {
    item: RubricItem,
    indent: usize,
    /// Whether a blank line followed: only what is indented then belongs to it.
    paused: bool,
}

impl Reader {
    fn line(&mut self, number: u32, line: &str, bare: &str) {
        let indent = line.len() - line.trim_start().len();
        if let Some(text) = item_text(bare) {
            let below = self.open.as_ref().is_some_and(|open| indent > open.indent);
            // What has a list below it is no item: it is replaced.
            if !below {
                self.end_item();
            }
            let item = RubricItem { text: text.to_owned(), line: number };
            self.open = Some(Open { item, indent, paused: false });
            return;
        }
        match &mut self.open {
            Some(open) if bare.is_empty() => open.paused = true,
            Some(open) if !bare.starts_with('#') && (!open.paused || indent > open.indent) => {
                open.item.text.push(' ');
                open.item.text.push_str(bare);
            }
            _ => self.end_item(),
        }
    }

    fn end_item(&mut self) {
        self.items.extend(self.open.take().map(|open| open.item));
    }
}

/// What follows the mark of a list item and a box to tick.
fn item_text(bare: &str) -> Option<&str> {
    let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let marks = if digits > 0 { &['.', ')'][..] } else { &['-', '*', '+'][..] };
    let text = bare.get(digits..)?.strip_prefix(marks)?.strip_prefix([' ', '\t'])?.trim_start();
    let ticked = ["[ ] ", "[x] ", "[X] "].iter().find_map(|tick| text.strip_prefix(tick));
    Some(ticked.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rubric: &str, expected: &[(u32, &str)]) {
        let items = rubric_items(rubric);
        let items: Vec<_> = items.iter().map(|item| (item.line, item.text.as_str())).collect();
        assert_eq!(items, expected);
    }

    #[test]
    fn every_mark_of_a_list_makes_an_item() {
        let rubric = "- a\n* b\n+ c\n1. d\n12) e\n- [x] f\n-g\n1.h\n";
        check(rubric, &[(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f -g 1.h")]);
        check("No list.\n\n# - a\n", &[]);
        check("", &[]);
    }

    #[test]
    fn a_text_goes_on_until_something_else_begins() {
        check("- a\n  b\nc\n\n  d\n\ne\n", &[(1, "a b c d")]);
        check("- a\n# b\nc\n- d\r\n", &[(1, "a"), (4, "d")]);
    }

    #[test]
    fn what_has_a_list_below_it_is_no_item() {
        check("- a\n\n  - b\n    - c\n  - d\n- e\n", &[(4, "c"), (5, "d"), (6, "e")]);
    }

    #[test]
    fn code_is_no_item() {
        check("- a\n```\n- b\n~~~\n```\n- c\n~~~\n- d\n", &[(1, "a"), (6, "c")]);
    }

    #[test]
    fn a_hostile_rubric_is_read() {
        check(&"- ".repeat(100_000), &[(1, "- ".repeat(99_999).trim())]);
        assert_eq!(rubric_items(&"- é\n".repeat(10_000)).len(), 10_000);
    }
}
