//! Lines and words of a text.

/// Where the lines of a text start.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of a byte, from 1.
    pub(crate) fn of(&self, byte: usize) -> u32 {
        let before = self.0.partition_point(|start| *start <= byte);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

/// The text, cut behind so many characters; what is missing shows as `…`.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The text without what it only quotes: code spans, and what stands in double quotes.
pub(crate) fn without_quotes(text: &str) -> String {
    let mut rest = text;
    let mut said = String::new();
    // What was not found once does not stand further on either, so it is looked for once.
    let mut missing: Vec<String> = Vec::new();
    while let Some(at) = rest.find(['`', '"', '“']) {
        let (before, from) = rest.split_at(at);
        said.push_str(before);
        let ticks = from.len() - from.trim_start_matches('`').len();
        let (open, close) = match from.chars().next() {
            Some('“') => ('“'.len_utf8(), "”".to_owned()),
            Some('"') => (1, "\"".to_owned()),
            _ => (ticks, "`".repeat(ticks)),
        };
        let inside = from.get(open..).unwrap_or_default();
        let is_missing = missing.iter().any(|mark| close.starts_with(mark.as_str()));
        let end = if is_missing { None } else { inside.find(&close) };
        match end {
            // A word stands in for it, so that the sentence keeps its shape.
            Some(end) => {
                said.push_str(" it ");
                rest = inside.get(end + close.len()..).unwrap_or_default();
            }
            None => {
                said.push(' ');
                rest = inside;
                if !is_missing {
                    missing.push(close);
                }
            }
        }
    }
    said.push_str(rest);
    said
}

/// A part of a text: what it says, or a code span with its backticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Said(&'a str),
    Code(&'a str),
}

/// The parts of a text, in order.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        let length = from.len() - from.trim_start_matches('`').len();
        let (open, inside) = from.split_at(length);
        // Without a close it is no code.
        let Some(end) = inside.find(open) else { break };
        let (code, after) = from.split_at(length + end + length);
        parts.extend([Part::Said(before), Part::Code(code)]);
        rest = after;
    }
    parts.push(Part::Said(rest));
    parts
}

/// The words in lower case, without the marks around them; hyphens part words.
pub(crate) fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—'));
    let words = parts.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%'));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_quoted_is_left_out() {
        let text = "It says ``a ` b``, \"good\" and “nice”, or ` open";
        let said = without_quotes(text);
        assert_eq!(words(&said).join(" "), "it says it it and it or open");
        assert_eq!(without_quotes("a \" b"), "a   b");
        assert_eq!(without_quotes("“"), " ");
        assert_eq!(without_quotes("``a `b` “c \"d\" “e"), " a  it   c  it   e");
        assert_eq!(without_quotes(&"“ \"".repeat(100_000)).len(), 300_000);
    }

    #[test]
    fn a_code_span_is_a_part_of_its_own() {
        let found = parts("a `b` c ``d ` e`` f `g");
        let expected = [
            Part::Said("a "),
            Part::Code("`b`"),
            Part::Said(" c "),
            Part::Code("``d ` e``"),
            Part::Said(" f `g"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_is_counted_from_one() {
        let lines = Lines::new("a\nb\n\nc");
        assert_eq!([0, 1, 2, 4, 5].map(|byte| lines.of(byte)), [1, 1, 2, 3, 4]);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöü", 2), "äö…");
    }
}
