//! Renames through a name, and renames the name, that is a folder now and a link that leads
//! out then.

use hostile_paths::{Descriptor, ErrorCode, STAY, first};
use hostile_races::while_it_changes;

/// `input` says how often each has to be met.
fn swap(input: &str) -> String {
    let often = input.parse().unwrap_or(0);
    let folder = first();
    while_it_changes(&folder, || through(&folder, often))
}

fn through(folder: &Descriptor, often: u64) -> String {
    let (mut inside, mut refused) = (0, 0);
    while inside < often || refused < often {
        for (from, to) in [
            ("file.txt", "door/file.txt"),
            ("door/file.txt", "file.txt"),
            ("door/canary.txt", "door/renamed.txt"),
            ("door/renamed.txt", "door/canary.txt"),
            ("door/canary.txt", "taken.txt"),
            ("taken.txt", "door/canary.txt"),
            ("folder", "door/folder"),
            ("folder/", "door/folder/"),
            ("door/folder/", "folder/"),
            ("door/folder", "folder"),
            ("door/.", "taken"),
            ("door//", "door/folder/door"),
        ] {
            match folder.rename_at(from, folder, to) {
                Ok(()) => inside += 1,
                Err(ErrorCode::NotPermitted) => refused += 1,
                Err(_) => {}
            }
        }
        if folder.link_at(STAY, "door/canary.txt", folder, "second.txt").is_ok() {
            let _ = folder.unlink_file_at("second.txt");
        }
        // Taken while it was a folder; it is given back when there is room.
        if folder.rename_at("door/", folder, "taken/").is_ok() {
            while folder.rename_at("taken/", folder, "door/").is_err() {}
        }
    }
    "done".to_owned()
}

hostile_kit::attack!(swap);
