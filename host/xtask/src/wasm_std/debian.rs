//! The guests' standard library, built once from Debian's packages.
//!
//! A library has to be of the very compiler that uses it, so guests are then compiled with
//! Debian's compiler, the host with the toolchain as ever. Debian 12's C library for WASI
//! is too old for parts of `std`, so the next release's is taken. All of it lives in
//! `target/wasm-sysroot/<version of the toolchain>/`; removing that undoes everything.

use std::fs;
use std::path::{Path, PathBuf};

use super::apt::Apt;
use super::{Toolchain, has_std};
use crate::failure::Failure;
use crate::guests::TARGET;
use crate::process::{cargo, run, say};
use crate::workspace::{Workspace, entries, name_of};

/// Debian's newest compiler of a stable release, its library for this machine, its source.
const COMPILER: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];
/// The C library, and the first release in which it is new enough (Debian 13).
const C_LIBRARY: &str = "wasi-libc";
const C_LIBRARY_RELEASE: &str = "trixie";
/// The script that calls the compiler, written last: it is there when all of it is.
const SCRIPT: &str = "rustc";

/// The compiler's script, if it was built before.
pub(super) fn built(workspace: &Workspace, toolchain: &Toolchain) -> Option<PathBuf> {
    let script = folder(workspace, toolchain).join(SCRIPT);
    script.is_file().then_some(script)
}

/// Builds the library unless it is there, and gives the compiler's script.
pub(super) fn ensure(workspace: &Workspace, toolchain: &Toolchain) -> Result<PathBuf, Failure> {
    if let Some(script) = built(workspace, toolchain) {
        return Ok(script);
    }
    let tools = toolchain.sysroot.join("lib/rustlib").join(&toolchain.host).join("bin");
    if !tools.join("wasm-component-ld").is_file() {
        let message = "the toolchain has no wasm-component-ld, which links components";
        return Err(Failure::new(message, "install Rust with rustup, whose toolchains have it"));
    }
    let base = folder(workspace, toolchain);
    remove(&base)?;
    let build = Build { debian: base.join("debian/usr"), base };
    say("building the guests' standard library from Debian's packages, once (2 minutes)");
    build.fetch()?;
    build.write_plain_script()?;
    build.sysroot(toolchain, &tools)?;
    build.compile(workspace)?;
    if !has_std(&build.base) {
        let message = format!("no standard library came out in {}", build.base.display());
        return Err(Failure::new(message, "run it again, and read what cargo says first"));
    }
    for leftover in ["apt", "libc", "std-build", "debian/usr/src", "debian/usr/share"] {
        remove(&build.base.join(leftover))?;
    }
    build.write_guest_script()
}

fn folder(workspace: &Workspace, toolchain: &Toolchain) -> PathBuf {
    workspace.target.join("wasm-sysroot").join(&toolchain.release)
}

/// The folders of one build.
struct Build {
    /// Everything; also the sysroot.
    base: PathBuf,
    /// Where Debian's compiler was unpacked.
    debian: PathBuf,
}

impl Build {
    fn fetch(&self) -> Result<(), Failure> {
        let machine = Apt::of_machine(&self.base.join("apt/machine"))?;
        machine.unpack(&COMPILER, &self.base.join("debian"))?;
        let release = Apt::of_release(&self.base.join("apt/release"), C_LIBRARY_RELEASE)?;
        release.unpack(&[C_LIBRARY], &self.base.join("libc"))
    }

    /// Calls Debian's compiler from where it was unpacked.
    fn write_plain_script(&self) -> Result<PathBuf, Failure> {
        let debian = quoted(&self.debian);
        // Its own libraries are in the one folder of `lib` named after the machine's kind.
        let text = format!(
            "#!/bin/sh\n\
             # Debian's compiler, unpacked by `cargo xtask`.\n\
             for folder in {debian}/lib/*-linux-gnu*; do\n\
             \x20   LD_LIBRARY_PATH=\"$folder${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\"\n\
             done\n\
             export LD_LIBRARY_PATH\n\
             exec {debian}/bin/rustc \"$@\"\n"
        );
        self.write_script("rustc-plain", &text)
    }

