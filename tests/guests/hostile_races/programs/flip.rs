//! Reads through a name that is a folder now and a link that leads out then, as often as it
//! takes to have met both many times.

use hostile_paths::{Descriptor, Done, ErrorCode, FOLLOW, PathFlags, STAY, enter, first, read};
use hostile_races::while_it_changes;

/// `input` says how often each has to be met. `door` changes; in the folder it is, a file
/// `canary.txt` says `decoy`.
fn flip(input: &str) -> String {
    let often = input.parse().unwrap_or(0);
    let folder = first();
    while_it_changes(&folder, || through(&folder, often))
}

fn through(folder: &Descriptor, often: u64) -> String {
    let (mut inside, mut refused) = (0, 0);
    while inside < often || refused < often {
        for done in [
            read(folder, "door/canary.txt"),
            read(folder, "./door//canary.txt"),
            read(folder, "door/../door/canary.txt"),
            read(folder, "folder/../door/./canary.txt"),
            enter(folder, "door").and_then(|door| read(&door, "canary.txt")),
            enter(folder, "door/").and_then(|door| read(&door, "canary.txt")),
            enter(folder, "door/.").and_then(|door| read(&door, "canary.txt")),
            stat(folder, FOLLOW),
            stat(folder, STAY),
        ] {
            match done.as_deref() {
                Ok("decoy") => inside += 1,
                Ok(other) => return format!("broke out: {other}"),
                Err(ErrorCode::NotPermitted) => refused += 1,
                Err(_) => {}
            }
        }
    }
    "done".to_owned()
}

/// `decoy` where the size is that of the decoy.
fn stat(folder: &Descriptor, flags: PathFlags) -> Done<String> {
    let size = folder.stat_at(flags, "door/canary.txt")?.size;
    Ok(if size == 5 { "decoy".to_owned() } else { format!("{size} bytes") })
}

hostile_kit::attack!(flip);
