//! Says things that drive a terminal everywhere it can say something, then panics with them.
#![expect(clippy::panic, reason = "that is the point")]

use std::io::Write as _;

/// Sets the clipboard, clears the screen, sets the title.
const COMMANDS: &str = "\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}2J\r";

fn escape(_input: &str) -> String {
    hostile_kit::say(COMMANDS);
    // Whether they take it does not matter.
    let _ = writeln!(std::io::stdout(), "{COMMANDS}");
    let _ = write!(std::io::stderr(), "{COMMANDS}");
    panic!("{COMMANDS}")
}

hostile_kit::attack!(escape);
