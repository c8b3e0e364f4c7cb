//! A memory as entries: close to how the host splits one, and much simpler.

use crate::dream::{Entry, EntryKind};

/// Splits a Markdown text at blank lines, headings, list items and fenced code.
pub(super) fn entries(path: &str, markdown: &str, updated_at_ms: u64) -> Vec<Entry> {
    let mut splitter = Splitter::default();
    markdown.lines().for_each(|line| splitter.line(line));
    splitter.end();
    let mut above: Vec<(usize, String)> = Vec::new();
    let entry = |(index, (kind, text)): (u32, (EntryKind, String))| {
        let level = text.len() - text.trim_start_matches('#').len();
        if kind == EntryKind::Heading {
            above.retain(|(other, _)| *other < level);
        }
        let headings = above.iter().map(|(_, text)| text.clone()).collect();
        if kind == EntryKind::Heading {
            above.push((level, text.trim_matches('#').trim().to_owned()));
        }
        let (id, path) = (format!("ent_{path}_{index}"), path.to_owned());
        Entry { id, path, index, headings, kind, text, updated_at_ms }
    };
    (0..).zip(splitter.entries).map(entry).collect()
}

#[derive(Default)]
struct Splitter {
    entries: Vec<(EntryKind, String)>,
    open: Option<(EntryKind, String)>,
    /// What closes the code that is open.
    fence: Option<String>,
    /// Blank lines since the last text.
    blank: bool,
}

impl Splitter {
    fn line(&mut self, line: &str) {
        let bare = line.trim();
        let indented = line.starts_with([' ', '\t']);
        if self.fence.is_some() {
            self.push(line);
            if self.fence.as_deref().is_some_and(|fence| bare.starts_with(fence)) {
                self.fence = None;
            }
        } else if bare.is_empty() {
            self.blank = true;
        } else if indented && self.in_item() {
            self.push(line);
        } else if let Some(fence) = ["```", "~~~"].into_iter().find(|f| bare.starts_with(f)) {
            self.begin(EntryKind::Block, line);
            self.fence = Some(fence.to_owned());
        } else if bare.starts_with('#') {
            self.begin(EntryKind::Heading, line);
        } else if is_item(bare) {
            self.begin(EntryKind::Item, line);
        } else if bare.starts_with(['|', '>']) {
            let goes_on = !self.blank && self.kind() == Some(EntryKind::Block);
            if goes_on { self.push(line) } else { self.begin(EntryKind::Block, line) }
        } else if !self.blank && matches!(self.kind(), Some(EntryKind::Item | EntryKind::Paragraph))
        {
            self.push(line);
        } else {
            self.begin(EntryKind::Paragraph, line);
        }
    }

    fn kind(&self) -> Option<EntryKind> {
        self.open.as_ref().map(|(kind, _)| *kind)
    }

    fn in_item(&self) -> bool {
        self.kind() == Some(EntryKind::Item)
    }

    fn begin(&mut self, kind: EntryKind, line: &str) {
        self.end();
        self.blank = false;
        self.open = Some((kind, line.to_owned()));
    }

    fn push(&mut self, line: &str) {
        let between = if std::mem::take(&mut self.blank) { "\n\n" } else { "\n" };
        if let Some((_, text)) = &mut self.open {
            text.push_str(between);
            text.push_str(line);
        }
    }

    fn end(&mut self) {
        self.entries.extend(self.open.take());
    }
}

fn is_item(bare: &str) -> bool {
    let number = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = number.len() < bare.len() && number.starts_with([')', '.']);
    let mark = if numbered { number } else { bare };
    (numbered || bare.starts_with(['-', '*', '+'])) && mark.get(1..2) == Some(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_is_split_as_its_author_would() {
        let text = "# A\nintro\ngoes on\n\n## B\n- one\n  more\n\n  - nested\n1. two\n\n\
                    | x |\n| y |\n```sh\n# no heading\n\n- no item\n```\n# C\n";
        let entries = entries("/a.md", text, 7);
        let found: Vec<_> =
            entries.iter().map(|e| (e.kind, e.text.as_str(), e.headings.join("/"))).collect();
        let expected = [
            (EntryKind::Heading, "# A", ""),
            (EntryKind::Paragraph, "intro\ngoes on", "A"),
            (EntryKind::Heading, "## B", "A"),
            (EntryKind::Item, "- one\n  more\n\n  - nested", "A/B"),
            (EntryKind::Item, "1. two", "A/B"),
            (EntryKind::Block, "| x |\n| y |", "A/B"),
            (EntryKind::Block, "```sh\n# no heading\n\n- no item\n```", "A/B"),
            (EntryKind::Heading, "# C", ""),
        ];
        assert_eq!(found, expected.map(|(kind, text, above)| (kind, text, above.to_owned())));
    }
}
