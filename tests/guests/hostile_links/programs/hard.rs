//! Makes second names of files that lie outside.

use hostile_paths::{FOLLOW, STAY, folders, read};

/// `input` is the folder around the view, on the host; `up` and `across` lead to it.
fn hard(input: &str) -> String {
    let folders = folders();
    let own = &folders[0];
    let targets = [
        "../canary.txt".to_owned(),
        "../outside/canary.txt".to_owned(),
        "../outside".to_owned(),
        "..".to_owned(),
        "across/canary.txt".to_owned(),
        "across/".to_owned(),
        "across/../canary.txt".to_owned(),
        "folder/../../canary.txt".to_owned(),
        "up/".to_owned(),
        "up/.".to_owned(),
        format!("{input}/canary.txt"),
        "/etc/passwd".to_owned(),
        "/proc/self/exe".to_owned(),
        "folder".to_owned(),
        ".".to_owned(),
    ];
    let mut linked = Vec::new();
    for target in &targets {
        for flags in [STAY, FOLLOW] {
            for to in &folders {
                if own.link_at(flags, target, to, "linked").is_ok() {
                    linked.push(target.as_str());
                }
            }
        }
    }
    for path in ["up", "across"] {
        // Followed, it would be the file that it leads to.
        if own.link_at(FOLLOW, path, own, "followed").is_ok() {
            linked.push(path);
        }
        if own.link_at(STAY, path, own, "second").is_ok() {
            if read(own, "second").is_ok() || read(own, "second/canary.txt").is_ok() {
                linked.push("second");
            }
            let _ = own.unlink_file_at("second");
        }
    }
    // Where a name that is not there yet leads out.
    for to in ["up", "across", "up/", "across/new.txt", "nowhere", "nowhere/"] {
        if own.link_at(STAY, "file.txt", own, to).is_ok() {
            linked.push(to);
        }
    }
    format!("{linked:?} of {}", targets.len())
}

hostile_kit::attack!(hard);
