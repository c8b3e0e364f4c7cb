//! Makes, cuts and removes through a name that is a folder now and a link that leads out
//! then.

use hostile_paths::{
    Descriptor, Done, ErrorCode, FOLLOW, NewTimestamp, OpenFlags, STAY, WRITE, first,
};
use hostile_races::while_it_changes;

/// `input` says how often each has to be met.
fn plant(input: &str) -> String {
    let often = input.parse().unwrap_or(0);
    let folder = first();
    while_it_changes(&folder, || through(&folder, often))
}

fn through(folder: &Descriptor, often: u64) -> String {
    let open = |path: &str, how| folder.open_at(FOLLOW, path, how, WRITE);
    let planted =
        |path: &str| -> Done { open(path, OpenFlags::CREATE)?.write(b"decoy", 0).map(drop) };
    let now = NewTimestamp::Now;
    let (mut inside, mut refused) = (0, 0);
    while inside < often || refused < often {
        for done in [
            planted("door/canary.txt"),
            planted("door/new.txt"),
            open("door/canary.txt", OpenFlags::TRUNCATE).map(drop),
            folder.set_times_at(FOLLOW, "door/canary.txt", now, now),
            folder.set_times_at(STAY, "door/canary.txt", now, now),
            folder.create_directory_at("door/folder"),
            folder.remove_directory_at("door/folder/"),
            folder.symlink_at("canary.txt", "door/link"),
            folder.link_at(STAY, "file.txt", folder, "door/second.txt"),
            folder.unlink_file_at("door/link"),
            folder.unlink_file_at("door/second.txt"),
            folder.unlink_file_at("door/new.txt"),
            folder.unlink_file_at("door/canary.txt"),
        ] {
            match done {
                Ok(()) => inside += 1,
                Err(ErrorCode::NotPermitted) => refused += 1,
                Err(_) => {}
            }
        }
    }
    "done".to_owned()
}

hostile_kit::attack!(plant);
