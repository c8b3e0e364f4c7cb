//! Answers, and logs, with characters that end texts elsewhere or drive a terminal.

const TEXT: &str = "a\0b\r\n\u{7}\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}31m\u{202e}c";

fn nul(_input: &str) -> String {
    hostile_kit::say(TEXT);
    TEXT.to_owned()
}

hostile_kit::attack!(nul);
