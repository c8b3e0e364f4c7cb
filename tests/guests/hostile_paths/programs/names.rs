//! Makes files of names that mean something elsewhere: to Windows, a shell, a terminal, a
//! server that decodes them.

use hostile_paths::{FOLLOW, OpenFlags, READ, WRITE, first, read, write};

const NAMES: [&str; 36] = [
    "COM1",
    "COM\u{b9}",
    "NUL",
    "con.txt",
    "aux",
    "LPT1.log",
    "C:",
    "C:\\canary.txt",
    "\\\\?\\C:\\canary.txt",
    "\\canary.txt",
    "..\\canary.txt",
    "..\\..\\canary.txt",
    "folder\\..\\..\\canary.txt",
    "..%2fcanary.txt",
    "%2e%2e%2fcanary.txt",
    "..%00",
    "..\u{2215}canary.txt",
    "..\u{ff0f}canary.txt",
    "..\u{200b}",
    "...",
    "....",
    " ",
    ". ",
    ".. ",
    "canary.txt",
    "FILE.TXT",
    "file.txt.",
    "file.txt ",
    "file.txt:stream",
    "file.txt::$DATA",
    "-rf",
    "*",
    "$(reboot)`reboot`",
    "line\nbreak\r",
    "\u{1b}]52;c;eA==\u{7}",
    "\u{202e}txt.exe",
];

fn names(_input: &str) -> String {
    let folder = first();
    let mut wrong = Vec::new();
    let longest = "x".repeat(255);
    for name in NAMES.into_iter().chain([longest.as_str()]) {
        let anew = OpenFlags::CREATE.union(OpenFlags::EXCLUSIVE);
        let new = folder.open_at(FOLLOW, name, anew, READ.union(WRITE)).is_ok();
        let own = write(&folder, name, name).is_ok() && read(&folder, name).as_deref() == Ok(name);
        if !new || !own {
            wrong.push(name);
        }
    }
    format!("{wrong:?} of {}", NAMES.len() + 1)
}

hostile_kit::attack!(names);
