//! Removes files where it may only read.

use hostile_paths::enter;
use hostile_readonly::{fixed_and_free, tally};

fn unlink(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let Ok(inner) = enter(&folder, "folder") else { return "not opened".to_owned() };
    tally(&[
        ("a file", folder.unlink_file_at("file.txt").is_ok()),
        ("a file below", folder.unlink_file_at("folder/file.txt").is_ok()),
        ("around a corner", folder.unlink_file_at("folder/../file.txt").is_ok()),
        ("from below", inner.unlink_file_at("file.txt").is_ok()),
        ("a link", folder.unlink_file_at("link").is_ok()),
        ("a folder", folder.unlink_file_at("empty").is_ok()),
        ("std", std::fs::remove_file("/workspace/file.txt").is_ok()),
        ("std, all", std::fs::remove_dir_all("/workspace/folder").is_ok()),
    ])
}

hostile_kit::attack!(unlink);
