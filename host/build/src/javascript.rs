//! Building a plugin in JavaScript.

use std::path::Path;

use lucid_core::{Failure, Result};
use serde_json::Value;

use crate::language::Language;
use crate::machine::{Machine, command, run};
use crate::toolchain::Toolchain;
use crate::{WORK, WORLD, file, made};

const HINT: &str = "the error that componentize-qjs printed names what to mend";

/// Builds the component: the project's modules, run up to their end once, and QuickJS.
pub(crate) fn build(machine: &Machine, folder: &Path) -> Result<Vec<u8>> {
    let program = Toolchain::ComponentizeQjs.find(machine, folder, Language::JavaScript)?;
    let out = Path::new(WORK).join("component.wasm");
    let mut build = command(&program, folder);
    let package = Package::of(folder)?;
    build.args(["--wit", "wit", "--world", WORLD, "--module-root", ".", "--js", &package.main]);
    // Not asynchronous: the host calls one function and waits for its answer.
    build.args(["--sync", "--output"]).arg(&out);
    if package.opt_size {
        build.arg("--opt-size");
    }
    run(&mut build, HINT)?;
    made(&folder.join(out), "componentize-qjs")
}

/// What `package.json` says about the build.
#[derive(Debug, PartialEq, Eq)]
struct Package {
    /// The module with the plugin's exports: `main`.
    main: String,
    /// Whether it is built to be small rather than fast: `lucid.optSize`, else yes.
    opt_size: bool,
}

impl Package {
    fn of(folder: &Path) -> Result<Self> {
        let path = folder.join("package.json");
        let text = std::fs::read_to_string(&path).map_err(|error| file("read", &path, &error))?;
        let package: Value = serde_json::from_str(&text).map_err(|error| {
            Failure::invalid(format!("{}: {error}", path.display())).hint("mend that line")
        })?;
        let Some(main) = package.get("main").and_then(Value::as_str) else {
            return Err(Failure::invalid(format!("{} names no `main`", path.display())).hint(
                "name the module with the plugin's exports, such as `\"main\": \"src/plugin.js\"`",
            ));
        };
        let opt_size = package.pointer("/lucid/optSize").and_then(Value::as_bool).unwrap_or(true);
        Ok(Self { main: main.to_owned(), opt_size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_says_which_module_and_whether_to_be_small() {
        let folder = tempfile::tempdir().unwrap();
        let of = |text: &str| {
            std::fs::write(folder.path().join("package.json"), text).unwrap();
            Package::of(folder.path())
        };
        let main = || "a.js".to_owned();
        let small = of(r#"{"main": "a.js"}"#);
        assert_eq!(small, Ok(Package { main: main(), opt_size: true }));
        let fast = of(r#"{"main": "a.js", "lucid": {"optSize": false}}"#);
        assert_eq!(fast, Ok(Package { main: main(), opt_size: false }));
        assert!(of("{}").unwrap_err().hint.unwrap().contains("src/plugin.js"));
        assert!(of("{").unwrap_err().message.contains("package.json: "));
    }
}
