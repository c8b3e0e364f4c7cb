//! Somebody who writes a plugin: an empty folder, the `lucid` program, the toolchains.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder that was empty, and what is started in it.
pub struct Author {
    folder: TempDir,
}

/// What a program printed, and its exit code.
#[derive(Debug)]
pub struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
}

impl Said {
    /// What was said, where the program ended well.
    #[track_caller]
    #[must_use]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// The same for a program that fails with a code: its error, with the hint.
    #[track_caller]
    #[must_use]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self.err
    }
}

impl Default for Author {
    fn default() -> Self {
        Self::new()
    }
}

impl Author {
    /// Begins with an empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `lucid` in a folder below, with arguments as typed.
    #[must_use]
    pub fn lucid(&self, folder: &str, arguments: &[&str]) -> Said {
        let lucid = crate::release().join("lucid");
        self.run(folder, &lucid.to_string_lossy(), arguments)
    }

    /// Runs a program in a folder below.
    #[must_use]
    pub fn run(&self, folder: &str, program: &str, arguments: &[&str]) -> Said {
        said(self.command(folder, program).args(arguments))
    }

    /// Runs a program with `lucid` on its path and no toolchain but what the machine has.
    #[must_use]
    pub fn alone(&self, folder: &str, program: &str, arguments: &[&str]) -> Said {
        let mut command = self.command(folder, program);
        said(command.env("PATH", path(&[])).args(arguments))
    }

    /// A command with the toolchains on its path and state of its own.
    #[must_use]
    pub fn command(&self, folder: &str, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root().join(folder));
        let own = ["python/bin", "js/node_modules/.bin"].map(|bin| toolchains().join(bin));
        command.env("PATH", path(&own)).env("LUCID_HOME", self.root().join(".state"));
        // Another project's packages are compiled once for all tests.
        command.env("CARGO_TARGET_DIR", target().join("authors"));
        // What nextest tells about itself is not for the programs that it starts.
        command.env_remove("CARGO_MANIFEST_DIR").env_remove("VIRTUAL_ENV");
        if let Ok(rustc) = fs::read_to_string(toolchains().join("rustc.txt")) {
            command.env("RUSTC", rustc);
        }
        command
    }

    /// Puts the toolchains where a project of that folder would have its own.
    pub fn install(&self, folder: &str) {
        let project = self.root().join(folder);
        let toolchains = toolchains();
        let link = |file: &str, own: &str, to: &str| {
            if project.join(file).is_file() {
                std::os::unix::fs::symlink(toolchains.join(to), project.join(own)).unwrap();
            }
        };
        link("requirements.txt", ".venv", "python");
        link("package.json", "node_modules", "js/node_modules");
    }

    /// Writes a file below.
    pub fn write(&self, name: &str, text: &str) {
        let file = self.root().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Puts one text in the place of another in a file below.
    #[track_caller]
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let file = self.root().join(name);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`:\n{text}");
        fs::write(file, text.replace(from, to)).unwrap();
    }
}

fn target() -> PathBuf {
    crate::release().parent().unwrap().to_owned()
}

/// Where `cargo xtask test` installs the toolchains.
fn toolchains() -> PathBuf {
    let folder = target().join("toolchains");
    assert!(
        folder.join("python/installed.txt").is_file() && folder.join("js/installed.txt").is_file(),
        "the toolchains of other languages are not in {}: `cargo xtask test` installs them",
        folder.display()
    );
    folder
}

fn said(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Said { out: text(stdout), err: text(stderr), code: status.code().unwrap_or(-1) }
}

/// The path with these folders and that of `lucid` in front.
fn path(own: &[PathBuf]) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = own.iter().cloned().chain([crate::release()]).chain(std::env::split_paths(&path));
    std::env::join_paths(all).unwrap()
}
