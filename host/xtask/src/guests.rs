//! The guests: found by their `plugin.toml`, built in one go, packed with their manifests.
//!
//! | source | packed as |
//! |---|---|
//! | `plugins/X` | `target/release/plugins/X.wasm`, beside the binary that bundles them |
//! | `examples/M/plugins/X` | `examples/M/plugins/X.wasm`, where the mission names it |
//! | `tests/guests/X` | `target/release/test-guests/X.wasm` |
//! | `tests/guests/hostile_C/programs/T.rs` | `target/release/test-guests/hostile_C_T.wasm` |

mod corpus;

use std::fs;
use std::path::{Path, PathBuf};

use lucid_policy::manifest::{Manifest, SECTION};
use lucid_policy::section;

use crate::failure::Failure;
use crate::process;
use crate::wasm_std;
use crate::workspace::{Workspace, entries, folders_in, name_of, read, write_if_changed};

/// The target and the profile of every guest.
pub(crate) const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "guest";

/// One plugin in source form.
struct Guest {
    /// Its folder.
    folder: PathBuf,
    /// Its package's name.
    package: String,
    /// Its library's name, where `[lib]` gives one.
    library: Option<String>,
    /// Where the packed component goes.
    packed: PathBuf,
    /// Whether its manifest has to have the folder's name: people find a plugin by it.
    /// Hostile test guests may be anything.
    named_as_folder: bool,
}

/// Builds and packs every guest.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    let guests = find(workspace)?;
    let tests = workspace.root.join("tests/guests");
    let programs = corpus::find(&tests, &workspace.release().join("test-guests"))?;
    let packed: Vec<&Path> = guests
        .iter()
        .map(|guest| guest.packed.as_path())
        .chain(programs.iter().map(|program| program.packed.as_path()))
        .collect();
    if guests.is_empty() {
        process::say("no guests to build");
        return remove_stale(workspace, &packed);
    }
    // Before the build, because a wrong manifest is the quicker to mend.
    let manifests = guests.iter().map(manifest).collect::<Result<Vec<_>, _>>()?;
    let compiler = wasm_std::ensure(workspace)?;
    process::say(&format!("building {}", count(guests.len())));
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--profile", PROFILE, "--target", TARGET]);
    for guest in &guests {
        cargo.args(["--package", &guest.package]);
    }
    compiler.apply(&mut cargo);
    process::run(
        &mut cargo,
        "building the guests",
        "the compiler's first error is the one to mend; a new plugin has to be among the \
         members in Cargo.toml",
    )?;
    let mut changed = 0;
    for (guest, text) in guests.iter().zip(&manifests) {
        changed += usize::from(pack(workspace, guest, text)?);
    }
    changed += corpus::build(workspace, &compiler, &programs)?;
    process::say(&format!("packed {}, {changed} changed", count(packed.len())));
    remove_stale(workspace, &packed)
}

fn count(guests: usize) -> String {
    format!("{guests} guest{}", if guests == 1 { "" } else { "s" })
}

fn find(workspace: &Workspace) -> Result<Vec<Guest>, Failure> {
    let root = &workspace.root;
    let release = workspace.release();
    let mut guests = in_folder(&root.join("plugins"), &release.join("plugins"), true)?;
    for mission in folders_in(&root.join("examples"))? {
        let plugins = mission.join("plugins");
        guests.extend(in_folder(&plugins, &plugins, true)?);
    }
    let tests = root.join("tests/guests");
    guests.extend(in_folder(&tests, &release.join("test-guests"), false)?);
    Ok(guests)
}

fn in_folder(from: &Path, to: &Path, named_as_folder: bool) -> Result<Vec<Guest>, Failure> {
    let mut guests = Vec::new();
    for folder in folders_in(from)? {
        let cargo_toml = folder.join("Cargo.toml");
        let is_guest = cargo_toml.is_file() && folder.join("plugin.toml").is_file();
        if !is_guest || corpus::is_class(&folder) {
            continue;
        }
        let text = read(&cargo_toml)?;
        let package = name_in(&text, "package").ok_or_else(|| {
            let message = format!("{} has no package name", cargo_toml.display());
            Failure::new(message, "write `name = \"…\"` under [package]")
        })?;
        let library = name_in(&text, "lib");
        let packed = to.join(format!("{}.wasm", name_of(&folder)));
        guests.push(Guest { folder, package, library, packed, named_as_folder });
    }
    Ok(guests)
}

