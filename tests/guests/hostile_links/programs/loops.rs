//! Makes links that lead to themselves, and ones that double with each step.

use hostile_paths::{FOLLOW, enter, first, read, word};

fn loops(_input: &str) -> String {
    let folder = first();
    let link = |target: &str, name: &str| word(&folder.symlink_at(target, name)) == "done";
    let mut made = link("self", "self") && link("ping", "pong") && link("pong", "ping");
    made &= link(".", "here") && link("round/x", "round");
    // Chains that end at a file, of forty links and of four hundred.
    made &= link("file.txt", "chain-0");
    for number in 1..400 {
        made &= link(&format!("chain-{}", number - 1), &format!("chain-{number}"));
    }
    // Each goes through the one before twice, so the last would be two to the power of sixty.
    made &= link(".", "double-0");
    for number in 1..60 {
        let one = format!("double-{}", number - 1);
        made &= link(&format!("{one}/{one}"), &format!("double-{number}"));
    }
    let here = "here/".repeat(700);
    let mut told = Vec::new();
    for path in ["self", "ping", "round", "chain-45", "chain-399", "double-59"] {
        let read = word(&read(&folder, path));
        let stat = word(&folder.stat_at(FOLLOW, path));
        let inside = word(&enter(&folder, &format!("{path}/folder")));
        told.push(format!("{path}: {read} {stat} {inside}"));
    }
    told.push(format!("here: {}", word(&read(&folder, &format!("{here}file.txt")))));
    told.push(format!("made: {made}, {}", word(&read(&folder, "chain-30"))));
    told.join("\n")
}

hostile_kit::attack!(loops);
