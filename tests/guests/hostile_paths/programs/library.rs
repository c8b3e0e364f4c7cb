//! Tries the ways out through the standard library, as an ordinary program would.

use std::fs;
use std::path::{Path, PathBuf};

const OUT: [&str; 22] = [
    "/workspace/..",
    "/workspace/../",
    "/workspace/../canary.txt",
    "/workspace/../outside/canary.txt",
    "/workspace/./../canary.txt",
    "//workspace/../canary.txt",
    "/workspace//..//canary.txt",
    "/workspace/folder/../../canary.txt",
    "/workspace/file.txt/../canary.txt",
    "/workspace/../view/file.txt",
    "/workspacex/canary.txt",
    "/workspac/canary.txt",
    "/",
    "/canary.txt",
    "/etc/passwd",
    "/proc/self/environ",
    "/dev/fd/0",
    "/tmp",
    "../canary.txt",
    "canary.txt",
    "..",
    ".",
];

/// `input` is the folder around the view, on the host.
fn library(input: &str) -> String {
    let mut out: Vec<PathBuf> = OUT.map(PathBuf::from).into();
    out.extend([PathBuf::from(input), Path::new(input).join("canary.txt")]);
    let mut through = Vec::new();
    for path in &out {
        through.extend(worked(path).into_iter().map(|way| format!("{way} {}", path.display())));
    }
    format!("{} of {}: {}", through.len(), out.len(), through.join(", "))
}

/// The functions that did something.
fn worked(path: &Path) -> Vec<&'static str> {
    let (file, new) = ("/workspace/file.txt", "/workspace/new.txt");
    let append = fs::OpenOptions::new().append(true).open(path);
    let ways = [
        ("read", fs::read(path).is_ok()),
        ("list", fs::read_dir(path).is_ok()),
        ("stat", fs::metadata(path).is_ok()),
        ("stat, no link", fs::symlink_metadata(path).is_ok()),
        // The root of the guest's own names, which is no folder of the host.
        ("canonical", fs::canonicalize(path).is_ok_and(|path| path != Path::new("/"))),
        ("exists", path.try_exists().is_ok_and(|there| there)),
        ("readlink", fs::read_link(path).is_ok()),
        ("copy from", fs::copy(path, new).is_ok()),
        ("link", fs::hard_link(path, new).is_ok()),
        ("rename", fs::rename(path, new).is_ok()),
        ("write", fs::write(path, "b").is_ok()),
        ("append", append.is_ok()),
        ("copy to", fs::copy(file, path).is_ok()),
        ("link to", fs::hard_link(file, path).is_ok()),
        ("rename to", fs::rename(file, path).is_ok()),
        ("create folder", fs::create_dir(path).is_ok()),
        ("remove", fs::remove_file(path).is_ok()),
        ("remove folder", fs::remove_dir(path).is_ok()),
        ("remove all", fs::remove_dir_all(path).is_ok()),
    ];
    ways.into_iter().filter(|(_, done)| *done).map(|(way, _)| way).collect()
}

hostile_kit::attack!(library);
