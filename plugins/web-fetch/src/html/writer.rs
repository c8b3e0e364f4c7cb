//! Writing text: white space, line breaks, and what stands at the beginning of a line.

/// How deep lists and quotations are shown; deeper ones look like the last of these.
const DEPTH_MAX: usize = 16;

/// Text of which only a first part is kept, and all is counted, in characters.
#[derive(Debug)]
pub struct Sink {
    text: String,
    kept: usize,
    total: usize,
    max: usize,
}

impl Sink {
    /// Keeps so many characters.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { text: String::new(), kept: 0, total: 0, max }
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        let count = text.chars().count();
        self.total += count;
        let room = self.max - self.kept;
        if count <= room {
            self.text.push_str(text);
            self.kept += count;
        } else {
            self.text.extend(text.chars().take(room));
            self.kept = self.max;
        }
    }

    /// What is kept.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Characters that are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// Characters that were added.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }
}

/// Whether a character is one that a reader of a page would see: no control character, no mark
/// that turns the direction of writing, and nothing of what text can be hidden in.
#[must_use]
pub fn is_shown(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {
            false
        }
        '\u{feff}' | '\u{e0000}'..='\u{e0fff}' => false,
        _ => !c.is_control(),
    }
}

/// What stands at the beginning of lines.
enum Frame {
    Quote,
    List {
        /// The number of the next item, where items have numbers.
        next: Option<u32>,
        /// What stands before an item that was begun, and nothing of it was written.
        mark: Option<String>,
        /// How far the other lines of an item are indented.
        width: usize,
    },
}

/// Writes words. Breaks and spaces are written when something follows them.
pub struct Writer {
    sink: Sink,
    frames: Vec<Frame>,
    /// Lists and quotations beyond [`DEPTH_MAX`].
    deeper: usize,
    /// Line breaks to come, 0 to 2.
    breaks: u8,
    space: bool,
    /// What stands before the next words of a block: the signs of a heading.
    mark: &'static str,
    /// Whether a link begins with the next words.
    bracket: bool,
    /// Whether nothing was written in this cell of a table.
    cell_is_empty: bool,
    /// Whether something was written in this row of a table.
    row_begun: bool,
}

