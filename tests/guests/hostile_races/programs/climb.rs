//! Climbs out of a folder that is moved away while it is on the path.

use hostile_paths::{Descriptor, ErrorCode, enter, first, read};
use hostile_races::while_it_changes;

/// `input` says how often it has to be inside, and refused.
fn climb(input: &str) -> String {
    let mut often = input.split(' ').map(|number| number.parse().unwrap_or(0));
    let (inside, refused) = (often.next().unwrap_or(0), often.next().unwrap_or(0));
    let folder = first();
    let Ok(held) = enter(&folder, "folder") else { return "no folder".to_owned() };
    while_it_changes(&folder, || out(&folder, &held, inside, refused))
}

fn out(folder: &Descriptor, held: &Descriptor, inside_min: u64, refused_min: u64) -> String {
    let (mut inside, mut refused) = (0, 0);
    while inside < inside_min || refused < refused_min {
        for done in [
            read(folder, "file.txt"),
            read(folder, "folder/../file.txt"),
            read(folder, "folder/../canary.txt"),
            read(folder, "folder/../../canary.txt"),
            read(folder, "folder/inner/../../canary.txt"),
            read(folder, "folder/inner/../../../canary.txt"),
            read(folder, "folder/inner/../../../outside/canary.txt"),
            read(held, "file.txt"),
            read(held, "../canary.txt"),
            read(held, "inner/../../canary.txt"),
            read(held, "inner/../../file.txt"),
            enter(held, "..").and_then(|above| read(&above, "canary.txt")),
        ] {
            match done.as_deref() {
                Ok("a file" | "another file") => inside += 1,
                Ok(other) => return format!("broke out: {other}"),
                Err(ErrorCode::NotPermitted) => refused += 1,
                Err(_) => {}
            }
        }
    }
    "done".to_owned()
}

hostile_kit::attack!(climb);
