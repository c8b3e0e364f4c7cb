//! Server-sent events: bytes, however they are cut, to events.
//!
//! As the HTML standard says it: lines end with LF, CR or CRLF; an empty line ends an event;
//! lines that start with a colon are comments; an event that was not ended is no event. What
//! one event may hold is bounded, so that a server cannot fill the memory with a line that
//! never ends.

/// Bytes of one line and of one event's data.
pub(crate) const EVENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its name; empty when it was sent without one.
    pub(crate) name: String,
    /// Its data; several lines are joined by LF.
    pub(crate) data: String,
}

/// An event that holds more than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Takes bytes and gives events.
#[derive(Debug)]
pub(crate) struct Decoder {
    event_bytes_max: usize,
    /// The line so far, without its end.
    line: Vec<u8>,
    name: String,
    data: String,
    /// Whether a data line came, so that data of no bytes is told from no data.
    has_data: bool,
    /// Whether the last byte was a CR: a LF right after it is the same line end.
    after_cr: bool,
    /// Whether a line was read: a byte order mark may only stand before the first.
    started: bool,
}

impl Decoder {
    /// A decoder at a stream's start.
    pub(crate) fn new() -> Self {
        Self::bounded(EVENT_BYTES_MAX)
    }

    fn bounded(event_bytes_max: usize) -> Self {
        Self {
            event_bytes_max,
            line: Vec::new(),
            name: String::new(),
            data: String::new(),
            has_data: false,
            after_cr: false,
            started: false,
        }
    }

    /// Takes the next bytes, and gives the events they complete, in their order.
    ///
    /// # Errors
    /// When a line or an event's data is longer than it may be; the stream is of no use then.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.keep(&bytes[..end])?;
            let cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if cr {
                self.after_cr = bytes.is_empty();
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            events.extend(self.line_ended()?);
        }
        self.keep(bytes)?;
        Ok(events)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > self.event_bytes_max {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn line_ended(&mut self) -> Result<Option<Event>, TooLong> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !self.started {
            self.started = true;
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return Ok(self.event_ended());
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match &line[..colon] {
            b"event" => self.name = value.into_owned(),
            b"data" => {
                if self.data.len() + value.len() >= self.event_bytes_max {
                    return Err(TooLong);
                }
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(&value);
                self.has_data = true;
            }
            // Comments (no name), `id`, `retry` and what later versions add.
            _ => {}
        }
        Ok(None)
    }

    fn event_ended(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then_some(Event { name, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(parts: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = Decoder::new();
        let mut all = Vec::new();
        for part in parts {
            all.extend(decoder.feed(part).unwrap());
        }
        all.into_iter().map(|event| (event.name, event.data)).collect()
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> =
            expected.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect();
        assert_eq!(events(&[text.as_bytes()]), expected, "{text:?}");
        let bytes: Vec<_> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&bytes), expected, "byte by byte: {text:?}");
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        for end in ["\n", "\r", "\r\n"] {
            let text = "event: a\ndata: 1\n\ndata: 2\n\n".replace('\n', end);
            check(&text, &[("a", "1"), ("", "2")]);
        }
        check("data: 1\r\n\ndata: 2\r\r", &[("", "1"), ("", "2")]);
    }

    #[test]
    fn several_data_lines_are_one_text() {
        check("data: a\ndata:\ndata:  b\ndata\n\n", &[("", "a\n\n b\n")]);
        check("data:\n\n", &[("", "")]);
    }

    #[test]
    fn comments_other_fields_and_events_without_data_are_passed_over() {
        check(": keep-alive\n\nid: 7\nretry: 10\nevent: a\n\ndata: 1\nnew: x\n\n", &[("", "1")]);
        check("\u{feff}data: 1\n\n", &[("", "1")]);
    }

    #[test]
    fn an_event_that_was_not_ended_is_none() {
        check("data: 1\n\nevent: a\ndata: 2\n", &[("", "1")]);
        check("data: 1", &[]);
    }

    #[test]
    fn letters_of_several_bytes_survive_a_cut_and_broken_ones_are_replaced() {
        check("data: é🦀\n\n", &[("", "é🦀")]);
        assert_eq!(events(&[b"data: \xFF\n\n"]), [(String::new(), String::from("\u{fffd}"))]);
    }

    #[test]
    fn a_line_or_an_event_longer_than_the_bound_is_refused() {
        let mut decoder = Decoder::bounded(16);
        assert_eq!(decoder.feed(b"data: 12345"), Ok(Vec::new()));
        assert_eq!(decoder.feed(b"678901234567"), Err(TooLong));
        let mut decoder = Decoder::bounded(16);
        assert_eq!(decoder.feed(b"data: 12345678\ndata: 12345678\n"), Err(TooLong));
        let mut decoder = Decoder::bounded(16);
        assert_eq!(decoder.feed(&[b':'; 17]), Err(TooLong));
    }

    /// Lines as servers and their enemies write them.
    fn stream() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "(event|data|id|retry|other)(: ?[a-zé🦀:]{0,6})?",
            ":[a-z]{0,4}",
            Just(String::new()),
        ];
        let end = prop_oneof![Just("\n"), Just("\r"), Just("\r\n")];
        prop::collection::vec((line, end), 0..24)
            .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
    }

    proptest! {
        #[test]
        fn the_events_do_not_depend_on_where_the_bytes_are_cut(
            text in stream(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let bytes = text.as_bytes();
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let parts: Vec<_> = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(events(&parts), events(&[bytes]));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Decoder::bounded(64).feed(&bytes);
        }

        #[test]
        fn what_was_written_is_read(
            sent in prop::collection::vec(("[a-z]{1,8}", "[ -~é\n]{1,20}"), 0..8),
        ) {
            let mut text = String::new();
            for (name, data) in &sent {
                text += &format!("event: {name}\n");
                for line in data.split('\n') {
                    text += &format!("data: {line}\n");
                }
                text.push('\n');
            }
            prop_assert_eq!(events(&[text.as_bytes()]), sent);
        }
    }
}
