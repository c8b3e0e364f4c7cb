//! The SDK for TypeScript, driven by plain JavaScript under Node's own test runner.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::process::{run as start, say, succeeds};
use crate::workspace::{Workspace, read};
use crate::{host, installed};

/// The tests.
const FOLDER: &str = "tests/peers/typescript";

/// What they need, and the digests that it may have.
const PACKAGES: [&str; 2] = ["package.json", "package-lock.json"];

/// The file that has them all.
const TESTS: &str = "main.test.js";

/// Asks whether a Node is new enough for the tests.
const IS_NEW_ENOUGH: &str = "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)";

/// What a machine needs.
const HINT: &str = "install Node.js 20 or newer with npm: the server is tested with the SDK for it";

/// Runs the tests; the arguments go to Node, before the file with the tests.
pub(super) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let folder = workspace.root.join(FOLDER);
    let wanted = PACKAGES.iter().map(|file| read(&folder.join(file)));
    let wanted: String = wanted.collect::<Result<_, _>>()?;
    installed::ensure(&folder.join("node_modules"), &wanted, || install(&folder))?;
    let mut node = Command::new("node");
    node.arg("--test").args(arguments).arg(TESTS);
    node.current_dir(folder).env("LUCID", host::binary(workspace));
    let hint = "the test that failed says what the server answered";
    start(&mut node, "the tests with the SDK for TypeScript", hint)
}

fn install(folder: &Path) -> Result<(), Failure> {
    if !succeeds(Command::new("node").args(["-e", IS_NEW_ENOUGH])) {
        return Err(Failure::new("there is no Node.js that is new enough", HINT));
    }
    say("installing the SDK for TypeScript that the server is tested with");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    start(npm.current_dir(folder), "npm", HINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(file: &str) -> String {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        read(&here.ancestors().nth(2).unwrap().join(FOLDER).join(file)).unwrap()
    }

    #[test]
    fn what_is_installed_has_one_version_and_its_digests() {
        for line in text_of("package.json").lines().filter(|line| line.starts_with("    \"")) {
            let (name, version) = line.split_once(": \"").unwrap();
            let is_a_package = name.contains("sdk") || name.contains("typescript");
            assert!(!is_a_package || version.starts_with(|first: char| first.is_ascii_digit()));
        }
        let locked = text_of("package-lock.json");
        let count = |what: &str| locked.matches(what).count();
        // One of the packages is the tests themselves, which have no version.
        assert_eq!(count("\"integrity\": \"sha512-"), count("\"version\": \""));
        assert!(locked.contains("\"node_modules/@anthropic-ai/sdk\""));
    }

    #[test]
    fn no_registry_is_named() {
        assert!(!text_of("package-lock.json").contains("\"resolved\""));
    }
}
