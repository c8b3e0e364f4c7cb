//! The command line of xtask.

use crate::failure::Failure;
use crate::peers::Peer;

/// What `cargo xtask help` prints.
pub(crate) const USAGE: &str = "\
cargo xtask build             build every guest and the host, in release
cargo xtask guests            build and pack the guests alone
cargo xtask plugins           build the examples' plugins in other languages
cargo xtask run ARGUMENTS     build, then `lucid run ARGUMENTS`
cargo xtask test [-- FILTER]  build, then formatting, lints, tests, SDKs, tidy, docs
cargo xtask peers             the official SDKs against the server
cargo xtask peers SDK [-- ...]  one of them: `python` (arguments go to pytest) or
                              `typescript` (to `node --test`)
cargo xtask tidy              check the rules that compilers and lints do not
cargo xtask docs [--check]    write the pages that follow from the tree, or check them

LUCID_WASM_STD chooses where the guests' standard library comes from: `rustup` (the
toolchain's own, or nothing), `debian` (built once from Debian's packages, without root),
or unset: rustup's where it can be had, else Debian's.";

/// One thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the usage.
    Help,
    /// Build everything.
    Build,
    /// Build and pack the guests alone.
    Guests,
    /// Build the plugins of the examples that are in other languages.
    Plugins,
    /// Build everything and run a mission with these arguments.
    Run(Vec<String>),
    /// Build and check everything; the arguments go to the test runner.
    Test(Vec<String>),
    /// Run the official SDKs against the server, or one of them; the arguments go to its test
    /// runner.
    Peers(Option<Peer>, Vec<String>),
    /// Check the tree's own rules.
    Tidy,
    /// Write the pages that follow from the tree; `true` only checks them.
    Docs(bool),
}

/// Reads the arguments that follow the program's name.
pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, Failure> {
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    let mut rest: Vec<String> = arguments.collect();
    let command = match name.as_str() {
        "help" | "--help" | "-h" => return Ok(Command::Help),
        "build" => Command::Build,
        "guests" => Command::Guests,
        "plugins" => Command::Plugins,
        "tidy" => Command::Tidy,
        "docs" if rest == ["--check"] => return Ok(Command::Docs(true)),
        "docs" => Command::Docs(false),
        "run" => return Ok(Command::Run(rest)),
        "test" => return Ok(Command::Test(passed_on(rest))),
        "peers" if rest.is_empty() => Command::Peers(None, Vec::new()),
        "peers" => {
            let named = rest.remove(0);
            let peer = Peer::named(&named).ok_or_else(|| {
                usage(format!("`{named}` is no SDK that the server is tested with"))
            })?;
            return Ok(Command::Peers(Some(peer), passed_on(rest)));
        }
        _ => return Err(usage(format!("`{name}` is not a command of xtask"))),
    };
    match rest.first() {
        None => Ok(command),
        Some(extra) => Err(usage(format!("`xtask {name}` takes no argument, but got `{extra}`"))),
    }
}

/// The arguments for another program, without what sets them apart.
fn passed_on(mut arguments: Vec<String>) -> Vec<String> {
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    arguments
}

fn usage(message: String) -> Failure {
    Failure::new(message, "`cargo xtask help` lists the commands").with_code(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Failure> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn arguments_of_run_and_test_are_passed_on() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let run = parsed("run examples/m --json -- x").unwrap();
        assert_eq!(run, Command::Run(words("examples/m --json -- x")));
        assert_eq!(parsed("test -- a -- b").unwrap(), Command::Test(words("a -- b")));
        assert_eq!(parsed("test").unwrap(), Command::Test(Vec::new()));
        let peers = |peer, line| Command::Peers(Some(peer), words(line));
        assert_eq!(parsed("peers python -- -k work").unwrap(), peers(Peer::Python, "-k work"));
        assert_eq!(parsed("peers typescript a").unwrap(), peers(Peer::TypeScript, "a"));
        assert_eq!(parsed("peers").unwrap(), Command::Peers(None, Vec::new()));
        assert_eq!(parsed("docs --check").unwrap(), Command::Docs(true));
    }

    #[test]
    fn what_is_not_understood_is_a_usage_error_with_a_hint() {
        for line in ["biuld", "build --fast", "tidy x", "docs --chek", "peers -- -k work"] {
            let failure = parsed(line).unwrap_err();
            assert_eq!(failure.code, 2, "{line}");
            assert!(failure.to_string().contains("\nhint: "), "{line}");
        }
    }
}
