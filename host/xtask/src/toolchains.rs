//! The compilers of other languages, installed into `target/toolchains` from the package
//! registries: in the versions that the templates ask for, so that both are tried together.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::installed;
use crate::process::{run, say};
use crate::wasm_std::{self, Compiler};
use crate::workspace::{Workspace, read, write_if_changed};

/// What Python's package manager installs: Python's compiler, Zig's and Go's.
const REQUIREMENTS: [&str; 3] = [
    "sdk/templates/python/common/requirements.txt",
    "sdk/templates/c/common/requirements.txt",
    "sdk/templates/go/common/requirements.txt",
];

/// What Node's package manager installs: JavaScript's compiler.
const PACKAGES: [&str; 2] =
    ["sdk/templates/js/common/package.json", "sdk/templates/js/common/package-lock.json"];

/// Names the compiler for Rust plugins, where it is not the one on the path.
const RUSTC: &str = "rustc.txt";

/// Where toolchains are.
pub(crate) struct Toolchains {
    folder: PathBuf,
}

impl Toolchains {
    /// Makes sure that they are there.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self, Failure> {
        let toolchains = Self { folder: workspace.target.join("toolchains") };
        let python = toolchains.folder.join("python");
        installed::ensure(&python, &wanted(workspace, &REQUIREMENTS)?, || {
            let requirements = REQUIREMENTS.map(|file| workspace.root.join(file));
            install_python(&python, &requirements)
        })?;
        let node = toolchains.folder.join("js");
        installed::ensure(&node, &wanted(workspace, &PACKAGES)?, || {
            for file in PACKAGES {
                let from = workspace.root.join(file);
                let name = from.file_name().unwrap_or_default();
                write_if_changed(&node.join(name), read(&from)?.as_bytes())?;
            }
            install_packages(&node)
        })?;
        toolchains.name_rustc(&wasm_std::ensure(workspace)?)?;
        Ok(toolchains)
    }

    /// Tells the tests which compiler has the standard library for plugins, where it is not
    /// the toolchain's own.
    fn name_rustc(&self, compiler: &Compiler) -> Result<(), Failure> {
        let file = self.folder.join(RUSTC);
        match compiler {
            Compiler::Script(path) => {
                write_if_changed(&file, path.as_os_str().as_encoded_bytes()).map(|_| ())
            }
            Compiler::Toolchain if !file.exists() => Ok(()),
            Compiler::Toolchain => {
                fs::remove_file(&file).map_err(|error| Failure::file("remove", &file, &error))
            }
        }
    }

    /// The path with their programs in front.
    pub(crate) fn path(&self) -> OsString {
        let own = ["python/bin", "js/node_modules/.bin"].map(|bin| self.folder.join(bin));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&path));
        std::env::join_paths(all).unwrap_or(path)
    }

    /// A folder of state for what is built with them.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }
}

/// The files that say what is to be installed, as one text.
fn wanted(workspace: &Workspace, files: &[&str]) -> Result<String, Failure> {
    files.iter().map(|file| read(&workspace.root.join(file))).collect()
}

fn install_python(folder: &Path, requirements: &[PathBuf]) -> Result<(), Failure> {
    say("installing the compilers for Python, C, C++, Zig and Go");
    let mut python = Command::new("python3");
    python.args(["-m", "venv"]).arg(folder);
    let hint = "install Python 3.10 or newer with its `venv` module: plugins in Python, C, C++, \
                Zig and Go are tested";
    run(&mut python, "python3", hint)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]);
    for file in requirements {
        pip.arg("-r").arg(file);
    }
    run(&mut pip, "pip", "pip's message says what it could not fetch")
}

/// Installs what a folder's `package-lock.json` names.
pub(crate) fn install_packages(folder: &Path) -> Result<(), Failure> {
    say(&format!("installing the packages of {}", folder.display()));
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm.current_dir(folder);
    let hint = "install Node.js 20 or newer with npm: plugins in JavaScript are tested";
    run(&mut npm, "npm", hint)
}
