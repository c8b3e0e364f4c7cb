//! What a Rust file may contain.

use super::{File, Report, code};

const LINES_MAX: usize = 800;
const LINES_SOFT: usize = 500;
const COLUMNS_MAX: usize = 100;

/// The one file with `unsafe` code: loading components that were compiled before (I4).
const UNSAFE_FILE: &str = "host/engine/src/cache_unsafe.rs";
/// Hostile programs have to be able to be hostile.
const UNSAFE_GUESTS: &str = "tests/guests/";

/// What must not be left in code.
const LEFTOVERS: [(&str, &str); 4] = [
    ("todo!(", "write it, or return an error that says it is not there"),
    ("unimplemented!(", "write it, or return an error that says it is not there"),
    ("dbg!(", "remove it"),
    ("#[ignore", "a test that does not run promises nothing: mend it or remove it"),
];

/// Checks one file, if it is Rust.
pub(super) fn check(file: &File, report: &mut Report) {
    if !file.path.ends_with(".rs") {
        return;
    }
    let path = &file.path;
    let count = file.text.lines().count();
    if count > LINES_MAX {
        report.problems.push(format!("{path}: {count} lines, more than {LINES_MAX}: split it"));
    } else if count > LINES_SOFT {
        report.warnings.push(format!("{path}: {count} lines, more than {LINES_SOFT}"));
    }
    let is_crate = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    if is_crate && !file.text.starts_with("//!") {
        report.problems.push(format!("{path}:1: a crate begins with `//!` and its purpose"));
    }
    for (number, line) in file.text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > COLUMNS_MAX {
            let number = number + 1;
            let message = format!("{path}:{number}: {columns} columns, more than {COLUMNS_MAX}");
            report.problems.push(message);
        }
    }
    for (number, line) in code::lines(&file.text).iter().enumerate() {
        if let Some(problem) = in_code(path, line) {
            report.problems.push(format!("{path}:{}: {problem}", number + 1));
        }
    }
}

fn in_code(path: &str, line: &str) -> Option<String> {
    // No space: `dbg ! (` is legal, but nobody's formatter leaves it so.
    if let Some((found, advice)) = LEFTOVERS.iter().find(|(found, _)| line.contains(found)) {
        return Some(format!("`{found}`: {advice}"));
    }
    let may_be_unsafe = path == UNSAFE_FILE || path.starts_with(UNSAFE_GUESTS);
    if code::has_word(line, "unsafe") && !may_be_unsafe {
        return Some(format!("`unsafe` belongs into {UNSAFE_FILE} alone (I4)"));
    }
    if reads_environment(line) && !may_read_environment(path) {
        return Some("`std::env` belongs into host/cli alone (I3): pass the value in".to_owned());
    }
    None
}

/// The machine's constants, such as the name of its system, are not its environment.
fn reads_environment(line: &str) -> bool {
    line.replace("std::env::consts", "").contains("std::env")
}

/// The rule is about the host: what a guest reads there is what it was granted, and tests
/// and build scripts are not part of what is run.
fn may_read_environment(path: &str) -> bool {
    !path.starts_with("host/")
        || ["host/cli/", "host/xtask/"].iter().any(|own| path.starts_with(own))
        || path.split('/').any(|part| ["tests", "benches", "tests.rs", "build.rs"].contains(&part))
}

#[cfg(test)]
mod tests {
    use super::super::tests::problems_in;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let problems = problems_in(path, text);
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        for (problem, part) in problems.iter().zip(expected) {
            assert!(problem.contains(part), "`{problem}` does not have `{part}`");
        }
    }

    #[test]
    fn files_and_lines_have_a_length() {
        let wide = format!("// {}\n", "é".repeat(97));
        check("host/core/src/a.rs", &wide, &[]);
        check("host/core/src/a.rs", &format!("{wide}// {}", "x".repeat(98)), &[":2: 101 columns"]);
        check("host/core/src/a.rs", &"x\n".repeat(800), &[]);
        check("host/core/src/a.rs", &"x\n".repeat(801), &["801 lines"]);
        check("notes.md", &"x\n".repeat(801), &[]);
    }

    #[test]
    fn a_crate_says_what_it_is_for() {
        check("host/core/src/lib.rs", "//! Words.\n", &[]);
        check("plugins/a/src/lib.rs", "use x;\n", &[":1: a crate begins"]);
        check("host/core/src/other.rs", "use x;\n", &[]);
    }

    #[test]
    fn nothing_is_left_to_do_or_ignored() {
        let text = "fn f() {\n    todo!()\n}\n#[ignore = \"slow\"]\nfn g() { dbg!(1); }\n";
        check("tests/a.rs", text, &[":2: `todo!(`", ":4: `#[ignore`", ":5: `dbg!(`"]);
        check("tests/a.rs", "// todo!()\nlet x = \"dbg!(\";\n", &[]);
    }

    #[test]
    fn unsafe_code_has_one_home() {
        let text = "unsafe { f() }\n";
        check("host/engine/src/lib2.rs", text, &["I4"]);
        check("sdk/rust/src/a.rs", "#![allow(unsafe_code)] // unsafe\n", &[]);
        check("host/engine/src/cache_unsafe.rs", text, &[]);
        check("tests/guests/hostile/src/a.rs", text, &[]);
    }

    #[test]
    fn the_environment_is_read_by_the_command_line_alone() {
        let text = "use std::env;\nlet x = std::env::var(\"X\");\n";
        check("host/runtime/src/a.rs", text, &[":1: `std::env`", ":2: `std::env`"]);
        check("host/runtime/src/a.rs", "let os = std::env::consts::OS;\n", &[]);
        for path in ["host/cli/src/a.rs", "host/engine/tests/a.rs", "plugins/a/src/a.rs"] {
            check(path, text, &[]);
        }
    }
}
