//! Gives files second names, into and out of where it may only read: written to by the other
//! name, the file would change (GHSA-4ch3).

use hostile_paths::{FOLLOW, STAY, enter, write};
use hostile_readonly::{fixed_and_free, tally};

fn link(_input: &str) -> String {
    let (folder, free) = fixed_and_free();
    let Ok(inner) = enter(&folder, "folder") else { return "not opened".to_owned() };
    let _ = write(&free, "own.txt", "own");
    let out = folder.link_at(STAY, "file.txt", &free, "out.txt").is_ok();
    tally(&[
        ("within", folder.link_at(STAY, "file.txt", &folder, "new").is_ok()),
        ("within, followed", folder.link_at(FOLLOW, "file.txt", &folder, "new").is_ok()),
        ("below", folder.link_at(STAY, "file.txt", &inner, "new").is_ok()),
        ("from below", inner.link_at(STAY, "file.txt", &folder, "new").is_ok()),
        ("in", free.link_at(STAY, "own.txt", &folder, "new").is_ok()),
        ("in, below", free.link_at(STAY, "own.txt", &inner, "new").is_ok()),
        ("in, over", free.link_at(STAY, "own.txt", &folder, "file.txt").is_ok()),
        ("out", out),
        ("out and written", out && write(&free, "out.txt", "changed").is_ok()),
        ("out, from below", inner.link_at(STAY, "file.txt", &free, "below.txt").is_ok()),
        ("std", std::fs::hard_link("/workspace/file.txt", "/workspace/new").is_ok()),
    ])
}

hostile_kit::attack!(link);
