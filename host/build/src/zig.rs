//! Building a plugin in C, C++ or Zig: one compiler, and C bindings between.

use std::path::{Path, PathBuf};

use lucid_core::Result;

use crate::language::Language;
use crate::machine::{Machine, command, output, run};
use crate::toolchain::Toolchain;
use crate::{WORK, bindings, component, file, interfaces, made};

const TARGET: &str = "wasm32-wasi";

const HINT: &str = "the first error that the compiler names is the one to mend";

/// What a plugin has of stack: enough for most, and no page of it costs before it is used.
/// Zig's own default is 16 MiB, which counts against the memory of every call.
const STACK_BYTES: usize = 1 << 20;

/// Builds the component: bindings, a core module, and the component around it.
pub(crate) fn build(machine: &Machine, folder: &Path, language: Language) -> Result<Vec<u8>> {
    let zig = Toolchain::Zig.find(machine, folder, language)?;
    let generated = Path::new(WORK).join("bindings");
    bindings::generate(&folder.join("wit"), &folder.join(&generated))?;
    let module = Path::new(WORK).join("core.wasm");
    let mut build = command(&zig, folder);
    if language == Language::Zig {
        translate(&zig, folder, &generated)?;
        build.args(["build-exe", "-target", TARGET, "-O", "ReleaseSmall", "-fstrip", "-lc"]);
        build.args(["-fno-entry", "-mexec-model=reactor", "--name", "core"]);
        build.arg("--stack").arg(STACK_BYTES.to_string());
        build.arg(format!("-femit-bin={}", module.display()));
        build.arg("-I").arg(&generated);
        // What comes before a module belongs to it.
        build.arg(generated.join("plugin.c")).arg(generated.join("plugin_component_type.o"));
        build.args(["--dep", "bindings", "-Mroot=src/plugin.zig"]);
        build.arg(format!("-Mbindings={}", generated.join("plugin.zig").display()));
    } else {
        let bindings = compile_bindings(&zig, folder, &generated)?;
        if language == Language::Cpp {
            build.args(["c++", "-std=gnu++20", "-fno-exceptions", "-fno-rtti"]);
        } else {
            build.args(["cc", "-std=gnu17"]);
        }
        build.args(["-target", TARGET, "-Os", "-s", "-mexec-model=reactor"]);
        build.arg(format!("-Wl,-z,stack-size={STACK_BYTES}"));
        build.args(["-Wall", "-Wextra"]).arg("-I").arg(&generated);
        build.args(sources(folder, language)?).arg(bindings);
        build.arg(generated.join("plugin_component_type.o")).arg("-o").arg(&module);
    }
    run(&mut build, HINT)?;
    component::of_module(&made(&folder.join(module), "zig")?)
}

/// Compiles the generated code by itself: it is C in a C++ project too, and what a compiler
/// says of it is no help to an author.
fn compile_bindings(zig: &Path, folder: &Path, generated: &Path) -> Result<PathBuf> {
    let object = generated.join("plugin.o");
    let mut compile = command(zig, folder);
    compile.args(["cc", "-std=gnu17", "-target", TARGET, "-Os", "-w", "-I"]).arg(generated);
    compile.arg("-c").arg(generated.join("plugin.c")).arg("-o").arg(&object);
    run(&mut compile, HINT)?;
    Ok(object)
}

/// Translates the generated header to Zig, which has no `@cImport` any more.
fn translate(zig: &Path, folder: &Path, generated: &Path) -> Result<()> {
    // Without `-lc` it would read this machine's own C headers.
    let mut translate = command(zig, folder);
    translate.args(["translate-c", "-target", TARGET, "-lc"]).arg(generated.join("plugin.h"));
    let text = output(&mut translate, true, HINT)?;
    interfaces::write(&folder.join(generated).join("plugin.zig"), text.as_bytes())
}

/// The sources in `src`, in the order of their names.
fn sources(folder: &Path, language: Language) -> Result<Vec<PathBuf>> {
    let wanted = if language == Language::Cpp { "cpp" } else { "c" };
    let place = folder.join("src");
    let entries = std::fs::read_dir(&place).map_err(|error| file("read", &place, &error))?;
    let names = entries.flatten().map(|entry| Path::new("src").join(entry.file_name()));
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == wanted);
    let mut sources: Vec<PathBuf> = names.filter(is_source).collect();
    sources.sort();
    Ok(sources)
}