    /// Calls it with our sysroot where it compiles a guest; its macros and build scripts run
    /// on this machine, and keep the compiler's own.
    fn write_guest_script(&self) -> Result<PathBuf, Failure> {
        let (plain, sysroot) = (quoted(&self.base.join("rustc-plain")), quoted(&self.base));
        // This C library keeps what stands in for threads in an archive of its own.
        let text = format!(
            "#!/bin/sh\n\
             # Debian's compiler with the standard library for {TARGET}.\n\
             case \" $* \" in\n\
             *' --target {TARGET} '*)\n\
             \x20   set -- -C link-arg=-lwasi-emulated-pthread \"$@\"\n\
             \x20   exec {plain} --sysroot {sysroot} \"$@\" ;;\n\
             *)\n\
             \x20   exec {plain} \"$@\" ;;\n\
             esac\n"
        );
        self.write_script(SCRIPT, &text)
    }

    fn write_script(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.base.join(name);
        let draft = self.base.join(format!("{name}.draft"));
        let failure = |error: std::io::Error| Failure::file("write", &path, &error);
        fs::write(&draft, text).map_err(failure)?;
        set_executable(&draft).map_err(failure)?;
        fs::rename(&draft, &path).map_err(failure)?;
        Ok(path)
    }

    /// Lays out the sysroot: the C library, and what the compiler looks for of this machine.
    fn sysroot(&self, toolchain: &Toolchain, tools: &Path) -> Result<(), Failure> {
        let rustlib = self.base.join("lib/rustlib");
        let parts = rustlib.join(TARGET).join("lib/self-contained");
        let machine = rustlib.join(&toolchain.host);
        for folder in [&parts, &machine] {
            fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
        }
        let own = self.debian.join("lib/rustlib").join(&toolchain.host).join("lib");
        link(&own, &machine.join("lib"))?;
        link(tools, &machine.join("bin"))?;
        let library = self.base.join("libc/usr/lib").join(TARGET);
        copy(&library, &parts, |name| {
            has_extension(name, "a") || (name.starts_with("crt1") && has_extension(name, "o"))
        })
    }

    /// Has cargo build `std` as the dependency of an empty crate, and takes it from there.
    fn compile(&self, workspace: &Workspace) -> Result<(), Failure> {
        let folder = self.base.join("std-build");
        let sources = folder.join("src");
        fs::create_dir_all(&sources).map_err(|error| Failure::file("make", &sources, &error))?;
        // A workspace of its own, or cargo would take it for a member of ours.
        let package = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                       [workspace]\n";
        let files = [("Cargo.toml", package), ("src/lib.rs", "#![no_std]\n")];
        for (name, text) in files.map(|(name, text)| (folder.join(name), text)) {
            fs::write(&name, text).map_err(|error| Failure::file("write", &name, &error))?;
        }
        let mut build = cargo(&folder);
        build.args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"]);
        build.env("RUSTC", self.base.join("rustc-plain"));
        // Building `std` is not stable; this is the switch by which it works on a stable cargo.
        build.env("RUSTC_BOOTSTRAP", "1");
        build.env("CARGO_TARGET_DIR", folder.join("target"));
        // Guests are optimised as a whole, which needs the library's bitcode.
        build.env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "-Cembed-bitcode=yes");
        build.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        run(&mut build, "building the standard library", &self.hint(workspace))?;
        let built = folder.join("target").join(TARGET).join("release/deps");
        let libraries = self.base.join("lib/rustlib").join(TARGET).join("lib");
        copy(&built, &libraries, |name| {
            has_extension(name, "rlib") && !name.starts_with("libempty-")
        })
    }

    fn hint(&self, workspace: &Workspace) -> String {
        let base = self.base.strip_prefix(&workspace.target).unwrap_or(&self.base);
        format!(
            "cargo has to reach its registry for the library's dependencies; what was \
             fetched is in {} of the target folder",
            base.display()
        )
    }
}

/// A path as one word of a shell script.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<(), Failure> {
    for file in entries(from)? {
        let name = name_of(&file);
        if wanted(&name) {
            fs::copy(&file, to.join(name)).map_err(|error| Failure::file("copy", &file, &error))?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file("remove", folder, &error))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(to, at).map_err(|error| Failure::file("link", at, &error))
}

#[cfg(unix)]
fn set_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Debian is never without links; this is for the rest of xtask to compile elsewhere.
#[cfg(not(unix))]
fn link(_to: &Path, at: &Path) -> Result<(), Failure> {
    let error = std::io::ErrorKind::Unsupported.into();
    Err(Failure::file("link", at, &error))
}

#[cfg(not(unix))]
fn set_executable(_path: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
