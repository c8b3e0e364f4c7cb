//! The standard library that guests are compiled against.
//!
//! Where rustup can fetch it, that is all. Where it cannot (a closed network, a mirror of
//! Debian only), `debian` builds it once, and the guests are compiled with its compiler.

mod apt;
mod debian;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::Failure;
use crate::guests::TARGET;
use crate::process::{output, run_within, say};
use crate::workspace::{Workspace, entries, name_of};

/// A download of 20 MB on a slow line; a closed network may never answer.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// The variable that chooses where the library comes from.
const CHOICE: &str = "LUCID_WASM_STD";

/// The compiler that has the library.
pub(crate) enum Compiler {
    /// The toolchain's own.
    Toolchain,
    /// A script that calls another.
    Script(PathBuf),
}

impl Compiler {
    /// Makes a cargo command use the compiler.
    pub(crate) fn apply(&self, cargo: &mut Command) {
        if let Self::Script(path) = self {
            cargo.env("RUSTC", path);
        }
    }
}

/// What is asked of `rustc` about itself.
struct Toolchain {
    sysroot: PathBuf,
    host: String,
    release: String,
}

impl Toolchain {
    fn find(workspace: &Workspace) -> Result<Self, Failure> {
        let ask = |arguments: &[&str]| {
            let mut rustc = Command::new("rustc");
            rustc.args(arguments).current_dir(&workspace.root);
            output(&mut rustc, "rustc", "install Rust, as the README says")
        };
        let about = ask(&["-vV"])?;
        let field = |name: &str| {
            let line = about.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned()).ok_or_else(|| {
                let message = format!("rustc does not tell its `{name}`");
                Failure::new(message, "install Rust, as the README says")
            })
        };
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
        Ok(Self { sysroot, host: field("host:")?, release: field("release:")? })
    }

    /// Judged by the files, because rustup's word and exit code are not reliable here.
    fn has_std(&self) -> bool {
        has_std(&self.sysroot)
    }
}

/// Makes sure that guests can be compiled, and says with what.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Compiler, Failure> {
    let toolchain = Toolchain::find(workspace)?;
    let choice = std::env::var(CHOICE).unwrap_or_default();
    match choice.as_str() {
        "debian" => return debian::ensure(workspace, &toolchain).map(Compiler::Script),
        "" | "rustup" => {}
        other => {
            let message = format!("{CHOICE} is `{other}`, which is not known");
            return Err(Failure::new(message, "set it to `rustup` or `debian`, or unset it"));
        }
    }
    if toolchain.has_std() {
        return Ok(Compiler::Toolchain);
    }
    // Once built, it is used without trying a network again that had no answer before.
    if choice.is_empty()
        && let Some(script) = debian::built(workspace, &toolchain)
    {
        return Ok(Compiler::Script(script));
    }
    say(&format!("fetching the standard library for {TARGET} with rustup"));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(&workspace.root);
    let _ = run_within(&mut rustup, RUSTUP_LIMIT);
    if toolchain.has_std() {
        return Ok(Compiler::Toolchain);
    }
    if choice == "rustup" {
        let message = format!("rustup could not fetch the standard library for {TARGET}");
        return Err(Failure::new(message, format!("unset {CHOICE} to have it built instead")));
    }
    say("rustup could not fetch it; building it from Debian's packages instead");
    debian::ensure(workspace, &toolchain).map(Compiler::Script)
}

/// Whether a sysroot has the target's `std`.
fn has_std(sysroot: &Path) -> bool {
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let is_std = |path: &PathBuf| {
        let name = name_of(path);
        name.starts_with("libstd-") && name.ends_with(".rlib")
    };
    libraries.is_dir() && entries(&libraries).is_ok_and(|paths| paths.iter().any(is_std))
}
