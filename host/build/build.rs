//! Puts the templates, the interfaces and the Rust SDK into the program, so that
//! `lucid plugin new` needs nothing but the binary.
#![allow(clippy::disallowed_methods, clippy::panic, reason = "a build script reads the tree")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What a build or a tool leaves behind in a template; never part of it.
const LEFT_BEHIND: [&str; 6] =
    ["target", "build", "node_modules", ".venv", "__pycache__", "vendor"];

fn main() {
    let variable = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_default());
    let root = variable("CARGO_MANIFEST_DIR").join("../..");
    let mut table = String::from("&[\n");
    for (name, folder) in [("templates", "sdk/templates"), ("wit", "wit"), ("sdk", "sdk/rust")] {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        embed(&folder, name, &mut table);
    }
    table.push(']');
    let out = variable("OUT_DIR").join("embedded.rs");
    fs::write(&out, table).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}

fn embed(folder: &Path, name: &str, table: &mut String) {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if LEFT_BEHIND.contains(&&*file) || file.ends_with(".wasm") {
            continue;
        }
        let name = format!("{name}/{file}");
        if path.is_dir() {
            embed(&path, &name, table);
        } else {
            let path = path.canonicalize().unwrap_or_else(|error| panic!("{name}: {error}"));
            let _ = writeln!(table, "    ({name:?}, include_bytes!({path:?})),");
        }
    }
}
