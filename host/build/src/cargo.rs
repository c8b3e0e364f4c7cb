//! Building a plugin in Rust.

use std::path::{Path, PathBuf};

use lucid_core::{Failure, Result};
use serde_json::Value;

use crate::language::Language;
use crate::machine::{Machine, command, output};
use crate::made;
use crate::toolchain::{RUST_TARGET, Toolchain, rust_target};

const HINT: &str = "the first error that the compiler names is the one to mend";

/// Builds the component: the one `cdylib` of the package.
pub(crate) fn build(machine: &Machine, folder: &Path) -> Result<Vec<u8>> {
    let cargo = Toolchain::Cargo.find(machine, folder, Language::Rust)?;
    rust_target(machine, folder)?;
    let mut build = command(&cargo, folder);
    build.args(["build", "--release", "--target", RUST_TARGET]);
    build.args(["--message-format", "json-render-diagnostics"]);
    let messages = output(&mut build, true, HINT)?;
    let component = component_in(&messages, folder).ok_or_else(|| {
        Failure::invalid(format!("the package in {} makes no component", folder.display()))
            .hint("write `crate-type = [\"cdylib\", \"rlib\"]` under [lib] in its Cargo.toml")
    })?;
    made(&component, "cargo")
}

/// The component that Cargo's messages name, of the package in the folder.
fn component_in(messages: &str, folder: &Path) -> Option<PathBuf> {
    let manifest = folder.join("Cargo.toml").canonicalize().ok()?;
    let component = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let own = Path::new(message.get("manifest_path")?.as_str()?).canonicalize().ok()?;
        let mut files = message.get("filenames")?.as_array()?.iter().filter_map(Value::as_str);
        let wasm = files.rfind(|file| file.ends_with(".wasm"))?;
        (own == manifest).then(|| PathBuf::from(wasm))
    };
    messages.lines().filter_map(component).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_that_of_the_package_and_of_no_dependency() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        std::fs::write(&manifest, "").unwrap();
        let own = manifest.canonicalize().unwrap();
        let messages = format!(
            "not json\n{{\"reason\":\"compiler-message\"}}\n\
             {{\"manifest_path\":\"/x/Cargo.toml\",\"filenames\":[\"/x/other.wasm\"]}}\n\
             {{\"manifest_path\":{own:?},\"filenames\":[\"/t/own.rlib\",\"/t/own.wasm\"]}}\n\
             {{\"manifest_path\":{own:?},\"filenames\":[\"/t/build-script\"]}}\n"
        );
        let found = component_in(&messages, folder.path());
        assert_eq!(found, Some(PathBuf::from("/t/own.wasm")));
        assert_eq!(component_in("", folder.path()), None);
    }
}
