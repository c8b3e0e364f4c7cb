//! Changes the size of files that it may only read.

use hostile_paths::{BOTH, FOLLOW, PLAIN, enter, open};
use hostile_readonly::{fixed_and_free, tally};

fn resize(_input: &str) -> String {
    let (folder, _) = fixed_and_free();
    let (Ok(file), Ok(inner)) = (open(&folder, "file.txt"), enter(&folder, "folder")) else {
        return "not opened".to_owned();
    };
    let Ok(below) = open(&inner, "file.txt") else { return "not opened".to_owned() };
    let std = std::fs::OpenOptions::new().read(true).open("/workspace/file.txt");
    tally(&[
        ("to nothing", file.set_size(0).is_ok()),
        ("to what it is", file.set_size(6).is_ok()),
        ("to more", file.set_size(4_096).is_ok()),
        ("to far more", file.set_size(1 << 40).is_ok()),
        ("to all", file.set_size(u64::MAX).is_ok()),
        ("below", below.set_size(0).is_ok()),
        ("a folder", inner.set_size(0).is_ok()),
        ("opened for it", folder.open_at(FOLLOW, "file.txt", PLAIN, BOTH).is_ok()),
        ("std", std.is_ok_and(|file| file.set_len(0).is_ok())),
    ])
}

hostile_kit::attack!(resize);
