//! What one line of Markdown can begin or end.

/// The columns from which on a line is indented code.
pub(crate) const CODE_INDENT: usize = 4;

/// One line, without its line break.
pub(crate) struct Line<'a> {
    /// Where it starts in the document.
    pub(crate) start: usize,
    /// Where it ends, without the line break.
    pub(crate) end: usize,
    /// How far it is indented, in columns.
    pub(crate) indent: usize,
    /// What follows the indent, without spaces at the end.
    pub(crate) body: &'a str,
}

/// An opening code fence: its character and how many.
pub(crate) type Fence = (char, usize);

/// The lines of a text, without a byte order mark.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = Vec::new();
    for whole in text[start..].split_inclusive('\n') {
        let content = whole.strip_suffix('\n').unwrap_or(whole).trim_end_matches('\r');
        let body = content.trim_start_matches([' ', '\t']);
        let mut indent = 0;
        for byte in content[..content.len() - body.len()].bytes() {
            indent += if byte == b'\t' { 4 - indent % 4 } else { 1 };
        }
        let body = body.trim_end_matches([' ', '\t', '\r']);
        lines.push(Line { start, end: start + content.len(), indent, body });
        start += whole.len();
    }
    lines
}

impl Line<'_> {
    /// Nothing but spaces.
    pub(crate) fn is_blank(&self) -> bool {
        self.body.is_empty()
    }

    fn is_code(&self) -> bool {
        self.indent >= CODE_INDENT
    }

    /// The level and title of `## Title`.
    pub(crate) fn heading(&self) -> Option<(u8, String)> {
        let rest = self.body.trim_start_matches('#');
        let level = u8::try_from(self.body.len() - rest.len()).ok()?;
        let fits = (1..=6).contains(&level)
            && (rest.is_empty() || rest.starts_with([' ', '\t']))
            && !self.is_code();
        fits.then(|| {
            let title = rest.trim();
            let open = title.trim_end_matches('#');
            let closed = open.is_empty() || open.ends_with([' ', '\t']);
            (level, if closed { open.trim_end() } else { title }.to_owned())
        })
    }

    /// The level of the heading whose title stands above this line of `=` or `-`.
    pub(crate) fn underline(&self) -> Option<u8> {
        let only = |byte| self.body.bytes().all(|other| other == byte);
        match self.body.bytes().next()? {
            _ if self.is_code() => None,
            b'=' if only(b'=') => Some(1),
            b'-' if only(b'-') => Some(2),
            _ => None,
        }
    }

    /// `---`, `* * *` and the like.
    pub(crate) fn is_rule(&self) -> bool {
        let Some(first) = self.body.chars().next() else { return false };
        let mut count = 0;
        for character in self.body.chars() {
            match character {
                ' ' | '\t' => {}
                _ if character == first => count += 1,
                _ => return false,
            }
        }
        matches!(first, '-' | '*' | '_') && count >= 3 && !self.is_code()
    }

    /// Three or more backticks or tildes that open a code block.
    pub(crate) fn fence(&self) -> Option<Fence> {
        let first = self.body.chars().next()?;
        let info = self.body.trim_start_matches(first);
        let count = self.body.len() - info.len();
        let fits = match first {
            '`' => !info.contains('`'),
            '~' => true,
            _ => false,
        };
        (fits && count >= 3 && !self.is_code()).then_some((first, count))
    }

    /// Whether the line closes a code block.
    pub(crate) fn closes(&self, (character, count): Fence) -> bool {
        !self.is_code()
            && self.body.len() >= count
            && self.body.chars().all(|other| other == character)
    }

    /// `<!--`.
    pub(crate) fn is_comment(&self) -> bool {
        self.body.starts_with("<!--") && !self.is_code()
    }

    /// `>`.
    pub(crate) fn is_quote(&self) -> bool {
        self.body.starts_with('>') && !self.is_code()
    }

    /// `- `, `* `, `+ `, `1. ` or `1) `.
    pub(crate) fn is_item(&self) -> bool {
        self.marker().is_some()
    }

    /// The marker and what follows it.
    fn marker(&self) -> Option<(&str, &str)> {
        let digits = self.body.bytes().take_while(u8::is_ascii_digit).count();
        let sign = *self.body.as_bytes().get(digits)?;
        let fits = match sign {
            b'-' | b'*' | b'+' => digits == 0,
            b'.' | b')' => (1..=9).contains(&digits),
            _ => false,
        };
        if !fits || self.is_code() {
            return None;
        }
        let (marker, rest) = self.body.split_at(digits + 1);
        (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some((marker, rest.trim()))
    }

    /// Whether the line ends a paragraph without a blank line between. As in CommonMark,
    /// `1986. A good year` does not: it is a sentence that was wrapped.
    pub(crate) fn interrupts_paragraph(&self) -> bool {
        let item = self.marker().is_some_and(|(marker, rest)| {
            !rest.is_empty() && (marker.len() == 1 || marker == "1." || marker == "1)")
        });
        item || self.begins_block() || self.is_quote()
    }

    /// Whether the line begins a heading, rule, code block or comment.
    pub(crate) fn begins_block(&self) -> bool {
        self.heading().is_some() || self.is_rule() || self.fence().is_some() || self.is_comment()
    }

    /// `| --- | :-: |`, the second line of a table.
    pub(crate) fn is_table_rule(&self) -> bool {
        let known = |byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t');
        !self.is_code()
            && self.body.bytes().all(known)
            && self.body.contains('|')
            && self.body.contains('-')
    }
}
