//! Moves files within, into and out of where it may only read (GHSA-4ch3).

use hostile_paths::{enter, write};
use hostile_readonly::{fixed_and_free, tally};

fn rename(_input: &str) -> String {
    let (folder, free) = fixed_and_free();
    let Ok(inner) = enter(&folder, "folder") else { return "not opened".to_owned() };
    let _ = write(&free, "own.txt", "own");
    let _ = free.create_directory_at("own");
    tally(&[
        ("within", folder.rename_at("file.txt", &folder, "new").is_ok()),
        ("to itself", folder.rename_at("file.txt", &folder, "file.txt").is_ok()),
        ("a folder", folder.rename_at("folder/", &folder, "new/").is_ok()),
        ("below", folder.rename_at("file.txt", &inner, "new").is_ok()),
        ("from below", inner.rename_at("file.txt", &folder, "new").is_ok()),
        ("in", free.rename_at("own.txt", &folder, "new").is_ok()),
        ("in, over", free.rename_at("own.txt", &folder, "file.txt").is_ok()),
        ("in, a folder over", free.rename_at("own", &folder, "empty").is_ok()),
        ("in, below", free.rename_at("own.txt", &inner, "file.txt").is_ok()),
        ("out", folder.rename_at("file.txt", &free, "out.txt").is_ok()),
        ("out, over", folder.rename_at("file.txt", &free, "own.txt").is_ok()),
        ("out, a folder", folder.rename_at("empty", &free, "empty").is_ok()),
        ("std", std::fs::rename("/workspace/file.txt", "/workspace/new").is_ok()),
    ])
}

hostile_kit::attack!(rename);
