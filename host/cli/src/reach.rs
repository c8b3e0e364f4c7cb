//! Which commands can ask a server, and why the others cannot.

use clap::ArgMatches;
use lucid_core::{Failure, Result};

use crate::args::ServerArgs;
use crate::place::server_url;

/// How far a command reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It works in a folder here and over a server alike.
    Anywhere,
    /// It works with the state of this machine, which a server is not: why.
    Here(&'static str),
    /// It works with no state at all: why. A server that only the environment names is
    /// nothing to it.
    NoState(&'static str),
}

use Reach::{Anywhere, Here, NoState};

const SCHEDULES: &str = "a server runs its schedules itself; where its `[dreams]` says \
                         `schedules = false`, run this where its folder is, with `--state DIR`";
const KEYS: &str = "keys are made and revoked where the server's folder is, so that no key can \
                    make others; run it there with `--state DIR`";
const MEASURES: &str = "it measures this machine";
const FILES: &str = "it works with files and programs of this machine";
const ITSELF: &str = "it is about this program itself";

/// Every command, as it is typed.
const COMMANDS: &[(&str, Reach)] = &[
    ("run", Anywhere),
    ("session list", Anywhere),
    ("session show", Anywhere),
    ("session events", Anywhere),
    ("session files", Anywhere),
    ("session send", Anywhere),
    ("session outcome", Anywhere),
    ("session interrupt", Anywhere),
    ("session confirm", Anywhere),
    ("session resume", Anywhere),
    ("session archive", Anywhere),
    ("session delete", Anywhere),
    ("session export", Anywhere),
    ("session import", Anywhere),
    ("rubric lint", NoState(FILES)),
    ("rubric draft", NoState(FILES)),
    ("grade", NoState(FILES)),
    ("outcome report", Anywhere),
    ("memory list", Anywhere),
    ("memory show", Anywhere),
    ("memory import", Anywhere),
    ("memory export", Anywhere),
    ("memory versions", Anywhere),
    ("memory history", Anywhere),
    ("memory why", Anywhere),
    ("memory redact", Anywhere),
    ("dream start", Anywhere),
    ("dream watch", Anywhere),
    ("dream list", Anywhere),
    ("dream show", Anywhere),
    ("dream diff", Anywhere),
    ("dream queue", Anywhere),
    ("dream accept", Anywhere),
    ("dream reject", Anywhere),
    ("dream undo", Anywhere),
    ("dream cancel", Anywhere),
    ("dream evaluate", Anywhere),
    ("dream schedule add", Anywhere),
    ("dream schedule list", Anywhere),
    ("dream schedule pause", Anywhere),
    ("dream schedule resume", Anywhere),
    ("dream schedule remove", Anywhere),
    ("dream scheduler", Here(SCHEDULES)),
    ("dream resume", Anywhere),
    ("plugin new", NoState(FILES)),
    ("plugin build", NoState(FILES)),
    ("plugin pack", NoState(FILES)),
    ("plugin dev", NoState(FILES)),
    ("plugin wit", NoState(FILES)),
    ("plugin inspect", NoState(FILES)),
    ("plugin check", NoState(FILES)),
    ("plugin call", NoState(FILES)),
    ("bench engine", NoState(MEASURES)),
    ("bench plugin", NoState(MEASURES)),
    ("bench store", NoState(MEASURES)),
    ("bench session", NoState(MEASURES)),
    ("serve", Here("it is a server itself, of a folder of this machine")),
    ("key create", Here(KEYS)),
    ("key list", Here(KEYS)),
    ("key revoke", Here(KEYS)),
    ("key workspace", Here(KEYS)),
    ("doctor", NoState(ITSELF)),
    ("compile", NoState(ITSELF)),
    ("completion", NoState(ITSELF)),
];

/// The command that was typed, such as `session list`.
pub(crate) fn typed(matches: &ArgMatches) -> String {
    let (mut words, mut at) = (Vec::new(), matches);
    while let Some((name, below)) = at.subcommand() {
        words.push(name);
        at = below;
    }
    words.join(" ")
}

/// Checks that a command can work where it is asked to, and says whether it can ask a server.
///
/// # Errors
/// Invalid, when a server is named and the command cannot ask one, or a folder as well.
pub(crate) fn check(command: &str, has_state: bool, server: &ServerArgs) -> Result<bool> {
    let found = COMMANDS.iter().find(|(name, _)| *name == command);
    let given = server.server.is_some() || server.needs_server().is_some();
    if has_state && given {
        return Err(Failure::invalid("a folder of state and a server cannot both be asked")
            .hint("leave `--state` out, or `--server` with what belongs to it"));
    }
    let named = given || (!has_state && server_url(server).is_some());
    let why = match found {
        Some((_, Here(why))) if named => why,
        Some((_, NoState(why))) if given => why,
        Some((_, reach)) => return Ok(*reach == Anywhere),
        // What is in no list asks nobody.
        None => return Ok(false),
    };
    let hint = match given {
        true => "leave `--server` out",
        false => "leave LUCID_SERVER out, or name a folder with `--state DIR`",
    };
    Err(Failure::invalid(format!("`lucid {command}` does not work over a server: {why}"))
        .hint(hint))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Command, CommandFactory as _};

    use super::*;
    use crate::args::Args;

    /// The commands that do something, as they are typed.
    fn leaves(command: &Command, typed: &str, all: &mut Vec<String>) {
        for below in command.get_subcommands() {
            let typed = format!("{typed} {}", below.get_name()).trim().to_owned();
            if below.has_subcommands() {
                leaves(below, &typed, all);
            } else {
                all.push(typed);
            }
        }
    }

    #[test]
    fn every_command_works_over_a_server_or_says_why_not() {
        let mut all = Vec::new();
        leaves(&Args::command(), "", &mut all);
        let all: BTreeSet<&str> = all.iter().map(String::as_str).collect();
        let table: BTreeSet<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
        assert_eq!(table, all);
        assert_eq!(table.len(), COMMANDS.len(), "a command stands there twice");
        let said = |reach: &Reach| match reach {
            Anywhere => true,
            Here(why) | NoState(why) => !why.is_empty(),
        };
        assert!(COMMANDS.iter().all(|(_, reach)| said(reach)));
    }

    #[test]
    fn a_server_that_would_be_ignored_is_refused() {
        let url = |text: &str| Some(text.to_owned());
        let named = ServerArgs { server: url("http://localhost"), ..ServerArgs::default() };
        for command in ["serve", "key create", "plugin new", "doctor", "completion"] {
            let failure = check(command, false, &named).unwrap_err();
            assert!(failure.message.contains("over a server: "), "{failure}");
            assert!(failure.hint.unwrap().contains("--server"));
        }
        assert_eq!(check("session list", false, &named), Ok(true));
        assert_eq!(check("key list", true, &ServerArgs::default()), Ok(false));
    }

    #[test]
    fn a_folder_and_a_server_exclude_each_other() {
        let none = ServerArgs::default;
        for named in [
            ServerArgs { server: Some("http://localhost".to_owned()), ..none() },
            ServerArgs { api_key_file: Some("f".into()), ..none() },
            ServerArgs { ca_file: Some("f".into()), ..none() },
            ServerArgs { insecure: true, ..none() },
        ] {
            let failure = check("session list", true, &named).unwrap_err();
            assert!(failure.hint.unwrap().contains("--state"), "{named:?}");
        }
        assert_eq!(check("session list", true, &none()), Ok(true));
    }

    #[test]
    fn what_was_typed_is_known_by_its_words() {
        let command = Args::command();
        let matches = command.try_get_matches_from(["lucid", "--json", "session", "list"]);
        assert_eq!(typed(&matches.unwrap()), "session list");
    }
}
