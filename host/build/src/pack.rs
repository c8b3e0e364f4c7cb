//! One file of a component and its manifest.

use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_policy::manifest::{Manifest, SECTION};
use lucid_policy::section;
use wasmparser::Parser;

use crate::file;

/// Reads and checks a project's `plugin.toml`, and gives its text with it.
///
/// # Errors
/// Invalid, with the line, when it is not there or has a mistake.
pub fn manifest_of(path: &Path) -> Result<(String, Manifest)> {
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::invalid(format!("no manifest: {} is not there", path.display())).hint(
                "write a `plugin.toml` with name, version, kind and description, or name one \
                 with `--manifest`",
            )
        }
        _ => file("read", path, &error),
    })?;
    let manifest = Manifest::parse(&text).map_err(|error| {
        Failure::invalid(format!("{}:{}: {}", path.display(), error.line, error.message))
            .hint(error.hint)
    })?;
    Ok((text, manifest))
}

/// Puts a manifest into a component, in place of one that it may have.
///
/// # Errors
/// Invalid, when the bytes are no component.
pub fn pack(component: &[u8], manifest: &str) -> Result<Vec<u8>> {
    if Parser::is_core_wasm(component) {
        return Err(Failure::invalid("it is a core module, not a component").hint(
            "build it for the component model: `lucid plugin build` does, and so do \
             wasm32-wasip2 and `wasm-tools component new`",
        ));
    }
    section::embed(component, SECTION, manifest.as_bytes()).map_err(|error| {
        let hint = error.hint().unwrap_or("build the component again");
        Failure::invalid(format!("it cannot be packed: {error}")).hint(hint)
    })
}

/// Writes a plugin's file. One that was there stays until the new one is whole.
///
/// # Errors
/// Failed, when it cannot be written.
pub fn write_plugin(path: &Path, plugin: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    let written = std::fs::write(beside, plugin).and_then(|()| std::fs::rename(beside, path));
    written.map_err(|error| file("write", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_with_a_mistake_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plugin.toml");
        let missing = manifest_of(&path).unwrap_err();
        assert!(missing.message.contains("no manifest"), "{missing}");
        std::fs::write(&path, "name = \"x\"\nversion = \"1\"\n").unwrap();
        let failure = manifest_of(&path).unwrap_err();
        assert!(failure.message.contains("plugin.toml:"), "{failure}");
        assert!(failure.hint.is_some());
    }

    #[test]
    fn a_core_module_and_other_files_are_told_from_a_component() {
        let module = pack(b"\0asm\x01\0\0\0", "x").unwrap_err();
        assert!(module.message.contains("core module"), "{module}");
        assert!(pack(b"\x7fELF", "x").unwrap_err().hint.is_some());
        let packed = pack(b"\0asm\x0d\0\x01\0", "x").unwrap();
        assert_eq!(section::find(&packed, SECTION).unwrap(), Some(&b"x"[..]));
    }
}
