//! Renames links that lead out, with a slash at the end, which once meant what they lead to
//! (GHSA-m9f7).

use hostile_paths::{first, word};

/// `across` leads to a folder outside, `nowhere` to one that is not there, `up` to a file.
fn moves(_input: &str) -> String {
    let folder = first();
    let mut moved = Vec::new();
    for link in ["across", "nowhere", "up"] {
        for end in ["/", "//", "/.", "/./", "/canary.txt", "/."] {
            let path = format!("{link}{end}");
            for (from, to) in [
                (path.as_str(), "taken"),
                (path.as_str(), "taken/"),
                (path.as_str(), "folder"),
                (path.as_str(), "folder/taken"),
                ("file.txt", path.as_str()),
                ("folder", path.as_str()),
                ("folder/", path.as_str()),
                ("folder/.", path.as_str()),
                ("inside/", path.as_str()),
                (path.as_str(), path.as_str()),
            ] {
                if folder.rename_at(from, &folder, to).is_ok() {
                    moved.push(format!("{from} to {to}"));
                }
            }
        }
        for (from, to) in [("folder", link), ("folder/", link)] {
            if folder.rename_at(from, &folder, to).is_ok() {
                moved.push(format!("{from} to {to}"));
            }
        }
    }
    // The link itself is the guest's to move.
    let plain = word(&folder.rename_at("across", &folder, "folder/across"));
    let back = word(&folder.rename_at("folder/across", &folder, "across"));
    format!("{moved:?} {plain} {back}")
}

hostile_kit::attack!(moves);
