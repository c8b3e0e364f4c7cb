//! Building a plugin in Go, with the compiler of the Go project itself.

use std::path::Path;

use lucid_core::Result;

use crate::language::Language;
use crate::machine::{Machine, command, run};
use crate::toolchain::Toolchain;
use crate::world::World;
use crate::{WORK, component, made};

/// Builds the component: a core module, its world as a section in it, and the component.
pub(crate) fn build(machine: &Machine, folder: &Path, language: Language) -> Result<Vec<u8>> {
    let go = Toolchain::Go.find(machine, folder, language)?;
    let module = Path::new(WORK).join("core.wasm");
    let mut build = command(&go, folder);
    // No other compiler is fetched, and the same sources give the same bytes anywhere.
    build.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("CGO_ENABLED", "0")]);
    build.env("GOTOOLCHAIN", "local");
    build.args(["build", "-trimpath", "-buildvcs=false", "-buildmode=c-shared"]);
    build.args(["-ldflags=-s -w", "-o"]).arg(&module).arg(".");
    run(&mut build, "the first error that the compiler names is the one to mend")?;
    let wit = folder.join("wit");
    let module = World::read(&wit)?.embed(&wit, made(&folder.join(module), "go")?)?;
    component::of_module(&module)
}
