//! Removes folders where it may only read.

use hostile_paths::enter;
use hostile_readonly::{fixed_and_free, tally};

fn rmdir(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let Ok(inner) = enter(&folder, "empty") else { return "not opened".to_owned() };
    tally(&[
        ("an empty one", folder.remove_directory_at("empty").is_ok()),
        ("with a slash", folder.remove_directory_at("empty/").is_ok()),
        ("around a corner", folder.remove_directory_at("folder/../empty").is_ok()),
        ("itself", inner.remove_directory_at(".").is_ok()),
        ("the root", folder.remove_directory_at(".").is_ok()),
        ("a full one", folder.remove_directory_at("folder").is_ok()),
        ("std", std::fs::remove_dir("/workspace/empty").is_ok()),
        ("std, all", std::fs::remove_dir_all("/workspace/empty").is_ok()),
    ])
}

hostile_kit::attack!(rmdir);
