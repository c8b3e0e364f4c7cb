//! The SDK for Python, in a virtual environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::process::{run as start, say, succeeds};
use crate::workspace::{Workspace, read};
use crate::{host, installed};

/// The tests.
const FOLDER: &str = "tests/peers/python";

/// What they need, each with the digests it may have.
const REQUIREMENTS: &str = "requirements.txt";

/// Where Python may be, the plain name last: a system's own may be too old.
const INTERPRETERS: [&str; 6] =
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Asks whether a Python is new enough for the SDK.
const IS_NEW_ENOUGH: &str = "import sys, venv; sys.exit(sys.version_info < (3, 10))";

/// Runs the tests; the arguments go to pytest.
pub(super) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let folder = workspace.root.join(FOLDER);
    let requirements = folder.join(REQUIREMENTS);
    let venv = workspace.target.join("peers").join("venv");
    installed::ensure(&venv, &read(&requirements)?, || install(&venv, &requirements))?;
    let mut pytest = Command::new(program(&venv, "python"));
    pytest.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]).args(arguments);
    pytest.current_dir(folder).env("LUCID", host::binary(workspace));
    pytest.env("PYTHONDONTWRITEBYTECODE", "1");
    let hint = "the test that failed says what the server answered";
    start(&mut pytest, "the tests with the SDK for Python", hint)
}

fn install(venv: &Path, requirements: &Path) -> Result<(), Failure> {
    say("installing the SDK for Python that the server is tested with");
    let hint = "install Python 3.10 or newer with its `venv` module: the server is tested with \
                the SDK for it";
    let Some(interpreter) = interpreter() else {
        return Err(Failure::new("there is no Python that is new enough", hint));
    };
    start(Command::new(interpreter).args(["-m", "venv"]).arg(venv), interpreter, hint)?;
    let mut pip = Command::new(program(venv, "python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "-r"]).arg(requirements);
    start(&mut pip, "pip", "pip's message says what it could not fetch")
}

/// The first Python on the path that is new enough.
fn interpreter() -> Option<&'static str> {
    let fits = |name: &&str| succeeds(Command::new(name).args(["-c", IS_NEW_ENOUGH]));
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
        let file = here.ancestors().nth(2).unwrap().join(FOLDER).join(REQUIREMENTS);
        let text = read(&file).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with([' ', '#']));
        for line in lines {
            assert!(line.contains("==") && line.ends_with('\\'), "{line}");
        }
        assert!(text.contains("anthropic==") && text.contains("--hash=sha256:"));
    }
}
