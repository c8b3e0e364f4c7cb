//! Begins to list a large folder, over and over, and holds on to each list: what is in it
//! lies on the host's side.

use hostile_paths::first;

/// `input` says how often.
fn listings(input: &str) -> String {
    let folder = first();
    let often = input.parse::<usize>().unwrap_or(0);
    let mut held = Vec::new();
    while held.len() < often {
        let Ok(list) = folder.read_directory() else { return format!("{} held", held.len()) };
        let _ = list.read_directory_entry();
        held.push(list);
    }
    format!("{} held", held.len())
}

hostile_kit::attack!(listings);
