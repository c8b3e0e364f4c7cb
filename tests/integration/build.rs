//! Lists the hostile corpus, and fails where a program has no test: a guest that no test
//! runs promises nothing.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a build script speaks to cargo by printing, and fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    // As it is now: the script may have been built for another checkout.
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let guests = here.join("../guests");
    println!("cargo::rerun-if-changed={}", guests.display());
    println!("cargo::rerun-if-changed=tests/all/hostile");
    let (mut programs, mut missing) = (Vec::new(), Vec::new());
    for folder in children(&guests) {
        let class = stem(&folder);
        let Some(class) = class.strip_prefix("hostile_") else { continue };
        assert!(!class.contains('_'), "{}: a class is one word", folder.display());
        let source = here.join(format!("tests/all/hostile/{class}.rs"));
        let tests = fs::read_to_string(&source).unwrap_or_default();
        for program in children(&folder.join("programs")) {
            let is_program = program.extension().is_some_and(|end| end == "rs" || end == "wat");
            if is_program {
                let trick = stem(&program);
                if !is_tested(class, &trick, &tests) {
                    missing.push(format!("hostile_{class}_{trick}"));
                }
                programs.push((format!("hostile_{class}_{trick}"), format!("{class}::{trick}")));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no test runs {}: tests/guests/HOSTILE.md says how to write one",
        missing.join(", ")
    );
    let mut table = String::from("/// Every program of the corpus, and the test that runs it.\n");
    let count = programs.len();
    writeln!(table, "const PROGRAMS: [(&str, fn()); {count}] = [").unwrap();
    for (program, test) in programs {
        // Resolved by the compiler: a test that was commented out is not there.
        writeln!(table, "    (\"{program}\", {test}),").unwrap();
    }
    table.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    fs::write(out.join("programs.rs"), table).unwrap();
}

/// Whether the tests of a class have one of the program's name that loads it.
fn is_tested(class: &str, trick: &str, tests: &str) -> bool {
    let function = format!("#[test]\npub(super) fn {trick}() {{");
    let name = format!("\"hostile_{class}_{trick}\"");
    tests.contains(&function) && tests.contains(&name)
}

/// What is in a folder, sorted; nothing where there is none.
fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}
