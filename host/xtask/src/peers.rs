//! The official SDKs against the server: `tests/peers`, which asks the binary that was built
//! everything there is to ask, and checks every answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::host;
use crate::process::{self, run, say};
use crate::workspace::{Workspace, read, write_if_changed};

/// The tests in Python.
const PYTHON: &str = "tests/peers/python";

/// What they need, each with the digests it may have.
const REQUIREMENTS: &str = "requirements.txt";

/// Says what is installed, so that it is not installed again.
const STAMP: &str = "installed.txt";

/// Where Python may be, the plain name last: a system's own may be too old.
const INTERPRETERS: [&str; 6] =
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Asks whether a Python is new enough for the SDK.
const IS_NEW_ENOUGH: &str = "import sys, venv; sys.exit(sys.version_info < (3, 10))";

/// Runs the SDK of Python against the server; the arguments go to pytest.
pub(crate) fn run_python(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let venv = workspace.target.join("peers").join("venv");
    let requirements = workspace.root.join(PYTHON).join(REQUIREMENTS);
    ensure(&venv, &requirements)?;
    let mut pytest = Command::new(program(&venv, "python"));
    pytest.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]).args(arguments);
    pytest.current_dir(workspace.root.join(PYTHON));
    pytest.env("LUCID", host::binary(workspace)).env("PYTHONDONTWRITEBYTECODE", "1");
    run(&mut pytest, "the SDK's tests", "the test that failed says what the server answered")
}

/// Makes sure that everything is installed as it is wanted.
fn ensure(venv: &Path, requirements: &Path) -> Result<(), Failure> {
    let wanted = read(requirements)?;
    let stamp = venv.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if venv.exists() {
        fs::remove_dir_all(venv).map_err(|error| Failure::file("remove", venv, &error))?;
    }
    say("installing the SDK for Python that the server is tested with");
    let hint = "install Python 3.10 or newer with its `venv` module: the server is tested with \
                the SDK for it";
    let Some(interpreter) = interpreter() else {
        return Err(Failure::new("there is no Python that is new enough", hint));
    };
    run(Command::new(interpreter).args(["-m", "venv"]).arg(venv), interpreter, hint)?;
    let mut pip = Command::new(program(venv, "python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "-r"]).arg(requirements);
    run(&mut pip, "pip", "pip's message says what it could not fetch")?;
    write_if_changed(&stamp, wanted.as_bytes()).map(|_| ())
}

/// The first Python on the path that is new enough.
fn interpreter() -> Option<&'static str> {
    let fits = |name: &&str| process::succeeds(Command::new(name).args(["-c", IS_NEW_ENOUGH]));
    INTERPRETERS.into_iter().find(|name| fits(name))
}

/// A program of a virtual environment.
fn program(venv: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    venv.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_has_one_version_and_its_digests() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = here.ancestors().nth(2).unwrap().join(PYTHON).join(REQUIREMENTS);
        let text = read(&file).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with([' ', '#']));
        for line in lines {
            assert!(line.contains("==") && line.ends_with('\\'), "{line}");
        }
        assert!(text.contains("anthropic==") && text.contains("--hash=sha256:"));
    }
}
