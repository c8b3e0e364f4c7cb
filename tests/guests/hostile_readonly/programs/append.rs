//! Writes and appends to files where it may only read, by every kind of writing there is.

use std::io::Write as _;

use hostile_paths::{BOTH, Descriptor, FOLLOW, PLAIN, READ, WRITE, enter, open};
use hostile_readonly::{fixed_and_free, tally};

/// Whether anything can be written to what was opened to be read.
fn writes(file: &Descriptor) -> bool {
    let at = file.write_via_stream(0);
    let end = file.append_via_stream();
    file.write(b"b", 0).is_ok()
        || file.write(b"", 0).is_ok()
        || file.write(b"b", 1 << 40).is_ok()
        || at.is_ok_and(|stream| stream.blocking_write_and_flush(b"b").is_ok())
        || end.is_ok_and(|stream| stream.blocking_write_and_flush(b"b").is_ok())
}

fn append(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let opens = |path: &str, access| folder.open_at(FOLLOW, path, PLAIN, access).is_ok();
    let (Ok(file), Ok(inner)) = (open(&folder, "file.txt"), enter(&folder, "folder")) else {
        return "not opened".to_owned();
    };
    let mut options = std::fs::OpenOptions::new();
    let mut std = options.append(true).open("/workspace/file.txt");
    tally(&[
        ("open to write", opens("file.txt", WRITE)),
        ("open for both", opens("file.txt", BOTH)),
        ("open below", opens("folder/file.txt", WRITE)),
        ("in a folder that is held", inner.open_at(FOLLOW, "file.txt", PLAIN, BOTH).is_ok()),
        ("write", writes(&file)),
        ("write below", open(&inner, "file.txt").is_ok_and(|file| writes(&file))),
        ("write a folder", folder.open_at(FOLLOW, ".", PLAIN, READ).is_ok_and(|f| writes(&f))),
        ("std", std.as_mut().is_ok_and(|file| file.write_all(b"b").is_ok())),
    ])
}

hostile_kit::attack!(append);
