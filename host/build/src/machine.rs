//! Finding and starting the programs of a toolchain.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lucid_core::{Failure, Result};

/// Where programs are put inside of a project, by `pip` and by `npm`.
const OWN_FOLDERS: [&str; 3] = [".venv/bin", ".venv/Scripts", "node_modules/.bin"];

/// What a build needs to know of the machine it runs on.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// The folders that programs are looked for in, behind the project's own.
    pub path: Vec<PathBuf>,
    /// The Rust compiler, where it is not the one on the path.
    pub rustc: Option<PathBuf>,
}

impl Machine {
    /// Finds a program: in the project's own `.venv` or `node_modules`, then on the path.
    #[must_use]
    pub fn find(&self, project: &Path, program: &str) -> Option<PathBuf> {
        let own = OWN_FOLDERS.iter().map(|folder| project.join(folder));
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        let file = own.chain(self.path.iter().cloned()).map(|folder| folder.join(&name));
        // A relative name would be looked for where the program is started.
        file.into_iter()
            .find(|file| is_program(file))
            .and_then(|file| std::path::absolute(file).ok())
    }
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(file);
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// A command in a project's folder.
pub(crate) fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs a command to its end. All it prints goes to standard error: standard output is
/// `lucid`'s own.
pub(crate) fn run(command: &mut Command, hint: &str) -> Result<()> {
    let name = name(command);
    command.stdout(Stdio::from(std::io::stderr()));
    let status = command.status().map_err(|error| not_started(&name, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::failed(format!("{name} did not build the plugin ({status})")).hint(hint))
}

/// Runs a command to its end and gives what it printed on standard output; standard error is
/// shown where `shown`, else dropped.
pub(crate) fn output(command: &mut Command, shown: bool, hint: &str) -> Result<String> {
    let name = name(command);
    command.stdout(Stdio::piped()).stderr(if shown { Stdio::inherit() } else { Stdio::null() });
    let output = command.output().map_err(|error| not_started(&name, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Failure::failed(format!("{name} failed ({})", output.status)).hint(hint))
}

fn not_started(name: &str, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{name} does not start: {error}"))
        .hint("install it again; `lucid doctor` shows what is there")
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_stem().and_then(OsStr::to_str).unwrap_or("the compiler").to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_projects_own_programs_come_before_those_of_the_path() {
        let (project, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let machine = Machine { path: vec![other.path().to_owned()], rustc: None };
        let write = |folder: &Path, mode: u32| {
            std::fs::create_dir_all(folder).unwrap();
            let file = folder.join("compiler");
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            file
        };
        assert_eq!(machine.find(project.path(), "compiler"), None);
        let on_path = write(other.path(), 0o755);
        assert_eq!(machine.find(project.path(), "compiler"), Some(on_path.clone()));
        let own = write(&project.path().join(".venv/bin"), 0o644);
        assert_eq!(machine.find(project.path(), "compiler"), Some(on_path), "no program");
        write(&project.path().join(".venv/bin"), 0o755);
        assert_eq!(machine.find(project.path(), "compiler"), Some(own));
    }

    #[test]
    fn a_compiler_that_fails_is_named_with_the_next_step() {
        let folder = tempfile::tempdir().unwrap();
        let failure = run(command(Path::new("/bin/false"), folder.path()).arg("x"), "mend it");
        let failure = failure.unwrap_err();
        assert_eq!(failure.message, "false did not build the plugin (exit status: 1)");
        assert_eq!(failure.hint.as_deref(), Some("mend it"));
        let missing = run(&mut command(Path::new("/nowhere/gone"), folder.path()), "x");
        assert!(missing.unwrap_err().message.starts_with("gone does not start"));
    }
}
