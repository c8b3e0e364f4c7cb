//! `cargo xtask test`: everything a change has to pass, in order of what it costs to fail.

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::peers::Peer;
use crate::process::{self, say};
use crate::tidy;
use crate::toolchains::Toolchains;
use crate::workspace::Workspace;

/// Fetching a missing component of the toolchain may hang on a closed network.
const COMPONENT_LIMIT: Duration = Duration::from_secs(120);

/// Runs every step until one fails, and prints what each took.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let mut steps = Steps { done: Vec::new() };
    let outcome = all(workspace, arguments, &mut steps);
    steps.print();
    outcome
}

fn all(workspace: &Workspace, arguments: &[String], steps: &mut Steps) -> Result<(), Failure> {
    let hint = "mend what it names, and run `cargo xtask test` again";
    steps.time("guests", || crate::guests::build(workspace))?;
    steps.time("host", || crate::host::build(workspace))?;
    steps.time("plugins", || {
        let toolchains = Toolchains::ensure(workspace)?;
        crate::foreign::build_all(workspace, &toolchains)
    })?;
    steps.time("format", || {
        component(workspace, "rustfmt", "fmt")?;
        let mut cargo = process::cargo(&workspace.root);
        cargo.args(["fmt", "--all", "--", "--check"]);
        process::run(&mut cargo, "the check of formatting", "run `cargo fmt --all`")
    })?;
    steps.time("lints", || {
        component(workspace, "clippy", "clippy")?;
        let mut cargo = process::cargo(&workspace.root);
        cargo.args(["clippy", "--release", "--workspace", "--all-targets"]);
        cargo.args(["--", "-D", "warnings"]);
        process::run(&mut cargo, "clippy", hint)
    })?;
    steps.time("tests", || {
        let mut cargo = process::cargo(&workspace.root);
        if process::succeeds(process::cargo(&workspace.root).args(["nextest", "--version"])) {
            cargo.args(["nextest", "run"]);
        } else {
            say("cargo-nextest is not installed: `cargo test` runs the same tests, slower");
            cargo.args(["test", "--all-targets"]);
        }
        cargo.args(["--release", "--workspace"]).args(arguments);
        process::run(&mut cargo, "the tests", hint)
    })?;
    steps.time("doc tests", || {
        let mut cargo = process::cargo(&workspace.root);
        cargo.args(["test", "--release", "--workspace", "--doc"]);
        process::run(&mut cargo, "the doc tests", hint)
    })?;
    for peer in Peer::ALL {
        steps.time(peer.name(), || crate::peers::run(workspace, Some(peer), &[]))?;
    }
    steps.time("tidy", || tidy::run(&workspace.root))?;
    steps.time("docs", || crate::docs::run(&workspace.root, true))
}

/// Makes sure that a component of the toolchain is there.
fn component(workspace: &Workspace, name: &str, command: &str) -> Result<(), Failure> {
    let present =
        || process::succeeds(process::cargo(&workspace.root).args([command, "--version"]));
    if present() {
        return Ok(());
    }
    say(&format!("fetching {name}"));
    let mut rustup = std::process::Command::new("rustup");
    rustup.args(["component", "add", name]).current_dir(&workspace.root);
    // Whether it worked shows in what is there, not in its exit code.
    let _ = process::run_within(&mut rustup, COMPONENT_LIMIT);
    if present() {
        return Ok(());
    }
    let message = format!("the toolchain has no {name}, and rustup could not fetch it");
    Err(Failure::new(message, format!("install {name} for the toolchain in use")))
}

/// The steps that were begun: name, time, and whether each passed.
struct Steps {
    done: Vec<(&'static str, Duration, bool)>,
}

impl Steps {
    fn time(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        say(name);
        let started = Instant::now();
        let outcome = step();
        self.done.push((name, started.elapsed(), outcome.is_ok()));
        outcome
    }

    fn print(&self) {
        eprintln!();
        for (name, took, passed) in &self.done {
            let verdict = if *passed { "passed" } else { "FAILED" };
            eprintln!("  {name:<10} {:>8.1} s  {verdict}", took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, took, _)| *took).sum();
        eprintln!("  {:<10} {:>8.1} s\n", "in all", total.as_secs_f64());
    }
}
