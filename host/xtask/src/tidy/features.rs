//! One build of a crate for the program and for the tests: where a dev-dependency wants another
//! feature of it, cargo builds it, and all that stands on it, a second time.

use std::collections::BTreeSet;
use std::path::Path;

use super::Report;
use crate::failure::Failure;
use crate::process;

/// Reports every crate of the program that the tests want with other features.
pub(super) fn check(root: &Path, report: &mut Report) -> Result<(), Failure> {
    let program = crates(root, "normal,build")?;
    let tests = crates(root, "normal,build,dev")?;
    report.problems.extend(built_twice(&program, &tests));
    Ok(())
}

/// Every crate along some kinds of dependencies, each `name version features`.
fn crates(root: &Path, kinds: &str) -> Result<String, Failure> {
    let mut cargo = process::cargo(root);
    cargo.args(["tree", "--locked", "--quiet", "--workspace", "--prefix", "none"]);
    cargo.args(["--edges", kinds, "--format", "{p} {f}"]);
    process::output(&mut cargo, "listing the crates", "`cargo tree` says what is wrong")
}

fn built_twice(program: &str, tests: &str) -> Vec<String> {
    // Cargo marks one that it has shown above.
    let set = |list| -> BTreeSet<_> {
        str::lines(list).map(|line| line.trim_end_matches(" (*)").trim_end()).collect()
    };
    let (program, tests) = (set(program), set(tests));
    let told = |line: &&str| {
        let name = line.split(' ').next().unwrap_or_default();
        format!(
            "Cargo.toml: the tests want `{name}` with other features than the program, so that is \
             built twice, with all that stands on it: name them where the workspace names it"
        )
    };
    program.difference(&tests).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_tests_alone_want_of_a_crate_is_told() {
        let program =
            "base v1.2.0 a,b\nbase v1.2.0 a,b (*)\nours v0.1.0 (/here) \nother v1.0.0 x\n";
        let tests = "base v1.2.0 a,b,for-tests\nours v0.1.0 (/here)\nother v1.0.0 x\nmore v2.0.0";
        let told = built_twice(program, tests);
        assert!(matches!(&told[..], [one] if one.contains("`base`")), "{told:?}");
        assert!(built_twice(tests, tests).is_empty());
    }
}
