//! Makes folders in folders, and climbs out of the lowest.

use hostile_paths::{enter, first, read, word};

/// Within what the system takes for one path, there and back.
const DEPTH: usize = 600;

fn deep(_input: &str) -> String {
    let folder = first();
    let mut lowest = first();
    for _ in 0..DEPTH {
        let made = lowest.create_directory_at("d").and_then(|()| enter(&lowest, "d"));
        match made {
            Ok(made) => lowest = made,
            Err(code) => return code.name().to_owned(),
        }
    }
    let (down, up) = ("d/".repeat(DEPTH), "../".repeat(DEPTH));
    let told = [
        ("there and back", read(&folder, &format!("{down}{up}file.txt"))),
        ("there and out", read(&folder, &format!("{down}{up}../canary.txt"))),
        ("up", read(&lowest, "../file.txt")),
        ("up and up", read(&lowest, &format!("{up}file.txt"))),
        ("up and out", read(&lowest, &format!("{up}../canary.txt"))),
    ];
    drop(lowest);
    for depth in (1..=DEPTH).rev() {
        if folder.remove_directory_at(down.get(..depth * 2 - 1).unwrap_or_default()).is_err() {
            return format!("not removed at {depth}");
        }
    }
    told.map(|(way, text)| format!("{way}: {}", text.clone().unwrap_or(word(&text).to_owned())))
        .join("\n")
}

hostile_kit::attack!(deep);
