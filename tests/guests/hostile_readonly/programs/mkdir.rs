//! Makes folders where it may only read.

use hostile_paths::enter;
use hostile_readonly::{fixed_and_free, tally};

fn mkdir(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let Ok(inner) = enter(&folder, "folder") else { return "not opened".to_owned() };
    tally(&[
        ("a folder", folder.create_directory_at("new").is_ok()),
        ("with a slash", folder.create_directory_at("new/").is_ok()),
        ("below", folder.create_directory_at("folder/new").is_ok()),
        ("around a corner", folder.create_directory_at("folder/../new").is_ok()),
        ("from below", inner.create_directory_at("new").is_ok()),
        ("in an empty one", folder.create_directory_at("empty/new").is_ok()),
        ("std", std::fs::create_dir("/workspace/new").is_ok()),
        ("std, all", std::fs::create_dir_all("/workspace/new/newer").is_ok()),
    ])
}

hostile_kit::attack!(mkdir);
