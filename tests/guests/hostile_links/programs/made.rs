//! Makes links that lead out: at once, in steps, and by moving them.

use hostile_paths::{FOLLOW, first, open, read, tally, write};

/// `input` is the folder around the view, on the host.
fn made(input: &str) -> String {
    let folder = first();
    let absolute = [
        "/",
        "/etc/passwd",
        "/proc/self/root",
        "/proc/self/cwd/../canary.txt",
        "//etc/passwd",
        "/workspace/file.txt",
        input,
    ];
    let taken = absolute.into_iter().filter(|to| folder.symlink_at(to, "absolute").is_ok());
    let absolute = taken.count();
    let mut names = Vec::new();
    for (number, target) in TARGETS.into_iter().enumerate() {
        let name = format!("link-{number}");
        if folder.symlink_at(target, &name).is_ok() {
            names.push(name);
        }
    }
    // Chains: each by itself leads to a neighbour.
    let chain = [("a", "b"), ("b", "folder/c"), ("folder/c", "../d"), ("d", "../canary.txt")];
    for (name, target) in chain {
        let _ = folder.symlink_at(target, name);
    }
    // Inside when it is made, outside when it was moved up.
    let _ = folder.symlink_at("../canary.txt", "folder/moved");
    let _ = folder.rename_at("folder/moved", &folder, "moved");
    let _ = folder.symlink_at("../outside", "folder/raised");
    let _ = folder.link_at(hostile_paths::STAY, "folder/raised", &folder, "raised");
    // Moved as a part of what it stands in.
    let _ = folder.create_directory_at("folder/inner");
    let _ = folder.symlink_at("../../canary.txt", "folder/inner/link");
    let _ = folder.rename_at("folder/inner", &folder, "inner");
    names.extend(["a", "b", "folder/c", "d", "moved", "raised", "inner/link"].map(str::to_owned));
    let mut through = Vec::new();
    let mut below = Vec::new();
    for name in &names {
        let inside = read(&folder, name).is_ok_and(|text| text == "a file");
        if !inside && (open(&folder, name).is_ok() || folder.stat_at(FOLLOW, name).is_ok()) {
            through.push(name.clone());
        }
        if !inside && write(&folder, name, "b").is_ok() {
            through.push(format!("write {name}"));
        }
        below.extend(["/canary.txt", "/new.txt", "/."].map(|end| format!("{name}{end}")));
    }
    format!("{absolute} absolute, {through:?}, {}", tally(&folder, &below))
}

/// Where links lead that may be made, or not; nobody gets through them.
const TARGETS: [&str; 12] = [
    "..",
    "../",
    "../.",
    "../canary.txt",
    "../outside",
    "../outside/",
    "../view/file.txt",
    "./../canary.txt",
    "folder/../../canary.txt",
    "folder/../..",
    "../../../../../../../../../../../../etc/passwd",
    "../../../../../../../../../../../../proc/self/root/etc/passwd",
];

hostile_kit::attack!(made);
