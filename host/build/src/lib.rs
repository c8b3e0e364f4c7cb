//! Plugins from nothing: a project from a template ([`project`]), its language and
//! toolchain ([`Language`], [`Machine`]), and from its sources the one file that a plugin is
//! ([`build`], [`pack`]).
//!
//! It starts other people's compilers on the author's own sources, as the author, like any
//! build tool does. Nothing here loads or runs a plugin.
#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    reason = "works on the author's own folder with the author's compilers; no guest is near"
)]

mod bindings;
mod cargo;
mod component;
mod embedded;
mod examples;
mod go;
mod interfaces;
mod javascript;
mod language;
mod machine;
mod pack;
pub mod project;
mod python;
mod toolchain;
mod world;
mod zig;

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_policy::manifest::Kind;

use crate::world::World;

pub use examples::{ExampleCall, Examples};
pub use interfaces::write_interfaces;
pub use language::Language;
pub use machine::Machine;
pub use pack::{manifest_of, pack, write_plugin};
pub use toolchain::{Toolchain, ToolchainStatus, toolchains};

/// The folder inside a project for what is made on the way to a component.
const WORK: &str = "build";

/// The name of the world that a project's `wit/` describes.
const WORLD: &str = "plugin";

/// Builds the component of a project of a kind, without its manifest. What the compiler says
/// goes to standard error.
///
/// # Errors
/// Failed, when the toolchain is not there or the compiler finds mistakes; invalid, when the
/// project lacks a file.
pub fn build(machine: &Machine, folder: &Path, language: Language, kind: Kind) -> Result<Vec<u8>> {
    if language.toolchain().needs_interfaces() {
        let wit = folder.join("wit");
        interfaces::ensure(&wit)?;
        World::read(&wit)?.check(&wit, kind)?;
        let work = folder.join(WORK);
        std::fs::create_dir_all(&work).map_err(|error| file("make", &work, &error))?;
    }
    match language {
        Language::Rust => cargo::build(machine, folder),
        Language::Python => python::build(machine, folder),
        Language::JavaScript => javascript::build(machine, folder),
        Language::C | Language::Cpp | Language::Zig => zig::build(machine, folder, language),
        Language::Go => go::build(machine, folder, language),
    }
}

/// A file or folder of the author's that could not be used.
fn file(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot {verb} {}: {error}", path.display());
    Failure::failed(message).hint("check that the path exists, is yours, and has room on its disk")
}

/// Reads a file that a compiler has made.
fn made(path: &Path, by: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Failure::failed(format!("{by} ended well and left no {}: {error}", path.display()))
            .hint("build again; if it stays so, look at what it printed")
    })
}
