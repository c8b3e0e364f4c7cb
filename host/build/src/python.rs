//! Building a plugin in Python.

use std::path::Path;

use lucid_core::Result;

use crate::language::Language;
use crate::machine::{Machine, command, run};
use crate::toolchain::Toolchain;
use crate::{WORK, WORLD, made};

/// The module with the plugin's exports: `app.py`.
const ENTRY: &str = "app";

/// Where a project has its packages.
const VENV: &str = ".venv";

const HINT: &str = "the last line that componentize-py printed names what to mend";

/// Builds the component: the project's modules, run up to their end once, and CPython.
pub(crate) fn build(machine: &Machine, folder: &Path) -> Result<Vec<u8>> {
    let program = Toolchain::ComponentizePy.find(machine, folder, Language::Python)?;
    let out = Path::new(WORK).join("component.wasm");
    let mut build = command(&program, folder);
    build.args(["-q", "-d", "wit", "-w", WORLD, "componentize", "-p", ".", ENTRY, "-o"]).arg(&out);
    // The project's packages become part of the component: those of its own environment, or
    // of the one that is active.
    if folder.join(VENV).is_dir() {
        build.env("VIRTUAL_ENV", VENV);
    }
    // Else its errors end in pages of its own insides.
    build.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    run(&mut build, HINT)?;
    made(&folder.join(out), "componentize-py")
}
