//! Goes through links that were there before, and lead out.

use hostile_paths::{FOLLOW, STAY, first, read, tally, word, worked, write};

/// `input` names links to files, a line for links to folders.
fn outward(input: &str) -> String {
    let folder = first();
    let (files, folders) = input.split_once('\n').unwrap_or_default();
    let mut paths = Vec::new();
    for link in files.split(' ') {
        // A link itself may be looked at, and followed by nobody.
        paths.extend(["/", "/.", "/..", "/../file.txt"].map(|end| format!("{link}{end}")));
        for (way, done) in [
            ("read", word(&read(&folder, link))),
            ("write", word(&write(&folder, link, "b"))),
            ("stat", word(&folder.stat_at(FOLLOW, link))),
            ("link", word(&folder.link_at(FOLLOW, link, &folder, "linked"))),
        ] {
            if done == "done" {
                return format!("{way} through {link}");
            }
        }
    }
    for link in folders.split(' ') {
        for end in ["/", "//", "/.", "/./", "/..", "/canary.txt", "/new.txt", "/../canary.txt"] {
            paths.push(format!("{link}{end}"));
            paths.push(format!("folder/../{link}{end}"));
        }
    }
    // A second name of the link is a link, too.
    for link in files.split(' ') {
        if folder.link_at(STAY, link, &folder, "again").is_ok() {
            if read(&folder, "again").is_ok() || !worked(&folder, "again/").is_empty() {
                return format!("through a second name of {link}");
            }
            let _ = folder.unlink_file_at("again");
        }
    }
    tally(&folder, &paths)
}

hostile_kit::attack!(outward);
