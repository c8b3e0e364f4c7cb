//! Plugins in every language, from an empty folder to a mission: `new`, each command of the
//! project's README, `build`, `call`, `dev`, `run`.

mod dream;
mod grader;
mod mistakes;
mod model;
mod tool;

use lucid_core::sha256_hex;
use lucid_tests::Author;
use lucid_tests::pages::{Step, steps};
use serde_json::Value;

/// The commands of a README that install compilers. They are there already: what the
/// templates ask for is what `cargo xtask test` installs.
const INSTALLING: [&str; 3] = ["python3 -m venv ", ".venv/bin/pip install ", "npm install"];

/// A plugin that was made from a template, with every command of its README done: its own
/// tests, a build, the check and, for a tool, a call.
fn made(language: &str, kind: &str) -> (Author, String) {
    let author = Author::new();
    // Cargo takes packages of one name in one target folder for the same.
    let name = format!("sample-{kind}");
    let told = author.lucid("", &["plugin", "new", &name, "--kind", kind, "--lang", language]).ok();
    assert!(told.out.contains(&format!("cd {name}")), "{}", told.out);
    author.install(&name);
    let readme = std::fs::read_to_string(author.root().join(&name).join("README.md")).unwrap();
    let steps = steps(&readme).unwrap_or_else(|why| panic!("README.md: {why}"));
    let typed = steps.iter().filter_map(|(_, step)| match step {
        Step::Run(script, _) => Some(script.as_str()),
        _ => None,
    });
    let lines = typed.flat_map(str::lines);
    let script: Vec<&str> =
        lines.filter(|line| !INSTALLING.iter().any(|start| line.starts_with(start))).collect();
    for needed in ["lucid plugin build", "lucid plugin check"] {
        assert!(script.iter().any(|line| line.starts_with(needed)), "{needed}: {readme}");
    }
    let _ = author.run(&name, "bash", &["-euxc", &script.join("\n")]).ok();
    (author, name)
}

/// Builds, and compares what is said of the file with the file.
fn built(author: &Author, name: &str) {
    let said = author.lucid("", &["plugin", "build", name, "--json"]).ok();
    let built: Value = serde_json::from_str(&said.out).unwrap();
    let path = format!("{name}/{name}.wasm");
    let file = std::fs::read(author.root().join(&path)).unwrap();
    assert_eq!((&built["path"], &built["name"]), (&path.into(), &name.into()));
    assert_eq!((&built["kind"], &built["tools"][0]), (&"tool".into(), &"outline".into()));
    assert_eq!(
        (&built["bytes"], &built["digest"]),
        (&file.len().into(), &sha256_hex(&file).into())
    );
    let imports: Vec<&str> =
        built["imports"].as_array().unwrap().iter().flat_map(Value::as_str).collect();
    let named = |name: &&str| name.contains(':') && name.contains('@');
    assert!(!imports.is_empty() && imports.iter().all(named), "{imports:?}");
}

/// Runs a mission beside the plugin, and gives its report.
fn run(author: &Author, plugin: &str, mission: &str, files: &[(&str, &str)], code: i32) -> Value {
    author.write("mission/mission.toml", mission);
    for (name, text) in files {
        author.write(&format!("mission/{name}"), text);
    }
    let file = author.root().join(plugin).join(format!("{plugin}.wasm"));
    std::fs::copy(file, author.root().join("mission/plugin.wasm")).unwrap();
    let said = author.lucid("", &["run", "mission", "--json"]);
    assert_eq!(said.code, code, "{}\n{}", said.out, said.err);
    serde_json::from_str(&said.out).unwrap()
}