impl Writer {
    /// Writes at most so many characters.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self {
            sink: Sink::new(max),
            frames: Vec::new(),
            deeper: 0,
            breaks: 0,
            space: false,
            mark: "",
            bracket: false,
            cell_is_empty: false,
            row_begun: false,
        }
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Sink {
        self.sink
    }

    /// What follows begins a line.
    pub fn line(&mut self) {
        self.break_at_least(1);
    }

    /// What follows stands below an empty line; within a list, on a line.
    pub fn block(&mut self) {
        let in_list = self.frames.iter().any(|frame| matches!(frame, Frame::List { .. }));
        self.break_at_least(if in_list { 1 } else { 2 });
        self.mark = "";
    }

    /// One line break more, as `<br>` is.
    pub fn line_break(&mut self) {
        self.break_at_least((self.breaks + 1).min(2));
    }

    fn break_at_least(&mut self, breaks: u8) {
        self.space = false;
        if !self.cell_is_empty {
            self.breaks = self.breaks.max(breaks);
        }
    }

    /// Says what stands before the next words of this block.
    pub fn mark(&mut self, mark: &'static str) {
        self.mark = mark;
    }

    /// Writes words, with one space for any white space between them.
    pub fn words(&mut self, text: &str) {
        let mut apart = self.space || text.starts_with(char::is_whitespace);
        let before = apart;
        let mut written = false;
        for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
            let shown: String = word.chars().filter(|c| is_shown(*c)).collect();
            if !shown.is_empty() {
                self.space = apart;
                self.begin();
                self.sink.push(&shown);
                written = true;
            }
            apart = true;
        }
        self.space = text.ends_with(char::is_whitespace) || (!written && before);
    }

    /// Writes text with its white space as it is.
    pub fn as_it_is(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.new_line();
            }
            let shown: String = line.chars().filter(|c| is_shown(*c)).collect();
            if !shown.is_empty() {
                self.begin();
                self.sink.push(&shown);
            }
        }
    }

    /// Ends a line where it is, also an empty one.
    pub fn new_line(&mut self) {
        if self.breaks > 0 && self.sink.total() > 0 {
            self.sink.push("\n");
        }
        self.breaks = 1;
        self.space = false;
        self.cell_is_empty = false;
    }

    /// Writes what is pending before a word.
    fn begin(&mut self) {
        if self.breaks > 0 || self.sink.total() == 0 {
            if self.sink.total() > 0 {
                self.sink.push(if self.breaks > 1 { "\n\n" } else { "\n" });
            }
            for frame in &mut self.frames {
                match frame {
                    Frame::Quote => self.sink.push("> "),
                    Frame::List { mark, width, .. } => match mark.take() {
                        Some(mark) => self.sink.push(&mark),
                        None => self.sink.push(&" ".repeat(*width)),
                    },
                }
            }
        } else if self.space {
            self.sink.push(" ");
        }
        self.sink.push(self.mark);
        if self.bracket {
            self.sink.push("[");
        }
        (self.breaks, self.space, self.mark, self.bracket) = (0, false, "", false);
        (self.cell_is_empty, self.row_begun) = (false, true);
    }

    /// A link begins.
    pub fn link(&mut self) {
        self.bracket = true;
    }

    /// The link ends that leads there. One without words is not written.
    pub fn end_link(&mut self, to: &str) {
        if !self.bracket {
            self.sink.push("](");
            self.sink.push(to);
            self.sink.push(")");
        }
        self.bracket = false;
    }

    /// A list begins, whose items have numbers from `first` on or none.
    pub fn list(&mut self, first: Option<u32>) {
        self.block();
        self.frame(Frame::List { next: first, mark: None, width: 2 });
    }

    /// An item of the innermost list begins, or of none.
    pub fn item(&mut self) {
        self.line();
        match self.frames.last_mut() {
            Some(Frame::List { next, mark, width }) if self.deeper == 0 => {
                let sign = match next {
                    Some(number) => {
                        let sign = format!("{number}. ");
                        *number = number.saturating_add(1);
                        sign
                    }
                    None => "- ".to_owned(),
                };
                *width = sign.len();
                *mark = Some(sign);
            }
            _ => self.mark = "- ",
        }
    }

    /// The innermost list ends, if there is one.
    pub fn end_list(&mut self) {
        self.end_frame(|frame| matches!(frame, Frame::List { .. }));
    }

    /// A quotation begins.
    pub fn quote(&mut self) {
        self.block();
        self.frame(Frame::Quote);
    }

    /// The innermost quotation ends, if there is one.
    pub fn end_quote(&mut self) {
        self.end_frame(|frame| matches!(frame, Frame::Quote));
    }

    fn frame(&mut self, frame: Frame) {
        if self.frames.len() < DEPTH_MAX {
            self.frames.push(frame);
        } else {
            self.deeper += 1;
        }
    }

    fn end_frame(&mut self, is_meant: impl Fn(&Frame) -> bool) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(at) = self.frames.iter().rposition(is_meant) {
            // With it ends what was not ended inside.
            self.frames.truncate(at);
        }
        self.block();
    }

    /// A row of a table begins.
    pub fn row(&mut self) {
        self.cell_is_empty = false;
        self.line();
        self.row_begun = false;
    }

    /// A cell of a row begins; `first` is the first of its row.
    pub fn cell(&mut self, first: bool) {
        if !first {
            if self.row_begun {
                // Whatever ended in the cell before.
                self.breaks = 0;
                self.space = true;
            }
            self.begin();
            self.sink.push("|");
            self.space = true;
        }
        self.cell_is_empty = true;
    }

    /// The last row of a table ended.
    pub fn end_rows(&mut self) {
        self.cell_is_empty = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_keeps_the_beginning_and_counts_everything() {
        let mut sink = Sink::new(4);
        sink.push("aé");
        sink.push("ü😀b");
        sink.push("c");
        assert_eq!((sink.text(), sink.kept(), sink.total()), ("aéü😀", 4, 6));
    }

    #[test]
    fn breaks_and_spaces_are_written_between_words_alone() {
        let mut writer = Writer::new(100);
        writer.block();
        writer.words("  a\n b ");
        writer.words(" ");
        writer.words("c");
        writer.words("d");
        writer.block();
        writer.line();
        writer.words(" e ");
        writer.line_break();
        writer.line_break();
        writer.line_break();
        writer.words("f ");
        writer.block();
        assert_eq!(writer.finish().text(), "a b cd\n\ne\n\nf");
    }

    #[test]
    fn lists_that_are_too_deep_end_where_they_began() {
        let mut writer = Writer::new(10_000);
        for _ in 0..1_000 {
            writer.list(None);
            writer.item();
        }
        writer.words("deep");
        for _ in 0..1_000 {
            writer.end_list();
        }
        writer.words("flat");
        let text = format!("{}- deep\n\nflat", "- ".repeat(DEPTH_MAX));
        assert_eq!(writer.finish().text(), text);
    }
}
