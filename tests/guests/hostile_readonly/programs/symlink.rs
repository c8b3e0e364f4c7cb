//! Makes links where it may only read.

use hostile_paths::enter;
use hostile_readonly::{fixed_and_free, tally};

fn symlink(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let Ok(inner) = enter(&folder, "folder") else { return "not opened".to_owned() };
    tally(&[
        ("a link", folder.symlink_at("file.txt", "new").is_ok()),
        ("to nothing", folder.symlink_at("nowhere", "new").is_ok()),
        ("out", folder.symlink_at("../canary.txt", "new").is_ok()),
        ("from the root", folder.symlink_at("/etc/passwd", "new").is_ok()),
        ("over", folder.symlink_at("nowhere", "file.txt").is_ok()),
        ("below", folder.symlink_at("nowhere", "folder/new").is_ok()),
        ("around a corner", folder.symlink_at("nowhere", "folder/../new").is_ok()),
        ("from below", inner.symlink_at("nowhere", "new").is_ok()),
    ])
}

hostile_kit::attack!(symlink);