/// The `name = "…"` of a table of a Cargo.toml.
fn name_in(text: &str, table: &str) -> Option<String> {
    let header = format!("[{table}]");
    let lines = text.lines().map(str::trim).skip_while(|line| *line != header).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    lines.find_map(|line| {
        let value = line.strip_prefix("name")?.trim_start().strip_prefix('=')?.trim_start();
        Some(value.strip_prefix('"')?.split('"').next()?.to_owned())
    })
}

/// Reads and checks a guest's `plugin.toml`, and gives its text.
fn manifest(guest: &Guest) -> Result<String, Failure> {
    let path = guest.folder.join("plugin.toml");
    let text = read(&path)?;
    let manifest = Manifest::parse(&text).map_err(|error| {
        let message = format!("{}:{}: {}", path.display(), error.line, error.message);
        Failure::new(message, error.hint)
    })?;
    let folder = name_of(&guest.folder);
    if guest.named_as_folder && manifest.name != folder {
        let message = format!("{} is named `{}`", path.display(), manifest.name);
        return Err(Failure::new(message, format!("name it `{folder}`, as its folder")));
    }
    Ok(text)
}

fn pack(workspace: &Workspace, guest: &Guest, manifest: &str) -> Result<bool, Failure> {
    let path = artefact(workspace, guest)?;
    let built = fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let packed = section::embed(&built, SECTION, manifest.as_bytes()).map_err(|error| {
        let hint = error.hint().unwrap_or("make the plugin smaller");
        Failure::new(format!("cannot pack {}: {error}", path.display()), hint)
    })?;
    write_if_changed(&guest.packed, &packed)
}

/// The component cargo made: a library's name has underscores, a program's is as written.
fn artefact(workspace: &Workspace, guest: &Guest) -> Result<PathBuf, Failure> {
    let folder = workspace.target.join(TARGET).join(PROFILE);
    let library = guest.library.as_ref().unwrap_or(&guest.package).replace('-', "_");
    let candidates = [library, guest.package.clone()].map(|n| folder.join(format!("{n}.wasm")));
    // A crate that was changed from one to the other leaves the older file behind.
    let time = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    let present = candidates.into_iter().filter(|path| path.is_file());
    present.max_by_key(time).ok_or_else(|| {
        let message = format!("package `{}` did not make a component", guest.package);
        Failure::new(message, "write `crate-type = [\"cdylib\", \"rlib\"]` under [lib]")
    })
}

/// Removes packed guests whose sources are gone: a test or a person would still find them.
/// Only in folders that hold nothing else; a mission's plugins may be a user's own.
fn remove_stale(workspace: &Workspace, packed: &[&Path]) -> Result<(), Failure> {
    for folder in ["plugins", "test-guests"].map(|name| workspace.release().join(name)) {
        if !folder.is_dir() {
            continue;
        }
        for file in entries(&folder)? {
            let wasm = file.extension().is_some_and(|extension| extension == "wasm");
            if wasm && !packed.contains(&file.as_path()) {
                fs::remove_file(&file).map_err(|error| Failure::file("remove", &file, &error))?;
                process::say(&format!("removed {}, which has no source", file.display()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn the_names_of_package_and_library_are_read_from_their_own_tables() {
        let text = "[package]\nversion = \"1\"\nname=\"a-b\" # why\n\n[dependencies]\n\
                    name = \"x\"\n[lib]\ncrate-type = [\"cdylib\"]\n name = \"c\"\n";
        assert_eq!(name_in(text, "package").as_deref(), Some("a-b"));
        assert_eq!(name_in(text, "lib").as_deref(), Some("c"));
        assert_eq!(name_in(text, "bin"), None);
        assert_eq!(name_in("[lib]\n[package]\nname = \"x\"", "lib"), None);
    }
}
