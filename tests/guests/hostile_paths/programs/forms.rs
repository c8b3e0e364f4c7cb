//! Tries every function of WASI with every spelling of a path that leads out of its folder.

use hostile_paths::{first, read, tally};

/// Ways out, as a program that is stupid or clever would write them.
const OUT: [&str; 54] = [
    "..",
    "../",
    "../.",
    "../..",
    "../canary.txt",
    "../outside",
    "../outside/canary.txt",
    "./../canary.txt",
    ".//..//canary.txt",
    "././.././canary.txt",
    "folder/../..",
    "folder/../../",
    "folder/../../canary.txt",
    "folder/./../.././canary.txt",
    "folder//..//..//canary.txt",
    "folder/../folder/../../canary.txt",
    "folder/file.txt/../../../canary.txt",
    "file.txt/../canary.txt",
    "file.txt/../../canary.txt",
    "nowhere/../../canary.txt",
    // Out and in again: it is where it may be, but not how it got there.
    "../view",
    "../view/file.txt",
    "folder/../../view/file.txt",
    // From the root.
    "/",
    "//",
    "/.",
    "/..",
    "/canary.txt",
    "//canary.txt",
    "/./canary.txt",
    "/../canary.txt",
    "/workspace/file.txt",
    "/workspace/../canary.txt",
    "/etc/passwd",
    "/proc/self/environ",
    "/proc/self/cwd",
    "/proc/self/root/etc/passwd",
    "/proc/self/fd/3",
    "/proc/thread-self/root",
    "/dev/fd/0",
    "/dev/null",
    "/sys/kernel",
    // What other systems and servers would take for a way out, and what they cut off.
    "%2e%2e/canary.txt",
    "..\u{ff0f}../canary.txt",
    "\u{ff0e}\u{ff0e}/canary.txt",
    "\u{2024}\u{2024}/canary.txt",
    "..\u{200b}/canary.txt",
    "../canary.txt\0",
    "../canary.txt\0.txt",
    "folder\0/../../canary.txt",
    "\0",
    "~/canary.txt",
    "file:///etc/passwd",
    "",
];

/// Spellings of what is inside: there is nothing else behind them.
const IN: [&str; 14] = [
    ".",
    "./",
    "./.",
    "folder/..",
    "folder/../.",
    "folder/../folder/..",
    "file.txt",
    "file.txt/",
    "file.txt//",
    "file.txt/.",
    "file.txt/..",
    "./folder/../file.txt",
    "folder/",
    "folder/../folder/file.txt",
];

/// `input` is the folder around the view, on the host.
fn forms(input: &str) -> String {
    let folder = first();
    let mut out: Vec<String> = OUT.map(str::to_owned).into();
    out.push(input.to_owned());
    out.push(format!("{input}/canary.txt"));
    out.push(format!("{input}/view/file.txt"));
    out.push(format!("..{input}/canary.txt"));
    out.push("x".repeat(256));
    out.push("x".repeat(4 << 10));
    out.push(format!("../canary.txt{}", "/.".repeat(2_048)));
    // Within what the system takes for a path, and far over it.
    out.push(format!("{}../canary.txt", "folder/../".repeat(300)));
    out.push(format!("{}canary.txt", "../".repeat(1_000)));
    out.push(format!("{}canary.txt", "../".repeat(10_000)));
    out.push(format!("{}canary.txt", "a/".repeat(10_000)));
    out.push(format!("{}../canary.txt", "folder/../".repeat(10_000)));
    for path in IN {
        match read(&folder, path).as_deref() {
            Err(_) | Ok("a file" | "another file") => {}
            Ok(text) => out.push(format!("{path} gave {text}")),
        }
    }
    tally(&folder, &out)
}

hostile_kit::attack!(forms);
