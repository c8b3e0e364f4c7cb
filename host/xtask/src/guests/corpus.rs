//! The hostile corpus: `tests/guests/hostile_*`, one package per class of attack, and in its
//! `programs/` one component per trick.
//!
//! `programs/T.rs` of class `hostile_C` is an example of its package, built as
//! `hostile_C_T` and packed as `target/release/test-guests/hostile_C_T.wasm`, with
//! `programs/T.toml` for a manifest where there is one and the class's `plugin.toml`
//! otherwise. Manifests are packed as they are: some of them are the attack.
//! `programs/T.wat` is text, and the tests make a component of it.

use std::fs;
use std::path::{Path, PathBuf};

use lucid_policy::manifest::SECTION;
use lucid_policy::section;

use super::TARGET;
use crate::failure::Failure;
use crate::process;
use crate::wasm_std::Compiler;
use crate::workspace::{Workspace, entries, folders_in, name_of, write_if_changed};

const PROFILE: &str = "hostile";

/// One program of the corpus that has to be compiled.
pub(super) struct Program {
    /// The package of its class.
    package: String,
    /// Its name: that of its class and its own.
    name: String,
    /// The file that is embedded as its manifest.
    manifest: PathBuf,
    /// Where the packed component goes.
    pub(super) packed: PathBuf,
}

/// Whether a folder is a class of the corpus.
pub(super) fn is_class(folder: &Path) -> bool {
    name_of(folder).starts_with("hostile_") && folder.join("programs").is_dir()
}

/// Finds the programs of all classes.
pub(super) fn find(guests: &Path, packed: &Path) -> Result<Vec<Program>, Failure> {
    let mut programs = Vec::new();
    for class in folders_in(guests)?.iter().filter(|folder| is_class(folder)) {
        for source in entries(&class.join("programs"))? {
            if source.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let trick = name_of(&source).replace(".rs", "");
            let name = format!("{}_{trick}", name_of(class));
            let own = source.with_extension("toml");
            let manifest = if own.is_file() { own } else { class.join("plugin.toml") };
            let packed = packed.join(format!("{name}.wasm"));
            programs.push(Program { package: name_of(class), name, manifest, packed });
        }
    }
    Ok(programs)
}

/// Builds all programs in one go and packs each; says how many changed.
pub(super) fn build(
    workspace: &Workspace,
    compiler: &Compiler,
    programs: &[Program],
) -> Result<usize, Failure> {
    if programs.is_empty() {
        return Ok(0);
    }
    let mut packages: Vec<&str> = programs.iter().map(|program| &*program.package).collect();
    packages.dedup();
    let (count, classes) = (programs.len(), packages.len());
    process::say(&format!("building {count} hostile programs of {classes} classes"));
    let mut cargo = process::cargo(&workspace.root);
    // All features: the programs are behind one, so that no native build tries them.
    cargo.args(["build", "--profile", PROFILE, "--target", TARGET, "--examples"]);
    cargo.arg("--all-features");
    for package in packages {
        cargo.args(["--package", package]);
    }
    compiler.apply(&mut cargo);
    process::run(
        &mut cargo,
        "building the hostile corpus",
        "the compiler's first error is the one to mend; tests/guests/HOSTILE.md says what \
         belongs to a program",
    )?;
    let mut changed = 0;
    for program in programs {
        changed += usize::from(pack(workspace, program)?);
    }
    Ok(changed)
}

fn pack(workspace: &Workspace, program: &Program) -> Result<bool, Failure> {
    let folder = workspace.target.join(TARGET).join(PROFILE).join("examples");
    let built = folder.join(format!("{}.wasm", program.name));
    let bytes = fs::read(&built).map_err(|_| {
        let message = format!("`{}` has no example `{}`", program.package, program.name);
        Failure::new(message, "declare it, as tests/guests/HOSTILE.md says")
    })?;
    let manifest = &program.manifest;
    let manifest = fs::read(manifest).map_err(|error| Failure::file("read", manifest, &error))?;
    let packed = section::embed(&bytes, SECTION, &manifest).map_err(|error| {
        let message = format!("cannot pack {}: {error}", built.display());
        Failure::new(message, error.hint().unwrap_or("make the program smaller"))
    })?;
    write_if_changed(&program.packed, &packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_packed_under_its_class_and_trick() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let programs = find(&root.join("tests/guests"), Path::new("out")).unwrap();
        let grow = programs.iter().find(|program| program.name == "hostile_memory_grow").unwrap();
        assert_eq!(grow.packed, Path::new("out/hostile_memory_grow.wasm"));
        assert_eq!(grow.package, "hostile_memory");
        assert!(grow.manifest.ends_with("hostile_memory/plugin.toml"));
    }
}
